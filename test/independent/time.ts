import { bls12_381 } from '@noble/curves/bls12-381.js';
import {
  array,
  base64,
  hex,
  integer,
  lineOf,
  object,
  readCheckpoint,
  refuse,
  sha256,
  type Key,
} from './formats.js';
import { canonical, Malformed, parseJson, type Value } from './strict-json.js';
import type { TimePolicy } from './time-policy.js';
import { readToken } from './tokens.js';
import { leaf, pathLength, rootOf } from './trees.js';

/** The anchors of a proof: docs/proof-format-time.md, "Verification". */

export interface Block {
  readonly origin: string;
  readonly height: bigint;
  readonly header: Buffer;
  readonly state: Buffer;
  readonly sealedAt: bigint;
}

export interface TimeAnswer {
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly owners: string[];
  readonly conflict?: string;
  readonly anchors: ({ anchor: number; source: string; time: string } | { anchor: number; fault: true })[];
}

interface Found {
  readonly source: string;
  readonly owner: string;
  readonly isUpper: boolean;
  readonly at: number;
}

const iso = (at: number) => new Date(at).toISOString();

export class Anchors {
  readonly #block: Block;
  readonly #keysFor: (origin: string, size: bigint) => Key[];
  readonly #policy: TimePolicy;
  readonly #now: number | null;
  readonly #lists: readonly Buffer[];
  #looked = 0;

  constructor(
    block: Block,
    keysFor: (origin: string, size: bigint) => Key[],
    policy: TimePolicy,
    now: number | null,
    lists: readonly Buffer[],
  ) {
    this.#block = block;
    this.#keysFor = keysFor;
    this.#policy = policy;
    this.#now = now;
    this.#lists = lists;
  }

  answer(anchors: readonly Map<string, Value>[]): TimeAnswer {
    const all = anchors.flatMap((anchor, i) =>
      this.#tried(() => this.#judge(anchor)).map((found) => ({ anchor: i, found })),
    );
    const found = all.flatMap((each) => (each.found === null ? [] : [each.found]));
    const times = (upper: boolean) => found.filter(({ isUpper }) => isUpper === upper).map(({ at }) => at);
    const notBefore = times(false).length > 0 ? Math.max(...times(false)) : null;
    const notAfter = times(true).length > 0 ? Math.min(...times(true)) : null;
    const sealed = Number(this.#block.sealedAt);
    const conflict =
      notBefore !== null && notAfter !== null && notBefore > notAfter
        ? 'sources'
        : notBefore !== null && sealed < notBefore
          ? 'sealed_too_early'
          : notAfter !== null && sealed > notAfter
            ? 'sealed_too_late'
            : null;
    return {
      notBefore: notBefore === null ? null : iso(notBefore),
      notAfter: notAfter === null ? null : iso(notAfter),
      owners: [...new Set(found.filter(({ isUpper }) => isUpper).map(({ owner }) => owner))],
      ...(conflict === null ? {} : { conflict }),
      anchors: all.map(({ anchor, found: each }) =>
        each === null
          ? { anchor, fault: true as const }
          : { anchor, source: each.source, time: iso(each.at) },
      ),
    };
  }

  /** What does not count is null. */
  #tried(judge: () => (Found | null)[]): (Found | null)[] {
    try {
      return judge();
    } catch (error) {
      if (error instanceof Malformed) return [null];
      throw error;
    }
  }

