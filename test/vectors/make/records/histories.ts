import { ML_DSA_44_TEXT, toHex, type JsonObject, type NoteSigner } from '../../../../src/proof/index.js';
import { formatHistory } from '../../../../src/proof/records/history-file.js';
import type { HistoryVector } from '../../load.js';
import { LOG, NAMESAKE, OTHER_LOG, QUORUM_TRUST, sha256, signer, TRUST, vkey } from '../keys.js';
import { flip, flipSignature } from '../edit.js';
import { Authenticator } from './authenticator.js';
import { START, World, type Act, type Signing } from './world.js';

// What is stated with these is worked out by hand from docs/record-files.md: nothing is computed by verifyHistory().

const ALICE = signer('alice');
const BOB = signer('bob', ML_DSA_44_TEXT);
const CAROL = new Authenticator('carol', 'ingam.example');
const DAVE = signer('dave');
const keyOf = (each: Signing) => ('vkey' in each ? each.vkey : vkey(each));
const digest = (text: string) => toHex(sha256(text));
const document = (text: string) => ({ sha256: digest(text), size: text.length, name: `${text}.pdf` });

/** As plain JSON, to be changed in ways that the project's own types do not allow. */
export interface RawHistory {
  [key: string]: unknown;
  checkpoint: string;
  blocks: { [key: string]: unknown; header: string; path: string[]; statement?: string; anchors: object[] }[];
  records: Record<string, { events: Record<string, unknown>[]; state: { height: number; siblings: string[]; leaf: { key: string; value: string } | null } }>;
  documents: Record<string, Record<string, unknown>>;
}

type Made = readonly [World, record: string];
type Expected = HistoryVector['expected'];

function rawOf([world, record]: Made, options?: Parameters<World['history']>[1]): RawHistory {
  return JSON.parse(formatHistory(world.history(record, options))) as RawHistory;
}

function verified(about: string, made: Made, expected: Omit<Expected, 'verdict' | 'failed'>, options?: Parameters<World['history']>[1]): HistoryVector {
  return { about, history: rawOf(made, options), trust: TRUST, expected: { verdict: 'verified', failed: [], ...expected } };
}

function invalid(about: string, made: Made, ...failed: readonly string[]): HistoryVector {
  return { about, history: rawOf(made), trust: TRUST, expected: { verdict: 'invalid', failed } };
}

/** A good history that is changed afterwards. */
function edited(about: string, made: Made, edit: (file: RawHistory, own: RawHistory['records'][string]) => void, verdict: string, ...failed: readonly string[]): HistoryVector {
  const history = rawOf(made);
  const own = history.records[made[1]];
  if (own === undefined) throw new Error('no such record');
  edit(history, own);
  return { about, history, trust: TRUST, expected: { verdict, failed } };
}

const CREATE: Act = { type: 'document.create', body: { document: document('first'), title: 'The lighthouse', holder: keyOf(ALICE) }, by: [ALICE] };
const VERSION: Act = { type: 'document.version', body: { document: document('second') }, by: [ALICE] };
const WITHDRAW: Act = { type: 'document.withdraw', body: {}, by: [ALICE] };

/** A document with a second version, which is withdrawn; others have records too. */
function documentWorld(): Made {
  const world = new World();
  world.seal();
  world.add({ ...CREATE, body: { document: document('of others'), holder: keyOf(DAVE) }, by: [DAVE] });
  const record = world.play(CREATE);
  world.document('between');
  world.add({ ...VERSION, record });
  world.document('behind');
  world.seal();
  world.play({ ...WITHDRAW, record });
  world.seal();
  return [world, record];
}

/** A document with its first event and then these. */
function documentWith(...acts: readonly Act[]): Made {
  const world = new World();
  const record = world.play(CREATE);
  for (const act of acts) world.play({ ...act, record });
  return [world, record];
}

function passkeyWorld(): Made {
  const world = new World();
  const record = world.play({ ...CREATE, body: { ...CREATE.body, holder: CAROL.vkey }, by: [CAROL] });
  world.play({ ...VERSION, record, by: [CAROL] });
  world.play({ type: 'record.rekey', record, body: { holder: keyOf(BOB) }, by: [CAROL, BOB] });
  world.play({ ...WITHDRAW, record, by: [BOB] });
  return [world, record];
}

