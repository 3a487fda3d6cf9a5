import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HistoryVector, loadHistories } from '../vectors/load.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

const vectors = loadHistories();

/** The first vector that is verified and has an event of this type. */
const verifiedWith = (type: string) =>
  vectors.find(
    ({ expected }) => expected.verdict === 'verified' && expected.timeline?.includes(type) === true,
  ) ?? expect.fail(type);

/** Writes a vector to files, and verifies it as a user would. */
async function verify({ history, trust }: HistoryVector, name = 'a.ingam-history.json', ...argv: string[]) {
  await writeFile(folder.at(name), JSON.stringify(history));
  if (trust !== null) await writeFile(folder.at('trust'), trust);
  const trusting = trust === null ? [] : ['--trust', 'trust'];
  return invoke(['verify', ...argv, name, ...trusting], { cwd: folder.path });
}

describe('the history of a record', () => {
  test.each(vectors)('$name is judged as the library judges it', async (vector) => {
    await writeFile(folder.at('a.json'), JSON.stringify(vector.history));
    await writeFile(folder.at('trust'), vector.trust ?? 'quorum none\n');
    const argv = ['verify', 'a.json', '--trust', 'trust', '--json'];
    const { code, stdout } = await invoke(argv, { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: vector.expected.verdict });
    expect(code).toBe(vector.expected.verdict === 'verified' ? 0 : 1);
  });

  test('is shown with its events, who signed with which kind of key, its state, and as of when', async () => {
    const { code, stdout, stderr } = await verify(
      verifiedWith('item.transferred'),
      'a.ingam-history.json',
      '-v',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^VERIFIED {2}a\.ingam-history\.json: record [0-9a-f]{64}, as of block \d+ \(sealed [0-9-]+ [0-9:.]+ UTC\): nothing later\n$/,
    );
    expect(stderr).toMatch(
      /^Item ".*": held\. Its holder is the key \S+\+[0-9a-f]{8} \(an? .* in a file\)\.$/m,
    );
    expect(stderr).toMatch(/^0\. item\.register, sealed .* UTC in block \d+\n {3}signed with \S+ \(an /m);
    expect(stderr).toMatch(
      /^\d+\. item\.transferred, .*\n {3}by itself: the rules make it so, and nobody signed it, because of record /m,
    );
    expect(stderr).toMatch(/^What can come next:\n {3}item\.report by /m);
    expect(stderr).toContain('A key is not a person');
    expect(stderr).toMatch(/^✓ 9\. As of block \d+, sealed .*: nothing later\.$/m);
    expect(stderr).not.toContain('nonce');
    expect(stdout + stderr).not.toMatch(/\bcurrent(ly)?\b(?! version)/i);
  });

  test('names passkeys as what they are', async () => {
    const vector = vectors.find(
      ({ history, expected }) =>
        expected.verdict === 'verified' && JSON.stringify(history).includes('carol+'),
    );
    const { stderr } = await verify(vector ?? expect.fail('no passkey'));
    expect(stderr).toMatch(/signed with carol\+[0-9a-f]{8} \(a passkey\)/);
  });

  test('says whether it names a document', async () => {
    const vector = verifiedWith('document.version');
    await writeFile(folder.at('first.pdf'), 'first');
    await writeFile(folder.at('other.pdf'), 'other');
    const named = await verify(vector, 'plan.json', 'first.pdf');
    expect(named.code).toBe(0);
    expect(named.stdout).toMatch(
      /^VERIFIED {2}first\.pdf: named by event 0 of record [0-9a-f]{64}, as of block /,
    );
    const foreign = await verify(vector, 'plan.json', 'other.pdf');
    expect(foreign.code).toBe(1);
    expect(foreign.stdout).toMatch(
      /^NOT VERIFIED {2}other\.pdf: no event of record [0-9a-f]{64} names this document\n$/,
    );
    const piped = await invoke(['verify', '-', 'plan.json', '--trust', 'trust', '--json'], {
      cwd: folder.path,
      stdin: [Buffer.from('first')],
    });
    expect(JSON.parse(piped.stdout)).toMatchObject({
      verdict: 'verified',
      document: { name: 'standard input', namedByEvent: 0 },
      timeline: [{ type: 'document.create', automatic: false }, {}, {}],
    });
  });

  test('is never verified without a trusted key', async () => {
    const { code, stdout, stderr } = await verify({ ...verifiedWith('document.version'), trust: null });
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: 'NOT VERIFIED  a.ingam-history.json: not signed as your trust policy requires\n',
    });
    expect(stderr).toContain('You have not given a key that you trust.');
  });

  test('is known by its name, also when it is damaged', async () => {
    await writeFile(folder.at('cut.ingam-history.json'), '{"format":"ingam-hist');
    const { code, stderr } = await invoke(['verify', 'cut.ingam-history.json'], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain('cut.ingam-history.json is not a valid history');
  });
});
