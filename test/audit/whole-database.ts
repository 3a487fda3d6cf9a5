import { createHash } from 'node:crypto';
import request from 'supertest';
import { LOCAL } from '../../src/auth/index.js';
import {
  concat,
  leafHash,
  merkleRoot,
  parseWitnesses,
  sha256,
  type VerifierKey,
} from '../../src/proof/index.js';
import { encodeRequest } from '../../src/proof/time/rfc3161.js';
import type { Store } from '../../src/store/index.js';
import { createDatabase, databaseOf, type TestDatabase } from '../support/database.js';
import { loadSecrets } from '../../src/service/keys.js';
import { LOG_KEY, SECRET } from '../support/parts.js';
import {
  bearer,
  createKey,
  createOperator,
  createOrganization,
  createUser,
  HERE,
} from '../support/people.js';
import { newHolder } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { ask, giveKey } from '../support/signing.js';
import {
  crlPoint,
  readTsq,
  startCalendar,
  startDrand,
  startList,
  startNode,
  startTsa,
  tokenOver,
} from '../support/time-sources.js';
import { until } from '../support/until.js';
import { startWitness } from '../support/witness.js';
import { crl, ROOT, SIGNING, STAMPING, tsa } from '../vectors/make/tokens/certificates.js';

/**
 * A database with rows in every table, written by a service and its members through their interfaces.
 *
 * Positions: 0 has details and belongs to organization A, like 2 to 4 (three documents of a person), 6 (erased) and 7 (its details are
 * public). 5 and 8 belong to organization B, 8 was public for a while. 1 is anonymous. 9 is a key statement.
 */
export interface WholeDatabase {
  readonly database: TestDatabase;
  /** Of the witness that has cosigned. */
  readonly members: readonly VerifierKey[];
  /** Under which the service made the MACs of rows. */
  readonly rowKeys: readonly Uint8Array[] | null;
}

export async function createWholeDatabase(): Promise<WholeDatabase> {
  await using witness = await startWitness('w0', () => LOG_KEY.key);
  await using node = await startNode();
  await using calendar = await startCalendar();
  await using drand = await startDrand();
  await using lists = await startList(crl(ROOT, '2026-01-01T00:00:00Z', []));
  await using authority = await startTsa({
    holder: tsa({ extensions: [SIGNING, STAMPING, crlPoint(lists.url)] }),
  });
  await using service = await startService({
    members: parseWitnesses(`${witness.line}\nquorum w0`),
    timeSources: {
      anchors: [authority.source(), calendar.source()],
      node: node.source(),
      drand: drand.source(),
    },
    anchoring: { beaconsEveryMs: 100 },
  });
  // The first blocks may come before the first beacon.
  await until('a beacon', () => drand.requests.length > 1);
  await use(service);
  await until('two tokens and a timestamp', async () => {
    calendar.complete(node);
    const types = (await service.store.anchorsOver(0)).map(({ type }) => type);
    return types.includes('rfc3161') && types.includes('bitcoin');
  });
  await renew(service.store);
  const { nextPosition } = await service.store.head();
  await until(
    'every block to be cosigned',
    async () => ({ head: await service.store.sealingState(), cosigned: witness.signed.at(-1)?.size ?? 0 }),
    ({ head, cosigned }) =>
      head.firstUnsealed === nextPosition && head.tip !== null && cosigned === head.tip.height + 1,
  );
  const database = await copyOf(service.databaseUrl, () => {
    service.beginStop();
  });
  const secrets = await loadSecrets({ dataDir: null, secret: SECRET });
  return { database, members: [witness.key.key], rowKeys: secrets?.rows ?? null };
}

