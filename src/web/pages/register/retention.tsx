import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { Time } from '../../components/time.js';
import { Values } from '../../components/values.js';
import { formatNumber, groupHex } from '../../lib/format.js';
import { Resource } from '../../lib/resource.js';
import { announce } from '../../lib/announce.js';
import { messages } from '../../messages/register.js';
import { EraseDialog } from './erase.js';
import { type Erasure, holds, mayErase, saveErasures } from './erasure.js';
import { HoldDialog, HoldList } from './holds.js';
import { placeAddress, type Query } from './query.js';
import type { Registered, Results } from './results.js';

interface RetentionProps {
  readonly of: Registered;
  readonly query: Query;
  readonly results: Results;
  readonly onErased: () => void;
}

/** The legal holds that keep a document, for those who may see them, and what an owner can do about them and it. */
export function Retention({ of, query, results, onErased }: RetentionProps) {
  const t = messages();
  const asking = useSignal<'hold' | 'erase' | null>(null);
  const loaded = useMemo(
    () => new Resource(() => holds({ notarization: of.id, status: 'in_force' })),
    [of.id],
  );
  const load = async () => {
    await loaded.load();
    const row = results.row(of.id);
    if (row !== null && loaded.value !== null) {
      results.put([{ ...row, held: loaded.value.holds.length > 0 }]);
    }
  };
  useEffect(() => void load(), [loaded]);
  return (
    <Panel heading={t.retention}>
      <Load of={loaded} own={t.problems}>
        {(page) =>
          page.holds.length === 0 ? (
            <p>{t.notHeld}</p>
          ) : (
            <>
              <p>{t.isHeld}</p>
              <HoldList page={page} query={query} onChange={() => void load()} />
            </>
          )
        }
      </Load>
      {mayErase() ? (
        <div class="form-actions">
          <Button onPress={() => (asking.value = 'hold')}>{t.holdAsk}</Button>
          <Button onPress={() => (asking.value = 'erase')}>{t.eraseAsk}</Button>
        </div>
      ) : null}
      {asking.value === 'hold' ? (
        <HoldDialog
          rows={[of]}
          results={results}
          onClose={() => {
            asking.value = null;
            void load();
          }}
        />
      ) : null}
      {asking.value === 'erase' ? (
        <EraseDialog
          rows={[of]}
          results={results}
          onClose={(erased) => {
            asking.value = null;
            if (erased) onErased();
          }}
        />
      ) : null}
    </Panel>
  );
}

/** What is left of an erased document. */
export function Erased({ of, query }: { readonly of: Erasure; readonly query: Query }) {
  const t = messages();
  const { notarization } = of;
  return (
    <Panel heading={t.erasureHeading}>
      <p>{t.erasureLead}</p>
      <Values
        of={[
          [t.erasedAt, <Time at={of.erasedAt} />],
          [t.position, formatNumber(of.position)],
          [
            t.leafHash,
            <Copyable as="code" label={t.leafHash} value={of.leafHash} shown={groupHex(of.leafHash)} />,
          ],
          [
            t.certificateNotarized,
            notarization === null ? (
              t.certificateWaits
            ) : (
              <a href={placeAddress({ kind: 'one', id: notarization, query })}>{t.seeCertificate}</a>
            ),
          ],
        ]}
      />
      <div class="form-actions">
        <Button
          tone="primary"
          onPress={() =>
            void saveErasures([of]).then((name) => {
              announce(messages().downloaded(name));
            })
          }
        >
          {t.saveErasure}
        </Button>
      </div>
    </Panel>
  );
}
