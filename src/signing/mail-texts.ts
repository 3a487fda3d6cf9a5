import type { ContractState } from '../proof/index.js';
import { type Block, type Mail, minuteOf, quoted } from '../mail/index.js';
import type { SigningKind } from '../messages/signing.js';
import type { MailKind, SigningRequest } from '../store/index.js';

interface Facts {
  readonly organization: string;
  /** null: whoever holds a link has named the person, and must not write in the service's name. */
  readonly name: string | null;
  readonly title: string;
  readonly message: string | null;
  readonly document: string | null;
  readonly until: string;
  readonly ended: 'executed' | 'expired' | 'declined' | 'cancelled';
}

interface Texts {
  dear(name: string | null): string;
  /** Which document, if there is one, and until when. */
  facts(facts: Facts, isContract: boolean): readonly (readonly [string, string])[];
  /** Below the link. */
  readonly end: string;
  /** Of a contract. */
  readonly mails: Readonly<Record<MailKind, MailText>>;
  readonly others: Readonly<
    Record<Exclude<SigningKind, 'contract'>, Readonly<Record<'invite' | 'remind' | 'sign', MailText>>>
  >;
}

interface MailText {
  subject(facts: Facts): string;
  lead(facts: Facts): string | readonly Block[];
  /** Nothing has to be answered any more. */
  readonly isOver?: true;
}

const EN_ENDED: Readonly<Record<Facts['ended'], string>> = {
  executed: 'has been executed',
  expired: 'has expired',
  declined: 'was declined',
  cancelled: 'was cancelled',
};

const EN: Texts = {
  dear: (name) => (name === null ? 'Hello,' : `${name},`),
  facts: ({ document, until }, isContract) => [
    ...(isContract ? [['Document', document ?? 'shown behind the link'] as const] : []),
    ['Answer until', `${until} (UTC)`],
  ],
  end: 'Keep this link to yourself: whoever opens it can answer for you. You need no account. If you do not expect this, do not open it, or decline behind it.',
  mails: {
    invite: {
      subject: ({ organization, title }) => `${organization} asks you to sign: ${title}`,
      lead: ({ organization, title, message }) => [
        `${organization} wants to make a contract with you: ${title}.`,
        ...quoted('They write:', message),
        'First the contract needs a key of yours, which you make behind this link. You sign later, with a second e-mail.',
      ],
    },
    remind: {
      subject: ({ title }) => `Reminder: your key is needed for ${title}`,
      lead: ({ organization, title }) => `${organization} is waiting for your key for the contract ${title}.`,
    },
    sign: {
      subject: ({ title }) => `Please sign: ${title}`,
      lead: ({ organization, title }) =>
        `The contract ${title} of ${organization} names your key, and it is your turn. Read it, and sign or decline behind this link.`,
    },
    hand_over: {
      subject: ({ title }) => `Sign the handover: ${title}`,
      lead: ({ title }) =>
        `The person whom you named to sign ${title} for you has given a key. Behind this link, sign that it takes the place of yours.`,
    },
    take_over: {
      subject: ({ title }) => `Take the place that you were given: ${title}`,
      lead: ({ organization, title }) =>
        `Whoever named you has signed that your key takes the place of theirs in the contract ${title} of ${organization}. Behind this link, sign it too. You sign the contract after that.`,
    },
    ended: {
      subject: ({ title, ended }) => `${title} ${EN_ENDED[ended]}`,
      lead: ({ organization, title, ended }) =>
        `The contract ${title} of ${organization}, which you have signed, ${EN_ENDED[ended]}. Save its history file behind this link and keep it with the document: it has every signature with its proof, and can be checked without this service and without ${organization}, with "ingam verify" or the Verify page.`,
      isOver: true,
    },
  },
  others: {
    transfer: {
      invite: {
        subject: ({ organization, title }) => `${organization} wants to give you: ${title}`,
        lead: ({ organization, title, message }) => [
          `${organization} wants to transfer this to you: ${title}.`,
          ...quoted('They write:', message),
          'First the offer needs a key of yours, which you make behind this link. You accept later, with a second e-mail.',
        ],
      },
      remind: {
        subject: ({ title }) => `Reminder: your key is needed for ${title}`,
        lead: ({ organization, title }) =>
          `${organization} is waiting for your key, to which it wants to offer ${title}.`,
      },
      sign: {
        subject: ({ title }) => `Offered to you: ${title}`,
        lead: ({ organization, title }) =>
          `${title} is now offered to the key that you gave ${organization}. Read the offer, and accept or decline behind this link.`,
      },
    },
    licence: {
      invite: {
        subject: ({ organization, title }) => `${organization} wants to license to you: ${title}`,
        lead: ({ organization, title, message }) => [
          `${organization} wants to grant you a licence of the work ${title}.`,
          ...quoted('They write:', message),
          'The licence names you by a key, which you make behind this link. Giving it says that you take the licence.',
        ],
      },
      remind: {
        subject: ({ title }) => `Reminder: your key is needed for the licence of ${title}`,
        lead: ({ organization, title }) =>
          `${organization} is waiting for your key, for which it wants to grant a licence of the work ${title}.`,
      },
      sign: {
        subject: ({ title }) => `The licence names your key: ${title}`,
        lead: ({ organization, title }) =>
          `The holder of the work ${title} has signed a licence for the key that you gave ${organization}. Read it behind this link, and save its history file: it can be checked without this service and without ${organization}, with "ingam verify" or the Verify page.`,
        isOver: true,
      },
    },
    claim: {
      invite: {
        subject: ({ organization, title }) => `${organization} asks you to claim your work: ${title}`,
        lead: ({ organization, title, message }) => [
          `${organization} has prepared the claim of the work ${title} for you to sign.`,
          ...quoted('They write:', message),
          'Behind this link you read what the claim states, make a key, and sign with it or decline. Your key then holds the work.',
        ],
      },
      remind: {
        subject: ({ title }) => `Reminder: the claim of ${title} waits for you`,
        lead: ({ organization, title }) =>
          `${organization} is waiting for your answer to the claim of the work ${title}.`,
      },
      sign: {
        subject: ({ title }) => `Please sign the claim: ${title}`,
        lead: ({ organization, title }) =>
          `You have given a key for the claim of the work ${title}, which ${organization} has prepared. Sign it or decline behind this link.`,
      },
    },
  },
};

