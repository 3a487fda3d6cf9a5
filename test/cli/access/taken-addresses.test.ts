import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Session } from '../../../src/http/schemas/auth.js';
import { cookieHeader, fromPage, signInAtPage } from '../../support/browser-session.js';
import { bearer, createOrganization, createUser, type Someone } from '../../support/people.js';
import { startService, type TestService } from '../../support/service.js';
import { invoke } from '../invoke.js';

// Somebody signs up with another person's address, which nobody checks, and waits for what an administrator or another organization
// does with that address.

const THIEFS = 'password of the thief';
const OWN = 'password of the real owner';

let service: TestService;
let thief: Someone;
let thiefsOrganization: string;
beforeAll(async () => {
  service = await startService();
  thiefsOrganization = (await createOrganization(service, 'Thieves Ltd')).id;
  thief = await createUser(service, thiefsOrganization, 'owner');
});
afterAll(() => service[Symbol.asyncDispose]());

const api = () => request(service.url);
const ingam = (...argv: string[]) => invoke([...argv, '--database', service.databaseUrl]);
const signIn = (email: string, password: string) => api().post('/v1/session').send({ email, password });
const redeem = (body: object) => api().post('/v1/invitations/redeem').send(body);
const Opened = Session.extend({
  tokens: z.looseObject({ accessToken: z.string(), refreshToken: z.string() }),
});
const tokenIn = (link: string) => /#invitation=(\S+)/.exec(link)?.[1] ?? '';

/** The thief invites the address into their own organization and redeems the link themselves. */
async function take(email: string): Promise<z.infer<typeof Opened>> {
  const res = await api()
    .post('/v1/users')
    .set(bearer(thief.accessToken))
    .send({ email, name: 'x', role: 'auditor' })
    .expect(201);
  const { invitation } = z.looseObject({ invitation: z.looseObject({ token: z.string() }) }).parse(res.body);
  return Opened.parse((await redeem({ token: invitation.token, password: THIEFS }).expect(200)).body);
}

/** What the thief can do with the address: nothing but act for their own organization. */
async function expectNothingGained(email: string, organization: string | null): Promise<void> {
  const { principal, memberships, tokens } = Opened.parse((await signIn(email, THIEFS).expect(200)).body);
  expect(principal).toMatchObject({ organization: { id: thiefsOrganization }, operator: false });
  expect(memberships.map((each) => each.organization.id)).toEqual([thiefsOrganization]);
  const auth = bearer(tokens.accessToken);
  await api().get('/v1/organizations').set(auth).expect(403);
  if (organization === null) return;
  await api().patch('/v1/session').set(auth).send({ organization }).expect(404);
  await api().get(`/v1/users?organization=${organization}`).set(auth).expect(403);
}

test('whoever signed up first with an address gains nothing when the machine adds it, and its real owner gets in', async () => {
  const email = 'ceo@victim.example';
  const taken = await take(email);
  const victim = (await createOrganization(service, 'Victim Ltd')).id;
  const added = await ingam('user', 'add', email, '--organization', victim, '--role', 'owner');
  expect(added.code).toBe(0);
  expect(added.stderr).toContain(
    `Somebody has signed up as ${email} before, and belongs to: Thieves Ltd (${thiefsOrganization}).`,
  );
  await expectNothingGained(email, victim);
  // The thief changes the password, which does not void the link.
  const auth = bearer(taken.tokens.accessToken);
  const change = { current: THIEFS, next: `${THIEFS}, too` };
  await api().post('/v1/session/password').set(auth).send(change).expect(200);

  const token = tokenIn(added.stdout);
  const inspected = await api().post('/v1/invitations/inspect').send({ token }).expect(200);
  expect(inspected.body).toEqual({
    email,
    name: email,
    organization: { id: victim, name: 'Victim Ltd' },
    firstOperator: false,
    operator: false,
    password: 'either',
    memberships: [{ id: thiefsOrganization, name: 'Thieves Ltd' }],
  });
  await redeem({ token, password: OWN }).expect(401);
  const body = { token, password: OWN, replacesPassword: true };
  const opened = Opened.parse((await redeem(body).expect(200)).body);
  expect(opened.principal).toMatchObject({ organization: { id: victim }, role: 'owner' });
  await api().get('/v1/users').set(bearer(opened.tokens.accessToken)).expect(200);
  for (const password of [THIEFS, change.next]) await signIn(email, password).expect(401);
  const { personId } = await personOf(opened.tokens.accessToken);
  const reset = await api().post(`/v1/users/${personId}/invitation`).set(bearer(thief.accessToken));
  expect(reset.status).toBe(403);
  // They leave the organization that they never joined.
  const owner = bearer(opened.tokens.accessToken);
  await api().delete(`/v1/session/organizations/${thiefsOrganization}`).set(owner).expect(204);
  const { memberships } = Opened.parse((await signIn(email, OWN).expect(200)).body);
  expect(memberships.map(({ organization }) => organization.id)).toEqual([victim]);
  await api().delete(`/v1/session/organizations/${thiefsOrganization}`).set(owner).expect(404);
  await api().delete(`/v1/session/organizations/${victim}`).set(owner).expect(409);
});

