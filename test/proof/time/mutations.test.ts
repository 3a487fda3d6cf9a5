import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equal, toHex } from '../../../src/proof/index.js';
import { parseSignedToken } from '../../../src/proof/time/cms.js';
import { askCrl } from '../../../src/proof/time/crl.js';
import { DerError } from '../../../src/proof/time/der.js';
import { element } from '../../../src/proof/time/der-writer.js';
import {
  encodeGranted,
  encodeRejection,
  encodeRequest,
  parseCertificate,
  parseResponse,
  readRequest,
  verifyToken,
} from '../../../src/proof/time/rfc3161.js';
import { randomRuns } from '../../support/random-runs.js';
import { loadTokenVectors, tokenInput } from '../../vectors/load-tokens.js';
import { crl, ROOT, TSA } from '../../vectors/make/tokens/certificates.js';
import { NONCE } from '../../vectors/make/tokens/token.js';

/** One element of a DER tree. A string that holds an element has it as its child. */
interface Node {
  tag: number;
  /** Bytes of a primitive value; before the children of a string. */
  content: Uint8Array;
  children: Node[] | null;
}

function read(bytes: Uint8Array, depth = 0): Node[] | null {
  const nodes: Node[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = bytes[offset] ?? 0;
    let length = bytes[offset + 1] ?? 0xff;
    let start = offset + 2;
    if (length >= 0x80) {
      const octets = length - 0x80;
      if (octets === 0 || octets > 3) return null;
      length = bytes.subarray(start, start + octets).reduce((sum, octet) => sum * 256 + octet, 0);
      start += octets;
    }
    if (start + length > bytes.length || (tag & 0x1f) === 0x1f || tag === 0) return null;
    const content = bytes.subarray(start, start + length);
    const isString = tag === 0x04 || tag === 0x03;
    const prefix = tag === 0x03 ? content.subarray(0, 1) : new Uint8Array();
    const inner =
      (tag & 0x20) !== 0 || (isString && length > 4)
        ? read(content.subarray(prefix.length), depth + 1)
        : null;
    nodes.push({ tag, content: inner === null ? content : prefix, children: inner });
    offset = start + length;
  }
  return nodes;
}

function write({ tag, content, children }: Node): Uint8Array {
  return element(tag, content, ...(children ?? []).map(write));
}

function all(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => [node, ...all(node.children ?? [])]);
}

/** One change of a tree: what, where, and with which other place or number. */
type Change = readonly [kind: number, place: number, other: number, byte: number];
const KINDS = 8;

function change(root: Node, [kind, place, other, byte]: Change): void {
  const nodes = all([root]);
  const parents = nodes.filter(({ children }) => children !== null && children.length > 0);
  const node = nodes[place % nodes.length] ?? root;
  const parent = parents[place % parents.length] ?? root;
  const children = parent.children ?? [];
  const index = other % children.length;
  const child = children[index];
  if (child === undefined) return;
  switch (kind % KINDS) {
    case 0:
      children.splice(index, 1);
      break;
    case 1:
      children.splice(index, 0, structuredClone(child));
      break;
    case 2:
      children.splice(index, 1);
      children.splice(byte % (children.length + 1), 0, child);
      break;
    case 3:
      node.tag = [0x02, 0x04, 0x05, 0x06, 0x18, 0x30, 0x31, 0xa0, 0xa1, 0x80, 0x81, 0x13][byte % 12] ?? 0x05;
      break;
    case 4: {
      const leaves = nodes.filter(({ content }) => content.length > 0);
      const leaf = leaves[place % leaves.length] ?? root;
      leaf.content = leaf.content.map((each, i) =>
        i === other % leaf.content.length ? each ^ (1 << (byte % 8)) : each,
      );
      break;
    }
    case 5:
      node.content = concat(node.content, Uint8Array.of(byte));
      break;
    case 6:
      node.content = node.content.slice(1);
      break;
    default:
      // A part of the tree in another place.
      children.splice(index, 1, structuredClone(nodes[byte % nodes.length] ?? root));
  }
}

const changes = fc.array(fc.tuple(fc.nat(KINDS - 1), fc.nat(9999), fc.nat(9999), fc.nat(255)), {
  minLength: 1,
  maxLength: 3,
});

function mutated(bytes: Uint8Array, list: readonly Change[]): Uint8Array {
  const [root] = read(bytes) ?? [];
  if (root === undefined) throw new Error('not a tree');
  const copy = structuredClone(root);
  for (const each of list) change(copy, each);
  return write(copy);
}

