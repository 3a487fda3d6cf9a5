import { createHmac } from 'node:crypto';
import { AccessError, isOfProvider, newId, sameBytes, type UserPrincipal } from '../auth/index.js';
import { deriveKey } from '../crypto/secrets.js';
import type { ClaimedDigest, DigestStore, DigestTime, Store } from '../store/index.js';
import { type Block, type Language, type Mail, type Message, minuteOf } from './message.js';
import type { MailSource, WaitingMail } from './outbox.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Between two that are told at once. */
const AT_ONCE_MS = 15 * MINUTE;

export interface DigestsOptions {
  readonly store: DigestStore & Pick<Store, 'tip'>;
  /** 32 bytes, the same for all instances. */
  readonly secret: Uint8Array;
  /** With a slash at its end; null: no e-mails are sent. */
  readonly publicUrl: URL | null;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: (() => number) | undefined;
}

/** What a person chose to be told by e-mail of the organization that they act for. */
export interface DigestChoice {
  readonly every: DigestTime | 'off';
}

/**
 * E-mails that say what was sealed for an organization, and what waits for its people. They are read from the chain, behind
 * the place where each digest is: however much is sealed, nothing is written for them.
 */
export class Digests implements MailSource {
  readonly #options: DigestsOptions;
  readonly #clock: () => number;
  readonly #key: Uint8Array;

  constructor(options: DigestsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#key = deriveKey(options.secret, 'ingam mail v1: unsubscribe');
  }