test('whoever signed up first with an address gains nothing when the machine makes it an operator', async () => {
  const email = 'operator@host.example';
  const { tokens } = await take(email);
  const added = await ingam('user', 'operator', email);
  expect(added.code).toBe(0);
  expect(added.stderr).toContain(`Somebody has signed up as ${email} before, and belongs to: Thieves Ltd`);
  await expectNothingGained(email, null);
  await api().get('/v1/organizations').set(bearer(tokens.accessToken)).expect(403);
  expect((await ingam('user', 'operator')).stdout).toMatch(/^operator@host\.example +invited/m);
  const body = { token: tokenIn(added.stdout), password: OWN, replacesPassword: true };
  const opened = Opened.parse((await redeem(body).expect(200)).body);
  expect(opened.principal).toMatchObject({ operator: true });
  await api().get('/v1/organizations').set(bearer(opened.tokens.accessToken)).expect(200);
  await api().get('/v1/session/others').set(bearer(tokens.accessToken)).expect(401);
  await signIn(email, THIEFS).expect(401);
});

test('a password on standard input for the first operator replaces that of whoever signed up first', async () => {
  await using fresh = await startService({ sealing: false });
  const email = 'first@host.example';
  const { id } = await createOrganization(fresh, 'Thieves Ltd');
  await createUser(fresh, id, 'auditor', email);
  const made = await invoke(
    ['user', 'operator', email, '--password-stdin', '--database', fresh.databaseUrl],
    { stdin: [Buffer.from(`${OWN}\n`)] },
  );
  expect(made).toMatchObject({ code: 0, stdout: '' });
  expect(made.stderr).toContain(
    `belongs to: Thieves Ltd (${id}). The password now opens these organizations too.`,
  );
  await request(fresh.url).post('/v1/session').send({ email, password: 'correct horse battery' }).expect(401);
  await request(fresh.url).post('/v1/session').send({ email, password: OWN }).expect(200);
});

test('the real owner of an address that was invited through the API gets in by a link from the machine', async () => {
  const email = 'cfo@victim.example';
  await take(email);
  const victim = (await createOrganization(service, 'Victim Ltd')).id;
  const owner = await createUser(service, victim, 'owner');
  const invited = await api()
    .post('/v1/users')
    .set(bearer(owner.accessToken))
    .send({ email, name: 'CFO', role: 'notary' })
    .expect(201);
  const { invitation } = z
    .looseObject({ invitation: z.looseObject({ token: z.string() }) })
    .parse(invited.body);
  await expectNothingGained(email, victim);
  const body = { token: invitation.token, password: OWN };
  await redeem({ ...body, replacesPassword: true }).expect(401);
  const reset = await ingam('user', 'invite', email);
  expect(reset.stderr).toContain(`belongs to: Thieves Ltd (${thiefsOrganization})`);
  await redeem({ token: tokenIn(reset.stdout), password: OWN }).expect(200);
  const opened = Opened.parse((await redeem(body).expect(200)).body);
  expect(opened.principal).toMatchObject({ organization: { id: victim }, role: 'notary' });
});

test('--trust-existing joins a person who is known to be the right one at once, and needs somebody to trust', async () => {
  const known = await createUser(service, thiefsOrganization, 'notary');
  const { id } = await createOrganization(service, 'Their other company');
  const place = ['--organization', id, '--role', 'owner', '--trust-existing'];
  const added = await ingam('user', 'add', known.email, ...place);
  expect(added).toEqual({
    code: 0,
    stdout: '',
    stderr: `${known.email} is now an owner of Their other company and signs in with their existing password.\n`,
  });
  const operator = await ingam('user', 'operator', known.email, '--trust-existing');
  expect(operator).toMatchObject({ code: 0, stdout: '' });
  await api().get('/v1/organizations').set(bearer(known.accessToken)).expect(200);
  const fresh = await ingam('user', 'add', 'new@host.example', ...place);
  expect(fresh.stdout).toContain('#invitation=');
  expect((await ingam('user', 'operator', '--trust-existing')).stderr).toContain('missing EMAIL');
  const both = await ingam('user', 'operator', known.email, '--trust-existing', '--off');
  expect(both.stderr).toContain('cannot be used together');
});

test('a signed-in person accepts an invitation without a password; a page needs its CSRF token', async () => {
  const known = await createUser(service, thiefsOrganization, 'notary');
  const { id } = await createOrganization(service, 'Third company');
  const { stdout } = await ingam('user', 'add', known.email, '--organization', id, '--role', 'auditor');
  const token = tokenIn(stdout);
  await redeem({ token }).expect(401);
  await redeem({ token }).set(bearer(thief.accessToken)).expect(401);
  const cookies = await signInAtPage(service.url, known.email);
  const forged = await redeem({ token }).set('Cookie', cookieHeader(cookies));
  expect([forged.status, (forged.body as { code: string }).code]).toEqual([403, 'csrf']);
  const opened = await redeem({ token }).set(fromPage(cookies)).expect(200);
  expect(opened.body).toMatchObject({ principal: { organization: { id }, role: 'auditor' } });
  const again = await ingam('user', 'operator', known.email);
  const operator = await redeem({ token: tokenIn(again.stdout) })
    .set(bearer(known.accessToken))
    .expect(200);
  expect(operator.body).toMatchObject({ principal: { operator: true } });
});

async function personOf(accessToken: string): Promise<{ personId: string }> {
  const { principal } = Session.parse(
    (await api().get('/v1/session').set(bearer(accessToken)).expect(200)).body,
  );
  return { personId: principal.kind === 'user' ? principal.id : '' };
}
