import { createHash } from 'node:crypto';
import { bitcoinVectors } from './bitcoin.js';
import { drandVectors } from './drand.js';

// State statements, written by hand.

export interface StateVectors {
  readonly valid: Record<string, { readonly about: string; readonly text: string; readonly hash: string; readonly beacons: readonly string[]; readonly records: number }>;
  readonly malformed: Record<string, { readonly about: string; readonly text: string }>;
}

const ZERO = '00'.repeat(32);
const ROOT = '1f'.repeat(32);
const CHANGES = '2e'.repeat(32);

export function stateVectors(): StateVectors {
  const { header, height } = bitcoinVectors().headers['block-562464'] ?? { header: '', height: 0 };
  const [round] = drandVectors().rounds;
  const chain = drandVectors().chains['quicknet']?.hash ?? '';
  const bitcoin = `{"header":"${header}","height":${height},"type":"bitcoin"}`;
  const drand = `{"chain":"${chain}","round":${round?.round ?? 0},"signature":"${round?.signature ?? ''}","type":"drand"}`;
  const statement = (beacons: string, records: number | string = 0, root = ZERO, changes = ZERO) => `{"beacons":[${beacons}],"format":"ingam-state-v1","map":{"changes":"${changes}","records":${records},"root":"${root}"}}`;
  const mapOf = (more: string, changes = CHANGES) => statement('', 1, ROOT, changes).replace('"records"', `${more}"records"`);
  const good = statement(`${bitcoin},${drand}`, 12, ROOT, CHANGES);
  const valid = (about: string, text: string, beacons: string[], records = 0) => ({ about, text, hash: createHash('sha256').update(text).digest('hex'), beacons, records });
  const bad = (about: string, text: string) => ({ about, text });
  const replaced = (about: string, from: string, to: string) => {
    if (!good.includes(from)) throw new Error(`nothing to replace: ${from}`);
    return bad(about, good.replace(from, to));
  };
  return {
    valid: {
      drand: valid('a drand round', statement(drand), ['drand']),
      bitcoin: valid('a Bitcoin header', statement(bitcoin), ['bitcoin']),
      both: valid('both', statement(`${bitcoin},${drand}`), ['bitcoin', 'drand']),
      map: valid('a map', statement('', 1, ROOT), [], 1),
      changes: valid('a map that the block changes', statement('', 1, ROOT, CHANGES), [], 1),
      everything: valid('beacons and a map', good, ['bitcoin', 'drand'], 12),
      full: valid('a full block', mapOf('"full":true,'), [], 1),
      now: valid('behind a full block', mapOf('"now":1767225600000,'), [], 1),
      'full-again': valid('a full block behind a full one', mapOf('"full":true,"now":1767225600000,'), [], 1),
      'now-without-changes': valid('behind a full block, and nothing changes', mapOf('"now":1767225600000,', ZERO), [], 1),
      largest: valid('the most records', statement('', Number.MAX_SAFE_INTEGER, ROOT), [], Number.MAX_SAFE_INTEGER),
    },
    malformed: {
      empty: bad('nothing', ''),
      'an-array': bad('an array', '[]'),
      null: bad('null', 'null'),
      'nothing-to-say': bad('no beacon and no record', statement('')),
      'format-of-the-next-version': replaced('another format', 'ingam-state-v1', 'ingam-state-v2'),
      'format-missing': bad('no format', `{"beacons":[${drand}],"map":{"changes":"${ZERO}","records":0,"root":"${ZERO}"}}`),
      'white-space': replaced('white space', '{"beacons":', '{ "beacons":'),
      'line-feed-behind': bad('a line feed behind the end', `${good}\n`),
      'byte-order-mark': bad('U+FEFF in front', `\ufeff${good}`),
      'another-order': bad('the format first', `{"format":"ingam-state-v1","beacons":[${drand}],"map":{"changes":"${ZERO}","records":0,"root":"${ZERO}"}}`),
      'another-order-in-beacon': replaced('the type first', bitcoin, `{"type":"bitcoin","header":"${header}","height":${height}}`),
      escape: replaced('an escape', 'ingam-state-v1', '\\u0069ngam-state-v1'),
      'trailing-comma': replaced('a trailing comma', '],"format"', ',],"format"'),
      'two-statements': bad('two statements', good + good),
      'member-unknown': replaced('another member', '"format":', '"entries":3,"format":'),
      'member-twice': replaced('a member twice', '"format":', '"format":"ingam-state-v1","format":'),
      'map-missing': bad('no map', `{"beacons":[${drand}],"format":"ingam-state-v1"}`),
      'map-null': bad('a map of null', `{"beacons":[${drand}],"format":"ingam-state-v1","map":null}`),
      'map-member-unknown': replaced('another member of the map', '"records":', '"height":3,"records":'),
      'map-full-false': bad('full: false', mapOf('"full":false,')),
      'map-full-1': bad('full: 1', mapOf('"full":1,')),
      'map-full-without-changes': bad('full without changes', mapOf('"full":true,', ZERO)),
      'map-now-null': bad('a time of null', mapOf('"now":null,')),
      'map-now-string': bad('a time in a string', mapOf('"now":"1767225600000",')),
      'map-now-negative': bad('a time below zero', mapOf('"now":-1,')),
      'map-now-fraction': bad('half a millisecond', mapOf('"now":0.5,')),
      'map-now-first': bad('the time before "full"', mapOf('"now":1767225600000,"full":true,')),
      'map-now-without-records': bad('a time without records', statement(drand).replace('"records"', '"now":0,"records"')),
      'map-records-missing': replaced('no number of records', '"records":12,', ''),
      'map-records-negative': replaced('records below zero', '"records":12', '"records":-12'),
      'map-records-fraction': replaced('half a record', '"records":12', '"records":12.5'),
      'map-records-string': replaced('records in a string', '"records":12', '"records":"12"'),
      'map-records-2-53': replaced('2^53 records', '"records":12', '"records":9007199254740992'),
      'map-records-zero': replaced('a root without records', '"records":12', '"records":0'),
      'map-changes-missing': replaced('no digest of the changes', `"changes":"${CHANGES}",`, ''),
      'map-changes-null': replaced('changes of null', `"${CHANGES}"`, 'null'),
      'map-changes-cut': replaced('a digest of 31 bytes', CHANGES, CHANGES.slice(2)),
      'map-changes-upper-case': replaced('a digest in upper case', CHANGES, CHANGES.toUpperCase()),
      'map-changes-without-records': bad('changes of a map without records', statement(drand, 0, ZERO, CHANGES)),
      'map-root-zero': replaced('records without a root', ROOT, ZERO),
      'map-root-cut': replaced('a root of 31 bytes', ROOT, ROOT.slice(2)),
      'map-root-upper-case': replaced('upper case', ROOT, ROOT.toUpperCase()),
      'map-root-base64': replaced('base64', ROOT, Buffer.from(ROOT, 'hex').toString('base64')),
      'map-root-null': replaced('a root of null', `"${ROOT}"`, 'null'),
      'beacons-missing': bad('no beacons', `{"format":"ingam-state-v1","map":{"changes":"${ZERO}","records":1,"root":"${ROOT}"}}`),
      'beacons-null': bad('beacons of null', `{"beacons":null,"format":"ingam-state-v1","map":{"changes":"${ZERO}","records":1,"root":"${ROOT}"}}`),
      'beacons-object': bad('one beacon without array', `{"beacons":${drand},"format":"ingam-state-v1","map":{"changes":"${ZERO}","records":0,"root":"${ZERO}"}}`),
      'beacons-swapped': bad('the other order', statement(`${drand},${bitcoin}`)),
      'beacon-twice': bad('two rounds', statement(`${drand},${drand}`)),
      'beacon-two-headers': bad('two headers', statement(`${bitcoin},${bitcoin.replace(`${height}`, `${height + 1}`)}`)),
      'beacon-unknown': bad('a beacon that nobody knows', statement('{"type":"nist"}')),
      'beacon-string': bad('a string as beacon', statement('"drand"')),
      'beacon-null': bad('null as beacon', statement('null')),
      'beacon-without-type': replaced('no type', ',"type":"drand"', ''),
      'drand-round-0': replaced('round 0', '"round":123', '"round":0'),
      'drand-round-2-32': replaced('round 2^32', '"round":123', '"round":4294967296'),
      'drand-round-string': replaced('a round in a string', '"round":123', '"round":"123"'),
      'drand-signature-cut': replaced('a signature of 47 bytes', round?.signature ?? '', round?.signature.slice(2) ?? ''),
      'drand-chain-cut': replaced('a chain of 31 bytes', chain, chain.slice(2)),
      'drand-randomness': replaced('another member of a round', '"round":123', `"randomness":"${round?.randomness ?? ''}","round":123`),
      'bitcoin-header-cut': replaced('a header of 79 bytes', header, header.slice(2)),
      'bitcoin-header-two': replaced('two headers in one', header, header + header),
      'bitcoin-header-no-target': replaced('a header with a target of zero', header, `${header.slice(0, 144)}00000000${header.slice(152)}`),
      'bitcoin-height-negative': replaced('a height below zero', `"height":${height}`, '"height":-1'),
      'bitcoin-height-missing': replaced('no height', `,"height":${height}`, ''),
      'bitcoin-hash': replaced('another member of a header', `,"height":${height}`, `,"hash":"${ZERO}","height":${height}`),
      'too-long': replaced('more than 4096 bytes', header, header.repeat(30)),
      deep: bad('1000 arrays', '['.repeat(1000)),
    },
  };
}
