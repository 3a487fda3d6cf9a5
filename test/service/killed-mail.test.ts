import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { AskedSigning } from '../../src/http/schemas/signing.js';
import { claimDigest, type JsonObject, toHex } from '../../src/proof/index.js';
import { type RunningNode, startBuilt } from '../support/built.js';
import { createDatabase, query } from '../support/database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { createKey, createOrganization } from '../support/people.js';
import { digestOf, firstEvent, type Holder, newHolder, nextEvent, type Place } from '../support/records.js';
import { startService } from '../support/service.js';
import { type Answer, ask, giveKey, newRequest, propose, send, signContract } from '../support/signing.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { until } from '../support/until.js';

const FROM = 'ingam@notary.example';
const PUBLIC_URL = new URL('http://127.0.0.1/');

function environment(folder: TestFolder, database: { readonly url: string }, smtp: SmtpServer) {
  return {
    HOME: folder.path,
    DATABASE_URL: database.url,
    INGAM_DATA_DIR: join(folder.path, 'data'),
    INGAM_LOG_KEY: LOG_KEY.text,
    INGAM_RECEIPT_KEY: RECEIPT_KEY.text,
    INGAM_SECRET: SECRET,
    INGAM_WORKERS: '1',
    INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
    INGAM_PUBLIC_URL: PUBLIC_URL.href,
    INGAM_SMTP_URL: smtp.url,
    INGAM_SMTP_FROM: FROM,
  };
}

