import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { CertificateButton } from '../../components/certificate.js';
import { Copyable } from '../../components/copy.js';
import { KeptDocument } from '../../components/kept-document.js';
import { Load } from '../../components/load.js';
import { Confirm } from '../../components/modal.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Time } from '../../components/time.js';
import { Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { certificate, proofText } from '../../lib/api.js';
import { saveProof } from '../../lib/files.js';
import { formatBytes, formatNumber, groupHex } from '../../lib/format.js';
import { keptAt } from '../../lib/kept-document.js';
import { entryLink, proofLink } from '../../lib/links.js';
import { connection, ProblemError } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import { messages } from '../../messages/register.js';
import { erasureOf, maySeeHolds } from './erasure.js';
import { History } from './history-panel.js';
import { placeAddress, type Query } from './query.js';
import { bareProofText, type Registered, registered, type Results, setPublished } from './results.js';
import { Erased, Retention } from './retention.js';
import { mayTag, TagDialog } from './tag-dialog.js';
import { tagsOf } from './tags.js';
import { documentName, isNamed, Status, Tags } from './row.js';

interface DocumentProps {
  readonly id: string;
  /** The list to return to. */
  readonly query: Query;
  readonly results: Results;
  /** Called when the document is known. */
  readonly onRow: (row: Registered) => void;
}

/** The page of one notarization. */
export function DocumentView({ id, query, results, onRow }: DocumentProps) {
  const t = messages();
  const loaded = useMemo(
    () =>
      new Resource(async () => {
        try {
          const row = await registered(id);
          results.put([row]);
          results.follow([row]);
          return null;
        } catch (error) {
          if (error instanceof ProblemError && error.problem.code === 'erased') return erasureOf(id);
          throw error;
        }
      }),
    [id],
  );
  useEffect(() => {
    void loaded.load();
  }, [loaded]);
  useEffect(() => {
    if (!connection.offline && loaded.state.kind === 'failed') void loaded.load();
  }, [connection.offline]);
  const afterErasure = async () => {
    await loaded.load();
    document.getElementById('one-heading')?.focus();
  };
  const version = useSignal(0);
  const row = results.row(id);
  const name = row === null ? null : documentName(row);
  useEffect(() => {
    if (row !== null) onRow(row);
  }, [name]);
  const heading = row !== null && !isNamed(row) ? `${name ?? ''}…` : name;
  return (
    <div class="page">
      <p class="back">
        <a class="button" href={placeAddress({ kind: 'list', query })}>
          {t.back}
        </a>
      </p>
      <h1 id="one-heading" tabIndex={-1} class={row !== null && !isNamed(row) ? 'is-code' : ''}>
        <bdi>{heading ?? (loaded.value === null ? t.unknownHeading : t.erasureHeading)}</bdi>
      </h1>
      {row === null ? (
        <Load of={loaded} own={t.problems}>
          {(erasure) =>
            erasure === null ? null : (
              <div class="panels is-document">
                <Erased of={erasure} query={query} />
                <History id={id} row={null} version={0} />
              </div>
            )
          }
        </Load>
      ) : (
        <div class="panels is-document">
          <Facts of={row} results={results} />
          <Downloads of={row} onDownload={() => (version.value += 1)} />
          {row.kept === true ? <Kept of={row} onRead={() => (version.value += 1)} /> : null}
          <Visibility of={row} results={results} />
          {maySeeHolds() ? (
            <Retention of={row} query={query} results={results} onErased={() => void afterErasure()} />
          ) : null}
          <History id={id} row={row} version={version.value} />
        </div>
      )}
    </div>
  );
}

interface OfResultsProps {
  readonly of: Registered;
  readonly results: Results;
}

/** All values of a notarization. */
function Facts({ of, results }: OfResultsProps) {
  const t = messages();
  const tagging = useSignal(false);
  const tags = tagsOf(of);
  const { details = {}, block } = of;
  const text = (name: string, value: string | undefined) =>
    value === undefined ? [] : [[name, <bdi>{value}</bdi>] as const];
  return (
    <Panel heading={t.documentHeading}>
      <Values
        of={[
          ...text(t.fileName, details.name),
          ...text(t.docTitle, details.title),
          ...text(t.author, details.author),
          ...text(t.reference, details.reference),
          ...(tags.length === 0 ? [] : [[t.tags, <Tags of={tags} />] as const]),
          ...(details.note === undefined
            ? []
            : [
                [
                  t.note,
                  <p class="own-lines" dir="auto">
                    {details.note}
                  </p>,
                ] as const,
              ]),
          [t.digest, <Copyable as="code" label={t.digest} value={of.sha256} shown={groupHex(of.sha256)} />],
          [t.size, of.size === null ? t.sizeUnknown : formatBytes(of.size)],
          [t.kind, kindText(of.entry)],
        ]}
      />
      {of.details === undefined ? <p class="hint">{t.noDetails}</p> : null}
      {mayTag() ? (
        <div class="form-actions">
          <Button onPress={() => (tagging.value = true)}>{t.tagsAsk}</Button>
        </div>
      ) : null}
      {tagging.value ? (
        <TagDialog rows={[of]} results={results} onClose={() => (tagging.value = false)} />
      ) : null}
      <Values
        of={[
          [t.status, <Status of={of} />],
          [t.accepted, <Time at={of.acceptedAt} />],
          ...(of.sealedAt === undefined ? [] : [[t.statuses.sealed, <Time at={of.sealedAt} />] as const]),
          [t.position, formatNumber(of.position)],
          [t.id, <Copyable as="code" label={t.id} value={of.id} />],
        ]}
      />
      {block === undefined ? null : (
        <p>
          <a href={entryLink(block)}>
            {t.seeInChain(formatNumber(block.index + 1), formatNumber(block.height))}
          </a>
        </p>
      )}
    </Panel>
  );
}

/** The second byte of the entry is its type. */
function kindText(entry: string): string {
  const t = messages();
  const kind = atob(entry).charCodeAt(1);
  return kind === 0 ? t.kindDocument : t.otherKind(formatNumber(kind));
}

/** Downloads of the proof and the certificate, once sealed, and the link that others can open. */
function Downloads({ of, onDownload }: { readonly of: Registered; readonly onDownload: () => void }) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const name = documentName(of);
  const link = new URL(proofLink(of.id, of.sha256), document.baseURI).href;
  const button = (label: string, tone: 'primary' | undefined, run: () => Promise<string>) => (
    <Button
      key={label}
      tone={tone}
      held={action.busy}
      onPress={() =>
        void action.run(async () => {
          announce(messages().downloaded(await run()));
          onDownload();
        })
      }
    >
      {label}
    </Button>
  );
  return (
    <Panel heading={t.proofHeading}>
      {of.block === undefined ? (
        <p>{t.proofPending}</p>
      ) : (
        <>
          <p>{t.proofLead}</p>
          <div class="form-actions">
            {button(t.downloadProof, 'primary', async () => saveProof(name, await proofText(of.id)))}
            <CertificateButton
              get={certificate}
              of={{ id: of.id, name: null, own: true }}
              fileName={name}
              saving={action}
              withOptions
              onSaved={(file) => {
                announce(messages().downloaded(file));
              }}
            >
              {t.downloadCertificate}
            </CertificateButton>
            {of.details === undefined
              ? null
              : button(t.downloadBareProof, undefined, async () =>
                  saveProof(name, await bareProofText(of.id)),
                )}
          </div>
          <Problem error={action.error.value} own={t.problems} />
          {of.details === undefined ? null : <p class="hint">{t.disclosed}</p>}
        </>
      )}
      <Copyable label={t.link} value={link} />
      <p class="hint">
        {session.current?.policy.privateVerification === true ? t.linkClosed : t.linkExplained}
      </p>
    </Panel>
  );
}

