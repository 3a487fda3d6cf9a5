import { cosignedBefore, ownersOf, type Policy, type TimeFindings } from '../proof/index.js';
import type { JudgedProof } from './proof-claims.js';
import { utc, type Text } from './text.js';

/** What a proof shows, in bound words: never more than is proven. */

const CONFLICTS: Readonly<Record<NonNullable<TimeFindings['conflict']>, Text>> = {
  sources: {
    en: 'These times contradict each other, so at least one of them is wrong.',
    ko: '이 시각들은 서로 모순되므로 적어도 하나는 틀린 것입니다.',
  },
  sealed_too_early: {
    en: 'The time of sealing that the operator states is before this, so it cannot be right.',
    ko: '운영자가 밝힌 봉인 시각이 이보다 앞서므로 그 시각은 맞을 수 없습니다.',
  },
  sealed_too_late: {
    en: 'The time of sealing that the operator states is after this, so it cannot be right.',
    ko: '운영자가 밝힌 봉인 시각이 이보다 늦으므로 그 시각은 맞을 수 없습니다.',
  },
};

/** What outside sources say of when the document was registered. */
export function timeSentence({ verification: { verdict, time } }: JudgedProof): Text {
  if (verdict === 'invalid' || time === null) return NO_SOURCE;
  const { notBefore, notAfter, owners, conflict } = time;
  const sentence = intervalSentence(notBefore, notAfter, owners);
  if (conflict === null) return sentence;
  const warning = CONFLICTS[conflict];
  return { en: `${sentence.en} ${warning.en}`, ko: `${sentence.ko} ${warning.ko}` };
}

const NO_SOURCE: Text = {
  en: 'No outside time source that counts has confirmed a time.',
  ko: '인정되는 외부 시각 출처가 확인한 시각은 없습니다.',
};

function intervalSentence(
  notBefore: number | null,
  notAfter: number | null,
  owners: readonly string[],
): Text {
  if (notAfter === null) {
    if (notBefore === null) return NO_SOURCE;
    return {
      en: `Registered after ${utc(notBefore)}: the block names a public value that nobody could know before. ${NO_SOURCE.en}`,
      ko: `${utc(notBefore)} 이후에 등록되었습니다. 그 전에는 누구도 알 수 없었던 공개된 값이 블록에 적혀 있습니다. ${NO_SOURCE.ko}`,
    };
  }
  const who = owners.join(', ');
  const by = utc(notAfter);
  return notBefore === null
    ? {
        en: `Registered no later than ${by}, so the document existed by then (time sources: ${who}).`,
        ko: `늦어도 ${by}에는 등록되었으며, 문서는 그때 이미 존재하였습니다(시각 출처: ${who}).`,
      }
    : {
        en: `Registered between ${utc(notBefore)} and ${by}. The document itself existed no later than ${by} (time sources: ${who}).`,
        ko: `${utc(notBefore)}와 ${by} 사이에 등록되었습니다. 문서 자체는 늦어도 ${by}에 존재하였습니다(시각 출처: ${who}).`,
      };
}

/** k of n: time sources and members, as the policy names them. */
export function vouchers({ verification }: JudgedProof, policy: Policy | null): Text[] {
  if (policy === null) return [];
  const lines: Text[] = [];
  const sources = ownersOf(policy.time).size;
  if (sources > 0) {
    const count = verification.verdict === 'invalid' ? 0 : (verification.time?.owners.length ?? 0);
    lines.push({
      en: `Independent time sources: ${count} of the ${sources} that policy.txt names have confirmed the time.`,
      ko: `독립된 시각 출처: policy.txt에 적힌 ${sources}곳 가운데 ${count}곳이 시각을 확인하였습니다.`,
    });
  }
  if (policy.witnesses.size > 0) {
    const { cosignatures } = verification;
    const names = cosignatures
      .map(({ witness, time }) => `${witness}: ${utc(cosignedBefore(time))}`)
      .join(', ');
    lines.push({
      en: `Members: ${cosignatures.length} of the ${policy.witnesses.size} that policy.txt names have cosigned${names === '' ? '' : `, each before the time that it states (${names})`}.`,
      ko: `참여 기관: policy.txt에 적힌 ${policy.witnesses.size}곳 가운데 ${cosignatures.length}곳이 공동 서명하였습니다${names === '' ? '' : `(각 서명에 적힌 시각 이전. ${names})`}.`,
    });
  }
  return lines;
}

export const NOT_SHOWN: readonly Text[] = [
  {
    en: 'This is not a notarial deed and not an act of a notary. No presumption of law is claimed for it.',
    ko: '공증인법에 따른 공증이 아니고, 공인전자문서센터 보관도 아닙니다. 법률상의 추정력을 주장하지 않습니다.',
  },
  {
    en: 'It is not shown that the content of the document is true, or that the details registered with it are.',
    ko: '문서의 내용이나 함께 등록된 문서 정보가 진실하다는 것은 증명하지 않습니다.',
  },
  {
    en: 'It is not shown who wrote the document, who registered it, or who has rights in it. A key is not a person: names are those that policy.txt gives to keys.',
    ko: '누가 문서를 작성하거나 등록하였는지, 누구에게 권리가 있는지는 증명하지 않습니다. 키는 사람이 아니며, 이름은 policy.txt가 키에 붙인 것입니다.',
  },
  {
    en: 'It is not shown when the document was created, only by when it existed; nor that nobody had it or registered it before.',
    ko: '문서가 언제 작성되었는지는 증명하지 않습니다. 언제 이미 존재하였는지만 알 수 있으며, 더 먼저 가지고 있거나 등록한 사람이 없다는 것도 증명하지 않습니다.',
  },
  {
    en: 'The time of acceptance and the time of sealing are the word of the operator of the log, as far as members and time sources do not confirm them.',
    ko: '접수 시각과 봉인 시각은 참여 기관과 시각 출처가 확인한 범위를 넘어서는 체인 운영자의 말입니다.',
  },
  {
    en: 'The pack cannot vouch for policy.txt: get the keys from their owners in another way, and compare. What is printed on a certificate is not evidence; only the proof in it is.',
    ko: '이 묶음은 policy.txt를 보증하지 못합니다. 키를 소유자에게서 다른 경로로 받아 비교하세요. 증명서에 인쇄된 내용은 증거가 아니며, 그 안의 증명만 증거가 됩니다.',
  },
];