function recoveryWorld(): Made {
  const world = new World();
  const recovery = { key: keyOf(DAVE), days: 2 };
  const record = world.play({ ...CREATE, body: { ...CREATE.body, recovery } });
  world.play({ type: 'record.recover', record, body: { holder: keyOf(CAROL) }, by: [DAVE, CAROL] });
  world.seal(START + 86_400_000);
  world.seal(START + 3 * 86_400_000);
  world.play({ ...WITHDRAW, record, by: [CAROL] });
  return [world, record];
}

interface Sale {
  readonly world: World;
  readonly item: string;
  readonly contract: string;
}

/** A stone goes to Bob when Alice and Bob have signed. */
function sale(world = new World(), terms: JsonObject = {}): Sale {
  const item = world.play({
    type: 'item.register',
    body: { title: 'A stone', serial: 'S-1', features: [], documents: [], issuer: keyOf(DAVE), holder: keyOf(ALICE) },
    by: [DAVE, ALICE],
  });
  const contract = world.play({
    type: 'contract.propose',
    body: {
      title: 'Sale of a stone',
      document: document('contract'),
      parties: [
        { name: 'Alice', key: keyOf(ALICE), order: 1 },
        { name: 'Bob', key: keyOf(BOB), order: 2 },
      ],
      effects: [{ item, to: 1 }],
      holder: keyOf(ALICE),
      ...terms,
    },
    by: [ALICE],
  });
  world.play({ type: 'item.offer', record: item, body: { to: keyOf(BOB), on: { record: contract, is: 'executed' } }, by: [ALICE] });
  world.play({ type: 'item.accept', record: item, body: {}, by: [BOB] });
  world.play({ type: 'contract.sign', record: contract, body: { party: 0 }, by: [ALICE] });
  return { world, item, contract };
}

const bobSigns = (contract: string): Act => ({ type: 'contract.sign', record: contract, body: { party: 1 }, by: [BOB] });

function executed(): Sale {
  const made = sale();
  made.world.play(bobSigns(made.contract));
  made.world.seal();
  made.world.play({ type: 'item.appraise', record: made.item, body: { value: '1200.50', currency: 'EUR', appraiser: keyOf(DAVE) }, by: [DAVE, BOB] });
  return made;
}

const DEADLINE = START + 3_600_000;

function expiring(): Sale {
  return sale(new World(), { deadline: DEADLINE });
}

/** Others fill the block in which the sale is due; the next one is sealed behind the deadline. @param forgery in it */
function delayed(forgery?: Parameters<World['seal']>[1]): Sale {
  const made = expiring();
  made.world.play(bobSigns(made.contract), DEADLINE - 1, { full: true });
  made.world.seal(DEADLINE + 1000, forgery);
  made.world.seal(DEADLINE + 2000);
  return made;
}

const heightOf = (header: string) => Number(Buffer.from(header, 'base64').readBigUInt64BE(1));

/** A contract that waits for a document. */
function notarizing(): readonly [World, record: string, digest: string] {
  const world = new World();
  const report = digest('the report');
  const record = world.play({
    type: 'contract.propose',
    body: {
      title: 'Payment on report',
      document: document('contract'),
      parties: [{ name: 'Alice', key: keyOf(ALICE), order: 1 }],
      when: { all: [{ signed: 0 }, { notarized: report }] },
      holder: keyOf(ALICE),
    },
    by: [ALICE],
  });
  world.play({ type: 'contract.sign', record, body: { party: 0 }, by: [ALICE] });
  world.seal();
  world.document('something else');
  world.document('the report');
  world.seal();
  world.seal();
  return [world, record, report];
}

/** A contract that waits for a record which nobody has begun. */
function early(): Made {
  const world = new World();
  const record = world.play({
    type: 'contract.propose',
    body: {
      title: 'Early',
      document: document('contract'),
      parties: [{ name: 'Alice', key: keyOf(ALICE), order: 1 }],
      when: { record: digest('nothing'), is: 'executed' },
      holder: keyOf(ALICE),
    },
    by: [ALICE],
  });
  world.play({ type: 'contract.sign', record, body: { party: 0 }, by: [ALICE] });
  return [world, record];
}

const claim = (of: Signing, title: string): Act => ({
  type: 'work.claim',
  body: {
    title,
    kind: 'literary',
    authors: [{ name: 'Alice', role: 'author' }],
    published: null,
    madeForHire: false,
    basis: 'author',
    documents: [document(title)],
    holder: keyOf(of),
  },
  by: [of],
});

