// @vitest-environment happy-dom
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import {
  apply,
  bodyDigestOf,
  eventDigest,
  formatVerifierKey,
  type JsonObject,
  nextSteps,
  parseEvent,
  type RecordState,
  signersOf,
  toHex,
  verifyEventSignatures,
  withBody,
} from '../../src/proof/index.js';
import type { ContractState, WorkState } from '../../src/proof/records/state.js';
import { conditionSentence } from '../../src/web/components/condition-sentence.js';
import { setLanguage } from '../../src/web/lib/language.js';
import { addOwnKey, forgetOwnKey, makeKeyFile, ownKeys } from '../../src/web/lib/record-keys.js';
import { recordMessages } from '../../src/web/messages/records.js';
import { messages } from '../../src/web/messages/records-page.js';
import { GroupDraft } from '../../src/web/pages/records/conditions.js';
import { FIRST, FORMS, givenMembers } from '../../src/web/pages/records/forms.js';
import { waitingFor } from '../../src/web/pages/records/list.js';
import {
  documentName,
  fieldsOf,
  fillParts,
  membersOf,
  type Part,
  partsOf,
} from '../../src/web/pages/records/parts.js';
import {
  KINDS,
  parsePlace,
  type Place,
  placeAddress,
  recordIdIn,
} from '../../src/web/pages/records/place.js';
import { RecordChoice } from '../../src/web/pages/records/record-choice.js';
import { factsOf, statedValues } from '../../src/web/pages/records/facts.js';
import { shownEvents } from '../../src/web/pages/records/record-view.js';
import type { RecordEvent, RecordView } from '../../src/web/pages/records/service.js';
import { openKeyFile, readEventFile } from '../../src/web/pages/records/signing.js';
import { drawStates, MODELS } from '../../src/web/pages/records/states.js';
import { StepView } from '../../src/web/pages/records/step-view.js';
import { conditionNames, partyNames, presentTerms } from '../../src/web/pages/records/terms.js';
import { FieldState } from '../../src/web/components/fields.js';
import { Values } from '../../src/web/components/values.js';
import { changes, fireEvent, press, screen, show, type } from './view.js';

const newHolder = (name: string) => {
  const { key } = generateKey(name);
  return { key, text: formatVerifierKey(key) };
};
const withNonce = (members: JsonObject): JsonObject => ({
  nonce: randomBytes(16).toString('hex'),
  ...members,
});

const ORIGIN = 'log.example';
const NOW = 1_800_000_000_000;
const ALICE = newHolder('alice');
const BOB = newHolder('bob');
const ID = 'ab'.repeat(32);
const DIGEST = 'cd'.repeat(32);

interface Sent {
  readonly path: string;
  readonly body: { readonly note: string; readonly body: JsonObject };
}
const sent: Sent[] = [];

beforeEach(() => {
  vi.stubGlobal('fetch', (input: unknown, { body, method }: RequestInit = {}) => {
    const { pathname } = new URL(String(input), 'http://localhost/');
    if (pathname === '/v1/chain') return Promise.resolve(Response.json({ origin: ORIGIN }));
    if (pathname === '/v1/signing-requests') return Promise.resolve(Response.json({ requests: [] }));
    if (method === 'POST') {
      const event = JSON.parse(body as string) as Sent['body'];
      sent.push({ path: pathname, body: event });
      return Promise.resolve(Response.json({ record: toHex(eventDigest(event.note)) }, { status: 201 }));
    }
    return Promise.resolve(
      Response.json({
        principal: { kind: 'anonymous' },
        memberships: [],
        policy: { anonymousSubmission: true, privateVerification: false },
      }),
    );
  });
});
afterEach(() => {
  for (const { verifierKey } of ownKeys()) forgetOwnKey(verifierKey);
  setLanguage('en');
  vi.unstubAllGlobals();
  sent.length = 0;
});

