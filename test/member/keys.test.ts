import { describe, expect, test } from 'vitest';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import {
  ANONYMOUS,
  encodeEntry,
  formatCheckpoint,
  formatNote,
  formatProof,
  inclusionPath,
  leafHash,
  NO_DETAILS,
  parseCheckpoint,
  parseNote,
  PROOF_FORMAT,
  sha256,
  signCheckpoint,
  signKeyStatement,
  utf8,
} from '../../src/proof/index.js';
import { createStore } from '../support/database.js';
import { FORGER_KEY, ForgedChain, serveChain, type View } from '../support/forger.js';
import { startMember, stateOf, untilCosigned, untilProblem } from '../support/member.js';
import { until } from '../support/until.js';

const { name } = FORGER_KEY.key;
const NEXT = generateKey(name);
const STRANGER = generateKey(name);

/** The chain's checkpoint with the signatures of these keys. */
function signed({ size, root }: ForgedChain, ...keys: PrivateKey[]): string {
  const text = formatCheckpoint({ origin: name, size, root, extensions: [] });
  return formatNote(signCheckpoint(text, keys, 1_600_000_000));
}

interface Statement {
  readonly note: string;
  readonly entry: Uint8Array;
  readonly leaf: Uint8Array;
}

function statementOf(...keys: PrivateKey[]): Statement {
  const note = signKeyStatement(keys);
  const entry = encodeEntry({ ...ENTRY, digest: sha256(utf8(note)), size: utf8(note).length });
  return { note, entry, leaf: leafHash(entry) };
}

const ENTRY = {
  kind: 0,
  digest: new Uint8Array(32),
  size: 0,
  acceptedAt: 1_600_000_000_000,
  salt: new Uint8Array(16),
  accountTag: ANONYMOUS,
  detailsDigest: NO_DETAILS,
};

/** The key statements that such a log serves, each the second entry of its block. */
function statementsJson(chain: ForgedChain, at: readonly (readonly [Statement, number])[]): string {
  const statements = at.map(([{ note }, height]) => {
    const block = chain.blocks[height];
    if (block === undefined) throw new Error('no such block');
    const headers = chain.blocks.map(({ bytes }) => leafHash(bytes));
    const text = chain.checkpoint();
    const size = utf8(note).length;
    const entry = { ...ENTRY, digest: sha256(utf8(note)), size };
    const proof = formatProof({
      format: PROOF_FORMAT,
      document: { sha256: entry.digest, size },
      entry,
      block: { header: block.header, index: 1, path: inclusionPath(1, block.leaves) },
      log: {
        path: inclusionPath(height, headers),
        checkpoint: parseCheckpoint(parseNote(text).text),
        note: parseNote(text),
      },
      anchors: [],
    });
    return { note, proof: JSON.parse(proof) as unknown };
  });
  return JSON.stringify({ statements });
}

function view(chain: ForgedChain, checkpoint: string, statements: string): View {
  return {
    chain,
    checkpoint,
    instead: (path, res) => {
      if (path !== '/v1/log-keys') return false;
      res.end(statements);
      return true;
    },
  };
}

describe('a member whose log changes its key', () => {
  test('follows the key statements in the chain, also after a restart, and refuses other signatures', async () => {
    const both = statementOf(FORGER_KEY, NEXT);
    const alone = statementOf(NEXT);
    const base = new ForgedChain().grown(2);
    const announced = base.with({ second: both.leaf }).grown(1);
    await using operator = await serveChain({ chain: base });
    await using database = await createStore();
    {
      await using member = await startMember({ upstream: operator.url, database });
      await untilCosigned(member, 2);
      const statements = statementsJson(announced, [[both, 2]]);
      // Without the old key; with the old key and an unknown one; with both keys and an unknown one.
      for (const keys of [[NEXT], [FORGER_KEY, STRANGER], [FORGER_KEY, NEXT, STRANGER]]) {
        operator.view = view(announced, signed(announced, ...keys), statements);
        await untilProblem(member, 'unsigned');
        expect((await stateOf(member)).cosigned).toBe(2);
        operator.view = { chain: base };
        await until(
          'the problem to be cleared',
          () => stateOf(member),
          (seen) => seen.problem === null,
        );
      }
      operator.view = view(announced, signed(announced, FORGER_KEY, NEXT), statements);
      await untilCosigned(member, 4);
    }
    const retired = announced.with({ second: alone.leaf }).grown(1);
    const all = statementsJson(retired, [
      [both, 2],
      [alone, 4],
    ]);
    await using member = await startMember({ upstream: operator.url, database });
    operator.view = view(retired, signed(retired, FORGER_KEY), all);
    await untilProblem(member, 'unsigned');
    expect((await stateOf(member)).cosigned).toBe(4);
    operator.view = view(retired, signed(retired, NEXT), all);
    await untilCosigned(member, 6);
    expect(await stateOf(member)).toMatchObject({ problem: null });
    // A log whose key statements contradict those that the member has stored is refused.
    const longer = retired.grown(1);
    operator.view = view(longer, signed(longer, STRANGER), statementsJson(longer, [[both, 2]]));
    await untilProblem(member, 'log_key');
  });

  test.each<[string, (chain: ForgedChain) => string]>([
    ['no statement', () => '{"statements": []}'],
    [
      'a statement that the old key has not signed',
      (chain) => statementsJson(chain, [[statementOf(NEXT), 2]]),
    ],
    ['a response that is not JSON', () => 'no'],
  ])('rejects a new key that is announced by %s', async (_, serve) => {
    const base = new ForgedChain().grown(2);
    const chain = base.with({ second: statementOf(NEXT).leaf }).grown(1);
    await using operator = await serveChain({ chain: base });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 2);
    operator.view = view(chain, signed(chain, NEXT), serve(chain));
    await until(
      'the member to reject the signature',
      () => stateOf(member),
      (seen) => ['unsigned', 'log_key'].includes(seen.problem?.code ?? ''),
    );
    expect((await stateOf(member)).cosigned).toBe(2);
  });

  test('rejects a statement of the old key in another chain', async () => {
    const both = statementOf(FORGER_KEY, NEXT);
    const base = new ForgedChain().grown(2);
    const elsewhere = base.with({ second: both.leaf });
    const chain = base.grown(2);
    await using operator = await serveChain({ chain: base });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 2);
    operator.view = view(chain, signed(chain, FORGER_KEY, NEXT), statementsJson(elsewhere, [[both, 2]]));
    await untilProblem(member, 'log_key');
    expect((await stateOf(member)).cosigned).toBe(2);
  });
});
