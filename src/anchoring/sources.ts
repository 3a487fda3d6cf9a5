import { isIP } from 'node:net';
import { fromBase64, fromHex, ProofError, toHex } from '../proof/index.js';
import { MAINNET, REGTEST, type BitcoinNetwork, type HeaderPin } from '../proof/time/bitcoin.js';
import { drandChain, QUICKNET, type DrandChain } from '../proof/time/drand.js';
import { DerError } from '../proof/time/der.js';
import { certificatesOfPem, parseCertificate } from '../proof/time/rfc3161.js';
import { BITCOIN, type TimeTrust } from '../proof/time/trust.js';
import { TimeError } from '../proof/time/time-error.js';

/** The file of time sources: what gives this log anchors, and what gives its blocks beacons. A line for each. */

interface Source {
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
}

interface AnchorSource extends Source {
  /** Sources of one owner count as one. */
  readonly owner: string;
  /** How often a new checkpoint is anchored, in milliseconds. */
  readonly everyMs: number;
  /** Asked only while another source of its kind is late. */
  readonly standby: boolean;
}

/** A time-stamping authority (RFC 3161). */
export interface TsaSource extends AnchorSource {
  readonly type: 'tsa';
  /** DER of the certificates that its chain may end in. */
  readonly roots: readonly Uint8Array[];
}

/** A calendar of OpenTimestamps. */
export interface CalendarSource extends AnchorSource {
  readonly type: 'bitcoin';
}

/** Servers of drand. */
export interface DrandSource extends Source {
  readonly type: 'drand';
  readonly chain: DrandChain;
}

/** A Bitcoin node, for headers. */
export interface BitcoinNode extends Source {
  readonly type: 'node';
  readonly network: BitcoinNetwork;
  /** All headers up to a height, for verifiers; null: not given. */
  readonly pin: HeaderPin | null;
  /** "user:password" for its JSON-RPC; null: it asks for none. */
  readonly credentials: string | null;
}

/** An authority that is asked no more, but whose anchors are in proofs. */
export interface FormerTsa extends Pick<TsaSource, 'name' | 'owner' | 'roots'> {
  readonly type: 'former';
}

export interface TimeSources {
  readonly anchors: readonly (TsaSource | CalendarSource)[];
  readonly former: readonly FormerTsa[];
  readonly drand: DrandSource | null;
  readonly node: BitcoinNode | null;
}

export const NO_TIME_SOURCES: TimeSources = { anchors: [], former: [], drand: null, node: null };

/** Proofs carry an anchor of each: see the limit in docs/proof-format.md. */
const MAX_ANCHOR_SOURCES = 32;

type Line = TsaSource | CalendarSource | FormerTsa | DrandSource | BitcoinNode;

/** A line, as far as it could be read, or what is wrong with it. */
interface Reading {
  readonly sources: readonly Line[];
  readonly mistakes: readonly string[];
}

/**
 * Reads the file.
 * @param readFile the bytes of a file that the text names; it throws when there is none
 * @returns the sources, and a sentence for each mistake. Only without mistakes are the sources complete.
 */
