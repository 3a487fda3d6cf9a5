import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { toHex } from '../../../proof/bytes.js';
import { Button } from '../../components/button.js';
import { FileButton, useDrops } from '../../components/drop-area.js';
import { Choice, Choices, Field, type FieldState, Select } from '../../components/fields.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import type { ChosenFile } from '../../lib/files.js';
import { formatBytes, formatNumber, groupHex } from '../../lib/format.js';
import { Hasher, UnreadableFile } from '../../lib/hasher.js';
import { openHashWorker } from '../../lib/open-hash-worker.js';
import { ownKeys, shownEventKey } from '../../lib/record-keys.js';
import { localProblem } from '../../lib/request.js';
import { common } from '../../messages/common.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { givenKeys, type SigningRequest } from './asked.js';
import { ConditionView } from './condition-view.js';
import type { Names } from '../../components/condition-sentence.js';
import { partyName } from './conditions.js';
import type { Spec } from './forms.js';
import { documentName, type GivenDocument, newRow, ownKeyOf, type Part, type PartRow } from './parts.js';
import { placeAddress } from './place.js';
import { RecordChoice } from './record-choice.js';

interface PartsProps {
  /** Of the event, whose texts are more exact than those of its members. */
  readonly type: string;
  readonly of: readonly Part[];
  /** Of the whole form. */
  readonly names: Names;
}

/** What an event states, to be typed, dropped and chosen. */
export function Parts({ type, of, names }: PartsProps) {
  return (
    <>
      {of.map((part) => (
        <PartView key={part.spec.member} type={type} part={part} names={names} />
      ))}
    </>
  );
}

interface PartProps {
  readonly type: string;
  readonly part: Part;
  readonly names: Names;
}

function PartView({ type, part, names }: PartProps) {
  const { spec } = part;
  const label = labelOf(type, spec.member);
  switch (part.as) {
    case 'field':
    case 'day':
      return <TextField type={type} part={part} label={label} />;
    case 'chosen':
      return <Chosen part={part} label={label} names={names} />;
    case 'yes':
      return (
        <Choice
          type="checkbox"
          name={spec.member}
          label={label}
          {...explained(type, spec.member)}
          checked={part.on.value}
          onChange={(on) => (part.on.value = on)}
        />
      );
    case 'files':
      return <Files type={type} part={part} label={label} />;
    case 'group':
      return (
        <Choices legend={label}>
          {spec.optional === true ? (
            <Choice
              type="checkbox"
              name={spec.member}
              label={messages().switches[spec.member] ?? label}
              {...explained(type, spec.member)}
              checked={part.on.value}
              onChange={(on) => (part.on.value = on)}
            />
          ) : null}
          {part.on.value ? (
            <div class="field-row">
              <Parts type={`${type}/${spec.member}`} of={part.parts} names={names} />
            </div>
          ) : null}
        </Choices>
      );
    case 'list':
      return <List type={type} part={part} label={label} names={names} />;
    case 'condition':
      return (
        <Choices legend={label}>
          <Hint type={type} member={spec.member} />
          <ConditionView of={part.group} names={names} />
        </Choices>
      );
  }
}

/** The label of a member: that of this event, or the one that all pages have. */
function labelOf(type: string, member: string): string {
  const { labels } = messages();
  const place = type.split('/').slice(1);
  return (
    labels[`${type}/${member}`] ??
    labels[[...place, member].join('/')] ??
    recordMessages().members[member] ??
    member
  );
}

function hintOf(type: string, member: string): string | undefined {
  const { hints } = messages();
  const place = type.split('/').slice(1);
  return hints[`${type}/${member}`] ?? hints[[...place, member].join('/')];
}

function explained(type: string, member: string): { readonly explained?: string } {
  const hint = hintOf(type, member);
  return hint === undefined ? {} : { explained: hint };
}

function Hint({ type, member }: { readonly type: string; readonly member: string }) {
  const hint = hintOf(type, member);
  return hint === undefined ? null : <p class="hint">{hint}</p>;
}

