import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { z } from 'zod';
import { Hold, Holds } from '../../src/http/schemas/erasure.js';
import { History } from '../../src/http/schemas/history.js';
import { Accepted, Notarization, Register, Verification } from '../../src/http/schemas/resources.js';
import { parseProof } from '../../src/proof/index.js';
import { organizationOf, foundBy, has, proofFor, publicIdOf, refusal, sightOf } from './access-model.js';
import { isRefused, pick, type Call, type Made } from './isolation-call.js';
import type { World } from './isolation-world.js';

/** Calls about documents, each compared with what the model says, which then learns of it. */

const byId = ({ world, draw }: Made) => pick(world.notarizations, draw.target);
const own = ({ world, actor }: Made) => {
  const organization = organizationOf(actor);
  return world.notarizations.filter((each) => organization !== null && each.organization === organization);
};
const digestOf = ({ label }: World, number: number) =>
  createHash('sha256')
    .update(`document ${label} ${number % 4}`)
    .digest('hex');

export const notarize: Call = async ({ world, actor, draw, ask }) => {
  const repeated = draw.target % 3 === 0;
  const key = `${world.label}-${draw.other % 3}`;
  // One's own request again, or somebody else's, or a new one under a key that is in use.
  const again = draw.other % 2 === 0 ? pick([...world.repeats.values()], draw.target)?.body : undefined;
  const name = `document-${world.notarizations.length}-${createHash('sha256').update(JSON.stringify(draw)).digest('hex').slice(0, 12)}.pdf`;
  const fresh = JSON.stringify({ documents: [{ sha256: digestOf(world, draw.target), details: { name } }] });
  const text = repeated ? (again ?? fresh) : fresh;
  // A key belongs to its organization. Of anonymous callers, only the same documents are a repetition.
  const space = `${organizationOf(actor) ?? `nobody ${text}`} ${key}`;
  const earlier = repeated ? world.repeats.get(space) : undefined;
  const body = z
    .object({ documents: z.array(z.object({ sha256: z.string(), details: z.object({ name: z.string() }) })) })
    .parse(JSON.parse(text));
  const [document = expect.fail()] = body.documents;
  const sent = {
    organization: organizationOf(actor),
    published: false,
    addedTags: [],
    id: '',
    ...document,
    name: document.details.name,
  };
  const { status, text: answer } = await ask('POST', '/v1/notarizations', {
    body,
    headers: repeated ? { 'idempotency-key': key } : {},
    visible: [sent],
  });
  const refused = actor.kind === 'nobody' ? null : refusal(actor, 'notarize');
  if (isRefused(status, refused)) return;
  if (earlier !== undefined && earlier.body !== text) {
    expect(status).toBe(422);
    return;
  }
  expect(status).toBe(201);
  const [only = expect.fail()] = Accepted.parse(JSON.parse(answer)).notarizations;
  if (earlier !== undefined) {
    expect(only.id).toBe(earlier.id);
    return;
  }
  expect(world.notarizations.map(({ id }) => id)).not.toContain(only.id);
  world.notarizations.push({ ...sent, addedTags: [], id: only.id, sha256: only.sha256 });
  if (repeated) world.repeats.set(space, { body: text, id: only.id });
};

export const read: Call = async (made) => {
  const target = byId(made);
  if (target === undefined) return;
  const id = made.draw.other % 2 === 0 ? target.id : publicIdOf(target);
  const sight = sightOf(made.actor, target, id);
  const { status, text } = await made.ask('GET', `/v1/notarizations/${id}`, {
    visible: sight === 'details' ? [target] : [],
  });
  if (isRefused(status, refusal(made.actor))) return;
  expect(status).toBe(sight === 'nothing' ? 404 : 200);
  if (sight === 'nothing') return;
  const { details, published, addedTags } = Notarization.parse(JSON.parse(text));
  expect(details).toEqual(sight === 'details' ? { name: target.name } : undefined);
  if (sight === 'details' && target.organization !== null) {
    expect(published).toBe(target.published);
    expect(addedTags).toEqual([...target.addedTags].sort());
  } else expect(addedTags).toBeUndefined();
};