export function parseTimeSources(
  text: string,
  readFile: (name: string) => Uint8Array,
): { readonly sources: TimeSources; readonly mistakes: readonly string[] } {
  const readings = text.split(/\r?\n/).map((line, i): Reading => {
    const words = line
      .replace(/(^|\s)#.*$/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) return { sources: [], mistakes: [] };
    const parser = new LineParser(words, readFile);
    const source = parser.read();
    const mistakes = parser.mistakes.map((mistake) => `line ${i + 1}: ${mistake}`);
    return { sources: source === null || mistakes.length > 0 ? [] : [source], mistakes };
  });
  const all = readings.flatMap(({ sources }) => sources);
  const anchors = all.filter((source) => source.type === 'tsa' || source.type === 'bitcoin');
  const former = all.filter((source) => source.type === 'former');
  const drand = all.filter(({ type }) => type === 'drand');
  const nodes = all.filter(({ type }) => type === 'node');
  const mistakes = [
    ...readings.flatMap(({ mistakes: found }) => found),
    ...repeated([...anchors, ...former].map(({ name }) => name)).map(
      (name) => `names the source ${name} twice: give each source a name of its own`,
    ),
    ...(drand.length > 1 ? ['has more than one "beacon drand" line: keep one'] : []),
    ...(nodes.length > 1 ? ['has more than one "beacon bitcoin" line: keep one'] : []),
    ...(anchors.some(({ type }) => type === 'bitcoin') && !text.match(/^\s*beacon\s+bitcoin\s/m)
      ? [
          'has a calendar, but no Bitcoin node to get headers from: add a line such as "beacon bitcoin http://127.0.0.1:8332 cookie /var/lib/bitcoind/.cookie"',
        ]
      : []),
    ...(anchors.length + former.length > MAX_ANCHOR_SOURCES
      ? [`has ${anchors.length + former.length} sources of anchors: keep at most ${MAX_ANCHOR_SOURCES}`]
      : []),
    ...standbyMistakes(anchors),
  ];
  return {
    sources: {
      anchors,
      former,
      drand: drand.find((source) => source.type === 'drand') ?? null,
      node: nodes.find((source) => source.type === 'node') ?? null,
    },
    mistakes,
  };
}

/**
 * Whom a verifier believes who believes these sources. A root that several authorities share is listed once: they
 * count as one source.
 */
export function trustOf({ anchors, former, drand, node }: TimeSources): TimeTrust {
  const listed = new Set<string>();
  const authorities = [...anchors, ...former].flatMap((source) => {
    if (source.type === 'bitcoin') return [];
    const roots = source.roots.filter((der) => !listed.has(toHex(der)));
    for (const der of roots) listed.add(toHex(der));
    const { name, owner } = source;
    return roots.length === 0 ? [] : [{ name, owner, roots: roots.map(parseCertificate) }];
  });
  const hasCalendar = anchors.some(({ type }) => type === 'bitcoin');
  return {
    authorities,
    pins: hasCalendar && node?.pin != null ? [node.pin] : [],
    chains: drand === null ? [] : [drand.chain],
    least: null,
  };
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) < i))];
}

function standbyMistakes(anchors: TimeSources['anchors']): string[] {
  return (['tsa', 'bitcoin'] as const).flatMap((type) => {
    const own = anchors.filter((source) => source.type === type);
    return own.length > 0 && own.every(({ standby }) => standby)
      ? [`has only standby sources of type "${type}": leave the word "standby" out of one of them`]
      : [];
  });
}

const USAGE = {
  tsa: '"tsa NAME URL [every 60s] root FILE [owner NAME] [standby]"',
  bitcoin: '"bitcoin NAME URL [every 1h] [owner NAME] [standby]"',
  former: '"former NAME root FILE [owner NAME]"',
  drand: '"beacon drand URL CHAINHASH [key HEX genesis SECONDS period SECONDS seed HEX id NAME]"',
  node: '"beacon bitcoin URL [cookie FILE] [pin HEIGHT:ROOT] [network regtest]"',
} as const;

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 7 * 86_400_000;
const TSA_EVERY_MS = 60_000;
const CALENDAR_EVERY_MS = 3_600_000;

class LineParser {
  readonly mistakes: string[] = [];
  readonly #words: readonly string[];
  readonly #readFile: (name: string) => Uint8Array;
  #at = 0;

  constructor(words: readonly string[], readFile: (name: string) => Uint8Array) {
    this.#words = words;
    this.#readFile = readFile;
  }

