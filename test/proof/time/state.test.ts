import { describe, expect, it } from 'vitest';
import { NO_STATE } from '../../../src/proof/header.js';
import { EMPTY_MAP_ROOT } from '../../../src/proof/map.js';
import { judgeBeacon, type BeaconTrust } from '../../../src/proof/time/beacon.js';
import { MAINNET } from '../../../src/proof/time/bitcoin.js';
import { drandTime, QUICKNET } from '../../../src/proof/time/drand.js';
import { formatStatement, parseStatement, stateHash, type Beacon } from '../../../src/proof/time/state.js';
import { EMPTY_MAP } from '../../../src/proof/records/map-step.js';
import { TimeError } from '../../../src/proof/time/time-error.js';
import { Random } from '../../fuzz/random.js';
import type { StateVectors } from '../../vectors/make/time/state.js';
import { bytesOf, flipped, hex } from '../support.js';
import { mineChain } from './mining.js';
import { mutated, timeVectors } from './support.js';

const { valid, malformed } = timeVectors('state') as StateVectors;
const isMalformed = expect.objectContaining({ name: 'TimeError', code: 'malformed_state' }) as Error;
const statement = (name: string) => parseStatement(valid[name]?.text ?? '');

describe('state statements', () => {
  it.each(Object.entries(valid))('are read and written: %s', (_, { text, hash, beacons, records }) => {
    const read = parseStatement(text);
    expect(read.beacons.map(({ type }) => type)).toEqual(beacons);
    expect(read.map.records).toBe(records);
    expect(formatStatement(read)).toBe(text);
    expect(formatStatement({ ...read, beacons: read.beacons.toReversed() })).toBe(text);
    expect(hex(stateHash(text))).toBe(hash);
    expect(parseStatement(new Uint8Array(Buffer.from(text)))).toEqual(read);
  });

  it.each(Object.entries(malformed))('are refused when malformed: %s', (_, { text }) => {
    expect(() => parseStatement(text)).toThrow(TimeError);
    expect(() => parseStatement(new Uint8Array(Buffer.from(text)))).toThrow(TimeError);
  });

  it('are refused when they are not UTF-8', () => {
    const [{ text } = { text: '' }] = Object.values(valid);
    const bytes = new Uint8Array(Buffer.from(text));
    bytes[3] = 0xff;
    expect(() => parseStatement(bytes)).toThrow(isMalformed);
  });

  it('are not there when there is nothing to say', () => {
    const nothing = { beacons: [], map: EMPTY_MAP };
    expect(formatStatement(nothing)).toBeNull();
    expect(stateHash(null)).toEqual(NO_STATE);
    expect(hex(NO_STATE)).toBe('00'.repeat(32));
  });

  it('are not written when they could not be read', () => {
    const { beacons, map } = statement('everything');
    for (const bad of [
      { beacons, map: { ...map, records: 0 } },
      { beacons, map: { ...map, root: EMPTY_MAP_ROOT } },
      { beacons, map: { ...map, records: 0, root: EMPTY_MAP_ROOT } },
      { beacons, map: { ...map, records: -1 } },
      { beacons, map: { ...map, root: map.root.slice(1) } },
      { beacons, map: { ...map, changes: map.changes.slice(1) } },
      { beacons: [...beacons, ...beacons], map },
      { beacons: [{ type: 'bitcoin', height: 1, header: new Uint8Array(80) }] as const, map },
    ])
      expect(() => formatStatement(bad)).toThrow(RangeError);
  });

  it('are read or refused, never anything else, after random changes', () => {
    const random = new Random(4);
    const texts = Object.values(valid).map(({ text }) => new Uint8Array(Buffer.from(text)));
    let read = 0;
    for (let round = 0; round < 5000; round++) {
      const bytes = mutated(texts[round % texts.length] ?? new Uint8Array(), random);
      try {
        expect(Buffer.from(formatStatement(parseStatement(bytes)) ?? '')).toEqual(Buffer.from(bytes));
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(TimeError);
      }
    }
    expect(read).toBeGreaterThan(20);
  });
});

describe('a beacon', () => {
  const trust: BeaconTrust = { chains: [QUICKNET], network: { ...MAINNET, leastWork: 74 }, pins: [] };
  const [bitcoin, drand] = statement('both').beacons;
  if (bitcoin?.type !== 'bitcoin' || drand?.type !== 'drand') throw new Error('no beacons');

  it('of drand shows that something was made after its round', () => {
    expect(judgeBeacon(drand, trust)).toEqual({
      ok: true,
      notBefore: drandTime(QUICKNET, 123),
      standing: null,
    });
  });

  it.each<readonly [string, Beacon, string]>([
    ['of another chain', { ...drand, chain: flipped(drand.chain) }, 'unknown_chain'],
    ['of another round', { ...drand, round: 124 }, 'bad_signature'],
    ['with another signature', { ...drand, signature: flipped(drand.signature, 40) }, 'bad_signature'],
    ['of Bitcoin without work', { ...bitcoin, header: flipped(bitcoin.header, 300) }, 'proof_of_work'],
    [
      'of Bitcoin with little work',
      { ...bitcoin, header: mineChain(1)[0] ?? new Uint8Array() },
      'proof_of_work',
    ],
  ])('%s shows nothing', (_, beacon, fault) => {
    expect(judgeBeacon(beacon, trust)).toEqual({ ok: false, fault });
  });

  it('of Bitcoin shows it by its work, or by a pinned tree', () => {
    const made = Date.parse('2019-02-10T14:59:41.000Z');
    expect(judgeBeacon(bitcoin, trust)).toEqual({
      ok: true,
      notBefore: made,
      standing: { by: 'work', headers: 1, bits: 74 },
    });
    expect(judgeBeacon(bitcoin, { ...trust, network: MAINNET })).toEqual({
      ok: false,
      fault: 'too_little_work',
    });
    const pin = { size: 562_465, root: bytesOf('00'.repeat(32), 'hex') };
    expect(judgeBeacon(bitcoin, { ...trust, pins: [pin] })).toEqual({
      ok: false,
      fault: 'not_in_pinned_tree',
    });
  });
});