function contested(): readonly [World, work: string, by: string] {
  const world = new World();
  const work = world.play(claim(ALICE, 'A poem'));
  const other = world.play(claim(DAVE, 'The same poem'));
  world.play({ type: 'work.contest', record: work, body: { by: other, holder: keyOf(DAVE), reason: 'mine is older' }, by: [DAVE] });
  world.play({ type: 'work.settle', record: work, body: { contest: 1, holder: keyOf(DAVE) }, by: [DAVE] });
  return [world, work, other];
}

export function historyVectors(): Record<string, HistoryVector> {
  return { ...good(), ...incomplete(), ...notes(), ...forged(), ...byThemselves(), ...maps(), ...proofs(), ...trust() };
}

function good(): Record<string, HistoryVector> {
  const { world, item, contract } = executed();
  const late = expiring();
  late.world.seal(DEADLINE - 1);
  late.world.seal(DEADLINE + 60_000);
  const ofItem = ['item.register', 'item.offer', 'item.accept', 'item.transferred', 'item.appraise'];
  const [pending, record, report] = notarizing();
  const [contestWorld, work] = contested();
  const open = sale();
  const { world: delayedWorld, contract: delayedContract, item: delayedItem } = delayed();
  return {
    document: verified('a document, its second version, and its withdrawal', documentWorld(), { timeline: ['document.create', 'document.version', 'document.withdraw'], status: 'withdrawn', asOf: 4 }),
    'first-event-alone': verified('nothing but the first event', documentWith(), { timeline: ['document.create'], status: 'current', asOf: 0 }),
    'as-of-an-earlier-block': verified('the state before the withdrawal: it says as of which block', documentWorld(), { timeline: ['document.create', 'document.version'], status: 'current', asOf: 2 }, { at: 2 }),
    'as-of-a-quiet-block': verified('the state in a block without events', documentWorld(), { timeline: ['document.create', 'document.version', 'document.withdraw'], asOf: 4 }, { at: 4 }),
    'three-kinds-of-keys': verified('a passkey that hands over to an ML-DSA-44 key', passkeyWorld(), { timeline: ['document.create', 'document.version', 'record.rekey', 'document.withdraw'], status: 'withdrawn' }),
    recovered: verified('a recovery key takes over after its waiting time', recoveryWorld(), { timeline: ['document.create', 'record.recover', 'record.recovered', 'document.withdraw'], status: 'withdrawn' }),
    'contract-executed': verified('signed by both, and the item is promised', [world, contract], { timeline: ['contract.propose', 'contract.sign', 'contract.sign', 'contract.executed'], status: 'executed' }),
    'item-transferred': verified('goes to its buyer in the block in which the contract is executed', [world, item], { timeline: ofItem, status: 'held' }),
    'contract-expired': verified('expires in the first block behind its deadline', [late.world, late.contract], { timeline: ['contract.propose', 'contract.sign', 'contract.expired'], status: 'expired' }),
    'item-of-expired-contract': verified('an item whose contract has expired is held as before', [late.world, late.item], { timeline: ['item.register', 'item.offer', 'item.accept', 'item.lapsed'], status: 'held' }),
    'contract-on-document': verified('is executed in the block of the document', [pending, record], { timeline: ['contract.propose', 'contract.sign', 'contract.executed'], status: 'executed' }),
    'contract-before-document': verified('the document is not there yet', [pending, record], { timeline: ['contract.propose', 'contract.sign'], status: 'open', asOf: 2 }, { at: 2 }),
    'waits-for-nothing-yet': verified('a contract waits for a record that is not there', early(), { status: 'open', timeline: ['contract.propose', 'contract.sign'] }),
    'open-contract': verified('the second signature is missing', [open.world, open.contract], { status: 'open', timeline: ['contract.propose', 'contract.sign'] }),
    'document-alone': verified('the document of others is in the file and means nothing', [pending, record], { status: 'executed', timeline: ['contract.propose', 'contract.sign', 'contract.executed'], asOf: pending.placed(report).height }, { at: pending.placed(report).height }),
    'executed-behind-a-full-block': verified('with the time of the full block, though the deadline is past', [delayedWorld, delayedContract], { timeline: ['contract.propose', 'contract.sign', 'contract.sign', 'contract.executed'], status: 'executed' }),
    'transferred-behind-a-full-block': verified('in the block of the execution', [delayedWorld, delayedItem], { timeline: ['item.register', 'item.offer', 'item.accept', 'item.transferred'], status: 'held' }),
    'due-in-a-full-block': verified('the block is full: the execution is not there yet', [delayedWorld, delayedContract], { timeline: ['contract.propose', 'contract.sign', 'contract.sign'], status: 'open', asOf: 5 }, { at: 5 }),
    'work-contested': verified('by the holder of another work', [contestWorld, work], { timeline: ['work.claim', 'work.contest', 'work.settle'], status: 'claimed' }),
  };
}

