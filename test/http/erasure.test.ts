import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { audit } from '../../src/audit/audit.js';
import { Background } from '../../src/background/index.js';
import { AccessLog } from '../../src/http/schemas/auth.js';
import {
  Erasure,
  Erasures as ErasureList,
  HeldNotarizations,
  Hold,
  Holds,
} from '../../src/http/schemas/erasure.js';
import {
  Accepted,
  Chain,
  type Notarization,
  Problem,
  Register,
  Verification,
} from '../../src/http/schemas/resources.js';
import {
  decodeEntry,
  entryLeafHash,
  fromBase64,
  isErasureOf,
  parsePolicy,
  parseProof,
  readErasure,
  sha256,
  toHex,
  utf8,
  verify,
} from '../../src/proof/index.js';
import { Erasures } from '../../src/log/index.js';
import { query } from '../support/database.js';
import { startMember, untilCosigned } from '../support/member.js';
import { createLogger, LOG_KEY } from '../support/parts.js';
import { bearer, createKey, createOperator, createOrganization, createUser } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const log = createLogger();
let service: TestService;
let organization: string;
let owner: string;
/** Tokens by their holders; '' for anonymous callers. */
const token: Record<string, string> = { anonymous: '' };
beforeAll(async () => {
  service = await startService({ logger: log.logger });
  organization = (await createOrganization(service, 'Own')).id;
  const other = (await createOrganization(service, 'Other')).id;
  const first = await createUser(service, organization, 'owner');
  owner = first.personId;
  token['owner'] = first.accessToken;
  token['second owner'] = (await createUser(service, organization, 'owner')).accessToken;
  for (const role of ['notary', 'auditor'] as const)
    token[role] = (await createUser(service, organization, role)).accessToken;
  token['key'] = (await createKey(service, organization)).secret;
  token['stranger'] = (await createUser(service, other, 'owner')).accessToken;
  token['operator'] = (await createOperator(service)).accessToken;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly code: string | null;
}

async function call(who: string, method: string, path: string, body?: object): Promise<Answer> {
  const known = token[who] ?? expect.fail(who);
  const res = await fetch(service.url + path, {
    method,
    headers: {
      ...(known === '' ? {} : bearer(known)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await res.text();
  const isProblem = res.headers.get('content-type')?.startsWith('application/problem+json') === true;
  return { status: res.status, text, code: isProblem ? Problem.parse(JSON.parse(text)).code : null };
}

async function json(who: string, method: string, path: string, body?: object): Promise<unknown> {
  const { status, text } = await call(who, method, path, body);
  expect(status, `${method} ${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text) as unknown;
}

async function notarize(
  who = 'key',
  details: object = { name: 'contract.pdf' },
  headers: Record<string, string> = {},
  digest = createHash('sha256').update(randomBytes(8)).digest('hex'),
): Promise<Notarization> {
  const known = token[who] ?? '';
  const res = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(known === '' ? {} : bearer(known)), ...headers },
    body: JSON.stringify({ documents: [{ sha256: digest, details }] }),
  });
  const { notarizations } = Accepted.parse(await res.json());
  return notarizations[0] ?? expect.fail();
}

const erase = async (id: string, who = 'owner'): Promise<Erasure> =>
  Erasure.parse(await json(who, 'DELETE', `/v1/notarizations/${id}`));

const leafOf = ({ entry }: Notarization): Uint8Array => entryLeafHash(decodeEntry(fromBase64(entry)));

async function sealedProof(id: string) {
  return until('the proof is sealed', async () => {
    const { status, text } = await call('owner', 'GET', `/v1/notarizations/${id}/proof`);
    return status === 200 ? parseProof(text) : null;
  });
}

const policyOf = async () => parsePolicy(Chain.parse(await json('anonymous', 'GET', '/v1/chain')).policy);

/** Every row of every table, as text. */
async function dump(): Promise<Map<string, string>> {
  const tables = await query<{ name: string }>(
    service.adminUrl,
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const rows = await query<{ text: string }>(
      service.adminUrl,
      `SELECT row.*::text AS text FROM ${name} AS row`,
    );
    texts.set(name, rows.map(({ text }) => text).join('\n'));
  }
  return texts;
}

describe('an erasure', () => {
  test('leaves nothing of the content in any table, and every other proof valid', async () => {
    const before = await notarize();
    const details = { name: 'Erasmus-Vertrag.pdf', title: 'Unvergleichlich', tags: ['quetzal'] };
    const notarized = await notarize('key', details, { 'idempotency-key': 'once' });
    const after = await notarize();
    await json('notary', 'PATCH', `/v1/notarizations/${notarized.id}`, { published: true });
    const ownProof = await call('owner', 'GET', `/v1/notarizations/${notarized.id}/proof?disclose=all`);
    const policy = await policyOf();

    const { salt, digest } = decodeEntry(fromBase64(notarized.entry));
    const idempotency = await query<{ text: string }>(
      service.adminUrl,
      `SELECT encode(fingerprint, 'hex') AS text FROM idempotency WHERE key = 'once'`,
    );
    const secrets = {
      digest: toHex(digest),
      salt: toHex(salt),
      saltPrefix: notarized.id.split('-')[1] ?? '',
      fingerprint: idempotency[0]?.text ?? '',
      name: 'erasmus',
      title: 'unvergleichlich',
      tag: 'quetzal',
    };
    const found = async () => {
      const texts = [...(await dump())].map(([table, text]) => [table, text.toLowerCase()] as const);
      return Object.entries(secrets).flatMap(([name, secret]) =>
        texts.flatMap(([table, text]) =>
          secret !== '' && text.includes(secret) ? [`${name} in ${table}`] : [],
        ),
      );
    };
    // What is looked for is there before.
    expect((await found()).map((each) => each.split(' ')[0])).toEqual(
      expect.arrayContaining(['digest', 'salt', 'fingerprint', 'name', 'title', 'tag']),
    );

    await erase(notarized.id);
    expect(await found()).toEqual([]);

    for (const { id, entry } of [before, after]) {
      const proof = await sealedProof(id);
      const document = { sha256: decodeEntry(fromBase64(entry)).digest };
      expect(verify({ proof, document, policy }).verdict, id).toBe('verified');
    }
    expect(verify({ proof: parseProof(ownProof.text), document: { sha256: digest }, policy }).verdict).toBe(
      'verified',
    );
  });

  test('gives a signed certificate that is notarized, names the leaf, and can be had again', async () => {
    const notarized = await notarize();
    const erasure = await erase(notarized.id);
    const signed = readErasure(erasure.certificate, [LOG_KEY.key]);
    expect(signed.position).toBe(notarized.position);
    expect(isErasureOf(signed, { origin: LOG_KEY.key.name, leafHash: leafOf(notarized) })).toBe(true);
    expect(erasure.certificate).not.toContain(notarized.sha256);

    expect(await erase(notarized.id, 'second owner')).toEqual(erasure);
    for (const who of ['key', 'stranger', 'anonymous']) {
      expect(Erasure.parse(await json(who, 'GET', `/v1/notarizations/${notarized.id}/erasure`))).toEqual(
        erasure,
      );
    }

    const proof = await sealedProof(erasure.notarization ?? '');
    const bytes = utf8(erasure.certificate);
    const document = { sha256: sha256(bytes), size: bytes.length };
    const policy = await policyOf();
    expect(verify({ proof, document, policy }).verdict).toBe('verified');
    // The log needs it: it cannot be erased.
    const refused = await call('owner', 'DELETE', `/v1/notarizations/${erasure.notarization ?? ''}`);
    expect([refused.status, refused.code]).toEqual([409, 'not_erasable']);
  });

  test('is in the access log, once, with who did it', async () => {
    const { id, position } = await notarize();
    await erase(id);
    await erase(id);
    const page = AccessLog.parse(await json('owner', 'GET', '/v1/access-log?kind=notarization_erased'));
    const own = page.events.filter(({ detail }) => detail['position'] === position);
    expect(own).toHaveLength(1);
  });

  test('is known to every call from then on', async () => {
    const digest = createHash('sha256').update('shown').digest('hex');
    const { id } = await notarize('key', { name: 'shown.pdf', tags: ['shown'] }, {}, digest);
    await erase(id);
    const status = async (who: string, path: string) => {
      const { status: number, code } = await call(who, 'GET', `/v1/notarizations/${id}${path}`);
      return `${number} ${code ?? ''}`;
    };
    const gone = '410 erased';
    const unknown = '404 notarization_not_found';
    for (const path of ['', '/events', '/proof', '/certificate.pdf?tz=UTC']) {
      expect(await status('auditor', path), path).toBe(gone);
      expect(await status('key', path), path).toBe(gone);
      const others = path === '' || path === '/events' ? unknown : gone;
      expect(await status('stranger', path), path).toBe(others);
      expect(await status('anonymous', path), path).toBe(others);
    }
    const changed = await call('notary', 'PATCH', `/v1/notarizations/${id}`, { published: true });
    expect([changed.status, changed.code]).toEqual([410, 'erased']);
    const list = Register.parse(await json('auditor', 'GET', `/v1/notarizations?sha256=${digest}`));
    expect(list.notarizations).toEqual([]);
    expect(Register.parse(await json('auditor', 'GET', '/v1/notarizations?tag=shown')).notarizations).toEqual(
      [],
    );
    expect((await call('auditor', 'GET', '/v1/notarizations?format=csv')).text).not.toContain(digest);
    const verified = Verification.parse(await json('owner', 'GET', `/v1/verify/${digest}`));
    expect([verified.verdict, verified.notarizations]).toEqual(['unknown', []]);
  });

  test('takes another id with the same position for unknown', async () => {
    const { id, position } = await notarize();
    await erase(id);
    const { code } = await call('owner', 'GET', `/v1/notarizations/${position}-0000000000000000`);
    expect(code).toBe('notarization_not_found');
    expect((await call('owner', 'DELETE', `/v1/notarizations/${position}-0000000000000000`)).code).toBe(
      'notarization_not_found',
    );
  });

  test('tells a repeated submission that it was erased', async () => {
    const headers = { 'idempotency-key': `key-${randomBytes(4).toString('hex')}` };
    const digest = createHash('sha256').update('repeated').digest('hex');
    const { id } = await notarize('key', { name: 'repeated.pdf' }, headers, digest);
    await erase(id);
    const res = await fetch(`${service.url}/v1/notarizations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token['key'] ?? ''), ...headers },
      body: JSON.stringify({ documents: [{ sha256: digest, details: { name: 'repeated.pdf' } }] }),
    });
    expect([res.status, Problem.parse(await res.json()).code]).toEqual([410, 'erased']);
  });

  test('is for owners of the organization, and of anonymous notarizations for operators', async () => {
    const own = await notarize();
    const attempt = async (who: string, id: string) => {
      const { status, code } = await call(who, 'DELETE', `/v1/notarizations/${id}`);
      return `${status} ${code ?? ''}`;
    };
    for (const who of ['notary', 'auditor', 'key'])
      expect(await attempt(who, own.id), who).toBe('403 forbidden');
    expect(await attempt('anonymous', own.id)).toBe('401 unauthenticated');
    for (const who of ['stranger', 'operator']) {
      expect(await attempt(who, own.id), who).toBe('404 notarization_not_found');
    }
    const anonymous = await notarize('anonymous');
    expect(await attempt('owner', anonymous.id)).toBe('403 forbidden');
    const erasure = await erase(anonymous.id, 'operator');
    expect(erasure.position).toBe(anonymous.position);
    expect(await attempt('stranger', anonymous.id)).toBe('404 notarization_not_found');
    expect((await call('anonymous', 'GET', `/v1/notarizations/${anonymous.id}`)).code).toBe('erased');
    await erase(own.id);
    expect(await attempt('stranger', own.id)).toBe('404 notarization_not_found');
  });
});