/** What a killed service was committing is committed or undone when its sessions have ended. */
const untilSessionsEnd = (url: string) =>
  until(
    'the sessions of the killed service to end',
    async () =>
      (
        await query(
          url,
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'ingam %'`,
        )
      ).length,
    0,
  );

test('an e-mail that a service was sending when it was killed with -9 is sent by the next one, with the same Message-ID', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  await using smtp = await startSmtpServer();
  let key = '';
  {
    await using service = await startService({ databaseUrl: database.url, sealing: false });
    key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
  }
  smtp.isSilent = true;
  {
    await using killed = await startBuilt(['serve'], { env: environment(folder, database, smtp) });
    await ask(killed, key, 'Kim', { email: 'kim@example.com' });
    await until('the mail server to have the e-mail', () => smtp.mails.length, 1);
    await killed.kill();
  }
  await untilSessionsEnd(database.url);
  // Nobody else sends it while it is claimed; then somebody does.
  const [claimed] = await query<{ due: string }>(database.url, 'SELECT due_at AS due FROM signing_mail');
  expect(Number(claimed?.due)).toBeGreaterThan(Date.now());
  await query(database.url, 'UPDATE signing_mail SET due_at = 0');
  smtp.isSilent = false;
  await using next = await startService({
    databaseUrl: database.url,
    sealing: false,
    mail: { url: smtp.url, from: FROM },
    publicUrl: PUBLIC_URL,
  });
  await until(
    'no e-mail to wait',
    async () => (await query(next.databaseUrl, 'SELECT FROM signing_mail')).length,
    0,
  );
  const ids = smtp.mails.map(({ text }) => /^Message-ID: (.*)$/im.exec(text)?.[1]);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
});

type Service = Pick<RunningNode, 'url'>;

/** A link whose key is given. */
interface Link {
  readonly token: string;
  readonly done: 'signed' | 'granted';
  /** The event that the link is for. */
  answer(service: Service): Promise<Answer>;
}

const opened = async (service: Service, token: string) =>
  AskedSigning.parse((await send(service, 'POST', '/v1/signing/open', { token })).body);

/** Claims, a transfer and a licence under links. */
async function linksToAnswer(service: Service, key: string, owner: Holder): Promise<Link[]> {
  const { title: _title, document: _document, ...person } = newRequest('Kim');
  const asked = async (members: JsonObject, holder: Holder, named: string) => {
    const { body } = await send(service, 'POST', '/v1/signing-requests', { ...person, ...members }, key);
    const { request, link } = body as { request: { id: string }; link: { token: string } };
    await giveKey(service, { id: request.id, token: link.token }, holder, named);
    return link.token;
  };
  const begin = async (type: string, members: JsonObject) =>
    (await send(service, 'POST', '/v1/records', firstEvent(type, members, [owner]), key))
      .body as unknown as Place;
  const placeOf = async (at: Service, token: string) => {
    const { id: record, sequence, value } = (await opened(at, token)).subject?.record ?? expect.fail(token);
    return { record, sequence, value };
  };
  const claimOf = (title: string) => ({
    ...{ title, kind: 'photograph', authors: [{ name: 'Kim', role: 'photographer' }], published: null },
    ...{ madeForHire: false, basis: 'I took it.', documents: [{ sha256: digestOf(title) }] },
  });
  const claims = ['Tide', 'Ebb', 'Dune', 'Fog'].map(async (title): Promise<Link> => {
    const [holder, claim] = [newHolder(title), claimOf(title)];
    const token = await asked({ kind: 'claim', claim }, holder, toHex(claimDigest(claim)));
    return {
      ...{ token, done: 'signed' },
      answer: (at) => {
        const event = firstEvent('work.claim', { ...claim, holder: holder.text }, [holder]);
        return send(at, 'POST', '/v1/signing/event', { token, ...event });
      },
    };
  });
  const kim = newHolder('kim');
  const jar = { title: 'Moon jar', serial: '1', features: [], documents: [], issuer: owner.text };
  const item = await begin('item.register', { ...jar, holder: owner.text });
  const transfer = await asked({ kind: 'transfer', record: item.record }, kim, item.record);
  const offer = nextEvent(item, 'item.offer', { to: kim.text }, [owner]);
  await send(service, 'POST', `/v1/records/${item.record}/events`, offer, key);
  const work = await begin('work.claim', { ...claimOf('Harbour'), holder: owner.text });
  const licence = await asked({ kind: 'licence', record: work.record }, kim, work.record);
  const terms = { to: { name: 'Kim', key: kim.text }, terms: 'Print it once.', exclusive: false };
  return [
    ...(await Promise.all(claims)),
    {
      ...{ token: transfer, done: 'signed' },
      answer: async (at) => {
        const event = nextEvent(await placeOf(at, transfer), 'item.accept', {}, [kim]);
        return send(at, 'POST', '/v1/signing/event', { token: transfer, ...event });
      },
    },
    {
      ...{ token: licence, done: 'granted' },
      answer: async (at) => {
        const event = nextEvent(await placeOf(at, licence), 'work.license', terms, [owner]);
        return send(at, 'POST', `/v1/records/${work.record}/events`, event, key);
      },
    },
  ];
}

/** Answers all at once, and kills the service when it has taken the first. @returns those that were taken */
async function killAmong(links: readonly Link[], service: RunningNode): Promise<ReadonlySet<Link>> {
  const taken = new Set<Link>();
  const kills: Promise<void>[] = [];
  await Promise.allSettled(
    links.map(async (link) => {
      const { status } = await link.answer(service);
      if (status !== 200 && status !== 201) return;
      taken.add(link);
      if (kills.length === 0) kills.push(service.kill());
    }),
  );
  await Promise.all(kills);
  return taken;
}

test('nobody misses an e-mail when a service is killed with -9 behind a signature, and nobody gets one twice; what was answered under links stays, and the others go on', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  await using smtp = await startSmtpServer();
  let key = '';
  {
    await using service = await startService({ databaseUrl: database.url, sealing: false });
    key = (await createKey(service, (await createOrganization(service, 'Leasing')).id)).secret;
  }
  const [one, two] = [newHolder('one'), newHolder('two')];
  const to = (address: string) => smtp.mails.filter((mail) => mail.to.includes(address));
  let token = '';
  let links: readonly Link[];
  let taken: ReadonlySet<Link>;
  {
    await using killed = await startBuilt(['serve'], { env: environment(folder, database, smtp) });
    links = await linksToAnswer(killed, key, newHolder('gallery'));
    const first = await ask(killed, key, 'One', { email: 'one@example.com' });
    const second = await ask(killed, key, 'Two', { email: 'two@example.com' });
    token = second.token;
    // Whoever has given a key is not invited any more.
    for (const address of ['one@example.com', 'two@example.com'])
      await until(`the invitation to ${address}`, () => to(address).length, 1);
    await giveKey(killed, first, one);
    await giveKey(killed, second, two);
    const parties = [
      { name: 'One', key: one.text, order: 1 },
      { name: 'Two', key: two.text, order: 2 },
    ];
    const record = await propose(killed, key, one, parties);
    for (const { id } of [first, second])
      await send(killed, 'POST', `/v1/signing-requests/${id}/contract`, { record }, key);
    await until('the first to be asked to sign', () => to('one@example.com').length, 2);
    await signContract(killed, first.token, one);
    // No block has the signature, and nobody has written to the second.
    taken = await killAmong(links, killed);
  }
  expect(taken.size).toBeGreaterThan(0);
  await untilSessionsEnd(database.url);
  // Those that it had claimed are due when the claim ends.
  await query(database.url, 'UPDATE signing_mail SET due_at = 0 WHERE attempts > 0');
  await using next = await startService({
    databaseUrl: database.url,
    dataDir: join(folder.path, 'data'),
    mail: { url: smtp.url, from: FROM },
    publicUrl: PUBLIC_URL,
  });
  for (const link of links) {
    const { status } = await opened(next, link.token);
    if (taken.has(link)) expect(status).toBe(link.done);
    if (status !== link.done) expect([200, 201]).toContain((await link.answer(next)).status);
    expect((await opened(next, link.token)).status).toBe(link.done);
    await until(
      'the history of what was answered',
      async () => (await send(next, 'POST', '/v1/signing/history', { token: link.token })).status,
      200,
    );
  }
  // Nothing twice: also of what was taken without an answer there is one event.
  const events = await query<{ type: string; count: string }>(
    database.url,
    `SELECT type, count(*) FROM event WHERE type IN ('work.claim', 'item.accept', 'work.license') GROUP BY type`,
  );
  expect(new Map(events.map(({ type, count }) => [type, Number(count)]))).toEqual(
    new Map([
      ['work.claim', 5],
      ['item.accept', 1],
      ['work.license', 1],
    ]),
  );
  await until('the second to be asked to sign', () => to('two@example.com').length, 2);
  await signContract(next, token, two);
  await until(
    'no e-mail to wait',
    async () => (await query(next.databaseUrl, 'SELECT FROM signing_mail')).length,
    0,
  );
  for (const address of ['one@example.com', 'two@example.com']) {
    const subjects = to(address).map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1]);
    expect(new Set(subjects)).toEqual(
      new Set([
        'Leasing asks you to sign: Car lease',
        'Please sign: Car lease',
        'Car lease has been executed',
      ]),
    );
    const ids = to(address).map(({ text }) => /^Message-ID: (.*)$/im.exec(text)?.[1]);
    expect(new Set(ids).size).toBe(3);
  }
});
