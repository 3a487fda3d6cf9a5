import { type Signal, signal } from '@preact/signals';
import { isObject, type Json, type JsonObject } from '../../../proof/canonical-json.js';
import { name } from '../../../proof/records/body.js';
import { RecordRefusal } from '../../../proof/records/refusal.js';
import type { Condition } from '../../../proof/records/state.js';
import { FieldState } from '../../components/fields.js';
import { isEventKey, ownKeys } from '../../lib/record-keys.js';
import { localProblem } from '../../lib/request.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/records-page.js';
import type { Names } from '../../components/condition-sentence.js';
import { GroupDraft } from './conditions.js';
import { DayField } from './day-field.js';
import type { Spec } from './forms.js';
import { recordIdIn } from './place.js';

/** What is typed, dropped and chosen for an event: the members of its body. */

/** A file, as bodies name it. */
export interface GivenDocument {
  /** In hexadecimal. */
  readonly sha256: string;
  /** In bytes; null: it was not stated. */
  readonly size: number | null;
  /** null: it has none that a body can hold. */
  readonly name: string | null;
}

export interface PartRow {
  /** So that a row stays the same view when others are removed. */
  readonly id: string;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly as: 'field'; readonly spec: FieldSpec; readonly field: FieldState }
  | { readonly as: 'day'; readonly spec: DaySpec; readonly field: DayField }
  | { readonly as: 'chosen'; readonly spec: Spec; readonly chosen: Signal<string> }
  | { readonly as: 'yes'; readonly spec: Spec; readonly on: Signal<boolean> }
  | { readonly as: 'files'; readonly spec: Spec; readonly files: Signal<readonly GivenDocument[]> }
  | {
      readonly as: 'group';
      readonly spec: Spec;
      readonly on: Signal<boolean>;
      readonly parts: readonly Part[];
    }
  | { readonly as: 'list'; readonly spec: Spec; readonly rows: Signal<readonly PartRow[]> }
  | { readonly as: 'condition'; readonly spec: Spec; readonly group: GroupDraft };

/** @param given what is known already, such as the index of the party: it is not asked */
export function partsOf(specs: readonly Spec[], given: JsonObject = {}): readonly Part[] {
  return specs.filter(({ member }) => !Object.hasOwn(given, member)).map(partOf);
}

function partOf(spec: Spec): Part {
  switch (spec.kind) {
    case 'choice':
      return { as: 'chosen', spec, chosen: signal(spec.of[0] ?? '') };
    case 'party':
      return { as: 'chosen', spec, chosen: signal('0') };
    case 'own-key':
      return { as: 'chosen', spec, chosen: signal('') };
    case 'yes':
      return { as: 'yes', spec, on: signal(false) };
    case 'file':
    case 'files':
      return { as: 'files', spec, files: signal([]) };
    case 'group':
      return { as: 'group', spec, on: signal(spec.optional !== true), parts: spec.of.map(partOf) };
    case 'list':
      return {
        as: 'list',
        spec,
        rows: signal(Array.from({ length: spec.least }, () => newRow(spec.of))),
      };
    case 'condition':
      return { as: 'condition', spec, group: new GroupDraft() };
    case 'day':
      return {
        as: 'day',
        spec,
        field: new DayField({ name: spec.member, optional: spec.optional === true }),
      };
    default:
      return { as: 'field', spec, field: fieldOf(spec) };
  }
}

export function newRow(specs: readonly Spec[]): PartRow {
  return { id: crypto.randomUUID(), parts: specs.map(partOf) };
}

type FieldSpec = Extract<
  Spec,
  { readonly kind: 'text' | 'date' | 'key' | 'number' | 'amount' | 'code' | 'record' }
>;
type DaySpec = Extract<Spec, { readonly kind: 'day' }>;

function fieldOf(spec: FieldSpec): FieldState {
  const { member, optional = false } = spec;
  return new FieldState({
    name: member,
    optional,
    value: spec.kind === 'number' && !optional ? String(spec.first) : '',
    check: (value) => problemOf(spec, value),
  });
}