function incomplete(): Record<string, HistoryVector> {
  const { world, item, contract } = executed();
  const [pending, record] = notarizing();
  const [contestWorld, work, other] = contested();
  const open = sale();
  const without = (made: Made, id: string, about: string) => edited(about, made, (file) => Reflect.deleteProperty(file.records, id), 'incomplete');
  return {
    'body-erased': edited('the body of the second version was erased', documentWorld(), (_, own) => delete own.events[1]?.['body'], 'incomplete'),
    'all-bodies-erased': edited('all bodies were erased', documentWorld(), (_, own) => own.events.map((event) => delete event['body']), 'incomplete'),
    'other-record-missing': without([world, contract], item, 'the item that the contract rests on is not in the file'),
    'watched-record-missing': without([open.world, open.contract], open.item, 'the item that an open contract waits for is not in the file'),
    'watched-record-too-old': edited('the item is shown up to an earlier block than the contract', [open.world, open.contract], (file) => {
      const before = rawOf([open.world, open.contract], { at: 3 });
      file.records[open.item] = before.records[open.item] ?? lastOf([]);
      file.blocks = file.blocks.map((block) => before.blocks.find(({ header, statement }) => header === block.header && statement !== undefined) ?? block).map((block) => ({ ...block, path: file.blocks.find(({ header }) => header === block.header)?.path ?? [] }));
    }, 'incomplete'),
    'other-record-without-bodies': edited('the bodies of the item were erased', [world, contract], (file) => file.records[item]?.events.map((event) => delete event['body']), 'incomplete'),
    'contesting-work-missing': without([contestWorld, work], other, 'the work of the contester is not in the file'),
    'document-missing': edited('the document that the contract rests on is not in the file', [pending, record], (file) => (file.documents = {}), 'incomplete'),
    'body-erased-and-dropped': edited('a body was erased, and the last event left out', documentWorld(), (_, own) => {
      delete own.events[1]?.['body'];
      own.events.pop();
    }, 'invalid', '9 state_mismatch'),
  };
}

/** Forged by whoever makes the events: the service would have refused them. */
function notes(): Record<string, HistoryVector> {
  const twoDocuments = () => {
    const world = new World();
    const first = world.play(CREATE);
    const record = world.play({ ...CREATE, body: { ...CREATE.body, title: 'Another' } });
    return { world, first, record };
  };
  const replayed = () => {
    const { world, first, record } = twoDocuments();
    world.play({ ...WITHDRAW, record, named: first, before: world.held(first).value, forced: true });
    return [world, record] as const;
  };
  const badly = (act: Act): Act => ({ ...act, by: [forging(ALICE)] });
  const twice = documentWith(VERSION, { ...VERSION, body: { document: document('third') } });
  return {
    'of-another-log': invalid('signed for another log', documentWith({ ...WITHDRAW, origin: 'other.example/log' }), '5 wrong_log'),
    'of-another-record': invalid('signed for another record, and put into this one', replayed(), '5 wrong_record', '7 wrong_record'),
    'wrong-value-before': invalid('names another value before', documentWith({ ...WITHDRAW, before: sha256('x') }), '5 stale_value'),
    'value-of-first-event': invalid('names the value of an earlier state', documentWith(VERSION, { ...WITHDRAW, before: twice[0].held(twice[1]).value }), '5 stale_value'),
    'sequence-gap': invalid('a sequence is left out', documentWith({ ...WITHDRAW, sequence: 2 }), '5 wrong_sequence'),
    'sequence-repeated': invalid('a sequence is there twice', documentWith(VERSION, { ...WITHDRAW, sequence: 1 }), '5 wrong_sequence'),
    'signed-by-another': invalid('a key that has no role signs', documentWith({ ...WITHDRAW, by: [DAVE] }), '6 missing_signature'),
    'signed-by-former-holder': invalid('the key that was given up', documentWith({ type: 'record.rekey', body: { holder: keyOf(BOB) }, by: [ALICE, BOB] }, WITHDRAW), '6 missing_signature'),
    'signed-by-namesake': invalid('another key of the same name', documentWith({ ...WITHDRAW, by: [signer('alice', undefined, 'another')] }), '6 missing_signature'),
    'signed-by-one-of-two': invalid('the new key has not signed', documentWith({ type: 'record.rekey', body: { holder: keyOf(BOB) }, by: [ALICE] }), '6 missing_signature'),
    'signed-by-one-more': invalid('a key that need not sign', documentWith({ ...WITHDRAW, by: [ALICE, DAVE] }), '6 unexpected_signature'),
    'signed-twice': invalid('the same key twice', documentWith({ ...WITHDRAW, by: [ALICE, ALICE] }), '6 unexpected_signature'),
    'signature-bad': invalid('a signature of something else', documentWith(badly(WITHDRAW)), '6 bad_signature'),
    'rule-broken': invalid('a withdrawal of what is withdrawn', documentWith(WITHDRAW, { ...WITHDRAW, forced: true }), '7 wrong_status'),
    'rule-of-another-kind': invalid('an event of an item', documentWith({ type: 'item.report', body: { what: 'lost' }, by: [ALICE], forced: true }), '7 wrong_kind'),
    'rule-unknown-type': invalid('an event that nobody knows', documentWith({ type: 'document.burn', body: {}, by: [ALICE], forced: true }), '7 unknown_type'),
    'rule-malformed-body': invalid('a body without the document', documentWith({ ...VERSION, body: {}, forced: true }), '7 malformed_body'),
    'rule-broken-first': invalid('only the first broken rule is named, and what follows is not known', documentWith(WITHDRAW, { ...WITHDRAW, forced: true }, { ...WITHDRAW, forced: true }), '7 wrong_status'),
  };
}