describe('the list of erasures', () => {
  test('has those of the organization, latest first, in pages, for owners and auditors', async () => {
    const erased = [];
    for (let i = 0; i < 3; i++) erased.unshift(await erase((await notarize()).id));
    const page = async (query: string, who = 'auditor') =>
      ErasureList.parse(await json(who, 'GET', `/v1/erasures${query}`));
    const first = await page('?limit=2');
    expect(first.erasures).toEqual(erased.slice(0, 2).map((each) => ({ ...each, erasedBy: owner })));
    const second = await page(`?limit=1&cursor=${first.next ?? ''}`);
    expect(second.erasures.map(({ position }) => position)).toEqual([erased[2]?.position]);
    const all: number[] = [];
    for (let next: string | null = ''; next !== null;) {
      const one: z.infer<typeof ErasureList> = await page(
        `?limit=3${next === '' ? '' : `&cursor=${next}`}`,
        'owner',
      );
      all.push(...one.erasures.map(({ position }) => position));
      ({ next } = one);
    }
    expect(new Set(all).size).toBe(all.length);

    expect((await page('', 'stranger')).erasures).toEqual([]);
    for (const who of ['notary', 'key'])
      expect((await call(who, 'GET', '/v1/erasures')).code, who).toBe('forbidden');
    expect((await call('anonymous', 'GET', '/v1/erasures')).code).toBe('unauthenticated');
    // An operator sees those of anonymous notarizations, and no others.
    const anonymous = await erase((await notarize('anonymous')).id, 'operator');
    const operators = await page('', 'operator');
    expect(operators.erasures[0]?.position).toBe(anonymous.position);
    expect(operators.erasures.filter(({ position }) => all.includes(position))).toEqual([]);
    for (const bad of ['limit=0', 'cursor=x', 'cursor=-1', 'limit=1001'])
      expect((await call('owner', 'GET', `/v1/erasures?${bad}`)).code, bad).toBe('invalid_parameter');
    // The position of another's erasure is no way into their list.
    expect((await page(`?cursor=${anonymous.position}`, 'stranger')).erasures).toEqual([]);
  });
});

