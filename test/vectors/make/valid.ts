import { formatProof } from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { ACCOUNT, DETAILS, makeProof, proofText, SEALED, type Wish } from './chain.js';
import { edited } from './edit.js';
import { verified } from './expect.js';
import { validPostQuantumCases } from './post-quantum.js';
import {
  LOG,
  NAMESAKE,
  OTHER_LOG,
  plainForm,
  QUORUM_TRUST,
  sha256,
  signatureLine,
  TRUST,
  vkey,
  WITNESS_LINES,
  WITNESSES,
} from './keys.js';

const wish = (about: string, what: Wish, more?: Partial<Vector>) => verified(about, proofText(what), more);

export function validCases(): Record<string, Vector> {
  const cases: Record<string, Vector> = {
    plain: wish('a document with its size, anonymous, without details', {}),
    'specification-example': wish('the example of docs/proof-format.md', {
      details: { name: 'contract.pdf' },
      entries: 3,
      index: 1,
      blocks: 2,
      height: 1,
    }),
    'digest-only': wish('only a digest was notarized, so neither the entry nor the claim has a size', { size: null }),
    'empty-document': wish('a document of no bytes', { document: new Uint8Array() }, { document: '' }),
    'no-document-given': wish('the proof is checked for the digest that it names', {}, { document: null }),
    'with-details': wish('details are disclosed', { details: DETAILS }),
    'with-account': wish('the account is disclosed', { account: ACCOUNT }),
    'with-details-and-account': wish('both are disclosed', { details: DETAILS, account: ACCOUNT }),
    event: wish('the document is the note of an event', { kind: 1, details: DETAILS }),
    'details-empty-object': wish('{} are details too', { details: {} }),
    'details-proto-key': wish('a key that is special in JavaScript only', {
      details: JSON.parse('{"__proto__":{"constructor":1},"toString":"x"}') as Wish['details'] & object,
    }),
    'details-deepest': wish('16 levels, the most there may be', {
      details: { a: JSON.parse('['.repeat(15) + ']'.repeat(15)) as [] },
    }),
    'details-longest': wish('32768 bytes of canonical form, the most there may be', {
      details: { a: 'x'.repeat(32 * 1024 - 8) },
    }),
    'details-numbers': wish('the largest integers', {
      details: { most: Number.MAX_SAFE_INTEGER, least: -Number.MAX_SAFE_INTEGER, none: 0 },
    }),
    'details-key-order': wish('keys sort by UTF-16 code units, so U+1F600 comes before U+FB33', {
      details: { '\ufb33': 1, '\u{1f600}': 2, é: 3, z: 4, '10': 5, '9': 6, '': 7 },
    }),
    'details-withheld': verified('details were notarized, but the proof does not show them', withheld()),
    'difficulty-0': wish('no proof of work is claimed', { difficulty: 0 }),
    'difficulty-12': wish('12 zero bits', { difficulty: 12 }),
    'trust-retired-log': wish('the log has given its key up, with a later checkpoint', {}, {
      trust: `log ${vkey(NAMESAKE)}\n#retired-log ${vkey(LOG)} 9007199254740991\nquorum none\n`,
    }),
    'trust-retired-log-of-this-size': wish('the last checkpoint of the key that was given up', { blocks: 3, height: 2 }, {
      trust: ` \t#retired-log  ${vkey(LOG)}\t3\nquorum none\n`,
    }),
    'accepted-when-sealed': wish('both times are equal', { acceptedAt: SEALED }),
    'time-largest': wish('both times are 2^53 - 1 ms', {
      acceptedAt: Number.MAX_SAFE_INTEGER,
      sealedAt: Number.MAX_SAFE_INTEGER,
      blocks: 1,
      height: 0,
    }),
    'cosigned-2-of-3': wish('two of three members cosigned', { cosigners: [1, 3] }, { trust: QUORUM_TRUST }),
    'cosigned-3-of-3': wish('all members cosigned', { cosigners: [1, 2, 3] }, { trust: QUORUM_TRUST }),
    'cosignatures-not-asked-for': wish('the policy does not know the witnesses', { cosigners: [1, 2] }),
    'quorum-of-groups': wish(
      'all of a group of groups',
      { cosigners: [1, 2, 3] },
      {
        trust: `log ${vkey(LOG)}\n${WITNESS_LINES}group a any w1 w2\ngroup b 1 w3\ngroup c all a b\nquorum c\n`,
      },
    ),
    'quorum-of-one-witness': wish(
      'the quorum is a witness',
      { cosigners: [2] },
      { trust: `log ${vkey(LOG)}\n${WITNESS_LINES}quorum w2\n` },
    ),
    'witness-key-in-plain-form': wish(
      'the policy gives the plain form (type 1) of a cosigner key',
      { cosigners: [1] },
      { trust: `log ${vkey(LOG)}\nwitness w1 ${plainForm(WITNESSES[0] ?? LOG)}\nquorum w1\n` },
    ),
    'second-log-trusted': wish('one of several trusted logs', {}, {
      trust: `log ${vkey(OTHER_LOG)}\nlog ${vkey(LOG)}\nquorum none\n`,
    }),
    'log-key-renewed': wish('two keys of one log are trusted and one has signed', {}, {
      trust: `log ${vkey(NAMESAKE)}\nlog ${vkey(LOG)}\nquorum none\n`,
    }),
    'policy-with-comments': wish('tabs, comments, empty lines and no final line feed', {}, {
      trust: `# trust\n\n \t# more\n\tlog\t ${vkey(LOG)}  # its key\nquorum none`,
    }),
    'policy-saved-by-an-editor': wish('a byte order mark and carriage returns', {}, {
      trust: `\ufeff# trust\r\nlog ${vkey(LOG)}\r\nquorum none\r\n`,
    }),
    'policy-in-any-order': wish('the quorum stands above the logs', { cosigners: [1, 2] }, {
      trust: `${WITNESS_LINES}group members 2 w1 w2 w3\nquorum members\nlog ${vkey(LOG)}\n`,
    }),
    'retired-key-with-comment': wish('a comment behind a retired key', { blocks: 3, height: 2 }, {
      trust: `log ${vkey(NAMESAKE)}\n#retired-log ${vkey(LOG)} 3 # until the spring\nquorum none\n`,
    }),
    'retired-comment-without-key': wish('another word, so a comment', {}, { trust: `#retired-logs x\n${TRUST}` }),
    'unknown-signatures': verified('lines of unknown keys are skipped', unknownSignatures()),
    'repeated-signature-line': verified('of several lines under one key only the first counts', repeatedLine()),
    'signature-lines-100': verified('as many signature lines as there may be', hundredLines()),
    'with-state': wish('the header has a state statement', { header: { state: sha256('a statement') } }),
    'unknown-anchor': verified('an anchor of a type that nobody knows does not count', unknownAnchor(), {
      expected: {
        verdict: 'verified',
        failed: [],
        time: { notBefore: null, notAfter: null, owners: [], anchors: [{ anchor: 0, fault: 'unknown_type' }] },
      },
    }),
    'compact-json': verified('white space between tokens is free', compact()),
    'members-in-other-order': verified('the order of members is free', reordered()),
    'escaped-strings': verified('escapes in strings are free', proofText().replace('"ingam-proof-v1"', '"\\u0069ngam-proof-v1"')),
    'crlf-between-tokens': verified('also carriage returns are white space of JSON', proofText().replaceAll('\n', '\r\n')),
  };
  for (const [entries, indexes] of Object.entries({ 1: [0], 2: [0, 1], 3: [0, 2], 7: [0, 3, 6], 8: [0, 7], 300: [0, 255, 256, 299] })) {
    for (const index of indexes) {
      cases[`block-${entries}-index-${index}`] = wish(`entry ${index} of ${entries}`, { entries: Number(entries), index });
    }
  }
  for (const [blocks, heights] of Object.entries({ 1: [0], 2: [0, 1], 7: [0, 6], 256: [0, 255], 257: [0, 256], 300: [0, 255, 256, 299] })) {
    for (const height of heights) {
      cases[`log-${blocks}-height-${height}`] = wish(`block ${height} of ${blocks}`, { blocks: Number(blocks), height, difficulty: 4 });
    }
  }
  return { ...cases, ...validPostQuantumCases() };
}

