import { type Access, AccessError, type InvitationFacts, type MailLimits } from '../auth/index.js';
import type { AccountMailStore, ClaimedAccountMail } from '../store/index.js';
import { type Block, inLanguage, type Language, type Mail, type Message, minuteOf } from './message.js';
import type { MailSource, WaitingMail } from './outbox.js';

export interface AccountMailsOptions {
  readonly store: AccountMailStore;
  readonly invitations: Pick<Access['invitations'], 'mailedToken' | 'inspect'>;
  readonly limits: Pick<MailLimits, 'allow'>;
  /** With a slash at its end. */
  readonly publicUrl: URL;
}

/** E-mails to people who are invited, and alarms of the log to operators. */
export class AccountMails implements MailSource {
  readonly #options: AccountMailsOptions;

  constructor(options: AccountMailsOptions) {
    this.#options = options;
  }

  async claim(now: number, until: number, limit: number): Promise<readonly WaitingMail[]> {
    const { store } = this.#options;
    const claimed = await store.claimAccountMail(now, until, limit);
    return claimed.map((mail) => ({
      ...{ attempts: mail.attempts, about: { kind: mail.kind, mail: String(mail.id) } },
      id: `${mail.kind}.${mail.id}`,
      ...(mail.until === null ? {} : { until: mail.until }),
      write: () => (mail.kind === 'invitation' ? this.#invitation(mail) : this.#alarm(mail)),
      settle: (again) => store.settleAccountMail(mail.id, again),
    }));
  }

  /** null: it was used, or another link has taken its place. */
  async #invitation({ email, data, language, until }: ClaimedAccountMail): Promise<Mail | null> {
    const { invitations, publicUrl } = this.#options;
    const token = invitations.mailedToken(String(data['id']));
    const invitation = await found(invitations.inspect(token));
    if (email === null || invitation === null) return null;
    const link = new URL(`account.html#invitation=${token}`, publicUrl).href;
    const facts = { invitation, host: publicUrl.host, link, until: minuteOf(until ?? 0) };
    return { to: email, messages: inLanguage(language, (each) => INVITATIONS[each](facts)) };
  }

  async #alarm({ kind, email, data, language, attempts }: ClaimedAccountMail): Promise<Mail | null> {
    const { limits, publicUrl } = this.#options;
    if (kind === 'invitation' || email === null) return null;
    // It counts once.
    if (attempts === 1 && !(await limits.allow(null, email))) return null;
    const facts = { ...alarmFacts(data), host: publicUrl.host };
    const link = new URL('explorer.html', publicUrl).href;
    return { to: email, messages: inLanguage(language, (each) => ALARMS[each][kind](facts, link)) };
  }
}

async function found(inspected: Promise<InvitationFacts>): Promise<InvitationFacts | null> {
  try {
    return await inspected;
  } catch (error) {
    if (error instanceof AccessError && error.code === 'invalid_invitation') return null;
    throw error;
  }
}

interface Invited {
  readonly invitation: InvitationFacts;
  readonly host: string;
  readonly link: string;
  /** UTC. */
  readonly until: string;
}

const INVITATIONS: Readonly<Record<Language, (facts: Invited) => Message>> = {
  en: ({ invitation: { organization, operator }, host, link, until }) => ({
    language: 'en',
    subject:
      organization !== null
        ? `${organization.name} invites you to ${host}`
        : operator
          ? `Become an administrator of ${host}`
          : `Set a new password for ${host}`,
    blocks: [
      'Hello,',
      organization !== null
        ? `${organization.name} invites you to notarize documents at ${host} in its name. Accept behind this link:`
        : operator
          ? `You are invited to become an administrator of the notarization service at ${host}. Accept behind this link:`
          : `An owner of your organization has made a link with which you set a new password for ${host}:`,
      { link },
      { facts: [['The link works once, until', `${until} (UTC)`]] },
      'Keep this link to yourself: whoever opens it can act in your name. If you do not expect this, do not open it.',
    ],
  }),
  ko: ({ invitation: { organization, operator }, host, link, until }) => ({
    language: 'ko',
    subject:
      organization !== null
        ? `${organization.name}의 초대: ${host}`
        : operator
          ? `${host} 관리자 초대`
          : `${host} 비밀번호를 새로 정해 주세요`,
    blocks: [
      '안녕하세요.',
      organization !== null
        ? `${organization.name}에서 ${host}에서 함께 문서를 등록하도록 초대했습니다. 아래 링크에서 수락해 주세요.`
        : operator
          ? `${host} 공증 서비스의 관리자로 초대되었습니다. 아래 링크에서 수락해 주세요.`
          : `조직의 소유자가 ${host}의 비밀번호를 새로 정하는 링크를 만들었습니다.`,
      { link },
      { facts: [['유효 기한(한 번만 사용 가능)', `${until} (UTC)`]] },
      '이 링크를 다른 사람에게 보내지 마세요. 링크를 연 사람이 회원님을 대신할 수 있습니다. 예상하지 못한 메일이라면 열지 마세요.',
    ],
  }),
};