function forging(signer: NoteSigner): NoteSigner {
  return { key: signer.key, sign: (message) => signer.sign(Uint8Array.of(...message, 10)) };
}

/** Forged by whoever has the file. */
function forged(): Record<string, HistoryVector> {
  const made = documentWorld();
  const edit = (about: string, change: Parameters<typeof edited>[2], ...failed: readonly string[]) => edited(about, made, change, 'invalid', ...failed);
  const first = (own: RawHistory['records'][string]) => own.events[0] ?? {};
  const text = (event: Record<string, unknown>, key: string) => String(event[key]);
  return {
    'last-event-left-out': edit('the withdrawal is left out', (_, own) => own.events.pop(), '9 state_mismatch'),
    'event-left-out': edit('the second version is left out', (_, own) => own.events.splice(1, 1), '5 wrong_sequence', '9 state_mismatch'),
    'event-twice': edit('an event twice', (_, own) => own.events.splice(1, 0, own.events[1] ?? {}), '4 events_out_of_order', '5 wrong_sequence', '7 no_change', '9 state_mismatch'),
    'events-in-other-order': edit('the last two events are exchanged', (_, own) => own.events.reverse(), '4 events_out_of_order', '5 wrong_sequence', '7 unknown_record', '9 state_mismatch'),
    'body-changed': edit('another title', (_, own) => (first(own)['body'] = { ...(first(own)['body'] as object), title: 'Another' }), '4 body_mismatch'),
    'body-without-nonce': edit('a body without nonce', (_, own) => (first(own)['body'] = {}), '4 malformed_body', '7 malformed_body'),
    'note-changed': edit('another type in the note', (_, own) => (first(own)['note'] = text(first(own), 'note').replace('document.create', 'document.delete')), '4 entry_digest_mismatch', '5 wrong_record', '7 unknown_type'),
    'note-malformed': edit('a note of six lines', (_, own) => (first(own)['note'] = text(first(own), 'note').replace('document.create\n', '')), '4 entry_digest_mismatch'),
    'entry-of-a-document': edit('the entry says that the note is a document', (_, own) => (first(own)['entry'] = flip(text(first(own), 'entry'), 1)), '4 entry_kind_mismatch', '5 stale_value', '9 state_mismatch'),
    'entry-changed': edit('another time of acceptance', (_, own) => (first(own)['entry'] = flip(text(first(own), 'entry'), 49)), '4 merkle_root_mismatch', '5 stale_value', '9 state_mismatch'),
    'salt-changed': edit('another salt', (_, own) => (first(own)['entry'] = flip(text(first(own), 'entry'), 50)), '4 details_mismatch', '5 stale_value', '9 state_mismatch'),
    'index-changed': edit('another place in the block', (_, own) => (first(own)['index'] = 0), '4 merkle_root_mismatch'),
    'index-outside': edit('a place behind the end of the block', (_, own) => (first(own)['index'] = 2), '4 index_outside_block'),
    'path-cut': edit('a path that is too short', (_, own) => (first(own)['path'] = []), '4 block_path_length'),
    'height-of-another-block': edit('the event is said to be in another block', (_, own) => (first(own)['height'] = 0), '4 index_outside_block'),
    'block-left-out': edit('the block of an event is left out', (file) => file.blocks.splice(2, 1), '4 block_missing'),
  };
}