function problemOf(spec: FieldSpec, value: string): string | null {
  const t = messages();
  switch (spec.kind) {
    case 'text':
      return value.length > spec.most ? common().tooLong : null;
    case 'date':
      return /^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$/.test(value) ? null : t.dateWrong;
    case 'key':
      return isEventKey(value) ? null : t.keyWrong;
    case 'number':
      return /^[1-9][0-9]{0,2}$/.test(value) && Number(value) <= spec.most
        ? null
        : t.numberWrong(String(spec.most));
    case 'amount':
      return /^(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?$/.test(value) ? null : t.amountWrong;
    case 'code':
      return new RegExp(`^[A-Za-z]{${spec.letters}}$`).test(value) ? null : t.codeWrong(String(spec.letters));
    case 'record':
      return recordIdIn(value) === null ? t.recordWrong : null;
  }
}

/** The fields of parts that are shown now: a form checks them. */
export function fieldsOf(parts: readonly Part[]): readonly FieldState[] {
  return parts.flatMap((part) => {
    switch (part.as) {
      case 'field':
      case 'day':
        return [part.field];
      case 'group':
        return part.on.value ? fieldsOf(part.parts) : [];
      case 'list':
        return part.rows.value.flatMap((row) => fieldsOf(row.parts));
      case 'condition':
        return part.group.fields;
      case 'chosen':
      case 'yes':
      case 'files':
        return [];
    }
  });
}

/** Names of the parties and conditions that are typed in the same form. */
export function namesIn(parts: readonly Part[]): Names {
  const of = (member: string) =>
    parts.flatMap((part) =>
      part.as === 'list' && part.spec.member === member
        ? part.rows.value.map((row) => textIn(row.parts, 'name'))
        : [],
    );
  return { parties: of('parties'), conditions: of('conditions').filter((name) => name !== '') };
}

function textIn(parts: readonly Part[], member: string): string {
  const found = parts.find(({ spec }) => spec.member === member);
  return found?.as === 'field' ? found.field.value.normalize('NFC') : '';
}

/**
 * The members of the body.
 * @param names for conditions
 * @throws ProblemError `no_document`, `no_key`
 */
export function membersOf(parts: readonly Part[], names: Names = namesIn(parts)): JsonObject {
  const pairs = parts.flatMap((part): [string, Json][] => {
    const json = jsonOf(part, names);
    return json === undefined ? [] : [[part.spec.member, json]];
  });
  return Object.fromEntries(pairs);
}

/** undefined: it is left out. */
function jsonOf(part: Part, names: Names): Json | undefined {
  const { spec } = part;
  switch (part.as) {
    case 'field':
      return part.field.value === '' ? undefined : fieldJson(part.spec, part.field.value);
    case 'day':
      return part.field.value === '' ? undefined : part.field.time(part.spec.end);
    case 'chosen':
      if (spec.kind === 'own-key') return ownKeyOf(part.chosen.value) ?? fail('no_key');
      return spec.kind === 'party' ? Number(part.chosen.value) : part.chosen.value;
    case 'yes':
      return part.on.value;
    case 'files': {
      const documents = part.files.value.map(documentJson);
      const [first] = documents;
      if (first === undefined) {
        if (spec.kind === 'files' && spec.least === 0) return [];
        if (spec.optional === true) return undefined;
        return fail('no_document');
      }
      return spec.kind === 'file' ? first : documents;
    }
    case 'group':
      if (part.on.value) return membersOf(part.parts, names);
      // A work that is not published says so.
      return spec.kind === 'group' && spec.orNull === true ? null : undefined;
    case 'list':
      if (part.rows.value.length === 0 && spec.optional === true) return undefined;
      return part.rows.value.map((row) => membersOf(row.parts, names));
    case 'condition': {
      const condition = part.group.build(names);
      return condition === null ? undefined : condition;
    }
  }
}

/** The chosen key, or the newest where that is gone or none was chosen; null: the person has none. */
export function ownKeyOf(chosen: string): string | null {
  const keys = ownKeys().map(({ verifierKey }) => verifierKey);
  return keys.includes(chosen) ? chosen : (keys[0] ?? null);
}

function fail(code: string): never {
  throw localProblem(code);
}

function fieldJson(spec: FieldSpec, value: string): Json {
  switch (spec.kind) {
    case 'number':
      return Number(value);
    case 'code':
      return value.toUpperCase();
    case 'record':
      return recordIdIn(value) ?? value;
    case 'text':
      return value.normalize('NFC').replaceAll(/\s*\n\s*/g, ' ');
    default:
      return value;
  }
}

/**
 * Puts the members of a body that the rules have taken into a form, for an event that changes some of them.
 * @param names of the whole body, for conditions
 */
export function fillParts(parts: readonly Part[], members: JsonObject, names: Names): void {
  for (const part of parts) {
    const json = members[part.spec.member];
    if (json !== undefined && json !== null) fillPart(part, json, names);
  }
}

function fillPart(part: Part, json: Json, names: Names): void {
  const { spec } = part;
  switch (part.as) {
    case 'field':
      part.field.type(textOf(json));
      break;
    case 'day':
      part.field.fill(Number(json), part.spec.end);
      break;
    case 'chosen':
      part.chosen.value = textOf(json);
      break;
    case 'yes':
      part.on.value = json === true;
      break;
    case 'files':
      part.files.value = (Array.isArray(json) ? (json as readonly Json[]) : [json])
        .filter(isObject)
        .map(given);
      break;
    case 'group':
      part.on.value = true;
      if (isObject(json)) fillParts(part.parts, json, names);
      break;
    case 'list':
      if (spec.kind !== 'list' || !Array.isArray(json)) break;
      part.rows.value = (json as readonly Json[]).map((each) => {
        const row = newRow(spec.of);
        if (isObject(each)) fillParts(row.parts, each, names);
        return row;
      });
      break;
    case 'condition':
      part.group.fill(json as unknown as Condition, names);
  }
}

const textOf = (json: Json): string =>
  typeof json === 'string' || typeof json === 'number' ? String(json) : '';

function given({ sha256, size, name }: JsonObject): GivenDocument {
  return {
    sha256: typeof sha256 === 'string' ? sha256 : '',
    size: typeof size === 'number' ? size : null,
    name: typeof name === 'string' ? name : null,
  };
}

function documentJson({ sha256, size, name }: GivenDocument): JsonObject {
  return { sha256, ...(size === null ? {} : { size }), ...(name === null ? {} : { name }) };
}

/** The name of a file as a body can hold it; null: it has none that one could hold. */
export function documentName(given: string): string | null {
  const plain = given.normalize('NFC').trim();
  try {
    return name(plain, 'the name');
  } catch (error) {
    if (error instanceof RecordRefusal) return null;
    throw error;
  }
}