function withheld(): string {
  const { details, ...rest } = makeProof({ details: DETAILS });
  if (details === undefined) throw new Error('no details');
  return formatProof(rest);
}

function unknownSignatures(): string {
  const proof = makeProof();
  const { note } = proof.log;
  const signature = new Uint8Array(64);
  const unknown = [
    { name: 'stranger.example', keyId: Uint8Array.of(1, 2, 3, 4), signature: new Uint8Array(1) },
    { name: 'stranger.example', keyId: LOG.key.keyId, signature },
    { name: LOG.key.name, keyId: Uint8Array.of(1, 2, 3, 4), signature },
  ];
  const signatures = [...unknown, ...note.signatures];
  return formatProof({ ...proof, log: { ...proof.log, note: { ...note, signatures } } });
}

function hundredLines(): string {
  const line = signatureLine({ name: 'stranger.example', keyId: new Uint8Array(4), signature: Uint8Array.of(0) });
  return edited((file) => {
    file.log.checkpoint += line.repeat(99);
  });
}

function repeatedLine(): string {
  const bad = { name: LOG.key.name, keyId: LOG.key.keyId, signature: new Uint8Array(64) };
  return edited((file) => {
    file.log.checkpoint += signatureLine(bad);
  });
}

function unknownAnchor(): string {
  return formatProof({ ...makeProof(), anchors: [{ type: 'sundial', data: 'AQI=', shadows: [{ at: 12, long: false }, null] }] });
}

const compact = () => JSON.stringify(JSON.parse(proofText()));

function reordered(): string {
  return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(proofText()) as object).reverse()));
}