describe('a legal hold', () => {
  const place = async (body: object, who = 'owner') => Hold.parse(await json(who, 'POST', '/v1/holds', body));
  const lift = (who: string, id: string, path = 'lift') =>
    call(who, 'POST', `/v1/holds/${id}/${path}`, path === 'lift' ? { reason: 'case closed' } : undefined);

  test('refuses erasure until two different owners have lifted it', async () => {
    const { id } = await notarize();
    const hold = await place({ reason: 'case 2026/7', notarizations: [id] });
    expect(hold).toMatchObject({ status: 'in_force', notarizations: 1, reason: 'case 2026/7' });
    const refused = await call('second owner', 'DELETE', `/v1/notarizations/${id}`);
    expect([refused.status, refused.code]).toEqual([409, 'legal_hold']);

    expect((await lift('owner', hold.id, 'lift/approval')).code).toBe('lift_not_requested');
    expect(Hold.parse(JSON.parse((await lift('owner', hold.id)).text)).status).toBe('lift_requested');
    expect((await call('owner', 'DELETE', `/v1/notarizations/${id}`)).code).toBe('legal_hold');
    expect((await lift('second owner', hold.id)).code).toBe('lift_requested');
    expect((await lift('owner', hold.id, 'lift/approval')).code).toBe('second_person_required');
    const lifted = Hold.parse(JSON.parse((await lift('second owner', hold.id, 'lift/approval')).text));
    expect(lifted.status).toBe('lifted');
    expect(lifted.lifted?.by).not.toBe(lifted.liftRequest?.by);
    expect((await lift('owner', hold.id)).code).toBe('hold_lifted');

    expect((await erase(id)).position).toBeGreaterThanOrEqual(0);
    const held = HeldNotarizations.parse(await json('auditor', 'GET', `/v1/holds/${hold.id}/notarizations`));
    expect(held.notarizations.map((each) => each.id)).toEqual([null]);
  });

  test('is not lifted by one person with an account here and one at the identity provider', async () => {
    const eventOf = (kind: 'hold_lift_requested' | 'hold_lifted', by: string, hold: string) => ({
      ...{ at: 2, kind, organizationId: organization, personId: by, keyId: null },
      ...{ address: null, detail: { hold } },
    });
    const [row] = await query<{ number: number }>(
      service.adminUrl,
      `SELECT number FROM organization WHERE id = '${organization}'`,
    );
    const { number } = row ?? expect.fail();
    const outcome = async (request: [string, string | null], approval: [string, string | null]) => {
      const hold = await place({ reason: 'two', notarizations: [(await notarize()).id] });
      const step = ([by, email]: [string, string | null]) => ({ at: 2, by, email });
      const asked = { kind: 'request', reason: 'x', ...step(request) } as const;
      const asking = eventOf('hold_lift_requested', request[0], hold.id);
      expect(await service.store.liftHold(number, hold.id, asked, asking)).toBe('done');
      const approved = { kind: 'approve', ...step(approval) } as const;
      return service.store.liftHold(number, hold.id, approved, eventOf('hold_lifted', approval[0], hold.id));
    };
    const [here, there] = ['psn_a', 'oidc:a'];
    expect(await outcome([here, 'kim@example.com'], [there, 'Kim@example.com'])).toBe('same_person');
    expect(await outcome([there, 'kim@example.com'], [here, 'kim@example.com'])).toBe('same_person');
    expect(await outcome([there, null], [here, 'kim@example.com'])).toBe('same_person');
    expect(await outcome([here, 'kim@example.com'], [there, 'lee@example.com'])).toBe('done');
    expect(await outcome([here, null], ['psn_b', null])).toBe('done');
    const kept = await query(
      service.adminUrl,
      `SELECT FROM legal_hold WHERE lifted_at = 2 AND lift_email IS NOT NULL`,
    );
    expect(kept).toEqual([]);
  });

  test('is placed once by a request that is repeated with its Idempotency-Key', async () => {
    const [one, two] = [await notarize(), await notarize()];
    const attempt = async (reason: string, { id }: Notarization, who = 'owner') => {
      const res = await fetch(`${service.url}/v1/holds`, {
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', 'idempotency-key': 'again' },
          ...bearer(token[who] ?? ''),
        },
        body: JSON.stringify({ reason, notarizations: [id] }),
      });
      return res.status === 201 ? Hold.parse(await res.json()) : res.status;
    };
    const first = await attempt('once', one);
    expect(await attempt('once', one)).toEqual(first);
    expect(await Promise.all([attempt('once', one), attempt('once', one, 'second owner')])).toEqual([
      first,
      first,
    ]);
    expect(await attempt('once', two)).not.toEqual(first);
    expect(await attempt('once', one, 'stranger')).toBe(404);
    const { holds } = Holds.parse(await json('auditor', 'GET', `/v1/holds?notarization=${one.id}`));
    expect(holds).toHaveLength(1);
  });

  test('stays when the request to lift it is withdrawn', async () => {
    const { id } = await notarize();
    const hold = await place({ reason: 'audit', notarizations: [id] });
    await lift('owner', hold.id);
    const kept = Hold.parse(await json('second owner', 'DELETE', `/v1/holds/${hold.id}/lift`));
    expect(kept.status).toBe('in_force');
    expect((await lift('second owner', hold.id, 'lift/approval')).code).toBe('lift_not_requested');
    expect((await call('owner', 'DELETE', `/v1/notarizations/${id}`)).code).toBe('legal_hold');
  });

  test('keeps all that a search finds now, and each of several holds counts', async () => {
    const some = [
      await notarize('key', { tags: ['matter 9'] }),
      await notarize('key', { tags: ['matter 9'] }),
    ];
    const [first, second] = some;
    const hold = await place({ reason: 'matter 9', search: { tag: 'matter 9' } });
    expect(hold.notarizations).toBe(2);
    const later = await notarize('key', { tags: ['matter 9'] });
    await erase(later.id);
    const another = await place({ reason: 'other', notarizations: [first?.id] });
    const holds = Holds.parse(await json('auditor', 'GET', `/v1/holds?notarization=${first?.id ?? ''}`));
    expect(holds.holds.map(({ id }) => id)).toEqual([another.id, hold.id]);
    await lift('owner', hold.id);
    await lift('second owner', hold.id, 'lift/approval');
    expect((await call('owner', 'DELETE', `/v1/notarizations/${first?.id ?? ''}`)).code).toBe('legal_hold');
    await erase(second?.id ?? '');
  });

  test('is for owners; auditors see it, and others do not', async () => {
    const { id } = await notarize();
    const hold = await place({ reason: 'private', notarizations: [id] });
    const body = { reason: 'x', notarizations: [id] };
    for (const who of ['notary', 'auditor', 'key', 'operator']) {
      expect((await call(who, 'POST', '/v1/holds', body)).code, who).toBe('forbidden');
      expect((await lift(who, hold.id)).code, who).toBe('forbidden');
    }
    for (const who of ['notary', 'key', 'operator']) {
      expect((await call(who, 'GET', '/v1/holds')).code, who).toBe('forbidden');
    }
    expect(Hold.parse(await json('auditor', 'GET', `/v1/holds/${hold.id}`))).toEqual(hold);
    expect((await call('stranger', 'GET', `/v1/holds/${hold.id}`)).code).toBe('hold_not_found');
    expect((await lift('stranger', hold.id)).code).toBe('hold_not_found');
    expect((await call('stranger', 'POST', '/v1/holds', body)).code).toBe('notarization_not_found');
    expect(Holds.parse(await json('stranger', 'GET', '/v1/holds')).holds).toEqual([]);
  });

  test('is shown in the register to owners and auditors, and finds what it keeps', async () => {
    const [held, lifted, free] = [
      await notarize('key', { tags: ['shelf'] }),
      await notarize('key', { tags: ['shelf'] }),
      await notarize('key', { tags: ['shelf'] }),
    ];
    const hold = await place({ reason: 'shown', notarizations: [held.id, free.id] });
    const twice = await place({ reason: 'shown again', notarizations: [held.id] });
    const ended = await place({ reason: 'ended', notarizations: [lifted.id] });
    await lift('owner', ended.id);
    await lift('second owner', ended.id, 'lift/approval');
    const found = async (who: string, search: string) => {
      const list = Register.parse(await json(who, 'GET', `/v1/notarizations?tag=shelf${search}`));
      return list.notarizations.map(({ id, held: isHeld }) => [id, isHeld]);
    };
    for (const who of ['owner', 'auditor']) {
      expect(await found(who, '&order=oldest')).toEqual([
        [held.id, true],
        [lifted.id, false],
        [free.id, true],
      ]);
      expect(await found(who, `&hold=${hold.id}`)).toEqual([
        [free.id, true],
        [held.id, true],
      ]);
      expect(await found(who, `&hold=${ended.id}`)).toEqual([[lifted.id, false]]);
      expect(await found(who, '&hold=any&order=oldest&skip=1')).toEqual([[free.id, true]]);
      expect(await found(who, `&hold=${twice.id}&sha256=${held.sha256}`)).toEqual([[held.id, true]]);
      expect(await found(who, `&hold=${twice.id}&sha256=${free.sha256}`)).toEqual([]);
    }
    expect((await found('notary', '')).map(([, isHeld]) => isHeld)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    for (const who of ['notary', 'key']) {
      expect((await call(who, 'GET', `/v1/notarizations?hold=${hold.id}`)).code, who).toBe('forbidden');
    }
    expect(await found('stranger', `&hold=${hold.id}`)).toEqual([]);
    const { names } = Holds.parse(await json('auditor', 'GET', '/v1/holds?limit=3'));
    expect(Object.keys(names)).toContain(owner);
  });

  test('is refused for bad input, and for nothing', async () => {
    const code = async (body: object) => (await call('owner', 'POST', '/v1/holds', body)).code;
    expect(await code({ reason: 'r' })).toBe('invalid_body');
    expect(await code({ reason: '', notarizations: ['1-0000000000000000'] })).toBe('invalid_body');
    expect(await code({ reason: 'r', search: {} })).toBe('invalid_body');
    expect(await code({ reason: 'r', notarizations: ['1-0000000000000000'] })).toBe('notarization_not_found');
    expect(await code({ reason: 'r', search: { tag: 'of nothing' } })).toBe('notarization_not_found');
    expect((await call('owner', 'GET', '/v1/holds/hld_x')).code).toBe('hold_not_found');
  });

  test('cannot be changed, nor lifted by one person, in the database itself', async () => {
    const { id } = await notarize();
    const hold = await place({ reason: 'kept', notarizations: [id] });
    const run = (sql: string) => query(service.databaseUrl, sql);
    await expect(run(`UPDATE legal_hold SET reason = 'other' WHERE id = '${hold.id}'`)).rejects.toThrow(
      /refused/,
    );
    await expect(run(`DELETE FROM legal_hold WHERE id = '${hold.id}'`)).rejects.toThrow(/refused/);
    await expect(run(`DELETE FROM held_notarization WHERE hold = '${hold.id}'`)).rejects.toThrow(/refused/);
    await expect(
      run(
        `UPDATE legal_hold SET lift_requested_at = 1, lift_requested_by = 'p', lift_reason = 'r', lifted_at = 1,
         lifted_by = 'p' WHERE id = '${hold.id}'`,
      ),
    ).rejects.toThrow(/legal_hold_two_people/);
    await expect(run(`SELECT erase_notarization(${id.split('-')[0] ?? ''})`)).rejects.toThrow(/legal hold/);
  });

  test('placed at the same time as an erasure is either in time or has nothing to keep', async () => {
    for (let i = 0; i < 5; i++) {
      const { id } = await notarize();
      const [erased, held] = await Promise.all([
        call('owner', 'DELETE', `/v1/notarizations/${id}`),
        call('second owner', 'POST', '/v1/holds', { reason: 'race', notarizations: [id] }),
      ]);
      const outcome = `${erased.status} ${held.status}`;
      expect(['200 404', '409 201']).toContain(outcome);
    }
  });
});