interface Alarm {
  readonly host: string;
  /** Of the time source or the member. */
  readonly name: string;
  readonly reason: string;
  readonly size: string;
}

function alarmFacts(data: ClaimedAccountMail['data']): Omit<Alarm, 'host'> {
  const text = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return {
    name: text(data['source'] ?? data['member']),
    reason: text(data['reason']),
    size: text(data['blocks'] ?? data['cosigned']),
  };
}

type AlarmText = (facts: Alarm, link: string) => Message;

const REASONS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    refused: 'it refuses to cosign',
    wrong_answer: 'it answers what cannot be right',
    ahead: 'it has cosigned a larger log than the database of the service holds',
  },
  ko: {
    refused: '서명을 거부합니다',
    wrong_answer: '올바를 수 없는 응답을 보냅니다',
    ahead: '서비스의 데이터베이스에 있는 것보다 큰 로그에 이미 서명했습니다',
  },
};

const state = (introduced: string, link: string): readonly Block[] => [introduced, { link }];

const ALARMS: Readonly<Record<Language, Readonly<Record<'anchor.late' | 'member.alarm', AlarmText>>>> = {
  en: {
    'anchor.late': ({ host, name, size }, link) => ({
      language: 'en',
      subject: `A time source is late: ${name}`,
      blocks: [
        'Hello,',
        `The time source ${name} of the log at ${host} is late: blocks from height ${size} on have no anchor of it yet. Documents are accepted and sealed as before. You get this e-mail again each day until it is in time.`,
        ...state('The state of the log:', link),
      ],
    }),
    'member.alarm': ({ host, name, reason, size }, link) => ({
      language: 'en',
      subject: `A member of the log raises an alarm: ${name}`,
      blocks: [
        'Hello,',
        `Something is wrong between the log at ${host} and its member ${name}: ${REASONS.en[reason] ?? reason}. So far it has cosigned ${size} blocks. Find out why before you go on: the log of the service says more, and docs/members.md says what to do.`,
        ...state('The state of the log:', link),
      ],
    }),
  },
  ko: {
    'anchor.late': ({ host, name, size }, link) => ({
      language: 'ko',
      subject: `시각 출처가 늦어지고 있습니다: ${name}`,
      blocks: [
        '안녕하세요.',
        `${host} 로그의 시각 출처 ${name}이(가) 늦어지고 있습니다. 높이 ${size}부터의 블록에 아직 이 출처의 앵커가 없습니다. 문서는 그대로 접수하고 봉인합니다. 정상으로 돌아올 때까지 하루에 한 번 이 메일을 보냅니다.`,
        ...state('로그의 상태:', link),
      ],
    }),
    'member.alarm': ({ host, name, reason, size }, link) => ({
      language: 'ko',
      subject: `로그의 참여 기관에서 경보가 왔습니다: ${name}`,
      blocks: [
        '안녕하세요.',
        `${host} 로그와 참여 기관 ${name} 사이에 문제가 있습니다. 참여 기관이 ${REASONS.ko[reason] ?? reason}. 지금까지 블록 ${size}개에 서명했습니다. 계속하기 전에 원인을 확인하세요. 서비스의 로그에 자세한 내용이 있고, docs/members.md에 대처 방법이 있습니다.`,
        ...state('로그의 상태:', link),
      ],
    }),
  },
};
