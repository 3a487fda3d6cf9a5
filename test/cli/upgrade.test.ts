import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ProofFile, toHex } from '../../src/proof/index.js';
import { startService, type TestService } from '../support/service.js';
import { startTsa, untilAnchored } from '../support/time-sources.js';
import { invoke } from './invoke.js';
import { folder, proofOf, service, useService } from './service.js';

useService();

test('adds evidence of time to a final proof, and changes nothing else of it', async () => {
  await using server = await startTsa();
  server.behaviour = (req, res) => {
    res.writeHead(503).end();
  };
  await using timed = await startService({ timeSources: { anchors: [server.source()] } });
  const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: timed.url } });
  await writeFile(folder.at('a'), 'a');
  expect((await at('notarize', 'a', '--title', 'T')).code).toBe(0);
  const before = (await proofOf('a.ingam.json')) as ProofFile;
  expect(before.anchors).toEqual([]);
  expect((await at('upgrade', 'a.ingam.json')).stderr).toContain('already final');
  server.behaviour = null;
  await untilAnchored(timed.url, 'a');
  expect((await at('upgrade', 'a.ingam.json')).stdout).toBe('a.ingam.json\n');
  const after = (await proofOf('a.ingam.json')) as ProofFile;
  expect(after.anchors.map(({ type }) => type)).toEqual(['rfc3161']);
  expect({ ...after, anchors: [] }).toEqual(before);
  expect((await at('upgrade', 'a.ingam.json')).stderr).toContain('already final');
  expect((await at('verify', 'a', '--key', timed.verifierKey)).code).toBe(0);
});

describe('a service that does not seal yet', () => {
  let slow: TestService;
  beforeEach(async () => {
    slow = await startService({ sealing: false });
  });
  afterEach(() => slow[Symbol.asyncDispose]());

  test('gives pending proofs, which are recognized and upgraded', async () => {
    const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: slow.url } });
    await writeFile(folder.at('a'), 'a');
    await writeFile(folder.at('b'), 'b');
    const notarized = await at('notarize', 'a', 'b', '--no-wait', '--title', 'T');
    expect(notarized.code).toBe(0);
    expect(notarized.stdout).toBe('a.ingam.json\nb.ingam.json\n');
    expect(await proofOf('a.ingam.json')).toMatchObject({
      format: 'ingam-pending-v1',
      details: { title: 'T' },
    });

    const pending = await at('verify', 'a', '--json');
    expect(pending.code).toBe(3);
    expect(JSON.parse(pending.stdout)).toMatchObject({ verdict: 'pending' });
    const chain = (await (await fetch(`${slow.url}/v1/chain`)).json()) as { receiptKeys: string[] };
    const receipted = await at('verify', 'a', '-v', '--key', chain.receiptKeys[0] ?? '');
    expect(receipted.code).toBe(3);
    expect(receipted.stderr).toContain('✓ 5. The receipt is signed for');
    expect((await at('upgrade', 'a.ingam.json', 'b.ingam.json')).code).toBe(3);
    expect((await at('notarize', 'a', 'b', '--timeout', '0')).code).toBe(3);

    slow.startSealing();
    const upgraded = await at('upgrade', 'a.ingam.json', '--wait');
    expect({ code: upgraded.code, stdout: upgraded.stdout }).toEqual({ code: 0, stdout: 'a.ingam.json\n' });
    expect((await at('verify', 'a', '--key', slow.verifierKey)).code).toBe(0);
    expect((await proofOf('a.ingam.json')).details).toEqual({ title: 'T' });
    expect((await at('upgrade', 'a.ingam.json')).stderr).toContain('already final');

    // The same command makes pending proofs final without notarizing again.
    const before = await proofOf('b.ingam.json');
    expect((await at('notarize', 'a', 'b')).code).toBe(0);
    const after = await proofOf('b.ingam.json');
    expect(after.format).toBe('ingam-proof-v1');
    expect(toHex(after.entry.salt)).toBe(toHex(before.entry.salt));
  });

  test('upgrades what others have of an anonymous document: a proof without its details', async () => {
    const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: slow.url } });
    await writeFile(folder.at('a'), 'a');
    const notarized = await at('notarize', 'a', '--no-wait', '--title', 'T', '--json');
    const { documents } = JSON.parse(notarized.stdout) as { documents: { id: string; sha256: string }[] };
    const [{ id, sha256 } = expect.fail()] = documents;
    const lookup = await fetch(`${slow.url}/v1/verify/${sha256}`);
    const { notarizations } = (await lookup.json()) as {
      notarizations: { id: string; links: { proof: string } }[];
    };
    const [{ id: found, links } = expect.fail()] = notarizations;
    expect(id.startsWith(`${found}-`)).toBe(true);
    await writeFile(folder.at('theirs'), await (await fetch(slow.url + links.proof)).text());
    expect((await proofOf('theirs')).details).toBeUndefined();
    slow.startSealing();
    expect((await at('upgrade', 'theirs', 'a.ingam.json', '--wait')).code).toBe(0);
    expect(await proofOf('theirs')).toMatchObject({ format: 'ingam-proof-v1' });
    expect((await proofOf('theirs')).details).toBeUndefined();
    expect((await proofOf('a.ingam.json')).details).toEqual({ title: 'T' });
    const shown = await fetch(`${slow.url}/v1/notarizations/${id}`);
    expect(await shown.json()).toMatchObject({ id, details: { title: 'T' } });
  });

  test('makes upgrade name the proofs that failed', async () => {
    const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: slow.url } });
    await writeFile(folder.at('a'), 'a');
    await at('notarize', 'a', '--no-wait');
    const elsewhere = await invoke(['upgrade', 'a.ingam.json'], {
      cwd: folder.path,
      env: { INGAM_SERVER: service.url },
    });
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toContain('FAILED a.ingam.json: the service rejected the request');
    expect((await at('upgrade', 'missing')).code).toBe(2);
    expect((await at('upgrade', 'a')).stderr).toContain('is not a valid proof');
  });

  test('passes an audit without blocks', async () => {
    const argv = ['audit', '--server', slow.url, '--key', slow.verifierKey];
    expect((await invoke(argv)).code).toBe(0);
  });
});