interface OnePart<As extends Part['as']> {
  readonly part: Extract<Part, { readonly as: As }>;
  readonly label: string;
}

function TextField({
  type,
  part: { spec, field },
  label,
}: OnePart<'field' | 'day'> & { readonly type: string }) {
  // In a row of fields there is no room for hints: those above it have them.
  const isInRow = type.includes('/');
  const hint = isInRow
    ? undefined
    : (hintOf(type, spec.member) ?? (spec.kind === 'key' ? messages().keyHint : undefined));
  const given = spec.kind === 'key' ? givenKeys.value : [];
  const below =
    spec.kind === 'record' ? (
      <RecordChoice of={field} kinds={spec.of} />
    ) : given.length > 0 ? (
      <GivenKeys of={field} given={given} />
    ) : null;
  return (
    <Field
      {...(below === null ? {} : { below })}
      of={field}
      label={label}
      markOptional={field.optional}
      type={spec.kind === 'day' ? 'date' : 'text'}
      numeric={spec.kind === 'number'}
      {...(spec.kind === 'text' && spec.lines !== undefined ? { lines: spec.lines } : {})}
      {...(hint === undefined ? {} : { hint })}
    />
  );
}

function Chosen({ part: { spec, chosen }, label, names }: OnePart<'chosen'> & { readonly names: Names }) {
  const t = messages();
  if (spec.kind === 'own-key') {
    const own = ownKeyOf(chosen.value);
    if (own === null) {
      return (
        <div class="field">
          <p>{label}</p>
          <p class="hint">
            {t.noKeyYet} <a href={placeAddress({ kind: 'keys' })}>{t.makeKey}</a>
          </p>
        </div>
      );
    }
    return (
      <Select
        name={spec.member}
        label={label}
        options={ownKeys().map(({ verifierKey }) => [verifierKey, shownEventKey(verifierKey)] as const)}
        value={own}
        onChange={(key) => (chosen.value = key)}
      />
    );
  }
  const options: readonly (readonly [string, string])[] =
    spec.kind === 'choice'
      ? spec.of.map((each) => [each, t.choices[each] ?? each] as const)
      : names.parties.map((name, i) => [String(i), partyName(name, i)] as const);
  return (
    <Select
      name={spec.member}
      label={label}
      options={options}
      value={chosen.value}
      onChange={(each) => (chosen.value = each)}
    />
  );
}

/** Chooses a key that somebody has given under a link. */
function GivenKeys({ of, given }: { readonly of: FieldState; readonly given: readonly SigningRequest[] }) {
  const t = messages();
  const known = given.some(({ key }) => key === of.value);
  return (
    <Select
      name="given-key"
      label={t.givenKey}
      options={[
        ['', t.noGivenKey],
        ...given.map(({ key, name }) => [key ?? '', `${name ?? ''} (${shownEventKey(key ?? '')})`] as const),
      ]}
      value={known ? of.value : ''}
      onChange={(key) => {
        of.type(key);
      }}
    />
  );
}

let hasher: Hasher | null = null;

/** The fingerprint of a file, which stays on this computer. @throws ProblemError `unreadable` */
async function readDocument({ file }: ChosenFile): Promise<GivenDocument> {
  hasher ??= new Hasher({ open: openHashWorker });
  try {
    const digest = await hasher.hash(file, new AbortController().signal, () => undefined);
    return { sha256: toHex(digest), size: file.size, name: documentName(file.name) };
  } catch (error) {
    throw error instanceof UnreadableFile ? localProblem('unreadable') : error;
  }
}

/** Takes files for a part. @returns adds them, or replaces the one that it can have */
export async function takeFiles(
  { spec, files }: Extract<Part, { readonly as: 'files' }>,
  chosen: readonly ChosenFile[],
): Promise<void> {
  const read = await Promise.all(chosen.map(readDocument));
  if (spec.kind === 'file') {
    const [only, ...others] = read;
    if (only === undefined || others.length > 0) throw localProblem('one_file');
    files.value = [only];
    return;
  }
  const known = new Map([...files.value, ...read].map((document) => [document.sha256, document]));
  files.value = [...known.values()];
}