test('a certificate for which there was no time is notarized by the next service that starts', async () => {
  const { id } = await notarize();
  const { notarizations } = service.deps;
  // As if the service had been killed after its first step.
  const mine = new Erasures({
    ...{ store: service.store, background: new Background(), origin: LOG_KEY.key.name },
    intake: { accept: () => Promise.reject(new Error('killed')) },
    signers: () => Promise.resolve([LOG_KEY]),
  });
  const notarization = await notarizations.find(id);
  if (notarization === null) expect.fail();
  const event = {
    ...{
      at: 0,
      kind: 'notarization_erased' as const,
      organizationId: organization,
      personId: owner,
      keyId: null,
    },
    ...{ address: null, detail: { position: notarization.position } },
  };
  const erasure = await mine.erase(notarization, owner, event);
  await mine.close();
  expect(erasure.certificate).toBeNull();
  expect((await service.store.unnotarizedErasures(10)).map(({ position }) => position)).toEqual([
    notarization.position,
  ]);
  await using next = await startService({ beside: service });
  expect(next.url).not.toBe(service.url);
  await until('the certificate is notarized', async () =>
    (await notarizations.byDigest(erasure.digest, 1)).notarizations.some(({ block }) => block !== null),
  );
  expect(await service.store.unnotarizedErasures(10)).toEqual([]);
});

