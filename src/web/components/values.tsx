import type { ComponentChildren } from 'preact';

export type Row = readonly [name: string, value: ComponentChildren];

interface ValuesProps {
  /** Names are unique. null: nothing is shown. */
  readonly of: readonly (Row | null)[];
  readonly class?: string;
}

/** Names and values. */
export function Values({ of, ...rest }: ValuesProps) {
  return (
    <dl class={rest.class ?? 'values'}>
      {of.map((row) =>
        row === null ? null : (
          <div key={row[0]}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