/** The state that these members make of a new record. */
function stateOf(type: string, members: JsonObject): RecordState {
  const body = withNonce(members);
  const event = { origin: ORIGIN, record: null, sequence: 0, before: new Uint8Array(32), type, body };
  return apply(null, { ...event, bodyDigest: bodyDigestOf(body) } as Parameters<typeof apply>[1], {
    id: ID,
    height: 1,
    sealedAt: NOW,
    record: () => null,
  });
}

function viewOf(state: RecordState, others: Partial<RecordView> = {}): RecordView {
  return {
    ...{ id: ID, kind: state.kind, status: state.status, title: null, holder: state.holder },
    ...{ sequence: 0, value: 'ef'.repeat(32), state, waiting: 0, sealed: { height: 1, sequence: 0 } },
    next: nextSteps(state),
    ...others,
  };
}

function eventOf(type: string, body: JsonObject, sequence = 0): RecordEvent {
  return { sequence, type, status: 'applied', body };
}

const CONTRACT = {
  title: 'Lease',
  document: { sha256: DIGEST },
  parties: [
    { name: 'Lessor', key: ALICE.text, order: 1 },
    { name: 'Lessee', key: BOB.text, order: 2 },
  ],
  conditions: [{ name: 'handover', by: 1 }],
  deadline: NOW + 1000,
  holder: ALICE.text,
};

it.each<Place>([
  { kind: 'list', query: { words: 'a b', kind: 'item', status: 'held' } },
  { kind: 'one', id: ID, step: null },
  { kind: 'one', id: ID, step: { type: 'contract.fulfil', party: 3, condition: 'hand over & keys' } },
  { kind: 'new', of: 'work' },
  { kind: 'keys' },
  { kind: 'file' },
  { kind: 'asks', ask: 'contract', record: null },
  { kind: 'asks', ask: 'transfer', record: ID },
  { kind: 'asks', ask: 'claim', record: null },
])('keeps what is shown in the address: %o', (place) => {
  expect(parsePlace(placeAddress(place))).toEqual(place);
});

it('ignores what the address cannot mean', () => {
  const everything = { kind: 'list', query: { words: '', kind: null, status: '' } };
  expect(parsePlace('#new=house&id=12&kind=x&status=A')).toEqual(everything);
  expect(parsePlace('')).toEqual(everything);
});

/** Fills every part with something that the rules take. */
function fill(parts: readonly Part[]): void {
  for (const part of parts) {
    const { spec } = part;
    switch (part.as) {
      case 'field': {
        const values: Partial<Record<typeof spec.kind, string>> = {
          ...{ date: '2026-11', key: newHolder('other').text, number: '1' },
          ...{ amount: '12.50', code: 'krwx'.slice(0, spec.kind === 'code' ? spec.letters : 0) },
          ...{ record: 'aa'.repeat(32) },
        };
        part.field.type(values[spec.kind] ?? `Some ${spec.member}`);
        break;
      }
      case 'day':
        // A licence ends after it begins.
        part.field.type(spec.member === 'from' ? '2098-01-01' : '2099-01-01');
        break;
      case 'files':
        part.files.value = [{ sha256: DIGEST, size: 3, name: 'a.pdf' }];
        break;
      case 'group':
        part.on.value = true;
        fill(part.parts);
        break;
      case 'list':
        part.rows.value.forEach((row, i) => {
          fill(row.parts);
          const name = row.parts.find((each) => each.spec.member === 'name');
          if (name?.as === 'field') name.field.type(`Name ${i}`);
        });
        break;
      case 'condition':
        part.group.add('after');
        part.group.lines.value[0]?.day.type('2030-01-01');
        break;
      case 'chosen':
      case 'yes':
        break;
    }
  }
}