test('the audit finds nothing after all of this, and names what was erased', async () => {
  const { findings, database } = await audit({ store: service.store, logKey: LOG_KEY.key });
  expect(findings).toEqual([]);
  const tables = [
    'erasure_certificate',
    'legal_hold',
    'held_notarization',
    'details',
    'details_words',
    'entry',
  ];
  const concerned = [
    ...tables,
    'notarization_tag',
    'publication',
    'idempotency',
    'register_run',
    'access_event',
  ];
  expect(database.findings.filter(({ table }) => concerned.includes(table))).toEqual([]);
});

test('an erasure whose certificate cannot be stored erases nothing', async () => {
  const { certificate } = await erase((await notarize()).id);
  const { id, position } = await notarize();
  const erasure = {
    ...{ position, erasedAt: 1, erasedBy: owner, idCheck: new Uint8Array(4) },
    // There is a certificate with this digest.
    ...{ digest: sha256(utf8(certificate)), note: certificate },
  };
  const event = {
    ...{ at: 1, kind: 'notarization_erased' as const, organizationId: organization, personId: owner },
    ...{ keyId: null, address: null, detail: { position } },
  };
  await expect(service.store.eraseNotarization(erasure, event)).rejects.toThrow();
  expect(await service.store.erasure(position)).toBeNull();
  expect((await call('owner', 'GET', `/v1/notarizations/${id}`)).status).toBe(200);
});