const KO_ENDED: Readonly<Record<Facts['ended'], string>> = {
  executed: '체결되었습니다',
  expired: '만료되었습니다',
  declined: '거절되었습니다',
  cancelled: '취소되었습니다',
};

const KO: Texts = {
  dear: (name) => (name === null ? '안녕하세요.' : `${name} 님,`),
  facts: ({ document, until }, isContract) => [
    ...(isContract ? [['문서', document ?? '링크를 열면 볼 수 있습니다'] as const] : []),
    ['기한', `${until} (UTC)`],
  ],
  end: '이 링크를 다른 사람에게 보내지 마세요. 링크를 연 사람은 누구나 회신할 수 있습니다. 계정은 필요 없습니다. 예상하지 못한 메일이라면 열지 않거나, 링크에서 거절하세요.',
  mails: {
    invite: {
      subject: ({ organization, title }) => `${organization}의 서명 요청: ${title}`,
      lead: ({ organization, title, message }) => [
        `${organization}에서 다음 계약의 서명을 요청했습니다: ${title}.`,
        ...quoted('요청한 곳의 메시지:', message),
        '계약서에는 먼저 당사자의 키가 들어가야 합니다. 아래 링크에서 키를 만들어 주세요. 서명은 나중에 따로 메일로 안내해 드립니다.',
      ],
    },
    remind: {
      subject: ({ title }) => `알림: ${title}에 필요한 키를 등록해 주세요`,
      lead: ({ organization, title }) => `${organization}에서 계약 ‘${title}’에 넣을 키를 기다리고 있습니다.`,
    },
    sign: {
      subject: ({ title }) => `서명해 주세요: ${title}`,
      lead: ({ organization, title }) =>
        `${organization}의 계약 ‘${title}’에 등록하신 키가 들어갔고, 이제 서명하실 차례입니다. 아래 링크에서 내용을 확인하고 서명하거나 거절해 주세요.`,
    },
    hand_over: {
      subject: ({ title }) => `넘겨주기에 서명해 주세요: ${title}`,
      lead: ({ title }) =>
        `‘${title}’에 대신 서명하도록 지정하신 분이 키를 등록했습니다. 내 키를 그 키로 바꾼다는 데 아래 링크에서 서명해 주세요.`,
    },
    take_over: {
      subject: ({ title }) => `넘겨받기에 서명해 주세요: ${title}`,
      lead: ({ organization, title }) =>
        `지정하신 분이 ${organization}의 계약 ‘${title}’에서 자신의 키를 이 키로 바꾼다는 데 서명했습니다. 아래 링크에서 함께 서명해 주세요. 계약 서명은 그다음입니다.`,
    },
    ended: {
      subject: ({ title, ended }) => `${title}: ${KO_ENDED[ended]}`,
      lead: ({ organization, title, ended }) =>
        `서명하신 ${organization}의 계약 ‘${title}’: ${KO_ENDED[ended]}. 아래 링크에서 이력 파일을 저장해 문서와 함께 보관하세요. 모든 서명과 증명이 들어 있어, 이 서비스나 ${organization} 없이도 "ingam verify"나 검증 페이지에서 확인할 수 있습니다.`,
      isOver: true,
    },
  },
  others: {
    transfer: {
      invite: {
        subject: ({ organization, title }) => `${organization}에서 넘겨드립니다: ${title}`,
        lead: ({ organization, title, message }) => [
          `${organization}에서 다음을 넘겨드리려고 합니다: ${title}.`,
          ...quoted('요청한 곳의 메시지:', message),
          '제안에는 먼저 받는 분의 키가 들어가야 합니다. 아래 링크에서 키를 만들어 주세요. 수락은 나중에 따로 메일로 안내해 드립니다.',
        ],
      },
      remind: {
        subject: ({ title }) => `알림: ${title}에 필요한 키를 등록해 주세요`,
        lead: ({ organization, title }) =>
          `${organization}에서 ‘${title}’의 양도를 제안할 키를 기다리고 있습니다.`,
      },
      sign: {
        subject: ({ title }) => `양도 제안이 왔습니다: ${title}`,
        lead: ({ organization, title }) =>
          `${organization}에 등록하신 키로 ‘${title}’의 양도가 제안되었습니다. 아래 링크에서 내용을 확인하고 수락하거나 거절해 주세요.`,
      },
    },
    licence: {
      invite: {
        subject: ({ organization, title }) => `${organization}의 이용 허락: ${title}`,
        lead: ({ organization, title, message }) => [
          `${organization}에서 저작물 ‘${title}’의 이용을 허락하려고 합니다.`,
          ...quoted('요청한 곳의 메시지:', message),
          '이용 허락에는 받는 분의 키가 들어갑니다. 아래 링크에서 키를 만들어 주세요. 키를 등록하면 이용 허락을 받겠다는 뜻이 됩니다.',
        ],
      },
      remind: {
        subject: ({ title }) => `알림: ${title}의 이용 허락에 필요한 키를 등록해 주세요`,
        lead: ({ organization, title }) =>
          `${organization}에서 저작물 ‘${title}’의 이용 허락에 넣을 키를 기다리고 있습니다.`,
      },
      sign: {
        subject: ({ title }) => `이용 허락에 키가 들어갔습니다: ${title}`,
        lead: ({ organization, title }) =>
          `${organization}에 등록하신 키로 저작물 ‘${title}’의 권리자가 이용 허락에 서명했습니다. 아래 링크에서 내용을 확인하고 이력 파일을 저장해 주세요. 이 서비스나 ${organization} 없이도 "ingam verify"나 검증 페이지에서 확인할 수 있습니다.`,
        isOver: true,
      },
    },
    claim: {
      invite: {
        subject: ({ organization, title }) => `${organization}의 저작물 등록 요청: ${title}`,
        lead: ({ organization, title, message }) => [
          `${organization}에서 저작물 ‘${title}’의 등록 내용을 준비했습니다. 직접 서명해 주세요.`,
          ...quoted('요청한 곳의 메시지:', message),
          '아래 링크에서 내용을 확인하고 키를 만든 뒤, 그 키로 서명하거나 거절할 수 있습니다. 서명하면 그 키가 저작물 보유자의 키가 됩니다.',
        ],
      },
      remind: {
        subject: ({ title }) => `알림: ${title}의 저작물 등록을 확인해 주세요`,
        lead: ({ organization, title }) =>
          `${organization}에서 저작물 ‘${title}’의 등록에 대한 회신을 기다리고 있습니다.`,
      },
      sign: {
        subject: ({ title }) => `저작물 등록에 서명해 주세요: ${title}`,
        lead: ({ organization, title }) =>
          `${organization}에서 준비한 저작물 ‘${title}’의 등록에 쓸 키를 등록하셨습니다. 아래 링크에서 서명하거나 거절해 주세요.`,
      },
    },
  },
};

