import { document, key, recovery, remark, title } from './body.js';
import { heldBy, same } from './holder.js';
import { assertStatus, rule, step, type KindRules, type Rule } from './rule.js';
import type { DocumentState } from './state.js';

// A document and its versions.

export const createDocument: Rule<null, DocumentState> = rule(
  (o) => ({
    document: o.get('document', document),
    title: o.optional('title', title),
    holder: o.get('holder', key),
    recovery: o.optional('recovery', recovery),
  }),
  (body) => [body.holder],
  (body): DocumentState => ({
    kind: 'document',
    status: 'current',
    document: body.document,
    versions: 1,
    ...heldBy(body.holder, body.recovery),
  }),
);

const version = rule(
  (o) => ({ document: o.get('document', document), note: o.optional('note', remark) }),
  (_, state: DocumentState) => [state.holder],
  (body, state): DocumentState => {
    assertStatus(state, 'current');
    if (body.document === state.document) throw same('this is the current version');
    return { ...state, document: body.document, versions: state.versions + 1 };
  },
);

const withdraw = rule(
  (o) => ({ reason: o.optional('reason', remark) }),
  (_, state: DocumentState) => [state.holder],
  (_, state): DocumentState => {
    assertStatus(state, 'current');
    return { ...state, status: 'withdrawn' };
  },
);

const reinstate = rule(
  () => null,
  (_, state: DocumentState) => [state.holder],
  (_, state): DocumentState => {
    assertStatus(state, 'withdrawn');
    return { ...state, status: 'current' };
  },
);

export const DOCUMENT_RULES: KindRules<DocumentState> = {
  rules: new Map([
    ['document.version', version],
    ['document.withdraw', withdraw],
    ['document.reinstate', reinstate],
  ]),
  automatic: () => null,
  watches: () => ({ times: [], digests: [], records: [] }),
  parties: () => [],
  nextSteps: ({ status, holder }) =>
    status === 'current'
      ? [step('document.version', holder), step('document.withdraw', holder)]
      : [step('document.reinstate', holder)],
};