export const prove: Call = async (made) => {
  const target = byId(made);
  if (target === undefined) return;
  const disclose = pick([undefined, 'none', 'all'] as const, made.draw.other);
  const id = Math.floor(made.draw.other / 6) % 2 === 0 ? target.id : publicIdOf(target);
  const shown = proofFor(made.actor, target, id, disclose, made.draw.isPrivate);
  const query = disclose === undefined ? '' : `?disclose=${disclose}`;
  // While it waits for its seal, what is asked for as a certificate is answered like a proof.
  const kind = made.draw.other % 2 === 0 ? 'proof' : 'certificate.pdf';
  const { status, text } = await made.ask('GET', `/v1/notarizations/${id}/${kind}${query}`, {
    visible: shown?.details === true ? [target] : [],
  });
  if (isRefused(status, refusal(made.actor))) return;
  expect(status).toBe(shown === null ? 404 : 202);
  if (shown === null) return;
  const proof = parseProof(text);
  expect(proof.details !== undefined).toBe(shown.details);
  expect(proof.account).toBe(
    shown.organization ? made.world.organizations[target.organization ?? -1]?.id : undefined,
  );
};

export const verify: Call = async (made) => {
  const { world, actor, draw } = made;
  const sha256 = digestOf(world, draw.target);
  const of = world.notarizations.filter((each) => each.sha256 === sha256);
  const found = of.map((each) => [each, foundBy(actor, each, draw.isPrivate)] as const);
  const visible = found.flatMap(([each, sight]) => (sight === 'details' ? [each] : []));
  const { status, text } =
    draw.other % 2 === 0
      ? await made.ask('GET', `/v1/verify/${sha256}`, { visible })
      : await made.ask('POST', '/v1/verify', { body: { sha256 }, visible });
  const refused = draw.isPrivate ? refusal(actor, 'read') : refusal(actor);
  if (isRefused(status, refused)) return;
  expect(status).toBe(200);
  const here = new Set(world.notarizations.map(publicIdOf));
  // Other worlds' are in the same database.
  const seen = Verification.parse(JSON.parse(text)).notarizations.filter(({ id }) => here.has(id));
  const expected = found.filter(([, sight]) => sight !== 'nothing').map(([each]) => publicIdOf(each));
  expect(seen.map(({ id }) => id)).toEqual(expected);
};

export const list: Call = async (made) => {
  const mine = own(made).reverse();
  const query =
    pick(['', '?q=document', '?limit=2', '?q=pdf&status=accepted', '?format=csv'], made.draw.other) ?? '';
  const { status, text } = await made.ask('GET', `/v1/notarizations${query}`, {
    visible: has(made.actor, 'read') ? mine : [],
  });
  const refused = refusal(made.actor, 'read');
  if (isRefused(status, refused)) return;
  expect(status).toBe(200);
  const ids = query.includes('csv')
    ? text
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0])
    : Register.parse(JSON.parse(text)).notarizations.map(({ id }) => id);
  const all = mine.map(({ id }) => id);
  expect(ids).toEqual(query === '?limit=2' ? all.slice(0, 2) : all);
};

export const publish: Call = async (made) => {
  const target = byId(made);
  if (target === undefined) return;
  const published = made.draw.other % 2 === 0;
  const mine = target.organization !== null && organizationOf(made.actor) === target.organization;
  const { status } = await made.ask('PATCH', `/v1/notarizations/${target.id}`, {
    body: { published },
    visible: mine && has(made.actor, 'publish') ? [target] : [],
  });
  const refused = refusal(made.actor, 'publish');
  if (isRefused(status, refused)) return;
  expect(status).toBe(mine ? 200 : 404);
  if (mine) target.published = published;
};