  read(): Line | null {
    const [keyword, kind] = this.#words;
    switch (keyword) {
      case 'tsa':
        this.#at = 1;
        return this.#tsa();
      case 'bitcoin':
        this.#at = 1;
        return this.#calendar();
      case 'former':
        this.#at = 1;
        return this.#former();
      case 'beacon':
        this.#at = 2;
        if (kind === 'drand') return this.#drand();
        if (kind === 'bitcoin') return this.#node();
        return this.#fail(`write ${USAGE.drand}, or ${USAGE.node}`);
      default:
        return this.#fail(
          `${show(keyword)} is no kind of time source: begin the line with tsa, bitcoin, beacon or former`,
        );
    }
  }

  #tsa(): TsaSource | null {
    const start = this.#start(USAGE.tsa);
    const { values, ...options } = this.#options(USAGE.tsa, ['every', 'root', 'owner'], ['root']);
    const roots = this.#roots(values);
    if (start === null) return null;
    return { type: 'tsa', ...start, ...this.#anchoring(start, values, options, TSA_EVERY_MS), roots };
  }

  #former(): FormerTsa | null {
    const name = this.#name(USAGE.former);
    const { values } = this.#options(USAGE.former, ['root', 'owner'], ['root'], false);
    const roots = this.#roots(values);
    if (name === null) return null;
    return { type: 'former', name, owner: this.#owner(name, values), roots };
  }

  #roots(values: ReadonlyMap<string, readonly string[]>): Uint8Array[] {
    if (!values.has('root') && this.mistakes.length === 0)
      this.#fail('name the file with the root certificate of the authority: add "root FILE"');
    return (values.get('root') ?? []).flatMap((file) => this.#certificates(file));
  }

  #calendar(): CalendarSource | null {
    const start = this.#start(USAGE.bitcoin);
    const { values, ...options } = this.#options(USAGE.bitcoin, ['every', 'owner']);
    if (start === null) return null;
    return { type: 'bitcoin', ...start, ...this.#anchoring(start, values, options, CALENDAR_EVERY_MS) };
  }

  #drand(): DrandSource | null {
    const url = this.#url(USAGE.drand);
    const hash = this.#hex(this.#next(), 32, 'the chain hash');
    const { values } = this.#options(USAGE.drand, ['key', 'genesis', 'period', 'seed', 'id'], [], false);
    if (url === null || hash === null) return null;
    try {
      if (values.size === 0 && Buffer.compare(hash, QUICKNET.hash) === 0)
        return { type: 'drand', name: 'drand', url, chain: QUICKNET };
      const missing = ['key', 'genesis', 'period', 'seed', 'id'].filter((word) => !values.has(word));
      if (missing.length > 0) {
        return this.#fail(
          `add ${missing.join(', ')}: this chain is not the one whose parameters are known here. ${url}/CHAINHASH/info states them`,
        );
      }
      const [key, seed] = [this.#hexOf(values, 'key', 96), this.#hexOf(values, 'seed', 32)];
      const [genesis, period] = [this.#countOf(values, 'genesis'), this.#countOf(values, 'period')];
      if (key === null || seed === null || genesis === null || period === null) return null;
      const parameters = { publicKey: key, genesis, period, seed, id: values.get('id')?.[0] ?? '' };
      return { type: 'drand', name: 'drand', url, chain: drandChain(parameters, hash) };
    } catch (error) {
      if (!(error instanceof TimeError)) throw error;
      return this.#fail(error.message);
    }
  }

  #node(): BitcoinNode | null {
    const url = this.#url(USAGE.node);
    const { values } = this.#options(USAGE.node, ['cookie', 'network', 'pin'], [], false);
    const network = values.get('network')?.[0] ?? 'mainnet';
    const known = [MAINNET, REGTEST].find(({ name }) => name === network);
    if (known === undefined)
      return this.#fail(`${show(network)} is no network: write "network mainnet" or "network regtest"`);
    const cookie = values.get('cookie')?.[0];
    const credentials = cookie === undefined ? null : this.#credentials(cookie);
    const pin = values.has('pin') ? this.#pin(values.get('pin')?.[0] ?? '') : null;
    if (url === null) return null;
    return { type: 'node', name: 'bitcoin', url, network: known, pin, credentials };
  }

  #pin(text: string): HeaderPin | null {
    const [, height, root = ''] = /^(0|[1-9][0-9]{0,7}):([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
    if (height === undefined)
      return this.#fail(
        `${show(text)} is no pin: write HEIGHT:ROOT, the root in base64, as in a trust policy`,
      );
    return { size: Number(height) + 1, root: fromBase64(root, 'the root') };
  }

  /** The name and the address, with which every source of anchors begins. */
  #start(usage: string): Source | null {
    const name = this.#name(usage);
    if (name === null) return null;
    const url = this.#url(usage);
    return url === null ? null : { name, url };
  }

  #name(usage: string): string | null {
    const name = this.#next();
    if (name === undefined) return this.#fail(`write ${usage}`);
    if (!NAME.test(name)) {
      this.#fail(
        `${show(name)} is no name of a source: use lower-case letters, digits, ".", "_" and "-", at most 64`,
      );
    }
    if (name === BITCOIN)
      this.#fail(`${BITCOIN} is what verifiers call Bitcoin: give the source another name`);
    return name;
  }

  #anchoring(
    { name }: Source,
    values: ReadonlyMap<string, readonly string[]>,
    { standby }: { readonly standby: boolean },
    defaultMs: number,
  ): Omit<AnchorSource, keyof Source> {
    const every = values.get('every')?.[0];
    const owner = this.#owner(name, values);
    return { owner, everyMs: every === undefined ? defaultMs : this.#interval(every), standby };
  }

  #owner(name: string, values: ReadonlyMap<string, readonly string[]>): string {
    const owner = values.get('owner')?.[0] ?? name;
    if (values.has('owner') && !NAME.test(owner))
      this.#fail(`${show(owner)} is no name of an owner: use lower-case letters, digits, ".", "_" and "-"`);
    return owner;
  }

  /** What follows the address: words with a value each, those of `several` more than once, and "standby". */
  #options(
    usage: string,
    known: readonly string[],
    several: readonly string[] = [],
    mayStandBy = true,
  ): { readonly values: ReadonlyMap<string, readonly string[]>; readonly standby: boolean } {
    const values = new Map<string, readonly string[]>();
    let standby = false;
    for (let word = this.#next(); word !== undefined; word = this.#next()) {
      if (word === 'standby' && mayStandBy) {
        standby = true;
        continue;
      }
      if (!known.includes(word)) {
        this.#fail(`${show(word)} is not expected here: write ${usage}`);
        break;
      }
      const value = this.#next();
      if (value === undefined) {
        this.#fail(`"${word}" needs a value: write ${usage}`);
        break;
      }
      const before = values.get(word) ?? [];
      if (before.length > 0 && !several.includes(word)) this.#fail(`"${word}" is there twice: keep one`);
      values.set(word, [...before, value]);
    }
    return { values, standby };
  }

  #url(usage: string): string | null {
    const text = this.#next();
    if (text === undefined) return this.#fail(`the address is missing: write ${usage}`);
    if (!URL.canParse(text) || !/^https?:\/\/[^/?#]/.test(text))
      return this.#fail(`${show(text)} is no address: write one that begins with https://`);
    const url = new URL(text);
    if (url.username + url.password !== '')
      return this.#fail(
        'leave user name and password out of the address: addresses are published and logged',
      );
    if (url.search + url.hash !== '') return this.#fail('leave "?" and "#" out of the address');
    if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
      return this.#fail(`use https: http is for this machine only, not for ${url.hostname}`);
    return text.replace(/\/+$/, '');
  }

  #certificates(file: string): Uint8Array[] {
    const bytes = this.#file(file);
    if (bytes === null) return [];
    try {
      return certificatesOfPem(new TextDecoder('latin1').decode(bytes)).map(({ der }) => der);
    } catch (error) {
      if (!(error instanceof ProofError) && !(error instanceof DerError)) throw error;
      this.#fail(`${file} holds no certificate that can be read (${error.message}): write it as PEM`);
      return [];
    }
  }

  #credentials(file: string): string | null {
    const bytes = this.#file(file);
    if (bytes === null) return null;
    const text = new TextDecoder('latin1').decode(bytes).trim();
    if (/^[\x21-\x7e]+$/.test(text) && text.includes(':')) return text;
    return this.#fail(`${file} must hold one line, "user:password"`);
  }

  #file(name: string): Uint8Array | null {
    try {
      return this.#readFile(name);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      return this.#fail(
        `the file ${name} cannot be read (${code}): names are relative to the file of time sources`,
      );
    }
  }

  #interval(text: string): number {
    const [, count, unit = ''] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
    const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
    if (ms <= LONGEST_MS) return ms;
    this.#fail(`${show(text)} is no interval: write one such as 60s, 10m, 1h or 1d, at most 7d`);
    return LONGEST_MS;
  }

  #hex(text: string | undefined, length: number, what: string): Uint8Array | null {
    try {
      return fromHex(text ?? '', length, what);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      return this.#fail(`${what} must be ${length * 2} hexadecimal digits in lower case`);
    }
  }

  #hexOf(values: ReadonlyMap<string, readonly string[]>, word: string, length: number): Uint8Array | null {
    return this.#hex(values.get(word)?.[0], length, `"${word}"`);
  }

  #countOf(values: ReadonlyMap<string, readonly string[]>, word: string): number | null {
    const text = values.get(word)?.[0] ?? '';
    return /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : this.#fail(`"${word}" must be a whole number`);
  }

  #next(): string | undefined {
    return this.#words[this.#at++];
  }

  #fail(mistake: string): null {
    this.mistakes.push(mistake);
    return null;
  }
}

function show(word: string | undefined): string {
  return JSON.stringify(word ?? '');
}

function isLoopbackHost(name: string): boolean {
  const host = name.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