it.each(KINDS)('begins a record of the kind %s with what its whole form gives', (kind) => {
  addOwnKey(ALICE.text);
  const parts = partsOf(FORMS[FIRST[kind]] ?? []);
  fill(parts);
  expect(fieldsOf(parts).filter((field) => !field.check())).toEqual([]);
  const state = stateOf(FIRST[kind], membersOf(parts));
  expect(state).toMatchObject({ kind, holder: ALICE.text });
  expect(state.recovery?.days).toBe(1);
});

it('has a form, a name and words for every event that people sign', () => {
  for (const type of Object.keys(FORMS)) {
    expect(recordMessages().types[type]).toBeDefined();
    expect(messages().actions[type]).toBeDefined();
  }
  const states = [
    stateOf('contract.propose', CONTRACT),
    stateOf('document.create', { document: { sha256: DIGEST }, holder: ALICE.text }),
  ];
  for (const step of states.flatMap((state) => nextSteps(state))) expect(FORMS).toHaveProperty([step.type]);
});

it('has a text for every hint and label of a form, in both languages', () => {
  for (const chosen of ['en', 'ko'] as const) {
    setLanguage(chosen);
    const { labels, hints } = messages();
    for (const place of [...Object.keys(labels), ...Object.keys(hints)]) {
      const [first = '', member = ''] = place.split('/');
      if (first === 'ask') continue;
      const form = FORMS[first];
      const known = form === undefined ? Object.values(FORMS).flat() : form;
      const named = form === undefined ? first : member;
      expect(
        known.some((spec) => spec.member === named),
        place,
      ).toBe(true);
    }
  }
});

it('gives the party and the condition of a step without asking', () => {
  expect(givenMembers('contract.sign', 1, null)).toEqual({ party: 1 });
  expect(givenMembers('contract.fulfil', 1, 'handover')).toEqual({ name: 'handover' });
  expect(givenMembers('item.accept', null, null)).toEqual({});
});

it('names a document only as a body can', () => {
  expect(documentName('계약서.pdf'.normalize('NFD'))).toBe('계약서.pdf');
  for (const other of ['a\u200bb', 'a\u3164b', 'x'.repeat(201), ' ']) expect(documentName(other)).toBeNull();
});

it('builds conditions line by line, and says them in words', () => {
  const names = { parties: ['Lessor', 'Lessee'], conditions: ['handover'] };
  const group = new GroupDraft();
  expect(group.build(names)).toBeNull();
  group.add('fulfilled');
  expect(group.build(names)).toEqual({ fulfilled: 'handover' });
  group.add('signed');
  group.add('group');
  const [, signed, nested] = group.lines.value;
  if (signed !== undefined) signed.party.value = '1';
  nested?.group?.add('record');
  nested?.group?.add('notarized');
  const [record, notarized] = nested?.group?.lines.value ?? [];
  record?.record.type(ID);
  notarized?.digest.type(DIGEST);
  if (nested?.group != null) nested.group.rule.value = 'any';
  group.rule.value = 'atLeast';
  group.least.type('2');
  expect(group.fields.filter((field) => !field.check())).toEqual([]);
  const built = group.build(names) ?? expect.fail();
  expect(built).toEqual({
    atLeast: 2,
    of: [
      { fulfilled: 'handover' },
      { signed: 1 },
      { any: [{ record: ID, is: 'executed' }, { notarized: DIGEST }] },
    ],
  });
  expect(conditionSentence(built, names)).toBe(
    'at least 2 of these hold: “handover” is stated as fulfilled; Lessee has signed; (record abababababababab… has the status “Executed” or the document cdcdcdcdcdcdcdcd… is notarized)',
  );
  group.least.type('4');
  expect(group.least.check()).toBe(false);
});