const counted = loadTokenVectors('counted').map((vector) => {
  const input = tokenInput(vector);
  const before = verifyToken(input);
  if (!before.counts) throw new Error(`${vector.name} does not count`);
  return { name: vector.name, input, before: before.stamp, signed: signedParts(input.token) };
});

const [plain] = counted.filter(({ name }) => name === 'plain');
if (plain === undefined) throw new Error('no such vector');

/** What the signature covers: the time-stamp, the attributes, and by them the certificate. */
function signedParts(token: Uint8Array): string {
  const { content, signer } = parseSignedToken(token);
  return `${toHex(content)} ${toHex(signer.signed)}`;
}

function judge(index: number, token: Uint8Array): void {
  const vector = counted[index];
  if (vector === undefined) throw new Error('no such vector');
  const verdict = verifyToken({ ...vector.input, token });
  if (!verdict.counts) return;
  const { chain, time, latest, serial, policy, digest } = verdict.stamp;
  expect(signedParts(token)).toBe(vector.signed);
  expect(chain[0]?.der).toEqual(vector.before.chain[0]?.der);
  expect(vector.before).toMatchObject({ time, latest, serial, policy, digest });
}

describe('a token that counts and is changed', () => {
  const tokens = counted.map(({ input }) => input.token);

  it('counts with no other signed byte: elements', () => {
    fc.assert(
      fc.property(fc.nat(tokens.length - 1), changes, (index, list) => {
        judge(index, mutated(tokens[index] ?? new Uint8Array(), list));
      }),
      randomRuns(800),
    );
  });

  it('counts with no other signed byte: each byte once', () => {
    const { token } = plain.input;
    const index = counted.indexOf(plain);
    token.forEach((byte, at) => {
      judge(
        index,
        token.map((each, i) => (i === at ? byte ^ (1 << (at % 8)) : each)),
      );
    });
  });

  it('does not count when it is cut', () => {
    const { input } = plain;
    for (let length = 0; length < input.token.length; length += 13) {
      const verdict = verifyToken({ ...input, token: input.token.subarray(0, length) });
      expect(verdict).toMatchObject({ counts: false, fault: 'not_der' });
    }
  });

  it('is refused, or counts as before, when bytes are changed at random', () => {
    const edit = fc.tuple(fc.nat(2), fc.nat(9999), fc.nat(255));
    fc.assert(
      fc.property(
        fc.nat(tokens.length - 1),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (index, list) => {
          let token = tokens[index] ?? new Uint8Array();
          for (const [kind, place, byte] of list) {
            const at = place % token.length;
            const middle = kind === 0 ? [] : [byte];
            token = concat(
              token.subarray(0, at),
              Uint8Array.from(middle),
              token.subarray(kind === 2 ? at : at + 1),
            );
          }
          judge(index, token);
        },
      ),
      randomRuns(1000),
    );
  });
});

describe('every other reader', () => {
  const request = encodeRequest({
    ...{ digest: 'sha256', imprint: new Uint8Array(32), nonce: NONCE, certReq: true, policy: '1.2.3' },
  });
  const list = crl(ROOT, '2027-02-01T00:00:00Z', [{ serial: 77, at: '2027-01-01T00:00:00Z', reason: 4 }]);
  const [certificate, issuer] = [parseCertificate(TSA.der), parseCertificate(ROOT.der)];
  const refusesOnly = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  };

  it.each<[string, Uint8Array, (bytes: Uint8Array) => void]>([
    [
      'requests',
      request,
      (bytes) => {
        expect(readRequest(bytes, ['1.2.3'])).toHaveProperty('accepted');
      },
    ],
    [
      'granted responses',
      encodeGranted(plain.input.token),
      (bytes) => {
        refusesOnly(() => parseResponse(bytes));
      },
    ],
    [
      'rejections',
      encodeRejection('badAlg', 'no'),
      (bytes) => {
        refusesOnly(() => parseResponse(bytes));
      },
    ],
    [
      'certificates',
      TSA.der,
      (bytes) => {
        refusesOnly(() => parseCertificate(bytes));
      },
    ],
    [
      'revocation lists',
      list,
      (bytes) => {
        // A list that is not the one its issuer signed says nothing.
        const answer = askCrl(bytes, certificate, issuer);
        expect(answer === null).toBe(!equal(bytes, list));
      },
    ],
  ])('throws nothing but its refusal: %s', (_, bytes, work) => {
    work(bytes);
    fc.assert(
      fc.property(changes, (edits) => {
        work(mutated(bytes, edits));
      }),
      randomRuns(500),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (garbage) => {
        work(garbage);
      }),
      randomRuns(500),
    );
  });
});