function Files({ type, part, label }: OnePart<'files'> & { readonly type: string }) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const { spec, files } = part;
  const isOne = spec.kind === 'file';
  return (
    <Choices legend={spec.optional === true ? common().optional(label) : label}>
      <p class="hint">{hintOf(type, spec.member) ?? t.fileHint}</p>
      {files.value.length === 0 ? null : (
        <ul class="record-files">
          {files.value.map(({ sha256, size, name }) => (
            <li key={sha256}>
              <span class="record-file">
                <bdi>{name ?? t.unnamedFile}</bdi>
                {size === null ? '' : `, ${formatBytes(size)}`}
                <code class="digest">{groupHex(sha256)}</code>
              </span>
              <Button
                tone="quiet"
                aria-label={t.removeNamed(name ?? t.unnamedFile)}
                onPress={() => (files.value = files.value.filter((each) => each.sha256 !== sha256))}
              >
                {t.remove}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <FileButton
        label={isOne && files.value.length > 0 ? t.otherFile : isOne ? t.chooseFile : t.addFiles}
        single={isOne}
        onFiles={(chosen) => void action.run(() => takeFiles(part, chosen))}
      />
      <p class="hint" role="status">
        {action.busy ? t.reading : ''}
      </p>
      <Problem error={action.error.value} own={t.problems} />
    </Choices>
  );
}

/** Says whether a file of the reader's is the document that a record names. @param sha256 in hexadecimal */
export function CompareDocument({ sha256 }: { readonly sha256: string }) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const same = useSignal<boolean | null>(null);
  const compare = (files: readonly ChosenFile[]) =>
    action.run(async () => {
      same.value = null;
      const [only, ...others] = files;
      if (only === undefined || others.length > 0) throw localProblem('one_file');
      same.value = (await readDocument(only)).sha256 === sha256;
    });
  useDrops((files) => void compare(files));
  return (
    <Choices legend={t.compare}>
      <p class="hint">{t.compareExplained}</p>
      <code class="digest">{groupHex(sha256)}</code>
      <FileButton label={t.chooseFile} single onFiles={(files) => void compare(files)} />
      <p class={same.value === false ? 'problem' : 'hint'} role="status">
        {action.busy ? t.reading : same.value === null ? '' : same.value ? t.compareSame : t.compareOther}
      </p>
      <Problem error={action.error.value} own={t.problems} />
    </Choices>
  );
}

function List({ type, part, label, names }: OnePart<'list'> & PartsOf) {
  const t = messages();
  const { spec, rows } = part;
  if (spec.kind !== 'list') return null;
  const of: readonly Spec[] = spec.of;
  return (
    <Choices legend={t.lists[spec.member] ?? label}>
      <Hint type={type} member={spec.member} />
      <ol class="record-rows">
        {rows.value.map((row: PartRow, i) => (
          <li key={row.id}>
            <div class="field-row" role="group" aria-label={`${label} ${formatNumber(i + 1)}`}>
              <Parts type={`${type}/${spec.member}`} of={row.parts} names={names} />
            </div>
            {rows.value.length <= spec.least ? null : (
              <Button
                tone="quiet"
                aria-label={t.removeNamed(`${label} ${formatNumber(i + 1)}`)}
                onPress={() => (rows.value = rows.value.filter((each) => each !== row))}
              >
                {t.remove}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {rows.value.length >= spec.most ? null : (
        <Button aria-label={t.addNamed(label)} onPress={() => (rows.value = [...rows.value, newRow(of)])}>
          {t.add}
        </Button>
      )}
    </Choices>
  );
}

interface PartsOf {
  readonly type: string;
  readonly names: Names;
}