it('begins new terms with the present ones, as exactly as they are', () => {
  const carol = newHolder('carol');
  const when = {
    ...{ atLeast: 2 },
    of: [
      { fulfilled: 'handover' },
      { any: [{ signed: 1 }, { after: NOW - 5 }] },
      { all: [{ notarized: DIGEST }, { record: 'aa'.repeat(32), is: 'executed' }, { before: NOW + 7 }] },
    ],
  };
  const terms = {
    ...{ title: CONTRACT.title, parties: CONTRACT.parties, conditions: CONTRACT.conditions, when, quorum: 1 },
    document: { sha256: DIGEST, name: 'Lease.pdf' },
    deadline: NOW + 1000,
    effects: [{ item: 'bb'.repeat(32), to: 1 }],
  };
  const state = stateOf('contract.propose', { ...terms, holder: ALICE.text }) as ContractState;
  const delegated: ContractState = {
    ...state,
    parties: state.parties.map((party, i) => (i === 1 ? { ...party, key: carol.text } : party)),
  };
  const other = { ...terms, title: 'Without effect' };
  const present = presentTerms(delegated, [
    eventOf('contract.propose', { ...terms, holder: ALICE.text }),
    { ...eventOf('contract.amend', other, 1), status: 'void' },
  ]);
  const parts = partsOf(FORMS['contract.amend'] ?? []);
  fillParts(parts, present ?? expect.fail(), {
    parties: partyNames(present),
    conditions: conditionNames(present),
  });
  expect(fieldsOf(parts).filter((field) => !field.check())).toEqual([]);
  const parties = terms.parties.map((party, i) => (i === 1 ? { ...party, key: carol.text } : party));
  expect(membersOf(parts)).toEqual({ ...terms, parties });
  // Another day is a whole one of the reader's.
  const deadline = parts.find(({ spec }) => spec.member === 'deadline');
  if (deadline?.as === 'day') deadline.field.type('2030-01-01');
  expect(membersOf(parts)['deadline']).toBe(new Date(2030, 0, 2).getTime());
});

it('does not take over a part of a condition that it cannot show', () => {
  const group = new GroupDraft();
  const deep = {
    all: [{ any: [{ all: [{ any: [{ after: 1 }, { after: 2 }] }] }, { after: 3 }] }, { after: 4 }],
  };
  expect(group.fill(deep, { parties: [], conditions: [] })).toBe(false);
  expect([group.lines.value, group.lost.value]).toEqual([[], true]);
  expect(group.fill({ fulfilled: 'gone' }, { parties: [], conditions: ['handover'] })).toBe(false);
});

it('shows the licences of a work and who contests it', async () => {
  const state = stateOf('work.claim', {
    ...{ title: 'Novel', kind: 'Novel', authors: [{ name: 'Kim', role: 'Text' }], published: null },
    ...{ madeForHire: false, basis: 'I wrote it', documents: [{ sha256: DIGEST }], holder: ALICE.text },
  }) as WorkState;
  const disputed: WorkState = {
    ...state,
    ...{ status: 'contested', contests: [{ sequence: 2, by: 'ee'.repeat(32) }] },
    licences: { granted: 1, latest: [{ sequence: 1, to: null, exclusive: true, until: NOW }] },
  };
  const place = await show(
    <Values
      of={factsOf(viewOf(disputed), [
        eventOf('work.license', { to: { name: 'Harbour Press' } }, 1),
        eventOf('work.contest', { reason: 'I wrote the second song' }, 2),
      ])}
    />,
  );
  expect(place.textContent).toContain('Harbour Press: exclusive, until ');
  expect(place.textContent).toContain(
    'by the holder of the work eeeeeeeeeeeeeeee…: “I wrote the second song” (event 2)',
  );
});

