import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { concat, leafHash, type ProofFile, rootFromInclusionPath, toBase64 } from '../../src/proof/index.js';
import { readAnchor, type Rfc3161Anchor } from '../../src/proof/time/anchor.js';
import { parseCertificate, verifyToken } from '../../src/proof/time/rfc3161.js';
import { pemOf } from '../support/openssl.js';
import { startService } from '../support/service.js';
import {
  crlPoint,
  readTsq,
  REJECTED,
  sendReply,
  startList,
  startTsa,
  untilAnchored,
} from '../support/time-sources.js';
import {
  ca,
  certificate,
  crl,
  name,
  ROOT,
  SIGNING,
  STAMPING,
  tsa,
} from '../vectors/make/tokens/certificates.js';
import { ecKey } from '../vectors/make/tokens/keys.js';
import { invoke } from './invoke.js';
import { folder, proofOf, service, useService } from './service.js';

useService();

const tokenOf = ({ anchors }: ProofFile): Rfc3161Anchor => {
  const anchor = anchors.map(readAnchor).find((each) => each?.type === 'rfc3161');
  if (anchor?.type !== 'rfc3161') throw new Error('the proof has no token');
  return anchor;
};

test('one new time-stamp renews all proofs, twice if need be, with newer revocation lists, and a refusal changes none', async () => {
  await using lists = await startList(crl(ROOT, '2026-01-01T00:00:00Z', []));
  const holder = tsa({ extensions: [SIGNING, STAMPING, crlPoint(lists.url)] });
  await using server = await startTsa({ holder });
  await using timed = await startService({ timeSources: { anchors: [server.source({ everyMs: 1 })] } });
  const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: timed.url } });
  const files = ['a.ingam.json', 'b.ingam.json'];
  for (const file of ['a', 'b']) {
    await writeFile(folder.at(file), file);
    expect((await at('notarize', file)).code).toBe(0);
    await untilAnchored(timed.url, file);
  }
  await at('upgrade', ...files);
  await writeFile(folder.at('root.pem'), pemOf(ROOT.der));
  await using other = await startTsa();
  const renew = (...more: string[]) =>
    at('renew', ...files, '--tsa', other.url, '--root', 'root.pem', ...more);

  const before = await Promise.all(files.map((file) => readFile(folder.at(file), 'utf8')));
  other.behaviour = (req, res) => {
    sendReply(res, REJECTED);
  };
  const refused = await renew();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('the authority gives no time-stamp that counts: it gives no token');
  expect(await Promise.all(files.map((file) => readFile(folder.at(file), 'utf8')))).toEqual(before);

  const newer = crl(ROOT, '2026-02-01T00:00:00Z', []);
  lists.behaviour = (req, res) => {
    res.end(newer);
  };
  other.behaviour = null;
  expect((await renew()).stdout).toBe('a.ingam.json\nb.ingam.json\n');
  expect(JSON.parse((await renew('--json')).stdout)).toEqual({ proofs: files });
  expect(other.requests).toHaveLength(3);
  for (const file of files) {
    const anchor = tokenOf((await proofOf(file)) as ProofFile);
    expect(anchor.renewals).toHaveLength(2);
    let { token, crls }: Pick<Rfc3161Anchor, 'token' | 'crls'> = anchor;
    expect(anchor.renewals.map(({ renewedCrls }) => renewedCrls)).toEqual([[newer], []]);
    for (const { size, index, path, renewedCrls, ...next } of anchor.renewals) {
      const leaf = leafHash(concat(token, ...crls, ...renewedCrls));
      const message = rootFromInclusionPath(leaf, index, size, path);
      const roots = [parseCertificate(ROOT.der)];
      expect(verifyToken({ token: next.token, stamped: { message }, roots }).counts).toBe(true);
      ({ token, crls } = next);
    }
    expect((await at('verify', file.slice(0, 1), '--key', timed.verifierKey)).code).toBe(0);
    // What the holder has renewed stays.
    expect((await at('upgrade', file)).stderr).toContain('already final');
  }
});

test('fetches no revocation list for a time-stamp of an authority that nobody has named', async () => {
  await using lists = await startList(crl(ROOT, '2026-01-01T00:00:00Z', []));
  const holder = tsa({ extensions: [SIGNING, STAMPING, crlPoint(lists.url)] });
  await using server = await startTsa({ holder });
  await using timed = await startService({ timeSources: { anchors: [server.source({ everyMs: 1 })] } });
  const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: timed.url } });
  await writeFile(folder.at('c'), 'c');
  expect((await at('notarize', 'c')).code).toBe(0);
  await untilAnchored(timed.url, 'c');
  await at('upgrade', 'c.ingam.json');
  const before = lists.requests.length;
  const late = certificate({ subject: name('Late'), key: ecKey('late'), issuer: null, extensions: [ca()] });
  await using other = await startTsa({ holder: tsa({ issuer: late }), root: late });
  await writeFile(folder.at('late.pem'), pemOf(late.der));
  const renew = (...more: string[]) =>
    at('renew', 'c.ingam.json', '--tsa', other.url, '--root', 'late.pem', ...more);
  expect((await renew()).code).toBe(0);
  expect(lists.requests).toHaveLength(before);
  expect(tokenOf((await proofOf('c.ingam.json')) as ProofFile).renewals[0]?.renewedCrls).toEqual([]);
});