/** The document itself, which the service keeps. */
function Kept({ of, onRead }: { readonly of: Registered; readonly onRead: () => void }) {
  const t = messages();
  return (
    <Panel heading={t.keptHeading}>
      <p>{t.keptLead}</p>
      <KeptDocument
        of={keptAt(`v1/notarizations/${of.id}/document`, of.sha256)}
        name={documentName(of)}
        size={of.size ?? 0}
        onRead={onRead}
      />
    </Panel>
  );
}

/** What others see of a notarization, and the button to change that. */
function Visibility({ of, results }: OfResultsProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const asking = useSignal(false);
  const { user, policy } = session.current ?? { user: null, policy: null };
  const { details, published } = of;
  const message =
    policy?.privateVerification === true
      ? t.isClosed
      : details === undefined
        ? t.isBare
        : published === true
          ? t.isPublished
          : t.isPrivate;
  const change = async (to: boolean) => {
    await setPublished(of.id, to);
    results.put([{ ...of, published: to }]);
    announce(to ? messages().publishedNow : messages().privateNow);
  };
  return (
    <Panel heading={t.visibilityHeading}>
      <p>
        {published === true ? <span class="tag">{t.published}</span> : null} {message}
      </p>
      {published === undefined || details === undefined ? null : user?.role === 'auditor' ? (
        <p class="hint">{t.notYours}</p>
      ) : (
        <div class="form-actions">
          <Button
            id="visibility"
            held={action.busy}
            onPress={() => {
              if (published) void action.run(() => change(false));
              else asking.value = true;
            }}
          >
            {published ? t.makePrivate : t.publish}
          </Button>
        </div>
      )}
      <Problem error={action.error.value} own={t.problems} />
      {asking.value ? (
        <Confirm
          heading={t.publishHeading}
          yes={t.publishYes}
          run={() => change(true)}
          onClose={() => (asking.value = false)}
        >
          <p>{t.publishExplained}</p>
        </Confirm>
      ) : null}
    </Panel>
  );
}