it('shows what waits for the reader’s keys, the most urgent first', () => {
  const contract = stateOf('contract.propose', CONTRACT);
  const later = stateOf('contract.propose', { ...CONTRACT, deadline: NOW + 2000 });
  const item = stateOf('item.register', {
    ...{ title: 'Stone', serial: '1', features: [], documents: [], issuer: ALICE.text, holder: ALICE.text },
  });
  const found = [viewOf(item), viewOf(later, { title: 'Later' }), viewOf(contract, { title: 'Soon' })];
  const mine = waitingFor(found, (key) => key === ALICE.text);
  expect(mine.map(({ record, step }) => [record.title, step.type])).toEqual([
    ['Soon', 'contract.sign'],
    ['Later', 'contract.sign'],
  ]);
  expect(waitingFor(found, (key) => key === BOB.text).map(({ step }) => step.type)).toEqual([
    'contract.fulfil',
    'contract.fulfil',
  ]);
});

it.each(KINDS)('draws all states of a %s within the picture, on screens of any width', async (kind) => {
  const states = MODELS[kind].stages.flat();
  for (const width of [300, 900]) {
    for (const status of states) {
      const { label, height } = drawStates(kind, status, width);
      expect(label).toContain(`Now: ${recordMessages().statuses[status]}`);
      expect(height).toBeGreaterThan(40);
      const place = await show(<svg>{drawStates(kind, status, width).parts}</svg>);
      for (const box of place.querySelectorAll('rect')) {
        const right = Number(box.getAttribute('x')) + Number(box.getAttribute('width'));
        expect(right).toBeLessThanOrEqual(width);
        expect(Number(box.getAttribute('y')) + Number(box.getAttribute('height'))).toBeLessThan(height);
      }
      expect(place.querySelector('[data-now=true]')?.textContent).toBe(recordMessages().statuses[status]);
    }
  }
  for (const [from, to] of MODELS[kind].ways) expect(states).toEqual(expect.arrayContaining([from, to]));
});

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Points along a line of moves, straight parts and curves. */
function alongWay(d: string): readonly Point[] {
  const points: Point[] = [];
  let [x, y] = [0, 0];
  for (const [, command = '', text = ''] of d.matchAll(/([MHVC])([^MHVC]*)/g)) {
    const n = text.trim().split(/[ ,]+/).map(Number);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] =
      command === 'C'
        ? n
        : command === 'H'
          ? [x, y, n[0] ?? 0, y, n[0] ?? 0, y]
          : command === 'V'
            ? [x, y, x, n[0] ?? 0, x, n[0] ?? 0]
            : [n[0] ?? 0, n[1] ?? 0, n[0] ?? 0, n[1] ?? 0, n[0] ?? 0, n[1] ?? 0];
    const at = (t: number, a: number, b: number, c: number, e: number) =>
      (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * e;
    for (let t = 0; t <= 1; t += 1 / 64) points.push({ x: at(t, x, x1, x2, x3), y: at(t, y, y1, y2, y3) });
    [x, y] = [x3, y3];
  }
  return points;
}

it.each(KINDS)('draws no line of a %s behind a box', async (kind) => {
  const [[status] = []] = MODELS[kind].stages;
  if (status === undefined) expect.fail();
  for (const width of [300, 900]) {
    const drawing = drawStates(kind, status, width);
    const place = await show(<svg>{drawing.parts}</svg>);
    const numbers = (box: Element) =>
      ['x', 'y', 'width', 'height'].map((name) => Number(box.getAttribute(name)));
    const boxes = [...place.querySelectorAll('rect')].map(numbers);
    const ways = [...place.querySelectorAll('path')].map((way) => way.getAttribute('d') ?? '');
    expect(ways.length).toBeGreaterThan(0);
    for (const way of ways) {
      for (const point of alongWay(way).slice(64 + 1)) {
        expect(point.y).toBeGreaterThan(0);
        expect(point.y).toBeLessThan(drawing.height);
        for (const [x = 0, y = 0, across = 0, height = 0] of boxes) {
          const isInside = point.x > x && point.x < x + across && point.y > y && point.y < y + height;
          expect([way, point, isInside]).toEqual([way, point, false]);
        }
      }
    }
  }
});

