import { PrismaPg } from '@prisma/adapter-pg';
import { expect, test } from 'vitest';
import { PrismaClient } from '../../src/store/prisma/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

// prisma/schema.prisma and the migrations are written by hand: every column of every model must be in the database as the
// model says, and the other way round.
test('each model reads and writes the migrated tables', async () => {
  await using database = await createDatabase();
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) });
  const hash = (byte: number, length = 32): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(byte);
  try {
    const head = await prisma.head.update({ where: { id: true }, data: { nextPosition: 1, latestTime: 2 } });
    expect(head).toEqual({ id: true, nextPosition: 1n, latestTime: 2n });
    const entry = {
      position: 0n,
      acceptedAt: 2n,
      size: 3n,
      kind: 0,
      digest: hash(1),
      salt: hash(2, 16),
      accountTag: hash(3, 16),
      detailsDigest: hash(4),
    };
    expect(await prisma.entry.create({ data: entry })).toEqual(entry);
    const receipt = { firstPosition: 0n, entryCount: 1, note: 'note' };
    expect(await prisma.receipt.create({ data: receipt })).toEqual(receipt);
    const details = { position: 0n, json: '{}' };
    expect(await prisma.details.create({ data: details })).toEqual(details);
    const erasure = { position: 9n };
    expect(await prisma.erasure.create({ data: erasure })).toEqual(erasure);
    expect(await prisma.lostEntry.create({ data: erasure })).toEqual(erasure);
    const certificate = {
      position: 9n,
      erasedAt: 1n,
      organizationNumber: 1,
      erasedBy: 'p',
      idCheck: hash(1, 4),
      digest: hash(2),
      note: 'n',
    };
    expect(await prisma.erasureCertificate.create({ data: certificate })).toEqual(certificate);
    const hold = {
      ...{ id: 'hld_1', organizationNumber: 1, reason: 'r', placedAt: 1n, placedBy: 'p', notarizations: 1 },
      ...{ liftRequestedAt: 2n, liftRequestedBy: 'q', liftEmail: 'q@example.com', liftReason: 's' },
      ...{ liftedAt: 3n, liftedBy: 'p' },
    };
    expect(await prisma.legalHold.create({ data: hold })).toEqual(hold);
    const held = { position: 9n, holdId: 'hld_1' };
    expect(await prisma.heldNotarization.create({ data: held })).toEqual(held);
    const object = {
      ...{ id: hash(1, 16), organizationNumber: 1, touchedAt: 1n, size: 2n },
      ...{ keyReference: hash(2, 16), wrappedKey: 'k', wrappedBy: 'b' },
    };
    expect(await prisma.vaultObject.create({ data: object })).toEqual(object);
    const kept = { position: 9n, object: hash(1, 16) };
    expect(await prisma.keptDocument.create({ data: kept })).toEqual(kept);
    const removal = { id: hash(3, 16) };
    expect(await prisma.vaultRemoval.create({ data: removal })).toEqual(removal);
    const tree = { id: hash(1, 8), since: 1n };
    expect(await prisma.keyTree.create({ data: tree })).toEqual(tree);
    const destruction = { reference: hash(1, 16) };
    expect(await prisma.keyDestruction.create({ data: destruction })).toEqual(destruction);
    const bodyErasure = { position: 8n };
    expect(await prisma.bodyErasure.create({ data: bodyErasure })).toEqual(bodyErasure);
    const block = {
      height: 0n,
      firstPosition: 0n,
      sealedAt: 5n,
      nonce: -1n,
      entryCount: 1,
      difficulty: 1,
      previousHash: hash(0),
      merkleRoot: hash(5),
      state: hash(6),
      hash: hash(6),
    };
    expect(await prisma.block.create({ data: block })).toEqual(block);
    const stateStatement = { height: 0n, statement: '{}' };
    expect(await prisma.stateStatement.create({ data: stateStatement })).toEqual(stateStatement);
    const blockTile = { height: 0n, index: 0, level: 0, hashes: hash(7, 64) };
    expect(await prisma.blockTile.create({ data: blockTile })).toEqual(blockTile);
    const logTile = { index: 0n, level: 0, hashes: hash(8, 8192), root: hash(9) };
    expect(await prisma.logTile.create({ data: logTile })).toEqual(logTile);
    const checkpoint = { size: 1n, root: hash(10), note: 'note\n' };
    expect(await prisma.checkpoint.create({ data: checkpoint })).toEqual(checkpoint);
    const idempotency = {
      scope: 's',
      key: 'k',
      fingerprint: hash(11),
      firstPosition: 0n,
      createdAt: 2n,
      entryCount: 1,
    };
    expect(await prisma.idempotency.create({ data: idempotency })).toEqual(idempotency);
    const cosignature = { size: 1n, signedAt: 3n, witness: 'w', keyId: hash(12, 4), signature: hash(13, 64) };
    expect(await prisma.cosignature.create({ data: cosignature })).toEqual(cosignature);
    const witnessed = { size: 1n, origin: 'o', note: 'note', cosignature: 'line', root: hash(14) };
    expect(await prisma.witnessed.create({ data: witnessed })).toEqual(witnessed);
    const evidence = { foundAt: 4n, digest: hash(15), reason: 'fork', proven: true, document: '{}' };
    const madeEvidence = await prisma.evidence.create({ data: evidence });
    expect(madeEvidence).toEqual({ ...evidence, ordinal: 1n });
    const logKeyStatement = { ordinal: 0, position: 0n, entry: hash(16, 114), note: 'note' };
    expect(await prisma.logKeyStatement.create({ data: logKeyStatement })).toEqual(logKeyStatement);
    const anchor = {
      ...{ madeAt: 1n, size: 2n, validUntil: null, height: 3n, type: 'bitcoin', source: 's', data: hash(20) },
      ...{ headers: hash(21, 80), crls: [hash(22)], mac: hash(23, 16) },
    };
    const madeAnchor = await prisma.anchor.create({ data: anchor });
    expect(madeAnchor).toEqual({ ...anchor, id: 1n });
    const revocationList = { digest: hash(22), data: hash(24) };
    expect(await prisma.revocationList.create({ data: revocationList })).toEqual(revocationList);
    const renewalLeaf = { renewal: 2n, renewed: 1n, index: 0, hash: hash(25), crls: [hash(26)] };
    expect(await prisma.renewalLeaf.create({ data: renewalLeaf })).toEqual(renewalLeaf);
    const records = await writeRecords(prisma);
    const access = await writeAccess(prisma, database);

    const written = {
      ...access,
      ...records,
      head,
      entry,
      receipt,
      details,
      erasure,
      lost_entry: erasure,
      erasure_certificate: certificate,
      key_tree: tree,
      key_destruction: destruction,
      legal_hold: hold,
      held_notarization: held,
      vault_object: object,
      kept_document: kept,
      vault_removal: removal,
      body_erasure: bodyErasure,
      block,
      state_statement: stateStatement,
      block_tile: blockTile,
      log_tile: logTile,
      checkpoint,
      cosignature,
      witnessed,
      evidence: madeEvidence,
      log_key_statement: logKeyStatement,
      anchor: madeAnchor,
      revocation_list: revocationList,
      renewal_leaf: renewalLeaf,
    };
    const columns = await database.query<{ table: string; count: number }>(
      `SELECT table_name AS table, count(*)::integer AS count FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' GROUP BY table_name`,
    );
    expect(Object.fromEntries(columns.map(({ table, count }) => [table, count]))).toEqual(
      Object.fromEntries(
        Object.entries({ ...written, idempotency }).map(([table, row]) => [table, Object.keys(row).length]),
      ),
    );
  } finally {
    await prisma.$disconnect();
  }
});

