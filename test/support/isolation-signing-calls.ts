import { expect } from 'vitest';
import {
  AskedSigning,
  NewSigningResult,
  SigningLink,
  SigningRequest,
  SigningRequests,
} from '../../src/http/schemas/signing.js';
import { type ModelRequest, organizationOf, refusal } from './access-model.js';
import { isRefused, pick, type Call, type Made } from './isolation-call.js';
import { newHolder } from './records.js';
import { keyOffer, newRequest } from './signing.js';

/** Calls about requests to sign. Their links are for whoever holds them, whoever that is. */

const HOLDER = newHolder('signer');

const isOwn = ({ actor }: Made, { organization }: ModelRequest) => organizationOf(actor) === organization;
/** What only submits knows no requests but its own. */
const knows = (made: Made, target: ModelRequest) =>
  isOwn(made, target) && (target.asker === made.actor || refusal(made.actor, 'read') === null);
const isOpen = ({ ended }: ModelRequest) => ended === null;

export const askToSign: Call = async ({ world, actor, ask }) => {
  const name = `signer-${world.label}-${world.requests.length}-`;
  const { status, text } = await ask('POST', '/v1/signing-requests', {
    body: newRequest(name),
    signer: name,
  });
  if (isRefused(status, refusal(actor, 'notarize'))) return;
  expect(status).toBe(201);
  const { request, link } = NewSigningResult.parse(JSON.parse(text));
  const organization = organizationOf(actor) ?? expect.fail('only an organization asks');
  const { id } = request;
  world.requests.push({
    id,
    name,
    organization,
    asker: actor,
    token: link.token,
    former: null,
    ended: null,
    keyGiven: false,
  });
};

export const listAsked: Call = async ({ world, actor, ask }) => {
  const { status, text } = await ask('GET', '/v1/signing-requests?limit=200');
  if (isRefused(status, refusal(actor, 'read'))) return;
  expect(status).toBe(200);
  const own = world.requests.filter(({ organization }) => organization === organizationOf(actor));
  const listed = SigningRequests.parse(JSON.parse(text)).requests.map(({ id }) => id);
  expect(listed.toSorted()).toEqual(own.map(({ id }) => id).toSorted());
};

export const showAsked: Call = async (made) => {
  const target = pick(made.world.requests, made.draw.target);
  if (target === undefined) return;
  const { status, text } = await made.ask('GET', `/v1/signing-requests/${target.id}`);
  if (isRefused(status, refusal(made.actor, 'read'))) return;
  expect(status).toBe(isOwn(made, target) ? 200 : 404);
  if (status !== 200) return;
  const shown = SigningRequest.parse(JSON.parse(text));
  expect(shown.name).toBe(target.ended === 'erased' ? null : target.name);
  expect(shown.key !== null).toBe(target.keyGiven && target.ended !== 'erased');
};

export const renewLink: Call = async (made) => {
  const target = pick(made.world.requests, made.draw.target);
  if (target === undefined) return;
  const path = `/v1/signing-requests/${target.id}/reminder`;
  const { status, text } = await made.ask('POST', path, { body: { newLink: true } });
  if (isRefused(status, refusal(made.actor, 'notarize'))) return;
  expect(status).toBe(!knows(made, target) ? 404 : isOpen(target) ? 200 : 409);
  if (status !== 200) return;
  target.former = target.token;
  target.token = SigningLink.parse(JSON.parse(text)).link.token;
};

export const endAsked: Call = async (made) => {
  const target = pick(made.world.requests, made.draw.target);
  if (target === undefined) return;
  const erases = made.draw.other % 2 === 0;
  const path = `/v1/signing-requests/${target.id}`;
  const { status } = await made.ask(erases ? 'DELETE' : 'POST', erases ? path : `${path}/withdrawal`);
  if (isRefused(status, refusal(made.actor, 'notarize'))) return;
  expect(status).toBe(!knows(made, target) ? 404 : erases || isOpen(target) ? 204 : 409);
  if (status === 204) target.ended = erases ? 'erased' : 'withdrawn';
};

/** Whoever holds the link, with or without an account of some organization. */
export const openLink: Call = async ({ world, draw, ask }) => {
  const target = pick(world.requests, draw.target);
  if (target === undefined) return;
  const isFormer = draw.other % 3 === 0 && target.former !== null;
  const body = { token: isFormer ? target.former : target.token };
  const { status, text } = await ask('POST', '/v1/signing/open', { body, signer: target.name });
  const opens = !isFormer && target.ended !== 'erased';
  expect(status).toBe(opens ? 200 : 400);
  if (!opens) expect(text).not.toContain(target.name);
  else expect(AskedSigning.parse(JSON.parse(text))).toMatchObject({ id: target.id, name: target.name });
};

export const giveKeyByLink: Call = async ({ world, draw, ask }) => {
  const target = pick(world.requests, draw.target);
  if (target === undefined) return;
  // An offer that was made for another request gives nothing here.
  const of = draw.other % 3 === 0 ? pick(world.requests, draw.other) : target;
  const offer = keyOffer(of?.id ?? '', HOLDER);
  const body = { token: target.token, key: HOLDER.text, offer };
  const { status } = await ask('POST', '/v1/signing/key', { body, signer: target.name });
  const expected =
    target.ended === 'erased' ? 400 : target.ended === 'withdrawn' ? 409 : of === target ? 200 : 422;
  expect(status).toBe(expected);
  if (status === 200) target.keyGiven = true;
};

/** No contract names a key here: there is no history to read. */
export const readByLink: Call = async ({ world, draw, ask }) => {
  const target = pick(world.requests, draw.target);
  if (target === undefined) return;
  const body = { token: target.token };
  const { status } = await ask('POST', '/v1/signing/history', { body, signer: target.name });
  expect(status).toBe(target.ended === 'erased' ? 400 : 409);
};