it('shows the parties, their answers and the conditions of a contract', async () => {
  addOwnKey(BOB.text);
  const state = stateOf('contract.propose', CONTRACT);
  const place = await show(<Values of={factsOf(viewOf(state), [eventOf('contract.propose', CONTRACT)])} />);
  const parties = [...place.querySelectorAll('.record-parties li')].map(({ textContent }) => textContent);
  expect(parties[0]).toMatch(/^Lessor: has not answered \(order 1, alice\+[0-9a-f]{8}\)$/);
  expect(parties[1]).toMatch(/^Lessee: has not answered \(order 2, bob\+[0-9a-f]{8} \(yours\)\)$/);
  expect(place.textContent).toContain('2 of 2');
  expect(place.textContent).toContain('handover (Lessee): open');
  expect(place.textContent).toContain('“handover” is stated as fulfilled');
  expect(place.textContent).toContain('Who that was, the key does not prove');
});

it('shows the party that signs by its name', async () => {
  const state = stateOf('contract.propose', CONTRACT);
  const about = { record: viewOf(state), events: [eventOf('contract.propose', CONTRACT)] };
  const place = await show(<Values of={statedValues({ nonce: '00', party: 1 }, about)} />);
  expect(place.textContent).toBe('PartyLessee');
});

it('marks events that wait and those without effect, and shows whole keys where they are known', () => {
  const body = withNonce({ document: { sha256: DIGEST }, holder: ALICE.text });
  const note = `${ORIGIN}\n\n\u2014 ${ALICE.key.name} ${Buffer.from([...ALICE.key.keyId, 1]).toString('base64')}\n`;
  const event = { sequence: 0, type: 'document.create', note, body };
  const shown = shownEvents([
    { ...event, status: 'applied', height: 1, sealedAt: '2026-01-01T00:00:00.000Z' },
    { ...event, sequence: 1, status: 'void', reason: 'stale_value', height: 2 },
    { ...event, sequence: 1, status: 'accepted' },
  ]);
  expect(shown.map(({ mark }) => mark)).toEqual(['applied', 'void', 'waiting']);
  expect(shown[0]?.signers).toEqual([
    `${ALICE.text.split('+').slice(0, 2).join('+')}, a key in a file (Ed25519)`,
  ]);
});

it('signs with a key file what was typed, and submits it', async () => {
  const { verifierKey, text } = makeKeyFile('kim');
  addOwnKey(verifierKey);
  const state = stateOf('document.create', { document: { sha256: DIGEST }, holder: verifierKey });
  const record = viewOf(state);
  const done = vi.fn();
  const step = { type: 'document.withdraw', party: null, condition: null };
  await show(
    <StepView step={step} about={{ record, events: [] }} onCancel={() => undefined} onDone={done} />,
  );
  await type(/Reason/, 'Replaced');
  await press('Continue to signing');
  await screen.findByRole('heading', { name: 'Check and sign: Withdraw the document' });
  screen.getByText('Replaced');
  // Of the holder's key, and of the one that signs.
  expect(screen.getAllByText(/whoever had a copy of the file signed/)).toHaveLength(2);
  // The file is not open yet.
  expect(screen.getByRole('button', { name: 'Sign with my keys' }).getAttribute('aria-disabled')).toBe(
    'true',
  );
  await changes(() => openKeyFile(new File([text], 'kim.key')));
  await press('Sign and submit');
  await vi.waitFor(() => {
    expect(done).toHaveBeenCalled();
  });
  const { path, body: event } = sent[0] ?? expect.fail();
  expect(path).toBe(`/v1/records/${ID}/events`);
  const { note, event: head } = parseEvent(event.note);
  expect(head).toMatchObject({ origin: ORIGIN, sequence: 1, type: 'document.withdraw' });
  expect(toHex(head.before)).toBe(record.value);
  const whole = withBody(head, event.body);
  expect(event.body['reason']).toBe('Replaced');
  verifyEventSignatures(note, signersOf(state, whole));
});

