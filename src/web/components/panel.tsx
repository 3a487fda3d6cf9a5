import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly heading: string;
  readonly class?: string;
  /** Whether the page can move the focus to the heading. */
  readonly focusable?: boolean;
  /** Paragraphs that explain the content. */
  readonly prose?: readonly string[];
  readonly children: ComponentChildren;
}

/** A part of a page under its heading. */
export function Panel({ heading, focusable, prose = [], children, ...rest }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${rest.class ?? ''}`} aria-labelledby={id}>
      <h2 id={id} tabIndex={focusable === true ? -1 : undefined}>
        {heading}
      </h2>
      {prose.map((paragraph) => (
        <p key={paragraph} class="prose">
          {paragraph}
        </p>
      ))}
      {children}
    </section>
  );
}
