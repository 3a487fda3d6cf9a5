import { Button } from '../../components/button.js';
import { conditionSentence, type Names } from '../../components/condition-sentence.js';
import { Field, Select } from '../../components/fields.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import {
  DEEPEST,
  firstLine,
  type GroupDraft,
  type LineDraft,
  lineOptions,
  partyName,
  STATUSES,
} from './conditions.js';
import { KINDS } from './place.js';
import { RecordChoice } from './record-choice.js';

/** A condition, built line by line, and below it in words what was built. */
export function ConditionView({ of, names }: { readonly of: GroupDraft; readonly names: Names }) {
  const t = messages();
  const isWhole = of.lines.value.length > 0 && of.fields.every((field) => field.value !== '');
  const built = isWhole ? of.build(names) : null;
  return (
    <>
      <Group of={of} names={names} />
      {of.lost.value ? <p class="problem">{t.conditionLost}</p> : null}
      <p class="condition-sentence" role="status">
        {built === null ? '' : t.builtSentence(conditionSentence(built, shownNames(names)))}
      </p>
    </>
  );
}

function shownNames({ parties, conditions }: Names): Names {
  return { parties: parties.map(partyName), conditions };
}

function Group({ of, names }: { readonly of: GroupDraft; readonly names: Names }) {
  const t = messages();
  return (
    <div class="condition-group">
      {of.lines.value.length < 2 ? null : (
        <div class="field-row">
          <Select
            name="rule"
            label={t.rule}
            options={[
              ['all', t.rules.all],
              ['any', t.rules.any],
              ['atLeast', t.rules.atLeast],
            ]}
            value={of.rule.value}
            onChange={(rule) => (of.rule.value = rule)}
          />
          {of.rule.value === 'atLeast' ? <Field of={of.least} label={t.least} numeric /> : null}
        </div>
      )}
      <ul class="condition-lines">
        {of.lines.value.map((line) => (
          <li key={line.id}>
            <Line of={line} names={names} canNest={of.depth < DEEPEST} />
            <Button
              tone="quiet"
              onPress={() => {
                of.remove(line);
              }}
            >
              {t.removeCondition}
            </Button>
          </li>
        ))}
      </ul>
      <Button
        onPress={() => {
          of.add(firstLine(names));
        }}
      >
        {t.addCondition}
      </Button>
    </div>
  );
}

interface LineProps {
  readonly of: LineDraft;
  readonly names: Names;
  readonly canNest: boolean;
}

function Line({ of, names, canNest }: LineProps) {
  const t = messages();
  return (
    <div class="field-row">
      <Select
        name="line"
        label={t.line}
        options={lineOptions(names, canNest)}
        value={of.kind.value}
        onChange={(kind) => (of.kind.value = kind)}
      />
      <Rest of={of} names={names} />
    </div>
  );
}

/** What the chosen line needs besides. */
function Rest({ of, names }: Pick<LineProps, 'of' | 'names'>) {
  const t = messages();
  switch (of.kind.value) {
    case 'signed':
      return (
        <Select
          name="party"
          label={t.lineParty}
          options={names.parties.map((name, i) => [String(i), partyName(name, i)] as const)}
          value={of.party.value}
          onChange={(party) => (of.party.value = party)}
        />
      );
    case 'fulfilled':
      return (
        <Select
          name="condition"
          label={t.lineCondition}
          options={names.conditions.map((name, i) => [String(i), name] as const)}
          value={of.condition.value}
          onChange={(condition) => (of.condition.value = condition)}
        />
      );
    case 'after':
    case 'before':
      return <Field of={of.day} label={t.lineDay} type="date" />;
    case 'notarized':
      return <Field of={of.digest} label={t.lineDigest} />;
    case 'record':
      return (
        <>
          <Field of={of.record} label={t.lineRecord} below={<RecordChoice of={of.record} kinds={KINDS} />} />
          <Select
            name="status"
            label={recordMessages().status}
            options={STATUSES.map((status) => [status, recordMessages().statuses[status]] as const)}
            value={of.status.value}
            onChange={(status) => (of.status.value = status)}
          />
        </>
      );
    case 'group':
      return of.group === null ? null : <Group of={of.group} names={names} />;
  }
}