it('saves an event that the key of somebody else must sign, in a form that can be read again', async () => {
  addOwnKey(ALICE.text);
  const state = stateOf('contract.propose', CONTRACT);
  const saved: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    saved.push(blob as Blob);
    return 'blob:saved';
  });
  // happy-dom would leave the page.
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  const step = { type: 'contract.delegate', party: 0, condition: null };
  await show(
    <StepView
      step={step}
      about={{ record: viewOf(state), events: [] }}
      onCancel={() => undefined}
      onDone={() => undefined}
    />,
  );
  await type('Public key that signs instead', newHolder('carol').text);
  await press('Continue to signing');
  await screen.findByText(/is not yours: someone else must sign/);
  await press('Save file for the others');
  const file = readEventFile(await (saved[0] ?? expect.fail()).text());
  expect(file.signatures).toEqual([]);
  expect(file.event).toMatchObject({ type: 'contract.delegate', body: { party: 0 } });
  expect(() => readEventFile('{"note":"x","body":{}}')).toThrow('not_an_event_file');
  vi.restoreAllMocks();
});

it('asks for a document before anything is signed', async () => {
  addOwnKey(ALICE.text);
  const step = { type: 'document.create', party: null, condition: null };
  await show(<StepView step={step} about={null} onCancel={() => undefined} onDone={() => undefined} />);
  fireEvent.submit(document.querySelector('[data-form=event]') ?? expect.fail());
  await screen.findByText('Choose the document first.');
});

it.each([
  [ID, ID],
  [` ${ID.toUpperCase()} `, ID],
  [`https://notary.example/records.html#id=${ID}`, ID],
  [`https://notary.example/records.html#id=${ID}&do=item.offer`, ID],
  ['Pocket watch', null],
  [`https://notary.example/records.html#view=asks`, null],
  [ID.slice(1), null],
])('finds the id of a record in %s', (text, id) => {
  expect(recordIdIn(text)).toBe(id);
});

it('chooses one of the organization’s records by its name, and narrows many with words', async () => {
  const asked: string[] = [];
  const item = stateOf('item.register', {
    ...{ title: 'Stone', serial: '1', features: [], documents: [], issuer: ALICE.text, holder: ALICE.text },
  });
  vi.stubGlobal('fetch', (input: unknown) => {
    const { search } = new URL(String(input), 'http://localhost/');
    asked.push(new URLSearchParams(search).get('q') ?? '');
    const found = viewOf(item, { title: asked.length === 1 ? 'Stone' : 'Older stone' });
    return Promise.resolve(Response.json({ records: [found], next: 'more' }));
  });
  const field = new FieldState({ name: 'item' });
  const sent = vi.fn((event: SubmitEvent) => {
    event.preventDefault();
  });
  await show(
    <form onSubmit={sent}>
      <RecordChoice of={field} kinds={['item']} />
    </form>,
  );
  const choice = await screen.findByLabelText<HTMLSelectElement>('Or one of your records');
  expect([...choice.options].map(({ text }) => text)).toEqual(['Choose', 'Stone (Held)']);
  await changes(() => fireEvent.change(choice, { target: { value: ID } }));
  expect(field.value).toBe(ID);
  await type('Words of its title', 'older');
  await changes(() => fireEvent.keyDown(screen.getByLabelText('Words of its title'), { key: 'Enter' }));
  await screen.findByRole('option', { name: 'Older stone (Held)' });
  expect(asked).toEqual(['', 'older']);
  expect(sent).not.toHaveBeenCalled();
});

it('calls the list of parties by their plural, and each line by its number', async () => {
  const step = { type: 'contract.propose', party: null, condition: null };
  await show(<StepView step={step} about={null} onCancel={() => undefined} onDone={() => undefined} />);
  screen.getByRole('group', { name: 'Parties' });
  screen.getByRole('group', { name: 'Party 2' });
  screen.getByRole('button', { name: 'Add: Party' });
});