/**
 * @param contract what became of it, if it is over
 * @returns null: the request has no address, or was erased
 */
export function mailOf(
  kind: MailKind,
  request: SigningRequest,
  {
    organization,
    link,
    contract,
  }: {
    readonly organization: string;
    readonly link: string;
    readonly contract: ContractState['status'] | null;
  },
): Mail | null {
  const { title, message, email, documentName: document, expiresAt, language } = request;
  if (email === null || request.name === null || title === null) return null;
  const name = request.predecessor === null ? request.name : null;
  const ended = contract === null || contract === 'open' ? 'executed' : contract;
  const facts = { organization, name, title, message, document, until: minuteOf(expiresAt), ended };
  const texts = language === 'ko' ? KO : EN;
  const own = textOf(texts, kind, request.kind);
  const lead = own.lead(facts);
  const blocks = [
    texts.dear(name),
    ...(typeof lead === 'string' ? [lead] : lead),
    ...(own.isOver === true ? [] : [{ facts: texts.facts(facts, request.kind === 'contract') }]),
    { link },
    texts.end,
  ];
  return { to: email, messages: [{ language, subject: own.subject(facts), blocks }] };
}

function textOf(texts: Texts, kind: MailKind, asked: SigningKind): MailText {
  if (asked === 'contract') return texts.mails[kind];
  const own = texts.others[asked];
  return kind === 'invite' || kind === 'remind' ? own[kind] : own.sign;
}
