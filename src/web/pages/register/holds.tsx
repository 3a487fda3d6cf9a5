import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Field, FieldState, Form, Select } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Confirm, Modal } from '../../components/modal.js';
import { Problem } from '../../components/problem.js';
import { ShowMore } from '../../components/show-more.js';
import { Time } from '../../components/time.js';
import { Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { counted } from '../../lib/format.js';
import { Resource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import {
  approveLift,
  type Hold,
  holds,
  type HoldsPage,
  keepHold,
  mayErase,
  placeHold,
  requestLift,
} from './erasure.js';
import { EVERYTHING, placeAddress, type Query } from './query.js';
import type { Registered, Results } from './results.js';

const MAX_REASON_LENGTH = 2000;

function useReason(): FieldState {
  return useMemo(
    () =>
      new FieldState({
        name: 'reason',
        check: ({ length }) => (length > MAX_REASON_LENGTH ? common().tooLong : null),
      }),
    [],
  );
}

interface HoldDialogProps {
  readonly rows: readonly Registered[];
  readonly results: Results;
  readonly onClose: () => void;
}

/** Places a legal hold on documents. */
export function HoldDialog({ rows, results, onClose }: HoldDialogProps) {
  const t = messages();
  const reason = useReason();
  return (
    <Modal heading={t.holdHeading(counted(rows.length))} onClose={onClose} dirty={() => reason.changed}>
      {(close) => (
        <Form
          name="hold"
          fields={[reason]}
          submit={t.placeHold}
          onCancel={close}
          own={() => messages().problems}
          send={async () => {
            const { notarizations } = await placeHold(
              reason.value,
              rows.map(({ id }) => id),
            );
            results.put(rows.map((row) => ({ ...(results.row(row.id) ?? row), held: true })));
            announce(messages().holdPlaced(counted(notarizations)));
            onClose();
          }}
        >
          <p>{t.holdExplained}</p>
          <Field of={reason} label={t.holdReason} hint={t.holdReasonHint} lines={3} />
        </Form>
      )}
    </Modal>
  );
}

const STATUSES = ['in_force', 'lifted', ''] as const;
const PAGE = '50';

/** All legal holds of the organization. @param query the list to return to */
export function HoldsView({ query }: { readonly query: Query }) {
  const t = messages();
  const status = useSignal<(typeof STATUSES)[number]>('in_force');
  const asked = (): Record<string, string> => ({
    ...(status.peek() === '' ? {} : { status: status.peek() }),
    limit: PAGE,
  });
  const loaded = useMemo(() => new Resource(() => holds(asked())), []);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => void loaded.load(), [loaded]);
  const older = async (page: HoldsPage, cursor: string) => {
    const more = await holds({ ...asked(), cursor });
    return {
      holds: [...page.holds, ...more.holds],
      names: { ...page.names, ...more.names },
      next: more.next,
    };
  };
  return (
    <div class="page">
      <p class="back">
        <a class="button" href={placeAddress({ kind: 'list', query })}>
          {t.back}
        </a>
      </p>
      <h1 tabIndex={-1}>{t.holds}</h1>
      <p class="lead">{t.holdsLead}</p>
      <Select
        name="status"
        label={t.show}
        options={STATUSES.map((each) => [each, t.holdStatuses[each === '' ? 'all' : each]] as const)}
        value={status.value}
        onChange={(chosen) => {
          status.value = chosen;
          void loaded.load();
        }}
      />
      <Load of={loaded} own={t.problems}>
        {(page) =>
          page.holds.length === 0 ? (
            <p class="panel is-empty">{t.noHolds}</p>
          ) : (
            <div class="panels">
              <div class="panel is-list">
                <HoldList page={page} query={query} list={list} onChange={() => void loaded.load()} />
              </div>
              <ShowMore of={loaded} list={list} label={common().showOlder} read={older} own={t.problems} />
            </div>
          )
        }
      </Load>
    </div>
  );
}

interface HoldListProps {
  readonly page: HoldsPage;
  readonly query: Query;
  readonly list?: RefObject<HTMLUListElement | null>;
  /** Called when one was changed. */
  readonly onChange: () => void;
}

export function HoldList({ page, query, list, onChange }: HoldListProps) {
  return (
    <ul class="holds" ref={list ?? null}>
      {page.holds.map((hold) => (
        <HoldItem key={hold.id} of={hold} names={page.names} query={query} onChange={onChange} />
      ))}
    </ul>
  );
}

interface HoldItemProps extends Pick<HoldListProps, 'query' | 'onChange'> {
  readonly of: Hold;
  readonly names: HoldsPage['names'];
}

/** One hold, and the next step towards lifting it: of the two who lift it, one requests and another approves. */
function HoldItem({ of, names, query, onChange }: HoldItemProps) {
  const t = messages();
  const asking = useSignal<'lift' | 'approve' | null>(null);
  const action = useMemo(() => new Action(), []);
  const { liftRequest, lifted } = of;
  const you = session.current?.user?.id;
  const who = (id: string) => <bdi>{id === you ? t.you : (names[id] ?? t.someone)}</bdi>;
  const moment = (at: string, by: string) => (
    <>
      <Time at={at} /> · {who(by)}
    </>
  );
  const done = (sentence: string) => {
    announce(sentence);
    asking.value = null;
    onChange();
  };
  return (
    <li class="entry" data-key={of.id} tabIndex={-1}>
      <div class="entry-main">
        <p class="entry-name">
          <span class="own-lines" dir="auto">
            {of.reason}
          </span>
          <span class={of.status === 'lift_requested' ? 'tag is-doubt' : 'tag'}>
            {t.holdStatuses[of.status]}
          </span>
        </p>
        <Values
          of={[
            [t.holdPlacedBy, moment(of.placedAt, of.placedBy)],
            [
              t.holdKeeps,
              <a
                href={placeAddress({ kind: 'list', query: { ...EVERYTHING, size: query.size, hold: of.id } })}
              >
                {t.found(counted(of.notarizations))}
              </a>,
            ],
            ...(liftRequest === undefined
              ? []
              : [
                  [
                    t.liftRequestedBy,
                    <>
                      {moment(liftRequest.at, liftRequest.by)}
                      <p class="own-lines" dir="auto">
                        {liftRequest.reason}
                      </p>
                    </>,
                  ] as const,
                ]),
            ...(lifted === undefined ? [] : [[t.liftedBy, moment(lifted.at, lifted.by)] as const]),
          ]}
        />
        <Problem error={action.error.value} own={t.problems} />
      </div>
      {!mayErase() || of.status === 'lifted' ? null : (
        <div class="form-actions">
          {liftRequest === undefined ? (
            <Button onPress={() => (asking.value = 'lift')}>{t.requestLift}</Button>
          ) : (
            <>
              {liftRequest.by === you ? (
                <p class="hint">{t.secondPerson}</p>
              ) : (
                <Button tone="danger" onPress={() => (asking.value = 'approve')}>
                  {t.approveLift}
                </Button>
              )}
              <Button
                held={action.busy}
                onPress={() =>
                  void action.run(async () => {
                    await keepHold(of.id);
                    done(messages().holdKept);
                  })
                }
              >
                {liftRequest.by === you ? t.withdrawLift : t.rejectLift}
              </Button>
            </>
          )}
        </div>
      )}
      {asking.value === 'lift' ? (
        <LiftDialog
          of={of}
          onClose={() => (asking.value = null)}
          onDone={() => {
            done(messages().liftRequested);
          }}
        />
      ) : null}
      {asking.value === 'approve' ? (
        <Confirm
          heading={t.approveHeading}
          yes={t.approveLift}
          run={async () => {
            await approveLift(of.id);
            done(messages().holdLifted);
          }}
          onClose={() => (asking.value = null)}
        >
          <p>{t.approveExplained(counted(of.notarizations))}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

interface LiftDialogProps {
  readonly of: Hold;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function LiftDialog({ of, onClose, onDone }: LiftDialogProps) {
  const t = messages();
  const reason = useReason();
  return (
    <Modal heading={t.liftHeading} onClose={onClose} dirty={() => reason.changed}>
      {(close) => (
        <Form
          name="lift"
          fields={[reason]}
          submit={t.requestLift}
          onCancel={close}
          own={() => messages().problems}
          send={async () => {
            await requestLift(of.id, reason.value);
            onDone();
          }}
        >
          <p>{t.liftExplained}</p>
          <Field of={reason} label={t.liftReason} lines={3} />
        </Form>
      )}
    </Modal>
  );
}
