/** What is shown anew must not lose the reader's place: the link to the same address, or the control of the same id, keeps the focus. */
export function keepFocus(place: Element, change: () => void): void {
  const { activeElement } = document;
  const inside = activeElement !== null && place.contains(activeElement);
  const address = inside ? activeElement.getAttribute('href') : null;
  const id = inside ? activeElement.id : '';
  change();
  if (!inside || place.contains(document.activeElement)) return;
  const selector =
    address !== null ? `[href="${CSS.escape(address)}"]` : id === '' ? null : `#${CSS.escape(id)}`;
  const again = selector === null ? null : place.querySelector<HTMLElement | SVGElement>(selector);
  again?.focus({ preventScroll: true });
}
