import type { Language } from '../../messages/language.js';
import type { TsaSettings } from '../../tsa/index.js';

/** What the page is about. */
interface Facts extends TsaSettings {
  /** The log's name. */
  readonly origin: string;
}

/** The page that says what the time-stamps of this service promise, and what they do not. */
export function policyPage(language: Language, facts: Facts): string {
  const { title, sections } = WORDS[language](facts, (facts.accuracyMs / 1000).toString());
  const body = sections.map(
    ([heading, ...paragraphs]) =>
      `<h2>${escaped(heading)}</h2>\n${paragraphs.map((each) => `<p>${escaped(each)}</p>\n`).join('')}`,
  );
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<main>
<h1>${escaped(title)}</h1>
${body.join('')}</main>
</html>
`;
}

type Section = readonly [heading: string, ...paragraphs: readonly string[]];
type Words = (
  facts: Facts,
  accuracy: string,
) => { readonly title: string; readonly sections: readonly Section[] };

const WORDS: Readonly<Record<Language, Words>> = {
  en: ({ origin, policy, servers }, accuracy) => ({
    title: `Time-stamp policy of ${origin}`,
    sections: [
      [
        'What a token says',
        `A token by this service (RFC 3161) under the policy ${policy} says that the digest in it was here at the time that it states, within ${accuracy} s. It says nothing about who sent the digest, nor about what the document means.`,
        'Digests are accepted if they are SHA-256, SHA-384 or SHA-512. Extensions are not accepted.',
      ],
      [
        'Every token is in the log',
        `The SHA-256 of each token is registered in the log ${origin} before the token leaves this service, at just the time that the token states. So a token that is not in the log was not given out properly, and the operator cannot date one back without its place in the log showing it. Whoever has a token can look up its SHA-256 at /v1/verify/{sha256}.`,
        'Tokens are not ordered by their times: two tokens with times closer than the accuracy may have been asked for in the other order.',
      ],
      [
        'The clock',
        'No token is given while the clock is not trusted. It is not trusted when it is behind the latest time in the log by more than the accuracy, and after it was set by more than the accuracy while the service ran.',
        servers.length === 0
          ? 'This service does not compare its clock with time servers itself. That the clock is right rests on the time synchronization of its machine, and on the operator.'
          : `The clock is compared with ${servers.length === 1 ? 'a time server' : `${servers.length} time servers`} about every minute: ${servers.map(({ host }) => host).join(', ')}. No token is given when most of them say that it is wrong by more than the accuracy, or when they could not be compared with for 15 minutes. NTP answers are not authenticated: whoever controls the network can delay or forge them.`,
      ],
      [
        'Keys and certificates',
        'Tokens are signed with a key that is used for nothing else. /tsa/certificates has its certificate, those above it, and those of former keys. Get the certificate that you trust from the operator in another way.',
      ],
      [
        'What is not promised',
        'These are not qualified electronic time-stamps (Regulation (EU) No 910/2014), and no supervisory body has audited this service. It may be unavailable, and limits how often one network may ask. A token is evidence of a time, not of authorship or truth.',
      ],
    ],
  }),
  ko: ({ origin, policy, servers }, accuracy) => ({
    title: `${origin}의 타임스탬프 정책`,
    sections: [
      [
        '토큰이 뜻하는 것',
        `정책 ${policy}에 따라 이 서비스가 발급하는 토큰(RFC 3161)은, 토큰에 적힌 시각에 토큰 속의 해시값이 이 서비스에 있었음을 오차 ${accuracy}초 이내로 뜻합니다. 누가 보냈는지, 문서의 내용이 무엇을 뜻하는지는 말하지 않습니다.`,
        'SHA-256, SHA-384, SHA-512 해시값을 받습니다. 확장 필드는 받지 않습니다.',
      ],
      [
        '모든 토큰은 로그에 등록됩니다',
        `토큰을 내보내기 전에 그 SHA-256 값을 로그 ${origin}에, 토큰에 적힌 바로 그 시각으로 등록합니다. 따라서 로그에 없는 토큰은 정상적으로 발급된 것이 아니며, 운영자가 시각을 앞당긴 토큰을 만들면 로그 속의 위치로 드러납니다. 토큰이 있으면 누구나 /v1/verify/{sha256}에서 그 SHA-256 값을 조회할 수 있습니다.`,
        '토큰의 시각은 순서를 보장하지 않습니다. 시각 차이가 오차보다 작은 두 토큰은 요청 순서가 반대였을 수 있습니다.',
      ],
      [
        '시계',
        '시계를 믿을 수 없으면 토큰을 발급하지 않습니다. 시계가 로그의 가장 늦은 시각보다 오차 넘게 뒤처져 있거나, 서비스 실행 중에 오차 넘게 바뀌면 믿지 않습니다.',
        servers.length === 0
          ? '이 서비스는 시계를 시각 서버와 직접 비교하지 않습니다. 시계가 맞는지는 서버 장비의 시각 동기화와 운영자에게 달려 있습니다.'
          : `약 1분마다 시계를 시각 서버 ${servers.length}곳과 비교합니다: ${servers.map(({ host }) => host).join(', ')}. 과반수가 오차 넘게 틀리다고 하거나 15분 동안 비교하지 못하면 토큰을 발급하지 않습니다. NTP 응답은 인증되지 않으므로, 네트워크를 장악한 사람은 응답을 늦추거나 위조할 수 있습니다.`,
      ],
      [
        '키와 인증서',
        '토큰은 다른 용도로 쓰지 않는 전용 키로 서명합니다. /tsa/certificates에 그 인증서와 상위 인증서, 이전 키의 인증서가 있습니다. 신뢰할 인증서는 운영자에게서 다른 경로로 받으십시오.',
      ],
      [
        '약속하지 않는 것',
        '유럽연합 규정(EU) No 910/2014의 적격 전자 타임스탬프가 아니며, 감독 기관의 심사를 받지 않았습니다. 서비스가 중단될 수 있고, 한 네트워크의 요청 횟수를 제한합니다. 토큰은 시각의 증거일 뿐, 작성자나 내용의 진실을 증명하지 않습니다.',
      ],
    ],
  }),
};

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
