import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Field, FieldState, Form } from '../../components/fields.js';
import { Modal } from '../../components/modal.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { counted } from '../../lib/format.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { Erasing, type Outcome, saveErasures } from './erasure.js';
import type { Registered, Results } from './results.js';
import { documentName } from './row.js';

interface EraseDialogProps {
  readonly rows: readonly Registered[];
  readonly results: Results;
  /** @param erased whether anything was */
  readonly onClose: (erased: boolean) => void;
}

/** Says what is erased and what stays, asks for a confirmation in writing, and shows what became of each document. */
export function EraseDialog({ rows, results, onClose }: EraseDialogProps) {
  const t = messages();
  const given = useMemo(() => rows, []);
  const erasing = useMemo(() => new Erasing(), []);
  const erasable = given.filter(({ held, block }) => held !== true && block !== undefined);
  const wanted = confirmation(erasable);
  const typed = useMemo(
    () =>
      new FieldState({
        name: 'confirmation',
        check: (value) => (value === wanted ? null : messages().eraseWrong(wanted)),
      }),
    [],
  );
  const { state } = erasing;
  const close = () => {
    if (state.kind === 'running') return;
    const erased = state.kind === 'done' ? state.outcomes.filter((each) => 'erasure' in each) : [];
    onClose(erased.length > 0);
    // The dialog shows them until it closes.
    results.forget(erased.map(({ row }) => row.id));
  };
  const run = async () => {
    await erasing.run(erasable);
    if (erasing.state.kind === 'done') announce(resultSentence(erasing.state.outcomes));
  };
  return (
    <Modal
      heading={state.kind === 'done' ? t.eraseDone : t.eraseHeading(counted(given.length))}
      onClose={close}
      dirty={() => state.kind === 'idle' && typed.changed}
    >
      {(leave) => {
        if (state.kind === 'done') {
          return <EraseResult outcomes={state.outcomes} left={state.left} onClose={leave} />;
        }
        return (
          <>
            <Consequences rows={given} />
            {state.kind === 'running' ? (
              <>
                <p role="status">{t.erasing(counted(state.done), counted(state.of))}</p>
                <div class="form-actions">
                  <Button onPress={erasing.stop}>{t.eraseStop}</Button>
                </div>
              </>
            ) : erasable.length === 0 ? (
              <div class="form-actions">
                <Button onPress={leave} autofocus>
                  {common().close}
                </Button>
              </div>
            ) : (
              <Form name="erase" fields={[typed]} submit={t.erase} danger send={run} onCancel={leave}>
                <Field of={typed} label={t.eraseConfirm(wanted)} hint={confirmationHint(erasable)} />
              </Form>
            )}
          </>
        );
      }}
    </Modal>
  );
}

/** What a person types, so that nothing is erased by a slip: of one document its reference, else the number. */
function confirmation(rows: readonly Registered[]): string {
  const [only, ...others] = rows;
  if (only === undefined || others.length > 0) return String(rows.length);
  return only.details?.reference ?? String(only.position);
}

function confirmationHint(rows: readonly Registered[]): string {
  const t = messages();
  const [only, ...others] = rows;
  if (only === undefined || others.length > 0) return t.eraseByCount;
  return only.details?.reference === undefined ? t.eraseByPosition : t.eraseByReference;
}

function Consequences({ rows }: { readonly rows: readonly Registered[] }) {
  const t = messages();
  const held = rows.filter((row) => row.held === true);
  const waiting = rows.filter((row) => row.held !== true && row.block === undefined);
  return (
    <>
      <Excluded sentence={t.eraseHeld(counted(held.length))} rows={held} />
      <Excluded sentence={t.eraseWaiting(counted(waiting.length))} rows={waiting} />
      {held.length + waiting.length === rows.length ? null : (
        <>
          <h3>{t.eraseGoes}</h3>
          <ul class="plain-list">
            {t.eraseGoesList.map((each) => (
              <li key={each}>{each}</li>
            ))}
            {rows.some((row) => row.kept === true) ? <li>{t.eraseGoesKept}</li> : null}
          </ul>
          <h3>{t.eraseStays}</h3>
          <ul class="plain-list">
            {t.eraseStaysList.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
          <p>{t.eraseCertified}</p>
        </>
      )}
    </>
  );
}

/** Documents that cannot be erased, and why. */
function Excluded({ sentence, rows }: { readonly sentence: string; readonly rows: readonly Registered[] }) {
  if (rows.length === 0) return null;
  return (
    <div class="notice" role="note">
      <p>{sentence}</p>
      <ul class="plain-list is-short">
        {rows.map((row) => (
          <li key={row.id}>
            <bdi>{documentName(row)}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}

function resultSentence(outcomes: readonly Outcome[]): string {
  const t = messages();
  const erased = outcomes.filter((each) => 'erasure' in each).length;
  const failed = outcomes.length - erased;
  return [
    ...(erased === 0 ? [] : [t.erased(counted(erased))]),
    ...(failed === 0 ? [] : [t.notErased(counted(failed))]),
  ].join(' ');
}

interface EraseResultProps {
  readonly outcomes: readonly Outcome[];
  readonly left: number;
  readonly onClose: () => void;
}

function EraseResult({ outcomes, left, onClose }: EraseResultProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const erasures = outcomes.flatMap((each) => ('erasure' in each ? [each.erasure] : []));
  return (
    <>
      <p>
        {resultSentence(outcomes)} {left === 0 ? null : t.eraseLeft(counted(left))}
      </p>
      <ul class="plain-list is-short">
        {outcomes.map((outcome) => (
          <li key={outcome.row.id}>
            <bdi>{documentName(outcome.row)}</bdi>:{' '}
            {'erasure' in outcome ? t.erasedOne : <Problem error={outcome.error} own={t.problems} />}
          </li>
        ))}
      </ul>
      {erasures.length === 0 ? null : <p class="hint">{t.erasureKeep}</p>}
      <Problem error={action.error.value} own={t.problems} />
      <div class="form-actions">
        {erasures.length === 0 ? null : (
          <Button
            tone="primary"
            autofocus
            held={action.busy}
            onPress={() =>
              void action.run(async () => {
                announce(messages().downloaded(await saveErasures(erasures)));
              })
            }
          >
            {t.saveErasures(counted(erasures.length))}
          </Button>
        )}
        <Button onPress={onClose}>{common().close}</Button>
      </div>
    </>
  );
}