/** Forged by an operator: what happens by itself. */
function byThemselves(): Record<string, HistoryVector> {
  const idle = (go: (made: Sale) => void) => {
    const made = sale();
    made.world.play(bobSigns(made.contract), undefined, { idle: true });
    go(made);
    return made;
  };
  const leftOut = idle(({ world }) => world.seal(undefined, { idle: true }));
  const leftOutThenSigned = idle(({ world, contract }) =>
    world.play({ type: 'contract.cancel', record: contract, body: {}, by: [ALICE, BOB] }, undefined, { idle: true }),
  );
  const tooLate = idle(({ world }) => world.seal());
  const tooEarly = sale();
  tooEarly.world.seal(undefined, { forgedEvents: [{ record: tooEarly.contract, type: 'contract.executed', facts: [`record ${tooEarly.item} ${toHex(tooEarly.world.held(tooEarly.item).value)}`], state: { status: 'executed' } }] });
  const stolen = sale();
  stolen.world.seal(undefined, { forgedEvents: [{ record: stolen.item, type: 'item.transferred', facts: [`record ${stolen.contract} ${toHex(stolen.world.held(stolen.contract).value)}`], state: { holder: keyOf(BOB), status: 'held', offer: null } }] });
  const invented = sale();
  invented.world.seal(undefined, { forgedEvents: [{ record: invented.item, type: 'item.transferred', facts: [`record ${invented.contract} ${digest('a value')}`], state: { holder: keyOf(BOB), status: 'held', offer: null } }] });
  const stale = sale();
  const promised = toHex(stale.world.held(stale.item).value);
  stale.world.play({ type: 'item.appraise', record: stale.item, body: { value: '1', currency: 'EUR', appraiser: keyOf(DAVE) }, by: [DAVE, ALICE] });
  stale.world.play(bobSigns(stale.contract), undefined, { idle: true, forgedEvents: [{ record: stale.contract, type: 'contract.executed', facts: [`record ${stale.item} ${promised}`], state: { status: 'executed' } }] });
  const lateExpiry = expiring();
  lateExpiry.world.seal(DEADLINE + 1000, { idle: true });
  lateExpiry.world.seal(DEADLINE + 2000);
  const signedLate = expiring();
  signedLate.world.seal(DEADLINE + 1000, { idle: true });
  signedLate.world.play({ ...bobSigns(signedLate.contract), forced: true }, DEADLINE + 2000);
  const early = expiring();
  early.world.seal(DEADLINE - 1000, { forgedEvents: [{ record: early.contract, type: 'contract.expired', facts: [], state: { status: 'expired' } }] });
  const [unwritten, waiting, report] = notarizing();
  const noBlockBefore = expiring();
  noBlockBefore.world.seal(DEADLINE - 1);
  noBlockBefore.world.seal(DEADLINE + 60_000);
  const lastButOne = noBlockBefore.world.blocks.length - 2;
  const onTime: Made = [delayed().world, delayed().contract];
  const skipped = delayed({ idle: true });
  const full = skipped.world.blocks.findIndex((block) => block.full);
  const withoutStatement = (file: RawHistory, height: number) => {
    for (const block of file.blocks) if (heightOf(block.header) === height) delete block.statement;
  };
  return {
    'full-block-not-stated': edited('the statement of the full block is left out', onTime, (file) => { withoutStatement(file, full); }, 'invalid', '8 automatic_missing'),
    'time-of-full-block-not-stated': edited('the statement of the block behind it is left out', onTime, (file) => { withoutStatement(file, full + 1); }, 'invalid', '8 automatic_not_due'),
    'left-out-behind-a-full-block': invalid('the block behind the full one had room', [skipped.world, skipped.contract], '8 automatic_missing'),
    'block-behind-full-left-out': edited('the block behind the full one is left out', [skipped.world, skipped.contract], (file) => {
      file.blocks = file.blocks.filter(({ header }) => heightOf(header) !== full + 1);
    }, 'invalid', '8 block_before_missing'),
    'execution-left-out': invalid('the contract had to be executed', [leftOut.world, leftOut.contract], '8 automatic_missing'),
    'execution-left-out-then-cancelled': invalid('the contract was cancelled when it had to be executed', [leftOutThenSigned.world, leftOutThenSigned.contract], '8 automatic_missing'),
    'execution-too-late': invalid('the contract was executed a block later', [tooLate.world, tooLate.contract], '8 automatic_missing'),
    'execution-not-due': invalid('the contract was executed without the second signature', [tooEarly.world, tooEarly.contract], '8 automatic_not_due'),
    'transfer-not-due': invalid('the item was transferred while the contract was open', [stolen.world, stolen.item], '8 automatic_not_due'),
    'fact-invented': invalid('rests on a value that the contract never had', [invented.world, invented.item], '8 fact_mismatch'),
    'fact-stale': invalid('rests on a value that the item had before', [stale.world, stale.contract], '8 fact_mismatch'),
    'expiry-too-late': invalid('expired in the second block behind the deadline', [lateExpiry.world, lateExpiry.contract], '8 automatic_missing'),
    'expiry-too-early': invalid('expired before the deadline', [early.world, early.contract], '8 automatic_not_due'),
    'signed-behind-deadline': invalid('signed when it had to be expired', [signedLate.world, signedLate.contract], '7 too_late', '8 automatic_missing'),
    'block-before-left-out': edited('the block before the one of the expiry is left out', [noBlockBefore.world, noBlockBefore.contract], (file) => {
      file.blocks = file.blocks.filter(({ header }) => heightOf(header) !== lastButOne);
    }, 'invalid', '8 block_before_missing'),
    'document-of-another-digest': edited('the document is another one', [unwritten, waiting], (file) => {
      file.documents[report] = JSON.parse(JSON.stringify(otherDocument(unwritten))) as Record<string, unknown>;
    }, 'invalid', '4 entry_digest_mismatch'),
    'execution-changed': edited('the text of the execution is changed', [unwritten, waiting], (_, own) => {
      const last = own.events.at(-1) ?? {};
      last['automatic'] = String(last['automatic']).replace('contract.executed', 'contract.expired');
    }, 'invalid', '8 automatic_not_due', '9 state_mismatch'),
    'execution-malformed': edited('the text of the execution is malformed', [unwritten, waiting], (_, own) => {
      const last = own.events.at(-1) ?? {};
      last['automatic'] = String(last['automatic']).replace('ingam/automatic/v1', 'ingam/automatic/v2');
    }, 'invalid', '4 malformed_automatic', '8 automatic_missing', '9 state_mismatch'),
  };
}

