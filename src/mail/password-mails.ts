import type { Access } from '../auth/index.js';
import type { AccessStore, ClaimedReset } from '../store/index.js';
import { inLanguage, type Language, type Mail, type Message, minuteOf } from './message.js';
import type { MailSource, WaitingMail } from './outbox.js';

export interface PasswordMailsOptions {
  readonly store: Pick<AccessStore, 'claimPasswordResets' | 'settlePasswordReset'>;
  readonly resets: Pick<Access['passwordResets'], 'token'>;
  /** With a slash at its end. */
  readonly publicUrl: URL;
}

/** E-mails with a link for a new password. */
export class PasswordMails implements MailSource {
  readonly #options: PasswordMailsOptions;

  constructor(options: PasswordMailsOptions) {
    this.#options = options;
  }

  async claim(now: number, until: number, limit: number): Promise<readonly WaitingMail[]> {
    const { store } = this.#options;
    const claimed = await store.claimPasswordResets(now, until, limit);
    return claimed.map((reset) => ({
      ...{ attempts: reset.attempts, about: { reset: reset.id }, id: reset.id, until: reset.expiresAt },
      write: () => Promise.resolve(reset.isKnown ? this.#mailOf(reset) : null),
      settle: (again) => store.settlePasswordReset(reset.id, again),
    }));
  }

  #mailOf({ id, email, language, expiresAt }: ClaimedReset): Mail {
    const { resets, publicUrl } = this.#options;
    const link = new URL(`account.html#reset=${resets.token(id)}`, publicUrl).href;
    const facts = { host: publicUrl.host, link, until: minuteOf(expiresAt) };
    return { to: email, messages: inLanguage(language, (each) => messageIn(each, facts)) };
  }
}

interface Facts {
  readonly host: string;
  readonly link: string;
  /** UTC. */
  readonly until: string;
}

const TEXTS: Readonly<Record<Language, (facts: Facts) => Omit<Message, 'language'>>> = {
  en: ({ host, link, until }) => ({
    subject: 'Set a new password',
    blocks: [
      'Hello,',
      `Somebody, probably you, asked for a new password for your account at ${host}. You choose it behind this link:`,
      { link },
      { facts: [['The link works once, until', `${until} (UTC)`]] },
      'You did not ask for this? Then do nothing: your password stays as it is.',
    ],
  }),
  ko: ({ host, link, until }) => ({
    subject: '비밀번호를 새로 정해 주세요',
    blocks: [
      '안녕하세요.',
      `${host} 계정의 비밀번호를 새로 정하는 요청을 받았습니다. 아래 링크에서 새 비밀번호를 정해 주세요.`,
      { link },
      { facts: [['유효 기한(한 번만 사용 가능)', `${until} (UTC)`]] },
      '요청하신 적이 없다면 무시하셔도 됩니다. 비밀번호는 바뀌지 않습니다.',
    ],
  }),
};

function messageIn(language: Language, facts: Facts): Message {
  return { language, ...TEXTS[language](facts) };
}
