import type { Mail, MailSource, WaitingMail } from '../mail/index.js';
import type { ClaimedMail, SigningStore } from '../store/index.js';
import { mailOf } from './mail-texts.js';
import type { Signing } from './signing.js';

/** For a contract to go on. Nobody waits for one that takes longer. */
const LONGEST_WAIT_MS = 400 * 86_400_000;

export interface SigningMailsOptions {
  readonly store: Pick<
    SigningStore,
    'claimSigningMail' | 'settleSigningMail' | 'holdSigningMail' | 'failSigningMail'
  >;
  readonly signing: Pick<Signing, 'token' | 'mailState'>;
  /** With a slash at its end. */
  readonly publicUrl: URL;
  readonly clock?: (() => number) | undefined;
}

/** E-mails to people who are asked to sign. */
export class SigningMails implements MailSource {
  readonly #options: SigningMailsOptions;
  readonly #clock: () => number;

  constructor(options: SigningMailsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  async claim(now: number, until: number, limit: number): Promise<readonly WaitingMail[]> {
    const { store } = this.#options;
    const claimed = await store.claimSigningMail(now, until, limit);
    return claimed.map((mail) => ({
      ...{ attempts: mail.attempts, about: { request: mail.request.id } },
      id: `${mail.request.id}.${mail.id}`,
      write: () => this.#write(mail),
      settle: (again) => store.settleSigningMail(mail.id, again),
      fail: () => store.failSigningMail(mail.id, mail.request.id, this.#clock()),
    }));
  }

  async #write({ id, kind, request, sealed, organizationName }: ClaimedMail): Promise<Mail | 'held' | null> {
    const { store, signing, publicUrl } = this.#options;
    const { now, contract } = await signing.mailState(request, kind);
    if (now === 'wait') {
      await store.holdSigningMail(id, sealed, this.#clock() + LONGEST_WAIT_MS);
      return 'held';
    }
    if (organizationName === null || now !== 'send') return null;
    const link = new URL(`sign.html#token=${signing.token(request)}`, publicUrl).href;
    return mailOf(kind, request, { organization: organizationName, link, contract });
  }
}