/** One row in each table of records, by table. */
async function writeRecords(prisma: PrismaClient): Promise<Readonly<Record<string, object>>> {
  const hash = (byte: number, length = 32): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(byte);
  const texts = { kind: 'item', status: 'held', holder: 'key', parties: ['key'], state: '{}' };
  const record = { id: hash(1), sequence: 3n, height: 4n, value: hash(2), ...texts };
  expect(await prisma.record.create({ data: record })).toEqual(record);
  const event = {
    ...{ record: hash(1), sequence: 3n, position: 7n, height: 4n, before: hash(3), value: hash(2) },
    ...{ type: 'item.offer', note: 'note', void: 'stale_value' },
  };
  const madeEvent = await prisma.event.create({ data: event });
  expect(madeEvent).toEqual({ ...event, id: 1n });
  const recordWatch = { record: hash(1), kind: 'time', at: 5n, key: null };
  const madeWatch = await prisma.recordWatch.create({ data: recordWatch });
  expect(madeWatch).toEqual({ ...recordWatch, id: 1n });
  const recordReader = { position: 0n, organizationNumber: 1, record: hash(1) };
  expect(await prisma.recordReader.create({ data: recordReader })).toEqual(recordReader);
  const recordPublication = { record: hash(1), organizationNumber: 1, signedAt: 3n, note: 'a note' };
  expect(await prisma.recordPublication.create({ data: recordPublication })).toEqual(recordPublication);
  const mapPage = { prefix: 'a3', height: 4n, page: hash(5, 36) };
  expect(await prisma.mapPage.create({ data: mapPage })).toEqual(mapPage);
  const mapChange = { height: 4n, list: hash(6, 69) };
  expect(await prisma.mapChange.create({ data: mapChange })).toEqual(mapChange);
  return {
    record,
    event: madeEvent,
    record_watch: madeWatch,
    record_reader: recordReader,
    record_publication: recordPublication,
    map_page: mapPage,
    map_change: mapChange,
  };
}