export const tag: Call = async (made) => {
  const target = byId(made);
  if (target === undefined) return;
  const { world, actor, draw } = made;
  const tag = `tag-${world.label}-${target.id.slice(0, 20)}-${draw.other % 3}.`;
  const remove = draw.other % 2 === 0;
  const body = { notarizations: [target.id], [remove ? 'remove' : 'add']: [tag] };
  const mine = target.organization !== null && organizationOf(actor) === target.organization;
  const { status } = await made.ask('POST', '/v1/tags', { body });
  if (isRefused(status, refusal(actor, 'tag'))) return;
  expect(status).toBe(mine ? 200 : 404);
  if (!mine) return;
  const at = target.addedTags.indexOf(tag);
  if (remove && at !== -1) target.addedTags.splice(at, 1);
  if (!remove && at === -1) target.addedTags.push(tag);
};

export const history: Call = async (made) => {
  const target = byId(made);
  if (target === undefined) return;
  const { status, text } = await made.ask('GET', `/v1/notarizations/${target.id}/history`);
  if (isRefused(status, refusal(made.actor, 'read'))) return;
  const mine = target.organization !== null && organizationOf(made.actor) === target.organization;
  expect(status).toBe(mine ? 200 : 404);
  if (!mine) return;
  const { events, names } = History.parse(JSON.parse(text));
  expect(events.at(-1)?.kind).toBe('notarized');
  if (!has(made.actor, 'log')) expect(names).toEqual({});
};

export const erase: Call = async (made) => {
  const target = byId(made);
  if (target === undefined) return;
  const { status } = await made.ask('DELETE', `/v1/notarizations/${target.id}`);
  if (isRefused(status, refusal(made.actor, 'erase', 'organizations'))) return;
  const mine = target.organization !== null && organizationOf(made.actor) === target.organization;
  const may = has(made.actor, target.organization === null ? 'organizations' : 'erase');
  // Nothing is sealed here, so what may be erased waits.
  expect(status).toBe(!mine && target.organization !== null ? 404 : may ? 409 : 403);
};

export const hold: Call = async (made) => {
  const target = byId(made);
  if (target === undefined) return;
  const { world, actor } = made;
  const reason = `reason ${world.label} ${world.holds.length}.`;
  const body = { reason, notarizations: [target.id] };
  const { status, text } = await made.ask('POST', '/v1/holds', { body });
  if (isRefused(status, refusal(actor, 'erase'))) return;
  const organization = organizationOf(actor);
  const mine = organization !== null && target.organization === organization;
  expect(status).toBe(mine ? 201 : 404);
  if (!mine) return;
  const { id } = Hold.parse(JSON.parse(text));
  world.holds.push({ id, reason, organization, notarization: target, requestedBy: null, lifted: false });
};

const ownHolds = ({ world, actor }: Made) =>
  world.holds.filter(({ organization }) => organization === organizationOf(actor));

export const holds: Call = async (made) => {
  const { status, text } = await made.ask('GET', '/v1/holds?limit=1000');
  if (isRefused(status, refusal(made.actor, 'holds'))) return;
  expect(status).toBe(200);
  const reasons = Holds.parse(JSON.parse(text)).holds.map(({ reason }) => reason);
  expect(reasons.sort()).toEqual(
    ownHolds(made)
      .map(({ reason }) => reason)
      .sort(),
  );
};

export const listHeld: Call = async (made) => {
  const { world, actor, draw } = made;
  const one = pick(world.holds, draw.target);
  if (one === undefined) return;
  const any = draw.other % 2 === 0;
  const kept = ownHolds(made)
    .filter(({ id, lifted }) => (any ? !lifted : id === one.id))
    .map(({ notarization }) => notarization);
  const mayRead = has(actor, 'read') && has(actor, 'holds');
  const { status, text } = await made.ask(
    'GET',
    `/v1/notarizations?limit=1000&hold=${any ? 'any' : one.id}`,
    {
      visible: mayRead ? kept : [],
    },
  );
  const refused = refusal(actor, 'read') ?? refusal(actor, 'holds');
  if (isRefused(status, refused)) return;
  expect(status).toBe(200);
  const ids = Register.parse(JSON.parse(text)).notarizations.map(({ id }) => id);
  expect(ids.sort()).toEqual([...new Set(kept.map(({ id }) => id))].sort());
};
