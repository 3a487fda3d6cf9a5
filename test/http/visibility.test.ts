import { createHash, randomBytes } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { Accepted, Notarization, Problem, Verification } from '../../src/http/schemas/resources.js';
import {
  decodeEntry,
  fromBase64,
  isAnonymous,
  parseProof,
  parseVerifierKey,
  policyOfKeys,
  verify,
} from '../../src/proof/index.js';
import { bearer, createKey, createOperator, createOrganization, createUser } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const DETAILS = { name: 'secret-contract.pdf', tags: ['board'] };

let service: TestService;
let closed: TestService;
let organizationId: string;
/** Tokens, by their holders; '' for anonymous callers. */
const token: Record<string, string> = { anonymous: '' };
let organizationsOwn: Notarization;
let anonymous: Notarization;
beforeAll(async () => {
  service = await startService();
  closed = await startService({
    beside: service,
    sealing: false,
    policy: { privateVerification: true },
  });
  organizationId = (await createOrganization(service, 'Own')).id;
  const other = await createOrganization(service, 'Other');
  token['owner'] = (await createUser(service, organizationId, 'owner')).accessToken;
  token['auditor'] = (await createUser(service, organizationId, 'auditor')).accessToken;
  token['read key'] = (await createKey(service, organizationId, ['read'])).secret;
  token['notarize key'] = (await createKey(service, organizationId, ['notarize'])).secret;
  token['owner of another organization'] = (await createUser(service, other.id, 'owner')).accessToken;
  token['operator'] = (await createOperator(service)).accessToken;
  organizationsOwn = await notarize('notarize key');
  anonymous = await notarize('anonymous');
});
afterAll(async () => {
  await closed[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const as = (who: string): Record<string, string> => {
  const known = token[who] ?? expect.fail(who);
  return known === '' ? {} : bearer(known);
};

async function notarize(who: string, details: object = DETAILS): Promise<Notarization> {
  const sha256 = createHash('sha256').update(randomBytes(8)).digest('hex');
  const res = await request(service.url)
    .post('/v1/notarizations?wait=sealed')
    .set(as(who))
    .send({ documents: [{ sha256, details }] })
    .expect(201);
  return Accepted.parse(res.body).notarizations[0] ?? expect.fail();
}

const get = (who: string, path: string, from = service) =>
  request(from.url).get(path).set(as(who)).buffer(true);
const WHO = [
  'anonymous',
  'owner',
  'auditor',
  'read key',
  'notarize key',
  'owner of another organization',
  'operator',
] as const;
const READERS = ['owner', 'auditor', 'read key'];

test('a notarization of an organization carries a tag that others cannot link to it', () => {
  expect(isAnonymous(decodeEntry(fromBase64(organizationsOwn.entry)))).toBe(false);
  expect(isAnonymous(decodeEntry(fromBase64(anonymous.entry)))).toBe(true);
});

describe('status and details', () => {
  test.each(WHO)('%s', async (who) => {
    const seen = await get(who, organizationsOwn.links.self);
    if (READERS.includes(who)) {
      expect(Notarization.parse(seen.body)).toMatchObject({ details: DETAILS, published: false });
    } else if (who === 'notarize key') {
      expect(Notarization.parse(seen.body).details).toBeUndefined();
      expect(seen.text).not.toContain('secret-contract');
    } else {
      // Letter for letter what is said of something that is not there.
      const [position = ''] = organizationsOwn.id.split('-');
      const absent = await get(who, `/v1/notarizations/${position}-0000000000000000`);
      expect(seen.status).toBe(404);
      expect({ ...Problem.parse(seen.body), requestId: '' }).toEqual({
        ...Problem.parse(absent.body),
        requestId: '',
      });
    }
    expect((await get(who, anonymous.links.self)).body).toMatchObject({ details: DETAILS });
    const events = await get(who, organizationsOwn.links.events);
    expect(events.status).toBe(READERS.includes(who) || who === 'notarize key' ? 200 : 404);
    if (!READERS.includes(who)) expect(events.text).not.toContain('secret-contract');
  });
});

describe('proofs', () => {
  const proofOf = async (who: string, query: string, from = service, of = organizationsOwn) => {
    const res = await get(who, of.links.proof + query, from);
    return { status: res.status, proof: res.status === 200 ? parseProof(res.text) : null };
  };

  test.each(WHO)('%s', async (who) => {
    const plain = await proofOf(who, '');
    expect(plain.status).toBe(200);
    expect(plain.proof?.details).toEqual(READERS.includes(who) ? DETAILS : undefined);
    expect(plain.proof?.account).toBeUndefined();
    const policy = policyOfKeys([parseVerifierKey(service.verifierKey)]);
    if (plain.proof !== null)
      expect(verify({ proof: plain.proof, document: null, policy }).verdict).toBe('verified');
    expect((await proofOf(who, '?disclose=none')).proof?.details).toBeUndefined();
    const all = await proofOf(who, '?disclose=all');
    expect(all.status).toBe(READERS.includes(who) ? 200 : 404);
    if (all.proof !== null) {
      expect(all.proof).toMatchObject({ details: DETAILS, account: organizationId });
      expect(verify({ proof: all.proof, document: null, policy }).verdict).toBe('verified');
    }
  });

  test.each(WHO)('%s, with private verification', async (who) => {
    const known = [...READERS, 'notarize key'].includes(who);
    expect((await proofOf(who, '', closed)).status).toBe(known ? 200 : 404);
    expect((await proofOf(who, '?disclose=none', closed)).status).toBe(known ? 200 : 404);
    expect((await proofOf(who, '', closed, anonymous)).proof?.details).toEqual(DETAILS);
  });
});

describe('verifying the document', () => {
  const lookUp = async (who: string, from = service, sha256 = organizationsOwn.sha256) => {
    const byDigest = await get(who, `/v1/verify/${sha256}`, from);
    const byBody = await request(from.url).post('/v1/verify').set(as(who)).send({ sha256 });
    expect(byBody.status).toBe(byDigest.status);
    if (byDigest.status !== 200) return null;
    expect(byBody.body).toEqual(byDigest.body);
    return Verification.parse(byDigest.body);
  };

  test.each(WHO)('%s', async (who) => {
    const result = await lookUp(who);
    expect(result).toMatchObject({
      verdict: 'verified',
      notarizations: [{ id: organizationsOwn.id, status: 'sealed' }],
    });
    expect(result?.notarizations[0]?.details).toEqual(READERS.includes(who) ? DETAILS : undefined);
    expect((await lookUp(who, service, anonymous.sha256))?.notarizations[0]?.details).toBeUndefined();
  });

  test.each(WHO)('%s, with private verification', async (who) => {
    const result = await lookUp(who, closed);
    if (READERS.includes(who))
      expect(result).toMatchObject({ verdict: 'verified', notarizations: [{ details: DETAILS }] });
    else if (who === 'owner of another organization')
      expect(result).toMatchObject({ verdict: 'unknown', notarizations: [] });
    else expect(result).toBeNull();
    if (result !== null) {
      // Strangers' and nobody's are not known to be here at all.
      expect(await lookUp(who, closed, anonymous.sha256)).toMatchObject({
        verdict: 'unknown',
        notarizations: [],
      });
    }
  });

  test('the organization’s own notarizations are found among any number of others', async () => {
    const sha256 = createHash('sha256').update('popular').digest('hex');
    const documents = Array.from({ length: 150 }, () => ({ sha256 }));
    await request(service.url).post('/v1/notarizations').send({ documents }).expect(201);
    await request(service.url)
      .post('/v1/notarizations?wait=sealed')
      .set(as('notarize key'))
      .send({ documents: [{ sha256, details: DETAILS }] })
      .expect(201);
    const result = await lookUp('owner', closed, sha256);
    expect(result).toMatchObject({ verdict: 'verified', more: false, notarizations: [{ details: DETAILS }] });
  });
});

describe('publishing', () => {
  const publish = (who: string, published: unknown, id = organizationsOwn.id) =>
    request(service.url).patch(`/v1/notarizations/${id}`).set(as(who)).send({ published });

  test('shows the details to everyone until they are withdrawn', async () => {
    const own = await notarize('notarize key');
    const seenBy = async (who: string, from = service) => {
      const res = await get(who, `/v1/verify/${own.sha256}`, from);
      return Verification.parse(res.body).notarizations[0]?.details;
    };
    expect(Notarization.parse((await publish('owner', true, own.id).expect(200)).body).published).toBe(true);
    for (const who of WHO) {
      expect(await seenBy(who)).toEqual(DETAILS);
      expect(parseProof((await get(who, own.links.proof)).text).details).toEqual(DETAILS);
    }
    const all = parseProof(
      (await get('owner of another organization', `${own.links.proof}?disclose=all`).expect(200)).text,
    );
    expect([all.details, all.account]).toEqual([DETAILS, undefined]);
    // The status, which says more, stays the organization's; and private verification goes before publishing.
    await get('owner of another organization', own.links.self).expect(404);
    await get('owner of another organization', own.links.proof, closed).expect(404);
    expect(await seenBy('owner of another organization', closed)).toBeUndefined();
    expect(Notarization.parse((await get('auditor', own.links.self)).body).published).toBe(true);
    await publish('owner', true, own.id).expect(200);
    expect(Notarization.parse((await publish('owner', false, own.id).expect(200)).body).published).toBe(
      false,
    );
    for (const who of ['anonymous', 'owner of another organization', 'operator'])
      expect(await seenBy(who)).toBeUndefined();
    const events = await service.deps.access.log.read(LOCAL, {
      limit: 10,
      kinds: ['details_published', 'details_withdrawn'],
    });
    expect(events.map(({ kind, detail }) => [kind, detail['position']])).toEqual([
      ['details_withdrawn', own.position],
      ['details_published', own.position],
    ]);
  });

  test('is limited to the organization: 404 for others, 403 for those who may only read', async () => {
    for (const [who, status] of [
      ['anonymous', 401],
      ['auditor', 403],
      ['read key', 403],
      ['notarize key', 403],
      ['operator', 403],
      ['owner of another organization', 404],
    ] as const) {
      expect([who, (await publish(who, true)).status]).toEqual([who, status]);
    }
    expect((await publish('owner', true, anonymous.id)).status).toBe(404);
    for (const wrong of ['yes', null, 1]) await publish('owner', wrong).expect(400);
    expect(Notarization.parse((await get('owner', organizationsOwn.links.self)).body).published).toBe(false);
  });
});

test('reading as an operator who is also a user of the organization is logged', async () => {
  const email = 'both@example.com';
  const person = await createUser(service, organizationId, 'auditor', email);
  await service.deps.access.people.addOperator(
    LOCAL,
    email,
    { address: '', agent: '' },
    { trustExisting: true },
  );
  token['both'] = person.accessToken;
  const told = () =>
    service.deps.access.log.read(LOCAL, { limit: 100, organizationId, kinds: ['details_read_by_operator'] });
  for (const [path, expected] of [
    [organizationsOwn.links.self, 1],
    [organizationsOwn.links.proof, 2],
    [`${organizationsOwn.links.proof}?disclose=none`, 2],
    [`/v1/verify/${organizationsOwn.sha256}`, 3],
    ['/v1/notarizations', 4],
    ['/v1/notarizations?limit=1', 5],
    [anonymous.links.self, 5],
    [`/v1/verify/${anonymous.sha256}`, 5],
    ['/v1/chain', 5],
    // The same again on this day.
    [organizationsOwn.links.self, 5],
    ['/v1/notarizations', 5],
  ] as const) {
    await get('both', path).expect(200);
    expect([path, (await told()).length]).toEqual([path, expected]);
  }
  expect((await told())[0]).toMatchObject({
    ...{ personId: person.personId, address: '127.0.0.1' },
    detail: { route: '/v1/notarizations', count: 1 },
  });
  await get('owner', organizationsOwn.links.self).expect(200);
  expect(await told()).toHaveLength(5);
});
