import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { JsonObject } from '../../../proof/canonical-json.js';
import { useDrops } from '../../components/drop-area.js';
import { Form } from '../../components/fields.js';
import { Panel } from '../../components/panel.js';
import { chain } from '../../lib/api.js';
import type { ChosenFile } from '../../lib/files.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { loadGivenKeys } from './asked.js';
import { takeCarried } from './carried.js';
import { FORMS, givenMembers } from './forms.js';
import { CompareDocument, Parts, takeFiles } from './part-views.js';
import { fieldsOf, fillParts, membersOf, namesIn, type Part, partsOf } from './parts.js';
import type { Step } from './place.js';
import type { Loaded } from './service.js';
import { type Draft, draft as draftOf } from './signing.js';
import { refused, refusalSentences, SignView } from './sign-view.js';
import { conditionNames, partyNames, presentTerms } from './terms.js';

/** Events that name keys which people give under links. */
const NAMES_KEYS: ReadonlySet<string> = new Set([
  'contract.propose',
  'contract.amend',
  'item.offer',
  'work.assign',
  'work.license',
]);

interface StepProps {
  readonly step: Step;
  /** The record as it is now; null: the event begins one. */
  readonly about: Loaded | null;
  readonly onCancel: () => void;
  /** @param id of the record */
  readonly onDone: (id: string) => void;
}

/** One event: its form, and then what is signed. What was typed stays when the person goes back to it. */
export function StepView({ step, about, onCancel, onDone }: StepProps) {
  const record = about?.record ?? null;
  const { type, party, condition } = step;
  const t = messages();
  const given = givenMembers(type, party, condition);
  const parts = useMemo(() => {
    const made = partsOf(FORMS[type] ?? [], given);
    const present = presentOf(type, about);
    if (present !== null) {
      fillParts(made, present, { parties: partyNames(present), conditions: conditionNames(present) });
    }
    return made;
  }, [type]);
  const draft = useSignal<Draft | null>(null);
  useEffect(() => {
    if (NAMES_KEYS.has(type)) loadGivenKeys(type.startsWith('contract.') ? null : (record?.id ?? null));
  }, [type]);
  const send = async () => {
    const { origin } = await chain();
    try {
      draft.value = draftOf(origin, record, type, { ...given, ...membersOf(parts) });
    } catch (error) {
      throw refused(error);
    }
  };
  if (draft.value !== null) {
    return <SignView draft={draft.value} about={about} onBack={() => (draft.value = null)} onDone={onDone} />;
  }
  return (
    <Panel heading={t.actions[type] ?? recordMessages().types[type] ?? type} focusable>
      {t.explained[type] === undefined ? null : <p class="prose">{t.explained[type]}</p>}
      {parts.some((part) => part.as === 'files') ? <Dropped parts={parts} /> : null}
      <Form
        name="event"
        fields={fieldsOf(parts)}
        submit={t.next}
        send={send}
        onCancel={onCancel}
        own={refusalSentences}
      >
        {type === 'contract.sign' && record?.state.kind === 'contract' ? (
          <CompareDocument sha256={record.state.document} />
        ) : null}
        <Parts type={type} of={parts} names={namesIn(parts)} />
      </Form>
    </Panel>
  );
}

/** What a form for something that changes begins with; null: empty. */
function presentOf(type: string, about: Loaded | null): JsonObject | null {
  if (about === null) return null;
  const {
    record: { state },
    events,
  } = about;
  if (type === 'contract.amend' && state.kind === 'contract') return presentTerms(state, events);
  const contest = state.kind === 'work' ? state.contests[0] : undefined;
  return type === 'work.settle' && contest !== undefined ? { contest: contest.sequence } : null;
}

/** Files that are dropped anywhere go to the first place for files of the form. */
function Dropped({ parts }: { readonly parts: readonly Part[] }) {
  const t = messages();
  const problem = useSignal(false);
  const last = useRef(0);
  const first = parts.find((part) => part.as === 'files');
  const take = async (files: readonly ChosenFile[]) => {
    if (first?.as !== 'files') return;
    const own = (last.current += 1);
    problem.value = false;
    try {
      await takeFiles(first, files);
    } catch {
      if (own === last.current) problem.value = true;
    }
  };
  useDrops((files) => void take(files));
  useEffect(() => {
    const files = takeCarried();
    if (files.length > 0) void take(files);
  }, []);
  return (
    <p class={problem.value ? 'problem' : 'hint'} role="status">
      {problem.value ? t.dropFailed : t.dropHere}
    </p>
  );
}
