import type { SigningKind } from '../../../messages/signing.js';
import type { Kind } from './place.js';

/** What each event states (docs/records.md), as its form asks for it. */

interface Common {
  readonly member: string;
  readonly optional?: boolean;
}

export type Spec =
  | (Common & { readonly kind: 'text'; readonly most: number; readonly lines?: number })
  /** A year, a month or a day, as a text. */
  | (Common & { readonly kind: 'date' })
  /** A day of the reader's, as a time: its beginning or its end. */
  | (Common & { readonly kind: 'day'; readonly end: boolean })
  /** Somebody's verifier key. */
  | (Common & { readonly kind: 'key' })
  /** One of the person's keys. */
  | (Common & { readonly kind: 'own-key' })
  | (Common & { readonly kind: 'number'; readonly most: number; readonly first: number })
  | (Common & { readonly kind: 'amount' })
  | (Common & { readonly kind: 'code'; readonly letters: number })
  /** A record of one of these kinds, by its id. */
  | (Common & { readonly kind: 'record'; readonly of: readonly Kind[] })
  | (Common & { readonly kind: 'choice'; readonly of: readonly string[] })
  /** One of the parties in the same form, by its index. */
  | (Common & { readonly kind: 'party' })
  | (Common & { readonly kind: 'yes' })
  | (Common & { readonly kind: 'file' })
  | (Common & { readonly kind: 'files'; readonly least: number })
  | (Common & { readonly kind: 'group'; readonly of: readonly Spec[]; readonly orNull?: boolean })
  | (Common & {
      readonly kind: 'list';
      readonly of: readonly Spec[];
      readonly least: number;
      readonly most: number;
    })
  | (Common & { readonly kind: 'condition' });

const REMARK = 2000;
const NAME = 200;
const text = (member: string, most = NAME): Spec => ({ kind: 'text', member, most });
const remark = (member: string, optional: boolean): Spec => ({
  kind: 'text',
  member,
  most: REMARK,
  lines: 3,
  optional,
});
const key = (member: string): Spec => ({ kind: 'key', member });
const ownKey = (member: string): Spec => ({ kind: 'own-key', member });
const file = (member: string): Spec => ({ kind: 'file', member });
const maybe = (spec: Spec): Spec => ({ ...spec, optional: true });
const on: Spec = { kind: 'condition', member: 'on', optional: true };

const recovery: Spec = {
  kind: 'group',
  member: 'recovery',
  optional: true,
  of: [key('key'), { kind: 'number', member: 'days', most: 365, first: 30 }],
};

const terms: readonly Spec[] = [
  file('document'),
  text('title', 300),
  {
    kind: 'list',
    member: 'parties',
    least: 2,
    most: 99,
    of: [text('name'), { kind: 'number', member: 'order', most: 99, first: 1 }, key('key')],
  },
  { kind: 'number', member: 'quorum', most: 99, first: 1, optional: true },
  { kind: 'day', member: 'deadline', end: true, optional: true },
  {
    kind: 'list',
    member: 'conditions',
    least: 0,
    most: 32,
    optional: true,
    of: [text('name', 64), { kind: 'party', member: 'by' }],
  },
  { kind: 'condition', member: 'when', optional: true },
  {
    kind: 'list',
    member: 'effects',
    least: 0,
    most: 32,
    optional: true,
    of: [
      { kind: 'record', member: 'item', of: ['item'] },
      { kind: 'party', member: 'to' },
    ],
  },
];

/** The event that begins a record of a kind. */
export const FIRST: Readonly<Record<Kind, string>> = {
  document: 'document.create',
  work: 'work.claim',
  item: 'item.register',
  contract: 'contract.propose',
};

