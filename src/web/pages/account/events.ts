import { midnight } from '../../lib/format.js';
import type { EventKind } from '../../messages/account-log.js';

/** Kinds of events that are filtered together. */
export const EVENT_GROUPS = {
  sign_in: [
    'sign_in',
    'sign_in_failed',
    'sign_in_blocked',
    'sign_out',
    'session_ended',
    'organization_chosen',
    'refresh_token_reused',
    'password_set',
    'passkey_added',
    'passkey_renamed',
    'passkey_removed',
    'passkey_need_changed',
  ],
  users: ['invitation_made', 'invitation_accepted', 'user_added', 'user_removed', 'role_changed'],
  keys: [
    'key_created',
    'key_revoked',
    'webhook_created',
    'webhook_changed',
    'webhook_removed',
    'webhook_secret_rotated',
    'webhook_replayed',
    'webhook_disabled',
  ],
  service: [
    'operator_created',
    'operator_changed',
    'person_disabled',
    'person_enabled',
    'organization_created',
    'organization_changed',
    'organization_disabled',
    'organization_enabled',
    'signing_key_rotated',
    'limit_hit',
  ],
  documents: [
    'details_published',
    'details_withdrawn',
    'details_read_by_operator',
    'tags_changed',
    'event_body_erased',
    'record_published',
    'record_withdrawn',
    'notarization_erased',
    'signing_requested',
    'signing_opened',
    'signing_key_given',
    'signing_record_named',
    'signing_reminded',
    'signing_answered',
    'signing_delegated',
    'signing_withdrawn',
    'signing_erased',
    'hold_placed',
    'hold_lift_requested',
    'hold_lift_withdrawn',
    'hold_lifted',
    'proof_downloaded',
    'certificate_downloaded',
    'document_downloaded',
    'register_exported',
  ],
} as const satisfies Readonly<Record<string, readonly EventKind[]>>;
export type EventGroup = keyof typeof EVENT_GROUPS;

export interface Filter {
  readonly group: EventGroup | null;
  /** YYYY-MM-DD in the reader's time zone; empty: no limit. */
  readonly from: string;
  readonly to: string;
}

/** Query parameters for the API, from the start of the first day to the end of the last. */
export function eventQuery({ group, from, to }: Filter): Record<string, string> {
  return {
    ...(group === null ? {} : { kind: EVENT_GROUPS[group].join(',') }),
    ...(from === '' ? {} : { from: midnight(from, 0) }),
    ...(to === '' ? {} : { to: midnight(to, 1) }),
  };
}
