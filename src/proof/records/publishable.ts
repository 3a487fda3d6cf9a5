import type { Json, JsonObject } from '../canonical-json.js';

// What the holder of a work or an item can let everybody see of it (docs/record-files.md, "Publishing a record").

/** What a holder can show, by the kind of the record, in the order in which a note names it. */
export const PUBLISHABLE = {
  work: [
    ...(['title', 'kind', 'authors', 'creation', 'documents', 'licences', 'licensees'] as const),
    ...(['disputes', 'keys', 'history', 'search'] as const),
  ],
  item: [
    ...(['title', 'serial', 'features', 'documents', 'appraisals', 'reports'] as const),
    ...(['keys', 'history', 'search'] as const),
  ],
} as const;

export type PublishableKind = keyof typeof PUBLISHABLE;
export type Shown = (typeof PUBLISHABLE)[PublishableKind][number];

/** Which choice shows a member of a body. What is not named here is shown in history files alone. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  'work.claim': {
    title: 'title',
    kind: 'kind',
    authors: 'authors',
    createdOn: 'creation',
    published: 'creation',
    madeForHire: 'creation',
    basis: 'creation',
    licence: 'licences',
    documents: 'documents',
    holder: 'keys',
  },
  'work.version': { documents: 'documents', note: 'documents' },
  'work.license': {
    to: 'licensees',
    terms: 'licences',
    exclusive: 'licences',
    from: 'licences',
    until: 'licences',
    territory: 'licences',
    document: 'licences',
    on: 'licences',
  },
  'work.assign': { to: 'keys' },
  'work.contest': { by: 'disputes', reason: 'disputes', holder: 'keys' },
  'work.settle': { contest: 'disputes', holder: 'keys' },
  'item.register': {
    title: 'title',
    serial: 'serial',
    features: 'features',
    documents: 'documents',
    issuer: 'keys',
    holder: 'keys',
  },
  'item.appraise': {
    value: 'appraisals',
    currency: 'appraisals',
    on: 'appraisals',
    document: 'appraisals',
    appraiser: 'keys',
  },
  'item.offer': { to: 'keys' },
  'item.report': { what: 'reports' },
  'record.rekey': { holder: 'keys' },
  'record.recover': { holder: 'keys' },
};

export function isPublishable(kind: string): kind is PublishableKind {
  return Object.hasOwn(PUBLISHABLE, kind);
}

/** What everybody sees of a body; null: nothing. @param body null: it was erased */
export function publishedBody(
  type: string,
  body: JsonObject | null,
  shows: readonly Shown[],
): JsonObject | null {
  const members = Object.hasOwn(MEMBERS, type) ? (MEMBERS[type] ?? {}) : {};
  const shown = Object.entries(body ?? {}).filter(([name]) => {
    const choice = Object.hasOwn(members, name) ? members[name] : undefined;
    return choice !== undefined && shows.includes(choice);
  });
  return shown.length === 0 ? null : Object.fromEntries<Json>(shown);
}

/** Whether a holder can show anything of what events of this type state. */
export function isShowable(type: string): boolean {
  return Object.hasOwn(MEMBERS, type);
}