/** By type: what is asked. Events that state nothing have an empty list. */
export const FORMS: Readonly<Record<string, readonly Spec[]>> = {
  'document.create': [file('document'), maybe(text('title', 300)), ownKey('holder'), recovery],
  'document.version': [file('document'), remark('note', true)],
  'document.withdraw': [remark('reason', true)],
  'document.reinstate': [],

  'work.claim': [
    { kind: 'files', member: 'documents', least: 1 },
    text('title', 300),
    text('kind'),
    {
      kind: 'list',
      member: 'authors',
      least: 1,
      most: 100,
      of: [text('name'), text('role'), maybe({ kind: 'code', member: 'nationality', letters: 2 })],
    },
    maybe({ kind: 'date', member: 'createdOn' }),
    {
      kind: 'group',
      member: 'published',
      optional: true,
      orNull: true,
      of: [{ kind: 'date', member: 'on' }, text('in')],
    },
    { kind: 'yes', member: 'madeForHire' },
    remark('basis', false),
    remark('licence', true),
    ownKey('holder'),
    recovery,
  ],
  'work.version': [{ kind: 'files', member: 'documents', least: 1 }, remark('note', true)],
  'work.license': [
    { kind: 'group', member: 'to', of: [text('name'), maybe(key('key'))] },
    remark('terms', false),
    { kind: 'yes', member: 'exclusive' },
    { kind: 'day', member: 'from', end: false, optional: true },
    { kind: 'day', member: 'until', end: true, optional: true },
    maybe(text('territory')),
    maybe(file('document')),
    on,
  ],
  'work.assign': [key('to')],
  'work.accept': [recovery],
  'work.retract': [],
  'work.contest': [{ kind: 'record', member: 'by', of: ['work'] }, ownKey('holder'), remark('reason', false)],
  'work.settle': [{ kind: 'number', member: 'contest', most: 999, first: 1 }, ownKey('holder')],
  'work.withdraw': [remark('reason', true)],

  'item.register': [
    { kind: 'files', member: 'documents', least: 0 },
    text('title', 300),
    text('serial', 100),
    { kind: 'list', member: 'features', least: 0, most: 64, of: [text('name'), text('value')] },
    ownKey('issuer'),
    ownKey('holder'),
    recovery,
  ],
  'item.appraise': [
    { kind: 'amount', member: 'value' },
    { kind: 'code', member: 'currency', letters: 3 },
    maybe({ kind: 'date', member: 'on' }),
    maybe(file('document')),
    key('appraiser'),
  ],
  'item.offer': [key('to'), { kind: 'day', member: 'until', end: true, optional: true }, on],
  'item.accept': [recovery],
  'item.retract': [],
  'item.report': [{ kind: 'choice', member: 'what', of: ['lost', 'stolen', 'recovered', 'destroyed'] }],

  'contract.propose': [...terms, ownKey('holder'), recovery],
  'contract.amend': terms,
  'contract.sign': [],
  'contract.decline': [remark('reason', true)],
  'contract.delegate': [key('to')],
  'contract.fulfil': [file('evidence')],
  'contract.cancel': [remark('reason', true)],

  'record.rekey': [ownKey('holder')],
  'record.recover': [ownKey('holder')],
  'record.keep': [],
};

/**
 * Members that follow from the step, and are not asked.
 * @param party of the step; null: it is no party's
 */
export function givenMembers(
  type: string,
  party: number | null,
  condition: string | null,
): Readonly<Record<string, string | number>> {
  if (type === 'contract.fulfil') return condition === null ? {} : { name: condition };
  return party === null ? {} : { party };
}

/** What cannot be taken back, so that the page asks in stronger words. */
export const FINAL: ReadonlySet<string> = new Set([
  'work.withdraw',
  'work.accept',
  'item.accept',
  'contract.sign',
  'contract.decline',
  'contract.delegate',
  'contract.cancel',
  'record.rekey',
]);

/** Others wait for these: whose turn it is sees them first. */
export const AWAITED: ReadonlySet<string> = new Set([
  'contract.sign',
  'contract.fulfil',
  'item.accept',
  'work.accept',
  'record.keep',
]);

const answerBy: readonly Spec[] = [
  text('name'),
  { kind: 'text', member: 'email', most: 254, optional: true },
  remark('note', true),
  { kind: 'day', member: 'until', end: true },
];

/** What is asked by link: what it is about, and whom. */
export const ASKS: Readonly<
  Record<SigningKind, { readonly about: readonly Spec[]; readonly whom: readonly Spec[] }>
> = {
  contract: { about: [file('document'), text('title', 300)], whom: answerBy },
  transfer: { about: [{ kind: 'record', member: 'record', of: ['item', 'work'] }], whom: answerBy },
  licence: { about: [{ kind: 'record', member: 'record', of: ['work'] }], whom: answerBy },
  // Whoever signs the claim holds the work.
  claim: {
    about: (FORMS['work.claim'] ?? []).filter(({ member }) => member !== 'holder' && member !== 'recovery'),
    whom: answerBy,
  },
};