  async choice(by: UserPrincipal): Promise<DigestChoice> {
    const { organization, personId } = by;
    if (organization === null || isOfProvider(by)) return { every: 'off' };
    return { every: (await this.#options.store.digest(organization.number, personId))?.every ?? 'off' };
  }

  /** What is sealed by now is told already. @throws {AccessError} forbidden, no_mail_server */
  async choose(by: UserPrincipal, every: DigestTime | 'off', language: Language): Promise<DigestChoice> {
    const { store, publicUrl } = this.#options;
    const { number, personId } = this.#place(by);
    if (every === 'off') {
      await store.removeDigest(number, personId);
      return { every };
    }
    if (publicUrl === null) throw new AccessError('no_mail_server', 'this service sends no e-mails');
    const now = this.#clock();
    const digest = { id: newId('dig'), organization: number, person: personId, every, language };
    const dueAt = every === 'at_once' ? now : nextTime(every, now);
    await store.putDigest({ ...digest, dueAt }, await this.#sealed(), now);
    return { every };
  }

  /**
   * Ends the digest that an e-mail was of. Doing it again changes nothing.
   * @param token of the link in the e-mail, which is good for nothing else
   * @returns false: this service made no such token
   */
  async unsubscribe(token: string): Promise<boolean> {
    const [id = ''] = token.split('.');
    if (!sameBytes(Buffer.from(this.#token(id)), Buffer.from(token))) return false;
    await this.#options.store.endDigest(id);
    return true;
  }

  async claim(now: number, until: number, limit: number): Promise<readonly WaitingMail[]> {
    const { store, publicUrl } = this.#options;
    if (publicUrl === null) return [];
    const claimed = await store.claimDigests(now, until, limit, await this.#sealed());
    return claimed.map((digest) => ({
      ...{ attempts: digest.attempts, about: { digest: digest.id }, id: messageIdOf(digest) },
      write: () => Promise.resolve(this.#mailOf(digest, publicUrl)),
      settle: (again) =>
        again === null
          ? store.settleDigest(digest.id, 'told', nextTime(digest.every, this.#clock()))
          : store.settleDigest(digest.id, 'again', again),
      fail: () => store.settleDigest(digest.id, 'later', nextTime(digest.every, this.#clock())),
    }));
  }

  /** null: there is nothing to tell. */
  #mailOf(digest: ClaimedDigest, publicUrl: URL): Mail | null {
    const { id, email, sealed, isNew } = digest;
    if (sealed === 0 && !isNew) return null;
    const token = this.#token(id);
    const message = messageOf(digest, {
      register: new URL('register.html', publicUrl).href,
      records: new URL('records.html', publicUrl).href,
      account: new URL('account.html#you', publicUrl).href,
      unsubscribe: new URL(`account.html#unsubscribe=${token}`, publicUrl).href,
    });
    const unsubscribe = new URL(`unsubscribe?token=${token}`, publicUrl).href;
    return { to: email, messages: [message], unsubscribe };
  }

  /** The first position that no block holds. */
  async #sealed(): Promise<number> {
    const tip = await this.#options.store.tip();
    return tip === null ? 0 : tip.firstPosition + tip.entryCount;
  }

  #token(id: string): string {
    return `${id}.${createHmac('sha256', this.#key).update(id).digest('base64url')}`;
  }

  #place(by: UserPrincipal): { readonly number: number; readonly personId: string } {
    const { organization, personId } = by;
    if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
    if (isOfProvider(by)) {
      throw new AccessError('forbidden', 'only people with an account of this service get e-mails');
    }
    return { number: organization.number, personId };
  }
}

const messageIdOf = ({ id, from, to }: ClaimedDigest): string =>
  `${id}.${from.place}.${from.at}.${to.place}.${to.at}`;

/** On the full hour; at midnight UTC, which is 9 o'clock in Korea. */
function nextTime(every: DigestTime, now: number): number {
  if (every === 'at_once') return now + AT_ONCE_MS;
  const step = every === 'hourly' ? HOUR : DAY;
  return (Math.floor(now / step) + 1) * step;
}

interface Links {
  readonly register: string;
  readonly records: string;
  readonly account: string;
  readonly unsubscribe: string;
}

interface Texts {
  readonly hello: string;
  subject(organization: string, sealed: number): string;
  lead(organization: string): string;
  sealed(since: string): string;
  readonly requests: string;
  readonly lifts: string;
  readonly register: string;
  readonly records: string;
  readonly why: string;
  readonly stop: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    hello: 'Hello,',
    subject: (organization, sealed) =>
      sealed === 0
        ? `${organization}: something waits for you`
        : `${organization}: ${sealed === 1 ? '1 notarization' : `${sealed.toLocaleString('en')} notarizations`} sealed`,
    lead: (organization) => `This is new at ${organization}.`,
    sealed: (since) => `Notarizations sealed since ${since} (UTC)`,
    requests: 'Requests to sign that wait for you: the person has given a key',
    lifts: 'Legal holds whose lifting waits for a second person',
    register: 'The register:',
    records: 'The requests, on the Records page:',
    why: 'You get this e-mail because you chose it on the account page, where you can change that:',
    stop: 'To get no more of them:',
  },
  ko: {
    hello: '안녕하세요.',
    subject: (organization, sealed) =>
      sealed === 0
        ? `${organization}: 기다리는 일이 있습니다`
        : `${organization}: 등록 ${sealed.toLocaleString('ko')}건 봉인`,
    lead: (organization) => `${organization}의 새 소식입니다.`,
    sealed: (since) => `${since} (UTC) 이후 봉인된 등록`,
    requests: '키가 등록되어 다음 절차를 기다리는 서명 요청',
    lifts: '두 번째 사람의 해제를 기다리는 법적 보존',
    register: '등록 대장:',
    records: '기록 페이지의 요청 목록:',
    why: '계정 페이지에서 받기로 하셔서 보내 드리는 메일입니다. 바꾸려면 여기를 여세요.',
    stop: '더 받지 않으려면:',
  },
};

function messageOf(
  { language, organizationName, from, sealed, waiting: { requests, lifts } }: ClaimedDigest,
  links: Links,
): Message {
  const t = TEXTS[language];
  const number = (value: number) => value.toLocaleString(language);
  const facts = [
    ...(sealed > 0 ? [[t.sealed(minuteOf(from.at)), number(sealed)] as const] : []),
    ...(requests > 0 ? [[t.requests, number(requests)] as const] : []),
    ...(lifts > 0 ? [[t.lifts, number(lifts)] as const] : []),
  ];
  const blocks: readonly Block[] = [
    ...[t.hello, t.lead(organizationName), { facts }],
    ...[t.register, { link: links.register }],
    ...(requests > 0 ? [t.records, { link: links.records }] : []),
    ...[t.why, { link: links.account }],
    ...[t.stop, { link: links.unsubscribe }],
  ];
  return { language, subject: t.subject(organizationName, sealed), blocks };
}
