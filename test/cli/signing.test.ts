import { writeFile } from 'node:fs/promises';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createKey, createOrganization } from '../support/people.js';
import { claimDigest, type JsonObject, toHex } from '../../src/proof/index.js';
import { digestOf, firstEvent, newHolder } from '../support/records.js';
import { keyOffer, propose, send, signContract } from '../support/signing.js';
import { folder, ingam, service, useService } from './service.js';

useService();
const holder = newHolder('lessor');
let key: string;
beforeAll(async () => {
  key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
});
beforeEach(() => writeFile(folder.at('lease.pdf'), 'the lease'));

const signing = (...argv: string[]) => ingam('signing', ...argv, '--key', key);

/** Makes a request, with its id and what its link opens. */
async function ask(name: string, ...more: string[]): Promise<{ id: string; token: string }> {
  const argv = ['lease.pdf', '--name', name, '--title', 'Car lease', '--until', '7d', ...more];
  const { code, stdout, stderr } = await signing('ask', ...argv);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign\.html#token=[\w-]{43}\n$/);
  return {
    id: /Request (srq_\w+)/.exec(stderr)?.[1] ?? expect.fail(stderr),
    token: stdout.trim().slice(-43),
  };
}

test('asks a person for a key and a signature, and shows where the request has come to', async () => {
  const kim = newHolder('kim');
  const { id, token } = await ask('Kim Minji', '--message', 'As discussed.', '--language', 'ko');
  expect((await signing('list')).stdout).toMatch(
    new RegExp(`^${id} +contract +Kim Minji +invited +.* +Car lease$`, 'm'),
  );
  const document = digestOf('the lease');
  const offer = keyOffer(id, kim, document);
  await send(service, 'POST', '/v1/signing/key', { token, key: kim.text, offer });
  expect((await signing('show', id)).stdout).toContain(`key: ${kim.text}\n`);
  const parties = [{ name: 'Kim', key: kim.text, order: 1 }];
  const record = await propose(service, key, holder, parties, { document: { sha256: document } });
  expect(await signing('contract', id, record)).toMatchObject({ code: 0, stdout: 'to_sign\n' });
  await signContract(service, token, kim);
  const { stdout } = await signing('list', '--record', record, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ requests: [{ id, status: 'signed', party: 0 }] });
});

test('prints the link again, replaces it, takes the request back and erases it', async () => {
  const { id, token } = await ask('Lee');
  expect((await signing('remind', id)).stdout).toContain(token);
  const renewed = await signing('remind', id, '--new-link');
  expect(renewed.code).toBe(0);
  expect(renewed.stdout).not.toContain(token);
  expect(await signing('withdraw', id)).toMatchObject({ code: 0, stdout: '' });
  const again = await signing('withdraw', id);
  expect(again.code).not.toBe(0);
  expect(again.stderr).toContain('has withdrawn the request');
  expect(await signing('erase', id)).toMatchObject({ code: 0, stdout: '' });
  const { stdout } = await signing('show', id);
  expect(stdout).toContain('status: erased\n');
  expect(stdout).not.toContain('Lee');
});

test('asks for the acceptance of an item, for a licence, and for the signature of a claim', async () => {
  const documents = [{ sha256: digestOf('tide') }];
  const claim: JsonObject = {
    ...{ title: 'Tide', kind: 'photograph', authors: [{ name: 'Kim', role: 'photographer' }] },
    ...{ published: null, madeForHire: false, basis: 'I took it.', documents },
  };
  await writeFile(folder.at('claim.json'), JSON.stringify(claim));
  const begun = await send(
    service,
    'POST',
    '/v1/records',
    firstEvent('work.claim', { ...claim, holder: holder.text }, [holder]),
    key,
  );
  const { record: work } = begun.body;
  if (typeof work !== 'string') throw new Error('the answer names no record');
  const kim = newHolder('kim');
  const cases = [
    ['transfer', ['--transfer', work], work],
    ['licence', ['--licence', work], work],
    ['claim', ['--claim', 'claim.json'], toHex(claimDigest(claim))],
  ] as const;
  for (const [kind, argv, subject] of cases) {
    const made = await signing('ask', ...argv, '--name', 'Kim', '--until', '7d', '--json');
    expect(made.code).toBe(0);
    const { request, link } = JSON.parse(made.stdout) as {
      request: { id: string; kind: string; title: string };
      link: { address: string };
    };
    expect(request).toMatchObject({ kind, title: 'Tide' });
    const token = link.address.slice(-43);
    const offer = keyOffer(request.id, kim, subject);
    const given = await send(service, 'POST', '/v1/signing/key', { token, key: kim.text, offer });
    expect(given.body).toMatchObject({ status: kind === 'claim' ? 'to_sign' : 'key_given' });
  }
  expect((await signing('list')).stdout).toMatch(/^srq_\w+ +licence +Kim +key_given +.* +Tide$/m);
});

test.each([
  [['ask', '--name', 'Kim', '--until', '7d'], 'give one thing to ask for'],
  [['ask', 'lease.pdf', '--claim', 'claim.json', '--name', 'Kim', '--until', '7d'], 'give one thing'],
  [['ask', 'lease.pdf', '--name', 'Kim', '--until', '7d'], 'missing --title'],
  [['ask', '--transfer', 'x', '--name', 'Kim', '--until', '7d'], 'is not a record'],
  [['ask', 'lease.pdf', '--name', 'Kim', '--title', 'Lease'], 'missing --until'],
  [['ask', 'lease.pdf', '--name', 'Kim', '--title', 'Lease', '--until', 'soon'], '--until'],
  [
    ['ask', 'lease.pdf', '--name', 'Kim', '--title', 'Lease', '--until', '1d', '--language', 'fr'],
    '--language is en or ko',
  ],
  [['contract', 'srq_a'], 'missing REQUEST or RECORD'],
  [['contract', 'srq_a', 'x'], 'is not a record'],
])('says what is wrong with %j', async (argv, said) => {
  const { code, stdout, stderr } = await signing(...argv);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
});