/** One row in each table of organizations, by table. */
async function writeAccess(
  prisma: PrismaClient,
  database: TestDatabase,
): Promise<Readonly<Record<string, object>>> {
  const hash = (byte: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(byte);
  const limits = { requestsPerMinute: 1, digestsPerDay: 2n ** 40n, bytesPerDay: 2n ** 50n };
  const organization = {
    id: 'a',
    name: 'n',
    createdAt: 1n,
    disabledAt: 2n,
    ...limits,
    requiresPasskey: true,
  };
  const madeOrganization = await prisma.organization.create({ data: organization });
  expect(madeOrganization).toEqual({ ...organization, number: 1 });
  const person = {
    id: 'p',
    email: 'e',
    name: 'n',
    passwordHash: 'h',
    needsPasskey: true,
    operator: true,
    createdAt: 1n,
    disabledAt: 2n,
  };
  expect(await prisma.person.create({ data: person })).toEqual(person);
  const of = { organizationId: 'a', personId: 'p' };
  const organizationUser = { ...of, role: 'owner', name: 'n', createdAt: 1n, acceptedAt: 2n };
  expect(await prisma.organizationUser.create({ data: organizationUser })).toEqual(organizationUser);
  const rights = { operator: true, setsPassword: true };
  const invitation = { ...of, ...rights, secretHash: hash(1), createdAt: 1n, expiresAt: 2n };
  expect(await prisma.invitation.create({ data: invitation })).toEqual(invitation);
  const times = { createdAt: 1n, lastUsedAt: 2n, expiresAt: 3n, endedAt: 4n };
  const nobodys = { providerIssuer: null, providerSubject: null, providerName: null };
  const provider = { ...nobodys, providerEmail: null, providerRole: null };
  const session = {
    id: 's',
    ...of,
    ...times,
    address: '::1',
    network: 'n',
    agent: 'a',
    ...provider,
    withPasskey: true,
  };
  expect(await prisma.session.create({ data: session })).toEqual(session);
  const passkey = {
    ...{ id: 'k', personId: 'p', name: 'n', rpId: 'r', credentialId: hash(6), publicKey: hash(7) },
    ...{ counter: 1n, createdAt: 2n, lastUsedAt: 3n },
  };
  expect(await prisma.passkey.create({ data: passkey })).toEqual(passkey);
  const spentChallenge = { hash: hash(8), expiresAt: 1n };
  expect(await prisma.spentChallenge.create({ data: spentChallenge })).toEqual(spentChallenge);
  const passwordReset = {
    ...{ id: 'r', askedAt: 1n, expiresAt: 2n, dueAt: 1n, attempts: 0, email: 'e', language: 'ko' },
    secretHash: hash(9),
  };
  expect(await prisma.passwordReset.create({ data: passwordReset })).toEqual(passwordReset);
  const refreshToken = { secretHash: hash(2), sessionId: 's', issuedAt: 1n, usedAt: 2n };
  expect(await prisma.refreshToken.create({ data: refreshToken })).toEqual(refreshToken);
  const signingKey = { id: 'k', publicKey: hash(3), privateKey: hash(4), createdAt: 1n, retiredAt: 2n };
  expect(await prisma.signingKey.create({ data: signingKey })).toEqual(signingKey);
  const apiKey = {
    ...{ id: 'k', organizationId: 'a', name: 'n', secretHash: hash(5), scopes: ['read'], networks: ['::/0'] },
    ...{ createdAt: 1n, createdBy: 'cli', expiresAt: 2n, revokedAt: 3n, lastUsedAt: 4n, ...limits },
  };
  expect(await prisma.apiKey.create({ data: apiKey })).toEqual(apiKey);
  const rateLimit = { key: 'k', used: 2n ** 50n, resetsAt: 1n };
  expect(await prisma.rateLimit.create({ data: rateLimit })).toEqual(rateLimit);
  const throttle = { key: 'k', failures: 1, blockedUntil: 2n, forgottenAt: 3n };
  expect(await prisma.throttle.create({ data: throttle })).toEqual(throttle);
  const event = {
    at: 1n,
    kind: 'sign_in',
    ...of,
    keyId: 'k',
    mac: new Uint8Array(16).fill(18),
    address: '::1',
    detail: '{}',
  };
  const madeEvent = await prisma.accessEvent.create({ data: event });
  expect(madeEvent).toEqual({ ...event, id: 1n });
  const run = {
    organizationNumber: 1,
    firstPosition: 0n,
    acceptedAt: 1n,
    entryCount: 1,
    submittedBy: 'key:k',
    mac: new Uint8Array(16).fill(19),
  };
  expect(await prisma.registerRun.create({ data: run })).toEqual(run);
  // Prisma has no words for a tsvector: the row is there, and it can count it.
  await database.query("INSERT INTO details_words VALUES (0, array_to_tsvector('{a}'))");
  await database.query("INSERT INTO unlogged_words VALUES (0, array_to_tsvector('{a}'))");
  expect(await prisma.detailsWords.findMany()).toEqual([{ position: 0n }]);
  expect(await prisma.unloggedWords.findMany()).toEqual([{ position: 0n }]);
  const notarizationTag = { position: 0n, tag: 't', addedAt: 1n, addedBy: 'p' };
  expect(await prisma.notarizationTag.create({ data: notarizationTag })).toEqual(notarizationTag);
  const publication = { position: 0n, publishedAt: 1n };
  expect(await prisma.publication.create({ data: publication })).toEqual(publication);
  const signingRequest = {
    ...{ createdAt: 1n, expiresAt: 2n, documentSize: 3n, openedAt: 4n, keyGivenAt: 5n, endedAt: 6n },
    ...{ mailedAt: 7n, mailFailedAt: 8n, erasedAt: null, organizationNumber: 1, link: 1, id: 'srq_1' },
    ...{ since: null, answered: null, changes: 0, kind: 'contract', claim: null, holder: null },
    ...{ createdBy: 'key:k', language: 'ko', title: 't', message: 'm', documentName: 'd', name: 'n' },
    ...{ email: 'e@example.com', key: 'k', ended: 'declined', reason: 'r', predecessor: null },
    ...{ predecessorKey: 'p', handover: '{}', secretHash: new Uint8Array(32), document: new Uint8Array(32) },
    record: new Uint8Array(32),
  };
  expect(await prisma.signingRequest.create({ data: signingRequest })).toEqual(signingRequest);
  const erasedRequest = {
    ...{ ...signingRequest, id: 'srq_2', erasedAt: 9n, predecessor: 'srq_1', title: null, message: null },
    ...{ documentName: null, name: null, email: null, key: null, reason: null, predecessorKey: null },
    ...{ handover: null, secretHash: null, kind: 'transfer', document: null, since: 1n, answered: 2n },
  };
  expect(await prisma.signingRequest.create({ data: erasedRequest })).toEqual(erasedRequest);
  const signingMail = { id: 1n, dueAt: 1n, seen: null, attempts: 0, request: 'srq_1', kind: 'invite' };
  const { id: _id, ...ordered } = signingMail;
  expect(await prisma.signingMail.create({ data: ordered })).toEqual(signingMail);
  const webhook = {
    ...{
      createdAt: 1n,
      secretSince: 2n,
      dueAt: 3n,
      claimedUntil: 4n,
      claim: 5n,
      pendingPlace: 6n,
      pendingSub: 7n,
    },
    ...{
      disabledAt: 8n,
      attempts: 1,
      secret: 2,
      organizationNumber: 1,
      id: 'whk_1',
      createdBy: 'cli',
      name: 'n',
    },
    ...{ url: 'https://example.com/', pendingType: 'record.event', disabledBecause: 'gone' },
  };
  const madeWebhook = await prisma.webhook.create({ data: webhook });
  expect(madeWebhook).toEqual({ number: 1, ...webhook });
  const webhookCursor = { of: 'whk_1', type: 'record.event', place: 1n, sub: -1n };
  expect(await prisma.webhookCursor.create({ data: webhookCursor })).toEqual(webhookCursor);
  const webhookAttempt = {
    ...{
      webhookNumber: 1,
      at: 1n,
      ms: 2,
      attempt: 3,
      status: 500,
      message: new Uint8Array(16).fill(1),
      type: 't',
      outcome: 'status',
    },
  };
  const madeAttempt = await prisma.webhookAttempt.create({ data: webhookAttempt });
  expect(madeAttempt).toEqual({ id: 1n, ...webhookAttempt });
  const webhookMail = { id: 1n, dueAt: 1n, attempts: 0, of: 'whk_1', person: 'per_1' };
  const { id: _mailId, ...orderedMail } = webhookMail;
  expect(await prisma.webhookMail.create({ data: orderedMail })).toEqual(webhookMail);
  const accountMail = {
    ...{ id: 1n, dueAt: 1n, until: 2n, attempts: 0, of: 'p', kind: 'invitation', language: 'ko', data: '{}' },
  };
  const { id: _accountMailId, ...orderedAccountMail } = accountMail;
  expect(await prisma.accountMail.create({ data: orderedAccountMail })).toEqual(accountMail);
  const digest = {
    ...{ id: 'd', place: 1n, toldAt: 2n, pendingPlace: 3n, pendingAt: 4n, dueAt: 5n, attempts: 0 },
    ...{ organizationNumber: 1, of: 'p', every: 'daily', language: 'ko' },
  };
  expect(await prisma.digest.create({ data: digest })).toEqual(digest);
  const webhookEvent = { at: 1n, organizationNumber: 1, type: 'key.created', data: '{}' };
  const madeWebhookEvent = await prisma.webhookEvent.create({ data: webhookEvent });
  expect(madeWebhookEvent).toEqual({ id: 1n, ...webhookEvent });
  return {
    organization: madeOrganization,
    person,
    organization_user: organizationUser,
    invitation,
    session,
    passkey,
    spent_challenge: spentChallenge,
    password_reset: passwordReset,
    refresh_token: refreshToken,
    signing_key: signingKey,
    api_key: apiKey,
    rate_limit: rateLimit,
    throttle,
    access_event: madeEvent,
    register_run: run,
    details_words: { position: 0n, words: null },
    signing_request: { ...signingRequest, ...erasedRequest },
    signing_mail: signingMail,
    webhook: madeWebhook,
    webhook_cursor: webhookCursor,
    webhook_attempt: madeAttempt,
    webhook_mail: webhookMail,
    account_mail: accountMail,
    digest,
    webhook_event: madeWebhookEvent,
    notarization_tag: notarizationTag,
    unlogged_words: { position: 0n, words: null },
    publication,
  };
}
