const FOCUSABLE = 'a[href], button, input, select, textarea, summary';

/**
 * Keeps keyboard users in their place: when the focused control is removed, the browser would move the focus to the
 * top of the page. Moves it to the control that took its place, or to the nearest one around it.
 */
export function guardFocus(root: HTMLElement): void {
  /** The ancestors of the last focused control, each with the index of the child that led to it. */
  let path: readonly (readonly [parent: Element, index: number])[] = [];
  let focused: Element | null = null;
  root.addEventListener('focusin', ({ target }) => {
    focused = target instanceof Element ? target : null;
    path = focused === null ? [] : pathOf(focused, root);
  });
  new MutationObserver(() => {
    if (focused === null || focused.isConnected) return;
    focused = null;
    if (document.activeElement !== document.body) return;
    for (const [parent, index] of path) {
      if (!parent.isConnected) continue;
      const instead = parent.children[Math.min(index, parent.children.length - 1)];
      const control = controlIn(instead) ?? controlIn(parent);
      if (control === null) continue;
      control.focus({ preventScroll: true });
      return;
    }
  }).observe(root, { childList: true, subtree: true });
}

function pathOf(focused: Element, root: Element): (readonly [Element, number])[] {
  const path: (readonly [Element, number])[] = [];
  for (let child = focused; child !== root && child.parentElement !== null; child = child.parentElement) {
    path.push([child.parentElement, [...child.parentElement.children].indexOf(child)]);
  }
  return path;
}

/** Moves the focus to a place that takes it, such as an item of a list, or else to the first control in it. */
export function focusIn(place: Element | undefined): void {
  const isTarget = place instanceof HTMLElement && place.hasAttribute('tabindex');
  (isTarget ? place : controlIn(place))?.focus();
}

function controlIn(place: Element | undefined): HTMLElement | null {
  if (place === undefined) return null;
  if (place.matches(FOCUSABLE)) return place as HTMLElement;
  return place.querySelector<HTMLElement>(FOCUSABLE);
}
