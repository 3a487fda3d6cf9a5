/** Where in a history a step failed: in a block, at an event or a document, of which record. */
export interface Place {
  readonly block?: number;
  /** The sequence of the event. */
  readonly event?: number;
  /** Id of another record than the one that the history is about, in hexadecimal. */
  readonly record?: string;
  /** The document's digest, in hexadecimal. */
  readonly document?: string;
}

/** Steps of verifications. `Code`: why a step can fail. */
export interface StepResult<Code extends string> {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Set exactly when the step failed. */
  readonly code: Code | null;
  /** One English sentence. */
  readonly message: string;
  readonly expected?: string;
  readonly computed?: string;
  readonly at?: Place;
}

export interface NumberedStep<Name extends string, Code extends string> extends StepResult<Code> {
  readonly number: number;
  readonly name: Name;
}

export class StepList<Name extends string, Code extends string> {
  readonly all: NumberedStep<Name, Code>[] = [];

  add(number: number, name: Name, result: StepResult<Code>): void {
    this.all.push({ number, name, ...result });
  }

  get failures(): readonly NumberedStep<Name, Code>[] {
    return this.all.filter(({ outcome }) => outcome === 'failed');
  }

  get failed(): boolean {
    return this.failures.length > 0;
  }
}

export function passed(message: string, computed?: string): StepResult<never> {
  return computed === undefined
    ? { outcome: 'passed', code: null, message }
    : { outcome: 'passed', code: null, message, computed };
}

export function skipped(message: string): StepResult<never> {
  return { outcome: 'skipped', code: null, message };
}

export function failed<Code extends string>(code: Code, message: string): StepResult<Code> {
  return { outcome: 'failed', code, message };
}

/** A failed comparison of the value in the proof with the one that was computed. */
export function mismatch<Code extends string>(
  code: Code,
  message: string,
  values: { readonly expected: string; readonly computed: string },
): StepResult<Code> {
  return { outcome: 'failed', code, message, ...values };
}

/** The failure with its place, which its message then begins with. */
export function failedAt<Code extends string>(at: Place, found: StepResult<Code>): StepResult<Code> {
  return { ...found, message: `${placeName(at)}: ${found.message}`, at };
}

function placeName({ block, event, record, document }: Place): string {
  const of = record === undefined ? '' : ` of record ${record}`;
  if (event !== undefined) return `Event ${event}${of}`;
  if (document !== undefined) return `Document ${document}`;
  return `Block ${block ?? ''}${block === undefined || of === '' ? '' : ','}${of}`;
}
