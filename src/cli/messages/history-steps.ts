import { HISTORY } from '../../messages/history.js';
import { FAILURES } from '../../messages/verification.js';
import type { HistoryStep } from '../../proof/records/history.js';

/** The steps and rules of histories in Korean; in English they say themselves what they found. */

export function koreanStep({ name, outcome, code }: HistoryStep): string {
  if (code !== null) return koreanRule(code);
  const { steps, stepSkipped } = HISTORY.ko;
  if (outcome === 'passed') return steps[name][1];
  return name === 'cosignatures' || name === 'times' ? stepSkipped : '끝까지 확인할 수 없습니다.';
}

/** @param code of a step or of the rules; of another one only the code is said */
export function koreanRule(code: string): string {
  const all: Readonly<Record<string, string>> = { ...FAILURES.ko, ...HISTORY.ko.failures };
  return Object.hasOwn(all, code) ? (all[code] ?? code) : code;
}