  #judge(anchor: Map<string, Value>): (Found | null)[] {
    switch (anchor.get('type')) {
      case 'document-renewal':
        return [];
      case 'rfc3161':
        return [this.#token(anchor)];
      case 'bitcoin':
        return [this.#bitcoin(anchor)];
      case 'beacon':
        return this.#beacons(anchor);
      default:
        return refuse('another type');
    }
  }

  /** The note's bytes. */
  #note(anchor: Map<string, Value>): Buffer {
    const path = readPath(anchor.get('path'));
    const text = anchor.get('note');
    if (typeof text !== 'string') return refuse('note');
    const checkpoint = readCheckpoint(text);
    const { height, header, origin } = this.#block;
    if (checkpoint.origin !== origin) refuse('another log');
    const lines = this.#keysFor(checkpoint.origin, checkpoint.size).map((key) =>
      lineOf(checkpoint.note, key),
    );
    if (lines.includes('bad') || !lines.includes('holds')) refuse('signature of the note');
    if (height >= checkpoint.size) refuse('too small');
    const isThere =
      BigInt(path.length) === pathLength(height, checkpoint.size) &&
      rootOf(leaf(header), height, checkpoint.size, path).equals(checkpoint.root);
    if (!isThere) refuse('path');
    return Buffer.from(text);
  }

  #count(): void {
    this.#looked++;
    if (this.#looked > 32) refuse('too many');
  }

  #token(anchor: Map<string, Value>): Found {
    object(anchor, ['type', 'note', 'path', 'token', 'crls', 'renewals']);
    const own = readKept(anchor);
    const renewals = array(anchor.get('renewals'), 64).map((item) => {
      const renewal = object(item, ['size', 'index', 'path', 'renewedCrls', 'token', 'crls']);
      return {
        ...readKept(renewal),
        renewedCrls: readLists(renewal.get('renewedCrls')),
        size: integer(renewal.get('size')),
        index: integer(renewal.get('index')),
        path: readPath(renewal.get('path')),
      };
    });
    const message = this.#note(anchor);
    let renewedBy: number | null = null;
    for (let i = renewals.length - 1; i >= 0; i--) {
      const renewal = renewals[i];
      const before = i === 0 ? own : renewals[i - 1];
      if (renewal === undefined || before === undefined) return refuse('no renewal');
      try {
        if (
          renewal.index >= renewal.size ||
          BigInt(renewal.path.length) !== pathLength(renewal.index, renewal.size)
        )
          refuse('path of a renewal');
        const root = rootOf(
          leaf(Buffer.concat([before.token, ...before.crls, ...renewal.renewedCrls])),
          renewal.index,
          renewal.size,
          renewal.path,
        );
        renewedBy = this.#stamp(renewal, renewals[i + 1]?.renewedCrls ?? [], root, renewedBy).latest;
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        renewedBy = null;
      }
    }
    const { latest, pin } = this.#stamp(own, renewals[0]?.renewedCrls ?? [], message, renewedBy);
    const source =
      this.#policy.sources.find(({ certificates }) => certificates.some(({ der }) => der.equals(pin.der))) ??
      refuse('no source');
    return { source: source.name, owner: source.owner, isUpper: true, at: latest };
  }

  #stamp({ token, crls }: Kept, newer: Buffer[], message: Uint8Array, renewedBy: number | null) {
    this.#count();
    const pins = this.#policy.sources.flatMap(({ certificates }) => certificates);
    const lists = [...this.#lists, ...crls, ...newer];
    const stamp = readToken(token, message, pins, lists, renewedBy ?? this.#now);
    return renewedBy !== null && renewedBy < stamp.at ? refuse('renewed too early') : stamp;
  }

  #bitcoin(anchor: Map<string, Value>): Found {
    object(anchor, ['type', 'note', 'path', 'ots', 'header', 'height', 'headerPath', 'following']);
    const height = integer(anchor.get('height'));
    const header = base64(anchor.get('header'), 80);
    const headerPath = readPath(anchor.get('headerPath'));
    const following = array(anchor.get('following'), 2016).map((each) => base64(each, 80));
    const ots = base64(anchor.get('ots'));
    const note = this.#note(anchor);
    if (this.#policy.pins.length === 0) refuse('no pin');
    this.#count();
    const roots = otsRoots(ots, sha256(note)).filter((each) => each.height === height);
    if (!roots.some(({ message }) => message.equals(header.subarray(36, 68)))) refuse('another root');
    this.#header(header, height, headerPath, following);
    return {
      source: 'bitcoin',
      owner: 'bitcoin',
      isUpper: true,
      at: (header.readUInt32LE(68) + 7200) * 1000,
    };
  }

  #header(header: Buffer, height: bigint, path: Buffer[], following: Buffer[]): void {
    const bits = header.readUInt32LE(72);
    const [size, mantissa] = [bits >>> 24, bits & 0xffffff];
    if (size < 3 || size > 32 || mantissa < 0x8000 || mantissa > 0x7fffff) refuse('target');
    const isPinned = this.#policy.pins.some(
      (pin) =>
        height < pin.size &&
        BigInt(path.length) === pathLength(height, pin.size) &&
        rootOf(leaf(header), height, pin.size, path).equals(pin.root),
    );
    if (isPinned) return;
    if (this.#policy.pins.some((pin) => height < pin.size)) refuse('not in the pinned tree');
    for (const each of [header, ...following]) {
      const hash = BigInt(
        `0x${Buffer.from(sha256(sha256(each)))
          .reverse()
          .toString('hex')}`,
      );
      // 2^76 hashes and more on average: no vector has a header that is worth so much.
      if (hash >= 2n ** 180n) refuse('too little work');
    }
    refuse('a header of so much work has no place in these vectors');
  }

  #beacons(anchor: Map<string, Value>): (Found | null)[] {
    object(anchor, ['type', 'statement', 'headerPath']);
    const headerPath = readPath(anchor.get('headerPath'));
    const text = anchor.get('statement');
    if (typeof text !== 'string' || !sha256(text).equals(this.#block.state))
      return refuse('another statement');
    const statement = object(parseJson(text), ['format', 'beacons', 'map']);
    if (
      statement.get('format') !== 'ingam-state-v1' ||
      canonical(statement) !== text ||
      Buffer.byteLength(text) > 4096
    )
      refuse('statement');
    const map = readMap(statement.get('map'));
    if ((integer(map.get('records')) === 0n) !== hex(map.get('root'), 32).equals(Buffer.alloc(32)))
      refuse('map');
    if (integer(map.get('records')) === 0n && !hex(map.get('changes'), 32).equals(Buffer.alloc(32)))
      refuse('changes');
    const beacons = array(statement.get('beacons')).map((each) => readBeacon(each));
    if (beacons.length === 0 || beacons.some(({ type }, i) => i > 0 && type <= (beacons[i - 1]?.type ?? '')))
      refuse('beacons');
    return beacons.flatMap((beacon) => this.#tried(() => [this.#beacon(beacon, headerPath)]));
  }

  #beacon(beacon: ReturnType<typeof readBeacon>, headerPath: Buffer[]): Found {
    if (beacon.type === 'bitcoin') {
      if (this.#policy.pins.length === 0) refuse('no pin');
      this.#header(beacon.header, beacon.height, headerPath, []);
      const at = Math.max(0, beacon.header.readUInt32LE(68) - 7200) * 1000;
      return { source: 'bitcoin', owner: 'bitcoin', isUpper: false, at };
    }
    const chain =
      this.#policy.chains.find(({ hash }) => hash.equals(beacon.chain)) ?? refuse('another chain');
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(beacon.round);
    const scheme = bls12_381.shortSignatures;
    const message = scheme.hash(sha256(number), 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_');
    let isGood = false;
    try {
      isGood = scheme.verify(beacon.signature, message, chain.key);
    } catch {
      // No point of the group.
    }
    if (!isGood) refuse('signature of a round');
    return {
      source: 'drand',
      owner: 'drand',
      isUpper: false,
      at: Number(chain.genesis + (beacon.round - 1n) * chain.period) * 1000,
    };
  }
}

function readBeacon(value: Value) {
  const type = object(value).get('type');
  if (type === 'bitcoin') {
    const beacon = object(value, ['type', 'header', 'height']);
    return { type, header: hex(beacon.get('header'), 80), height: integer(beacon.get('height')) } as const;
  }
  if (type !== 'drand') return refuse('another beacon');
  const beacon = object(value, ['type', 'chain', 'round', 'signature']);
  const round = integer(beacon.get('round'));
  if (round < 1n || round >= 2n ** 32n) refuse('round');
  return {
    type,
    round,
    chain: hex(beacon.get('chain'), 32),
    signature: hex(beacon.get('signature'), 48),
  } as const;
}

interface Kept {
  readonly token: Buffer;
  readonly crls: Buffer[];
}

function readKept(object: Map<string, Value>): Kept {
  return {
    token: base64(object.get('token')),
    crls: readLists(object.get('crls')),
  };
}

const readLists = (value: Value | undefined) => array(value, 8).map((each) => base64(each));

const readPath = (value: Value | undefined) => array(value, 53).map((each) => base64(each, 32));

const MAGIC = Buffer.from('004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294', 'hex');

/** The Bitcoin blocks that an OpenTimestamps file leads to, over algorithms that count. */
function otsRoots(file: Buffer, digest: Buffer): { height: bigint; message: Buffer }[] {
  if (file.length > 65536 || !file.subarray(0, 31).equals(MAGIC)) refuse('not OpenTimestamps');
  let at = 31;
  const take = (count: number) => {
    if (at + count > file.length) refuse('too short');
    at += count;
    return file.subarray(at - count, at);
  };
  const number = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return byte === 0 && shift > 0n ? refuse('number') : value;
    }
  };
  if (number() !== 1n || take(1)[0] !== 8 || !take(32).equals(digest)) refuse('version or digest');
  const found: { height: bigint; message: Buffer }[] = [];
  let items = 0;
  const walk = (message: Buffer, counts: boolean, depth: number): void => {
    if (depth > 256 || message.length > 4096) refuse('too deep or too long');
    for (let isLast = false; !isLast;) {
      let tag = take(1)[0] ?? 0;
      isLast = tag !== 0xff;
      if (!isLast) tag = take(1)[0] ?? 0;
      if (++items > 2048) refuse('too many');
      if (tag === 0) {
        const name = take(8).toString('hex');
        const payload = take(Number(number()));
        if (name !== '0588960d73d71901') continue;
        const height = payload.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n);
        if (counts && message.length === 32) found.push({ height, message });
      } else if (tag === 0xf0 || tag === 0xf1) {
        const argument = Buffer.from(take(Number(number())));
        walk(Buffer.concat(tag === 0xf0 ? [message, argument] : [argument, message]), counts, depth + 1);
      } else if (tag === 8) walk(sha256(message), counts, depth + 1);
      else if (tag === 2 || tag === 3) walk(Buffer.alloc(20), false, depth + 1);
      else if (tag === 0x67) walk(Buffer.alloc(32), false, depth + 1);
      else if (tag === 0xf2) walk(Buffer.from(message).reverse(), counts, depth + 1);
      else if (tag === 0xf3) walk(Buffer.from(message.toString('hex')), counts, depth + 1);
      else refuse('operation');
    }
  };
  walk(digest, true, 1);
  if (at !== file.length) refuse('bytes behind the end');
  return found;
}

/** Whether the block is full, and which time counts behind a full one, matters to histories. */
function readMap(value: Value | undefined): Map<string, Value> {
  const optional = value instanceof Map ? ['full', 'now'].filter((key) => value.has(key)) : [];
  const map = object(value, ['changes', ...optional, 'records', 'root']);
  const isSound =
    (!map.has('full') || map.get('full') === true) && (!map.has('now') || integer(map.get('now')) >= 0n);
  if (!isSound) refuse('map');
  return map;
}
