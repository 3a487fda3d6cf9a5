import { ICONS, type IconName } from '../lib/icons.js';

/** Decorative: the text beside it says the same. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" class="icon" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}
