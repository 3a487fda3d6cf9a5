import { equal, fromBase64, fromDecimal, fromHex, toBase64, toHex } from '../bytes.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH } from '../hash.js';
import type { HeaderPin } from './bitcoin.js';
import { DerError } from './der.js';
import { DRAND_KEY_LENGTH, drandChainOf, type DrandChain } from './drand-chain.js';
import { TimeError } from './time-error.js';
import { parseCertificate, type Certificate } from './x509.js';

/**
 * Whom a verifier believes about time: the lines of a trust policy that are comments to other readers
 * (docs/proof-format-time.md, "Policy lines").
 */
export interface TimeTrust {
  readonly authorities: readonly TrustedAuthority[];
  /** Of Bitcoin's main network. Without one, Bitcoin is no source. */
  readonly pins: readonly HeaderPin[];
  readonly chains: readonly DrandChain[];
  /** How many independent sources must have an anchor that counts; null: the policy asks for none. */
  readonly least: number | null;
}

/** A time-stamping authority. */
export interface TrustedAuthority {
  readonly name: string;
  /** Sources of one owner are one source. */
  readonly owner: string;
  /** Certificates that a chain may end in. */
  readonly roots: readonly Certificate[];
}

/** Bitcoin's own name, as a source and as its owner. */
export const BITCOIN = 'bitcoin';
/** The words that begin the lines. */
const LINES = {
  tsa: '#tsa NAME CERTIFICATE [owner OWNER]',
  bitcoin: '#bitcoin HEIGHT ROOT',
  beacon: '#beacon drand HASH KEY GENESIS PERIOD SEED ID',
  times: '#times K',
} as const;

export const NO_TIME_TRUST: TimeTrust = { authorities: [], pins: [], chains: [], least: null };

/** How many independent sources there are. */
export function ownersOf({ authorities, pins }: TimeTrust): ReadonlySet<string> {
  return new Set([...authorities.map(({ owner }) => owner), ...(pins.length > 0 ? [BITCOIN] : [])]);
}

/** Collects the lines of a policy. */
export class TimeLines {
  readonly #authorities = new Map<string, { owner: string; roots: Certificate[] }>();
  readonly #pins: HeaderPin[] = [];
  readonly #chains: DrandChain[] = [];
  #least: number | null = null;

  /**
   * @param line of a policy
   * @param wordsOf words of what follows the first, without a comment
   * @returns whether it is a line about time
   * @throws {ProofError} malformed_policy with the reason alone
   */
  read(line: string, wordsOf: (rest: string) => readonly string[]): boolean {
    const [, keyword, rest = ''] = /^[ \t]*#(tsa|bitcoin|beacon|times)(?![^ \t])(.*)$/.exec(line) ?? [];
    if (keyword === undefined) return false;
    try {
      this.#add(keyword as keyof typeof LINES, wordsOf(rest));
    } catch (error) {
      if (error instanceof ProofError || error instanceof DerError || error instanceof TimeError)
        throw refused(error.message);
      throw error;
    }
    return true;
  }

  #add(keyword: keyof typeof LINES, words: readonly string[]): void {
    const [first, second, ...rest] = words;
    if (first === undefined || (keyword !== 'times' && second === undefined)) throw wrongForm(keyword);
    switch (keyword) {
      case 'tsa':
        this.#addAuthority(first, second ?? '', rest);
        return;
      case 'bitcoin': {
        if (rest.length > 0) throw wrongForm(keyword);
        const size = fromDecimal(first, 'the height') + 1;
        if (this.#pins.some((pin) => pin.size === size)) throw refused('there is a root for this height');
        this.#pins.push({ size, root: fromBase64(second ?? '', 'the root', HASH_LENGTH) });
        return;
      }
      case 'beacon':
        if (first !== 'drand' || rest.length !== 5) throw wrongForm(keyword);
        this.#addChain(second ?? '', rest);
        return;
      case 'times':
        if (words.length > 1) throw wrongForm(keyword);
        if (this.#least !== null) throw refused('there must be only one such line');
        this.#least = fromDecimal(first, 'the number of sources');
        if (this.#least === 0) throw refused('the number of sources must be 1 or more');
        return;
    }
  }

  #addAuthority(name: string, encoded: string, rest: readonly string[]): void {
    const [keyword, owner = name] = rest;
    if (rest.length > 0 && (rest.length !== 2 || keyword !== 'owner')) throw wrongForm('tsa');
    if (name === BITCOIN) throw refused(`${BITCOIN} is the name of another source`);
    const root = parseCertificate(fromBase64(encoded, 'the certificate'));
    for (const { roots } of this.#authorities.values()) {
      if (roots.some(({ der }) => equal(der, root.der))) throw refused('this certificate is listed twice');
    }
    const known = this.#authorities.get(name);
    if (known !== undefined && known.owner !== owner)
      throw refused(`${name} has the owner ${known.owner} on another line`);
    this.#authorities.set(name, { owner, roots: [...(known?.roots ?? []), root] });
  }

  #addChain(
    hash: string,
    [key = '', genesis = '', period = '', seed = '', id = '']: readonly string[],
  ): void {
    const chain = drandChainOf(
      {
        publicKey: fromHex(key, DRAND_KEY_LENGTH, 'the key of a drand chain'),
        genesis: fromDecimal(genesis, 'the genesis of a drand chain'),
        period: fromDecimal(period, 'the period of a drand chain'),
        seed: fromHex(seed, HASH_LENGTH, 'the seed of a drand chain'),
        id,
      },
      fromHex(hash, HASH_LENGTH, 'the hash of a drand chain'),
    );
    if (this.#chains.some((each) => equal(each.hash, chain.hash)))
      throw refused('this chain is listed twice');
    this.#chains.push(chain);
  }

  /** @throws {ProofError} malformed_policy when more sources are demanded than there are */
  finish(): TimeTrust {
    const trust: TimeTrust = {
      authorities: [...this.#authorities].map(([name, rest]) => ({ name, ...rest })),
      pins: this.#pins,
      chains: this.#chains,
      least: this.#least,
    };
    const owners = ownersOf(trust).size;
    if (trust.least !== null && trust.least > owners) {
      const message = `the policy demands ${trust.least} independent time sources, but names ${owners}`;
      throw new ProofError('malformed_policy', message);
    }
    return trust;
  }
}

/** The lines of a policy for these sources. */
export function formatTimeLines({ authorities, pins, chains, least }: TimeTrust): string[] {
  return [
    ...authorities.flatMap(({ name, owner, roots }) =>
      roots.map(({ der }) => `#tsa ${name} ${toBase64(der)}${owner === name ? '' : ` owner ${owner}`}`),
    ),
    ...pins.map(({ size, root }) => `#bitcoin ${size - 1} ${toBase64(root)}`),
    ...chains.map(({ hash, publicKey, genesis, period, seed, id }) =>
      ['#beacon drand', toHex(hash), toHex(publicKey), genesis, period, toHex(seed), id].join(' '),
    ),
    ...(least === null ? [] : [`#times ${least}`]),
  ];
}

function wrongForm(keyword: keyof typeof LINES): ProofError {
  return refused(`it reads "${LINES[keyword]}"`);
}

function refused(message: string): ProofError {
  return new ProofError('malformed_policy', message);
}
