import { computed, effect, signal } from '@preact/signals';
import { recall, remember } from '../../lib/language.js';
import { session } from '../../lib/session.js';
import type { Mode } from './item.js';

/** What is sent of the documents that are submitted from now on. */

/** The default sends the least. */
export const mode = signal<Mode>('digest');

/** Whether the service keeps documents for whoever is signed in. */
export const mayKeep = computed(
  () => session.current?.vault === true && session.current.user?.organization != null,
);

// Whoever signs out, or in for nobody, does not have the choice any more.
effect(() => {
  if (mode.value === 'keep' && session.current !== null && !mayKeep.value) mode.value = 'digest';
});

const STORAGE_KEYS = {
  organization: 'ingam.names.organization',
  anonymous: 'ingam.names.anonymous',
} as const;
type Visitor = keyof typeof STORAGE_KEYS;

const visitor = computed<Visitor>(() =>
  session.current?.user?.organization == null ? 'anonymous' : 'organization',
);

const chosen = signal<Readonly<Record<Visitor, boolean>>>({
  // Without their names, nobody could find documents in an organization's register.
  organization: recall(STORAGE_KEYS.organization) !== 'no',
  anonymous: recall(STORAGE_KEYS.anonymous) === 'yes',
});

/** Whether file names are sent with digests; an upload always sends them. */
export const withNames = computed(() => chosen.value[visitor.value]);

export function setWithNames(on: boolean): void {
  chosen.value = { ...chosen.value, [visitor.value]: on };
  remember(STORAGE_KEYS[visitor.value], on ? 'yes' : 'no');
}