/** As the service does it before a certificate ends. */
async function renew(store: Store): Promise<void> {
  const tokens = await store.renewableTokens(Number.MAX_SAFE_INTEGER, 2);
  const newer = [crl(ROOT, '2026-06-01T00:00:00Z', [])];
  const leaves = tokens.map(({ id, token, crls }) => ({
    renewed: id,
    crls: newer,
    hash: leafHash(concat(token, ...crls, ...newer)),
  }));
  const root = merkleRoot(leaves.map(({ hash }) => hash));
  const request = encodeRequest({
    ...{ digest: 'sha256', imprint: sha256(root), nonce: null, certReq: true, policy: null },
  });
  const token = tokenOver(readTsq(request), tsa());
  await store.addRenewal({ source: 'seoul', token, validUntil: 1, crls: [], leaves }, Date.now());
}

async function use(service: TestService): Promise<void> {
  const { access } = service.deps;
  const a = await createOrganization(service, 'Organization A', { requestsPerMinute: 1000 });
  const b = await createOrganization(service, 'Organization B');
  const keyOfA = await createKey(service, a.id);
  const keyOfB = await createKey(service, b.id, ['notarize'], { networks: ['127.0.0.0/8'] });
  const revoked = await createKey(service, a.id);
  await access.keys.revoke(LOCAL, a.id, revoked.id, HERE);
  const owner = await createUser(service, a.id, 'owner', 'owner@example.com');
  const notary = await createUser(service, a.id, 'notary', 'notary@example.com');
  await createUser(service, a.id, 'auditor', 'auditor@example.com');
  const removed = await createUser(service, a.id, 'auditor', 'removed@example.com');
  await access.users.remove(LOCAL, a.id, removed.personId, HERE);
  await createOperator(service, 'operator@example.com');
  await giveKey(service, await ask(service, keyOfA.secret, 'Kim'), newHolder('kim'));

  let submitted = 0;
  const submit = async (
    token: string | null,
    details: readonly (object | null)[],
    idempotencyKey?: string,
  ) => {
    const documents = details.map((each) => ({
      sha256: createHash('sha256').update(`document ${submitted++}`).digest('hex'),
      ...(each === null ? {} : { details: each }),
    }));
    const response = await request(service.url)
      .post('/v1/notarizations?wait=sealed')
      .set(token === null ? {} : bearer(token))
      .set(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey })
      .send({ documents })
      .expect(201);
    return (response.body as { notarizations: { id: string; position: number }[] }).notarizations;
  };
  const publish = (token: string, id: string, published: boolean) =>
    request(service.url).patch(`/v1/notarizations/${id}`).set(bearer(token)).send({ published }).expect(200);

  await submit(keyOfA.secret, [{ name: 'lease 2026.pdf', tags: ['Board', '계약서'] }], 'first');
  await submit(null, [null], 'second');
  await submit(notary.accessToken, [{ name: 'one' }, { title: '매매계약서' }, null]);
  await submit(keyOfB.secret, [{ name: 'offer' }], 'first');
  const [erased] = await submit(keyOfA.secret, [{ name: 'secret.pdf' }]);
  const [shown] = await submit(keyOfA.secret, [{ name: 'public.pdf' }]);
  const ownerOfB = await createUser(service, b.id, 'owner', 'b@example.com');
  const [hidden] = await submit(keyOfB.secret, [{ name: 'withdrawn.pdf' }]);
  await publish(owner.accessToken, shown?.id ?? '', true);
  await publish(ownerOfB.accessToken, hidden?.id ?? '', true);
  await publish(ownerOfB.accessToken, hidden?.id ?? '', false);
  await service.store.erase(erased?.position ?? -1);
}

/** A copy of a database, once nobody is connected to it any more. */
async function copyOf(url: string, disconnect: () => void): Promise<TestDatabase> {
  const admin = await createDatabase({ empty: true });
  try {
    disconnect();
    await until(
      'the service to leave its database',
      () =>
        admin.query<{ count: number }>(
          `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE datname = $1`,
          [databaseOf(url)],
        ),
      ([row]) => row?.count === 0,
    );
    return await createDatabase({ copyOf: url });
  } finally {
    await admin.drop();
  }
}