function otherDocument(world: World): object {
  const placed = world.placed(digest('something else'));
  return (JSON.parse(formatHistory({ ...world.history([...world.records.keys()][0] ?? ''), documents: new Map([['aa'.repeat(32), placed]]) })) as RawHistory).documents['aa'.repeat(32)] ?? {};
}

/** Forged by an operator: the map. */
function maps(): Record<string, HistoryVector> {
  const absent = new World();
  absent.seal();
  absent.play({ ...CREATE, body: { ...CREATE.body, title: 'Another' } });
  const neverThere = absent.play(CREATE, undefined, { staleMap: true });
  const old = documentWith(VERSION);
  old[0].play({ ...WITHDRAW, record: old[1] }, undefined, { staleMap: true });
  const made = documentWorld();
  const [world, record] = made;
  const edit = (about: string, change: Parameters<typeof edited>[2], ...failed: readonly string[]) => edited(about, made, change, 'invalid', ...failed);
  const others = [...world.records.keys()].filter((id) => id !== record);
  const stateOf = (id: string) => rawOf([world, id]).records[id]?.state ?? { height: 0, siblings: [], leaf: null };
  return {
    'record-absent': invalid('the map does not have the record', [absent, neverThere], '9 record_absent'),
    'map-of-the-block-before': invalid('the map has the value before', old, '9 state_mismatch'),
    'state-of-another-record': edit('the path leads to another record', (_, own) => (own.state = stateOf(others[0] ?? '')), '9 malformed_map_path'),
    'state-before-last-event': edit('the state is of a block before the last event', (file, own) => {
      const before = rawOf(made, { at: 2 });
      own.state = before.records[record]?.state ?? own.state;
      file.blocks = file.blocks.map((block) => before.blocks.find(({ header }) => header === block.header) ?? block);
    }, '9 state_too_old'),
    'value-in-path-changed': edit('the leaf has another value', (_, own) => own.state.leaf && (own.state.leaf.value = digest('x')), '9 map_root_mismatch'),
    'path-without-leaf': edit('the path leads to nothing', (_, own) => (own.state.leaf = null), '9 map_root_mismatch'),
    'path-in-map-changed': edit('a hash of the path is changed', (_, own) => (own.state.siblings = own.state.siblings.map((hash) => flip(hash, 3))), '9 map_root_mismatch'),
    'statement-left-out': edit('the statement is left out', (file) => file.blocks.map((block) => delete block.statement), '9 statement_missing'),
    'statement-of-another-block': edit('the statement of the block before', (file) => (lastOf(file.blocks).statement = world.block(2).statement ?? ''), '9 statement_mismatch'),
    'statement-changed': edit('a statement with another root', (file) => (lastOf(file.blocks).statement = String(lastOf(file.blocks).statement).replace(/"root":"../, '"root":"00')), '9 statement_mismatch'),
    'block-of-state-left-out': edit('the block of the state is left out', (file) => file.blocks.pop(), '9 block_missing'),
  };
}

function lastOf<Value>(values: readonly Value[]): Value {
  const last = values.at(-1);
  if (last === undefined) throw new Error('nothing');
  return last;
}

/** Blocks and checkpoint. */
function proofs(): Record<string, HistoryVector> {
  const made = documentWorld();
  const edit = (about: string, change: Parameters<typeof edited>[2], ...failed: readonly string[]) => edited(about, made, change, 'invalid', ...failed);
  const first = (file: RawHistory) => file.blocks[0] ?? lastOf(file.blocks);
  const backwards = new World();
  const record = backwards.play(CREATE, START + 5000);
  backwards.play({ ...WITHDRAW, record }, START + 4000);
  return {
    'header-changed': edit('another difficulty', (file) => (first(file).header = flip(first(file).header, 125, 7)), '1 proof_of_work_missing'),
    'header-of-another-log': edit('a header that is not in the log', (file) => (first(file).path = first(file).path.map((hash) => flip(hash, 0))), '1 log_root_mismatch'),
    'header-path-cut': edit('a path that is too short', (file) => first(file).path.pop(), '1 log_path_length'),
    'checkpoint-older-than-block': edit('the checkpoint is older than the last block', (file) => (file.checkpoint = rawOf(made, { size: 4, at: 3 }).checkpoint), '1 log_path_length'),
    'checkpoint-signature-bad': edit('the signature of the checkpoint is changed', (file) => (file.checkpoint = flipSignature(file.checkpoint, 0, 30)), '2 bad_log_signature'),
    'blocks-out-of-order': invalid('sealed before the block before', [backwards, record], '1 blocks_out_of_order', '4 sealed_before_accepted'),
  };
}

function trust(): Record<string, HistoryVector> {
  const made = documentWorld();
  const untrusted = (about: string, policy: string | null, ...failed: readonly string[]): HistoryVector => ({ about, history: rawOf(made), trust: policy, expected: { verdict: 'untrusted', failed, asOf: 4, status: 'withdrawn' } });
  return {
    'nobody-trusted': untrusted('no policy', null, '2 no_trusted_key'),
    'another-log-trusted': untrusted('the policy names another log', `log ${vkey(OTHER_LOG)}\nquorum none\n`, '2 untrusted_log'),
    'namesake-trusted': untrusted('another key of that name', `log ${vkey(NAMESAKE)}\nquorum none\n`, '2 untrusted_log'),
    'quorum-missing': untrusted('no member has cosigned', QUORUM_TRUST, '3 quorum_missing'),
    'times-missing': untrusted('nobody else confirms the times', `log ${vkey(LOG)}\nquorum none\n#bitcoin 1 ${'A'.repeat(43)}=\n#times 1\n`, '10 time_missing'),
    'untrusted-and-incomplete': { ...edited('nobody is trusted, and a body is missing', made, (_, own) => delete own.events[1]?.['body'], 'untrusted', '2 no_trusted_key'), trust: null },
  };
}