test('stamps a document and its proof without SHA-256, and verify says so', async () => {
  const strong = tsa({ digest: 'sha512' });
  await using server = await startTsa({ holder: strong });
  const { url } = service;
  const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: url } });
  await writeFile(folder.at('deed'), 'deed');
  await writeFile(folder.at('other'), 'other');
  await writeFile(folder.at('root.pem'), pemOf(ROOT.der));
  await writeFile(
    folder.at('trust'),
    `log ${service.verifierKey}\nquorum none\n#tsa seoul ${toBase64(ROOT.der)}\n`,
  );
  expect((await at('notarize', 'deed')).code).toBe(0);
  const renew = (document: string, ...proofs: string[]) =>
    at('renew', '--document', document, ...proofs, '--tsa', server.url, '--root', 'root.pem');
  const verified = (...more: string[]) => at('verify', 'deed', '--trust', 'trust', ...more);
  const before = await readFile(folder.at('deed.ingam.json'), 'utf8');

  expect((await renew('deed', 'deed.ingam.json', 'deed.ingam.json')).stderr).toContain('for one PROOF');
  const wrong = await renew('other', 'deed.ingam.json');
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain('deed.ingam.json cannot be renewed with other');
  expect(server.requests).toEqual([]);
  const weak = await renew('deed', 'deed.ingam.json');
  expect(weak).toMatchObject({ code: 2 });
  expect(weak.stderr).toContain('its signature rests on SHA-256');
  expect(weak.stderr).toContain('use SHA-384 or SHA-512');
  expect(await readFile(folder.at('deed.ingam.json'), 'utf8')).toBe(before);

  server.behaviour = (req, res, body) => {
    sendReply(res, server.answer(readTsq(body), { signs: 'sha512' }));
  };
  expect((await renew('deed', 'deed.ingam.json')).stdout).toBe('deed.ingam.json\n');
  const first = await verified();
  expect(first.code).toBe(0);
  expect(first.stderr).toContain('This document and its proof existed together no later than');
  expect(first.stderr).toContain('seoul stamped both, without SHA-256');
  // The first one is in the proof that the second one is over.
  expect((await renew('deed', 'deed.ingam.json')).code).toBe(0);
  expect(((await proofOf('deed.ingam.json')) as ProofFile).anchors).toHaveLength(1);
  expect(JSON.parse((await verified('--json')).stdout)).toMatchObject({
    verdict: 'verified',
    documentRenewals: [{ anchor: 0, counts: true, source: 'seoul' }],
  });

  const shown = JSON.parse((await at('inspect', 'deed.ingam.json', '--json')).stdout) as unknown;
  expect(JSON.stringify(shown)).toMatch(/"document-renewal","proof":\{"sha256":"[0-9a-f]{64}","bytes":\d+\}/);

  const piped = await invoke(['verify', '-', 'deed.ingam.json', '--trust', 'trust'], {
    cwd: folder.path,
    stdin: [Buffer.from('deed')],
  });
  expect(piped.code).toBe(0);
  expect(piped.stderr).toContain('It was not checked: give the document as a file.');
});

test('what cannot be renewed is named before the authority is asked', async () => {
  await using server = await startTsa();
  await using timed = await startService();
  const at = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: timed.url } });
  await writeFile(folder.at('plain'), 'plain');
  await writeFile(folder.at('root.pem'), pemOf(ROOT.der));
  expect((await at('notarize', 'plain')).code).toBe(0);
  const renew = (...argv: string[]) => at('renew', 'plain.ingam.json', ...argv);
  const answer = await renew('--tsa', server.url, '--root', 'root.pem');
  expect(answer).toMatchObject({ code: 2 });
  expect(answer.stderr).toContain('plain.ingam.json cannot be renewed: it has no time-stamp');
  expect((await renew('--tsa', server.url)).stderr).toContain('missing --root FILE');
  expect((await renew('--root', 'root.pem')).stderr).toContain('missing --tsa URL');
  expect((await renew('--tsa', 'http://tsa.example', '--root', 'root.pem')).stderr).toContain('use https');
  expect((await renew('--tsa', server.url, '--root', 'none.pem')).stderr).toContain('none.pem');
  expect(server.requests).toEqual([]);
  expect(((await proofOf('plain.ingam.json')) as ProofFile).anchors).toEqual([]);
});
