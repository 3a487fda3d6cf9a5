import type { ComponentChildren } from 'preact';

/** What a message can contain besides text: links, times, whatever a view shows. */
export type Shown = ComponentChildren;

/** A message with views in it, in the order of its language: text`Sealed in ${block}, ${time}`. */
export function text(strings: TemplateStringsArray, ...shown: readonly Shown[]): Shown {
  return strings.flatMap((each, i) => [each, shown[i]]);
}
