import { doctorMessages, type Said } from '../messages/doctor.js';

/** What was looked at, in the order in which it is shown. */
export const AREAS = [
  ...(['settings', 'database', 'clock', 'keys', 'disk'] as const),
  ...(['log', 'members', 'time_sources', 'service', 'proxy'] as const),
] as const;
export type Area = (typeof AREAS)[number];

type Messages = ReturnType<typeof doctorMessages>;
/** The names of the messages that are findings: they are the codes in JSON. */
export type Code = {
  [K in keyof Messages]: Messages[K] extends (...values: never[]) => Said ? K : never;
}[keyof Messages];

export interface Finding {
  readonly area: Area;
  /** `note`: not checked, or nothing to judge here. */
  readonly state: 'ok' | 'note' | 'warning' | 'problem';
  readonly code: Code;
  readonly message: string;
  /** What to do; null: nothing. */
  readonly advice: string | null;
}

/** @param values of the message with the name `code` */
export function finding<C extends Code>(
  area: Area,
  state: Finding['state'],
  code: C,
  ...values: Parameters<Messages[C]>
): Finding {
  const say = doctorMessages()[code] as (...given: readonly unknown[]) => Said;
  const [message, advice = null] = say(...values);
  return { area, state, code, message, advice };
}