test('the audit names certificates and holds that were changed, added or removed', async () => {
  const [{ id }, other] = [await notarize(), await notarize()];
  const { position } = await erase(id);
  const hold = Hold.parse(
    await json('owner', 'POST', '/v1/holds', { reason: 'changed later', notarizations: [other.id] }),
  );
  const findings = async (sql: string, undo: string) => {
    const run = (text: string) => query(service.adminUrl, `SET session_replication_role = replica; ${text}`);
    await run(sql);
    const { database } = await audit({ store: service.store, logKey: LOG_KEY.key });
    await run(undo);
    return database.findings
      .filter(({ table }) => ['erasure_certificate', 'legal_hold'].includes(table))
      .map(({ table, column, problem }) => `${table} ${column ?? '-'} ${problem}`);
  };
  const where = `WHERE position = ${position}`;
  await query(service.adminUrl, 'CREATE TABLE saved AS SELECT * FROM erasure_certificate');
  const restore = 'DELETE FROM erasure_certificate; INSERT INTO erasure_certificate SELECT * FROM saved';
  expect(await findings(`DELETE FROM erasure_certificate ${where}`, restore)).toEqual([
    'erasure_certificate - missing',
  ]);
  expect(await findings(`UPDATE erasure_certificate SET note = note || 'x' ${where}`, restore)).toEqual([
    'erasure_certificate digest unexplained',
  ]);
  expect(await findings(`UPDATE erasure_certificate SET erased_at = 7 ${where}`, restore)).toEqual([
    'erasure_certificate erased_at unexplained',
  ]);
  expect(
    await findings(`UPDATE erasure_certificate SET organization_number = NULL ${where}`, restore),
  ).toEqual(['erasure_certificate organization_number unexplained']);
  const moved = `UPDATE erasure_certificate SET position = ${other.position} ${where}`;
  expect((await findings(moved, restore)).sort()).toEqual([
    'erasure_certificate - missing',
    'erasure_certificate - unexplained',
  ]);
  const changed = (set: string) => `UPDATE legal_hold SET ${set} WHERE id = '${hold.id}'`;
  const lifted = changed(
    `lift_requested_at = 1, lift_requested_by = 'p', lift_reason = 'r', lifted_at = 1, lifted_by = 'q'`,
  );
  const inForce = changed(
    'lift_requested_at = NULL, lift_requested_by = NULL, lift_reason = NULL, lifted_at = NULL, lifted_by = NULL',
  );
  expect(await findings(lifted, inForce)).toEqual(['legal_hold - unexplained']);
  const recount = (to: string) => `UPDATE legal_hold SET notarizations = ${to} WHERE id = '${hold.id}'`;
  expect(await findings(recount('7'), recount('1'))).toEqual(['legal_hold - unexplained']);
  const held = `held_notarization WHERE hold = '${hold.id}'`;
  const back = `INSERT INTO held_notarization VALUES (${other.position}, '${hold.id}')`;
  expect(await findings(`DELETE FROM ${held}`, back)).toEqual(['legal_hold - unexplained']);
  await query(service.adminUrl, 'DROP TABLE saved');
  expect(await findings('SELECT 1', 'SELECT 1')).toEqual([]);
});

test('a member that begins after erasures copies the whole log and cosigns it', async () => {
  await until('nothing waits for its block', async () => {
    const { firstUnsealed, nextPosition } = await service.store.sealingState();
    return firstUnsealed === nextPosition;
  });
  const { tip } = await service.store.sealingState();
  await using member = await startMember({ upstream: service.url, upstreamKey: LOG_KEY.key });
  await untilCosigned(member, (tip?.height ?? expect.fail()) + 1);
});
