import type { MailKind, SigningRequest } from '../store/index.js';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text: no mail program runs or loads anything of it. */
  readonly text: string;
}

interface Facts {
  readonly organization: string;
  /** null: whoever holds a link has named the person, and must not write in the service's name. */
  readonly name: string | null;
  readonly title: string;
  readonly message: string | null;
  readonly document: string | null;
  readonly until: string;
  readonly link: string;
}

type Texts = Readonly<Record<MailKind, { subject(facts: Facts): string; text(facts: Facts): string }>>;

const message = ({ message: said }: Facts, introduced: string) =>
  said === null ? '' : `${introduced}\n\n${indented(said)}\n\n`;

/** So that nobody takes what the organization writes for words of the service. */
const indented = (text: string) => text.replaceAll(/^/gm, '> ');

const dear = ({ name }: Facts) => (name === null ? 'Hello,\n\n' : `${name},\n\n`);
const koDear = ({ name }: Facts) => (name === null ? '안녕하세요.\n\n' : `${name} 님,\n\n`);

const enFacts = (facts: Facts) =>
  `Document: ${facts.document ?? 'shown behind the link'}\nAnswer until: ${facts.until} (UTC)\n\n`;
const enEnd = (facts: Facts) =>
  `${facts.link}\n\nKeep this link to yourself: whoever opens it can answer for you. You need no account. If you do not expect this, do not open it, or decline behind it.\n`;

const koFacts = (facts: Facts) =>
  `문서: ${facts.document ?? '링크를 열면 볼 수 있습니다'}\n기한: ${facts.until} (UTC)\n\n`;
const koEnd = (facts: Facts) =>
  `${facts.link}\n\n이 링크를 다른 사람에게 보내지 마세요. 링크를 연 사람은 누구나 회신할 수 있습니다. 계정은 필요 없습니다. 예상하지 못한 메일이라면 열지 않거나, 링크에서 거절하세요.\n`;

const TEXTS: Readonly<Record<'en' | 'ko', Texts>> = {
  en: {
    invite: {
      subject: ({ organization, title }) => `${organization} asks you to sign: ${title}`,
      text: (facts) =>
        `${dear(facts)}${facts.organization} wants to make a contract with you: ${facts.title}.\n\n${message(facts, 'They write:')}${enFacts(facts)}First the contract needs a key of yours, which you make behind this link. You sign later, with a second e-mail.\n\n${enEnd(facts)}`,
    },
    remind: {
      subject: ({ title }) => `Reminder: your key is needed for ${title}`,
      text: (facts) =>
        `${dear(facts)}${facts.organization} is waiting for your key for the contract ${facts.title}.\n\n${enFacts(facts)}${enEnd(facts)}`,
    },
    sign: {
      subject: ({ title }) => `Please sign: ${title}`,
      text: (facts) =>
        `${dear(facts)}the contract ${facts.title} of ${facts.organization} names your key now. Read it, and sign or decline behind this link.\n\n${enFacts(facts)}${enEnd(facts)}`,
    },
  },
  ko: {
    invite: {
      subject: ({ organization, title }) => `${organization}의 서명 요청: ${title}`,
      text: (facts) =>
        `${koDear(facts)}${facts.organization}에서 다음 계약의 서명을 요청했습니다: ${facts.title}.\n\n${message(facts, '요청한 곳의 메시지:')}${koFacts(facts)}계약서에는 먼저 당사자의 키가 들어가야 합니다. 아래 링크에서 키를 만들어 주세요. 서명은 나중에 따로 메일로 안내해 드립니다.\n\n${koEnd(facts)}`,
    },
    remind: {
      subject: ({ title }) => `알림: ${title}에 필요한 키를 등록해 주세요`,
      text: (facts) =>
        `${koDear(facts)}${facts.organization}에서 계약 ‘${facts.title}’에 넣을 키를 기다리고 있습니다.\n\n${koFacts(facts)}${koEnd(facts)}`,
    },
    sign: {
      subject: ({ title }) => `서명해 주세요: ${title}`,
      text: (facts) =>
        `${koDear(facts)}${facts.organization}의 계약 ‘${facts.title}’에 등록하신 키가 들어갔습니다. 아래 링크에서 내용을 확인하고 서명하거나 거절해 주세요.\n\n${koFacts(facts)}${koEnd(facts)}`,
    },
  },
};

/** @returns null: the request has no address, or was erased */
export function mailOf(
  kind: MailKind,
  request: SigningRequest,
  organization: string,
  link: string,
): Mail | null {
  const { title, message: said, email, documentName, expiresAt, language } = request;
  if (email === null || request.name === null || title === null) return null;
  const name = request.predecessor === null ? request.name : null;
  const texts = TEXTS[language][kind];
  const until = new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ');
  const facts = { organization, name, title, message: said, document: documentName, until, link };
  return { to: email, subject: texts.subject(facts), text: texts.text(facts) };
}
