import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccessLog } from '../../src/http/schemas/auth.js';
import {
  bearer,
  createKey,
  createOperator,
  createOrganization,
  createUser,
  type Someone,
} from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let organization: string;
let auditor: Someone;
beforeAll(async () => {
  service = await startService({ sealing: false });
  organization = (await createOrganization(service, '=한빛, "법률"')).id;
  auditor = await createUser(service, organization, 'auditor');
  await createKey(service, organization);
  await createOrganization(service, 'Another');
});
afterAll(() => service[Symbol.asyncDispose]());

const read = (query: string, { accessToken }: Someone) =>
  request(service.url).get(`/v1/access-log${query}`).set(bearer(accessToken));

test('names who and what it mentions', async () => {
  const { names, events } = AccessLog.parse((await read('', auditor).expect(200)).body);
  const mentioned = events.flatMap(({ personId, organizationId, keyId }) =>
    [personId, organizationId, keyId].filter((id) => id !== null),
  );
  expect(Object.keys(names).sort()).toEqual([...new Set(mentioned)].sort());
  expect(names[auditor.personId]).toBe('Somebody');
  expect(names[organization]).toBe('=한빛, "법률"');
  expect(Object.values(names)).toContain('key');
});

test('exports all that matches as CSV, with names, for spreadsheets', async () => {
  const res = await read('?format=csv&kind=key_created,organization_created', auditor).expect(200);
  expect(res.headers['content-type']).toContain('text/csv');
  expect(res.headers['content-disposition']).toBe('attachment; filename="ingam-access-log.csv"');
  const [head, ...lines] = res.text.split('\r\n');
  expect(head).toBe('\ufeffat,kind,by,apiKey,organization,address,detail,id,personId,keyId,organizationId');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^20[^,]+,key_created,,key,"'=한빛, ""법률""",,/);
  expect(lines[1]).toMatch(/^20[^,]+,organization_created,,,"'=한빛, ""법률""",,"name: =한빛/);
  expect(lines[2]).toBe('');
  expect(res.text).not.toContain('Another');
  const whole = await read('?format=csv', await createOperator(service)).expect(200);
  expect(whole.text).toContain(',Another,');
});

test('has no pages as CSV, and is not for notaries', async () => {
  const res = await read('?format=csv&limit=5', auditor).expect(400);
  expect((res.body as { detail: string }).detail).toContain('leave out limit and cursor');
  const notary = await createUser(service, organization, 'notary');
  await read('?format=csv', notary).expect(403);
});
