import type { MailLimits } from '../auth/index.js';
import {
  inLanguage,
  type Language,
  type Mail,
  type MailSource,
  type Message,
  minuteOf,
  type WaitingMail,
} from '../mail/index.js';
import type { ClaimedWebhookMail, WebhookStore } from '../store/index.js';

export interface WebhookMailsOptions {
  readonly store: Pick<WebhookStore, 'claimWebhookMail' | 'settleWebhookMail'>;
  readonly limits: Pick<MailLimits, 'allow'>;
  /** With a slash at its end. */
  readonly publicUrl: URL;
}

/** E-mails to the owners of an organization when one of its webhooks was disabled because of its receiver. */
export class WebhookMails implements MailSource {
  readonly #options: WebhookMailsOptions;

  constructor(options: WebhookMailsOptions) {
    this.#options = options;
  }

  async claim(now: number, until: number, limit: number): Promise<readonly WaitingMail[]> {
    const { store } = this.#options;
    const claimed = await store.claimWebhookMail(now, until, limit);
    return claimed.map((mail) => ({
      ...{ attempts: mail.attempts, about: { webhook: mail.webhook.id } },
      id: `${mail.webhook.id}.${mail.id}`,
      write: () => this.#write(mail),
      settle: (again) => store.settleWebhookMail(mail.id, again),
    }));
  }

  async #write({ attempts, webhook, told }: ClaimedWebhookMail): Promise<Mail | null> {
    const { publicUrl, limits } = this.#options;
    if (told === null) return null;
    // Whoever has made the webhook decides how often its receiver fails. It counts once.
    if (attempts === 1 && !(await limits.allow(webhook.organization, told.email))) return null;
    return mailOf(webhook, told, new URL('account.html#webhooks', publicUrl).href);
  }
}

interface Facts {
  readonly organization: string;
  readonly name: string;
  readonly host: string;
  /** UTC. */
  readonly at: string;
}

interface Texts {
  readonly hello: string;
  subject(facts: Facts): string;
  readonly lead: Readonly<Record<'failed' | 'gone', (facts: Facts) => string>>;
  readonly enable: string;
  readonly goesOn: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    hello: 'Hello,',
    subject: ({ name }) => `Webhook disabled: ${name}`,
    lead: {
      failed: ({ name, organization, at, host }) =>
        `The webhook "${name}" of ${organization} was disabled at ${at} (UTC): its receiver at ${host} has not taken one message in ten attempts.`,
      gone: ({ name, organization, at, host }) =>
        `The webhook "${name}" of ${organization} was disabled at ${at} (UTC): its receiver at ${host} answered 410 Gone, which says that it wants no more messages.`,
    },
    enable: 'When the receiver works again, enable the webhook on the account page:',
    goesOn:
      'It goes on with the message that failed, and with what happened since. Nothing that is in the chain is lost; messages about API keys and alarms are kept for 30 days.',
  },
  ko: {
    hello: '안녕하세요.',
    subject: ({ name }) => `웹훅 중지: ${name}`,
    lead: {
      failed: ({ name, organization, at, host }) =>
        `${organization}의 웹훅 ‘${name}’이(가) ${at} (UTC)에 중지되었습니다. 한 메시지를 열 번 시도했지만 받는 쪽(${host})에서 받지 않았습니다.`,
      gone: ({ name, organization, at, host }) =>
        `${organization}의 웹훅 ‘${name}’이(가) ${at} (UTC)에 중지되었습니다. 받는 쪽(${host})에서 없어졌다고 응답했습니다(410).`,
    },
    enable: '받는 쪽을 고친 뒤 계정 페이지에서 웹훅을 다시 사용하도록 바꾸세요.',
    goesOn:
      '실패한 메시지부터 그동안 일어난 일까지 이어서 보냅니다. 체인에 있는 것은 빠지지 않으며, API 키와 경보에 관한 메시지는 30일 동안 보관합니다.',
  },
};

function mailOf(
  { name, url }: ClaimedWebhookMail['webhook'],
  { because, disabledAt, organizationName: organization, email }: NonNullable<ClaimedWebhookMail['told']>,
  link: string,
): Mail {
  const facts = { organization, name, host: new URL(url).host, at: minuteOf(disabledAt) };
  const messageIn = (language: Language): Message => {
    const t = TEXTS[language];
    return {
      language,
      subject: t.subject(facts),
      blocks: [t.hello, t.lead[because](facts), t.enable, { link }, t.goesOn],
    };
  };
  return { to: email, messages: inLanguage(null, messageIn) };
}
