import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import { Action } from '../lib/action.js';
import { announce } from '../lib/announce.js';
import { focusIn } from '../lib/focus.js';
import { counted } from '../lib/format.js';
import type { Resource } from '../lib/resource.js';
import { common } from '../messages/common.js';
import { Button } from './button.js';
import { Problem, type Sentences } from './problem.js';

/** The pages of a list that were read so far, as one. */
interface Pages {
  /** Where the next one begins; null: there is none. */
  readonly next: string | null;
}

interface ShowMoreProps<P extends Pages> {
  readonly of: Resource<P>;
  /** The element whose children are the items. */
  readonly list: RefObject<HTMLElement | null>;
  /** What the button says. */
  readonly label: string;
  /** Reads the page that begins at `next`. @returns it behind those that are shown */
  readonly read: (shown: P, next: string) => Promise<P>;
  /** Messages for problem codes that mean something specific here. */
  readonly own?: Sentences;
}

/** The button behind a list that is read page by page. It leads to the first of the new items. Nothing behind the last page. */
export function ShowMore<P extends Pages>({ of, list, label, read, own = {} }: ShowMoreProps<P>) {
  const action = useMemo(() => new Action(), []);
  const shown = of.value;
  const next = shown?.next ?? null;
  if (shown === null || next === null) return null;
  const add = async () => {
    const before = list.current?.children.length ?? 0;
    const more = await read(shown, next);
    // Meanwhile the list was loaded anew, or is being loaded: the page belongs to another one.
    if (of.busy || of.value !== shown) return;
    of.change(more);
    // Once the items are there.
    requestAnimationFrame(() => {
      const items = list.current?.children;
      announce(common().shown(counted(items?.length ?? 0)));
      focusIn(items?.[before]);
    });
  };
  return (
    <>
      <div>
        <Button held={action.busy || of.busy} onPress={() => void action.run(add)}>
          {label}
        </Button>
      </div>
      <Problem error={action.error.value} own={own} />
    </>
  );
}
