import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { isMailAddress } from '../../../messages/mail-address.js';
import { Choice, Choices, Field, FieldState } from '../../components/fields.js';
import type { Limits } from '../../lib/account-api.js';
import { counted, formatBytes, formatNumber } from '../../lib/format.js';
import { type Role, ROLES } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

export function nameState(value = ''): FieldState {
  return new FieldState({ name: 'name', value });
}

export function emailState(value = ''): FieldState {
  return new FieldState({
    name: 'email',
    value,
    check: (typed) => (isMailAddress(typed) ? null : common().problems.invalid_email),
  });
}

interface EmailFieldProps {
  readonly of: FieldState;
  /** Of the person who fills in the form: password managers need it. */
  readonly own?: boolean;
  readonly readOnly?: boolean;
}

export function EmailField({ of, own, readOnly = false }: EmailFieldProps) {
  return (
    <Field
      of={of}
      label={messages().email}
      type="email"
      autocomplete={own === true ? 'username' : 'off'}
      readOnly={readOnly}
    />
  );
}

export function currentPasswordState(): FieldState {
  return new FieldState({ name: 'password', untrimmed: true });
}

export function CurrentPassword({ of, label }: { readonly of: FieldState; readonly label: string }) {
  return <Field of={of} label={label} type="password" autocomplete="current-password" />;
}

const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 1024;

/** Counts characters as the service does. */
export function passwordLength(password: string): number {
  return Array.from(password.normalize('NFKC')).length;
}

/** Describes the length of the password typed so far. */
export function lengthSentence(password: string): string {
  const t = messages();
  const length = passwordLength(password);
  if (length > MAX_PASSWORD_LENGTH) return t.passwordLong;
  const missing = MIN_PASSWORD_LENGTH - length;
  return missing > 0 ? t.passwordShort(counted(missing)) : t.passwordEnough;
}

/** A new password and its confirmation. */
export class NewPasswordState {
  readonly first = new FieldState({
    name: 'new-password',
    untrimmed: true,
    check: (value) => {
      const length = passwordLength(value);
      return length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH ? lengthSentence(value) : null;
    },
  });
  readonly second = new FieldState({
    name: 'repeat-password',
    untrimmed: true,
    check: (value) => (value === this.first.value ? null : messages().passwordsDiffer),
  });

  get fields(): readonly FieldState[] {
    return [this.first, this.second];
  }

  get value(): string {
    return this.first.value;
  }
}

export function NewPassword({ of: { first, second } }: { readonly of: NewPasswordState }) {
  const t = messages();
  const shown = useSignal(false);
  const given = { type: shown.value ? 'text' : 'password', autocomplete: 'new-password' } as const;
  const long = passwordLength(first.value) >= MIN_PASSWORD_LENGTH;
  return (
    <div class="field-group">
      <Field
        of={first}
        label={t.newPassword}
        hint={t.passwordRule}
        {...given}
        below={
          <p class={`hint password-length${long ? ' is-good' : ''}`} role="status">
            {first.value === '' || first.wrong !== null ? '' : lengthSentence(first.value)}
          </p>
        }
      />
      <div
        // Checked on leaving the field, not only on submit.
        onFocusOut={() => {
          if (second.value !== '') second.check();
        }}
      >
        <Field of={second} label={t.repeatPassword} {...given} />
      </div>
      <Choice
        type="checkbox"
        name="show-passwords"
        label={t.showPasswords}
        checked={shown.value}
        onChange={(on) => (shown.value = on)}
      />
    </div>
  );
}

interface RoleChoiceProps {
  readonly role: Role;
  readonly onChange: (role: Role) => void;
}

export function RoleChoice({ role, onChange }: RoleChoiceProps) {
  const t = messages();
  return (
    <Choices legend={t.users.role}>
      {ROLES.map((each) => (
        <Choice
          key={each}
          type="radio"
          name="role"
          label={t.roles[each]}
          explained={t.rolesExplained[each]}
          checked={each === role}
          onChange={() => {
            onChange(each);
          }}
        />
      ))}
    </Choices>
  );
}

const LIMITS = ['requestsPerMinute', 'digestsPerDay', 'bytesPerDay'] as const;

/** The limits of an organization or a key. */
export class LimitsState {
  readonly of: Readonly<Record<keyof Limits, FieldState>>;

  constructor(given: Limits | null) {
    const state = (name: keyof Limits) =>
      new FieldState({
        name,
        optional: true,
        value: given?.[name] == null ? '' : String(given[name]),
        check: (value) =>
          /^[0-9]+$/.test(value) && Number.isSafeInteger(Number(value)) ? null : messages().keys.notANumber,
      });
    this.of = {
      requestsPerMinute: state('requestsPerMinute'),
      digestsPerDay: state('digestsPerDay'),
      bytesPerDay: state('bytesPerDay'),
    };
  }

  get fields(): readonly FieldState[] {
    return LIMITS.map((name) => this.of[name]);
  }

  get value(): Limits {
    const { requestsPerMinute, digestsPerDay, bytesPerDay } = this.of;
    return {
      requestsPerMinute: numberOf(requestsPerMinute),
      digestsPerDay: numberOf(digestsPerDay),
      bytesPerDay: numberOf(bytesPerDay),
    };
  }
}

export function useLimits(given: Limits | null): LimitsState {
  return useMemo(() => new LimitsState(given), []);
}

function numberOf({ value }: FieldState): number | null {
  return value === '' ? null : Number(value);
}

export function LimitsFields({ of }: { readonly of: LimitsState }) {
  const t = messages().keys;
  return (
    <fieldset class="field-set">
      <legend>{t.limits}</legend>
      <p class="hint">{t.limitsHint}</p>
      <div class="field-row">
        {LIMITS.map((name) => (
          <Field key={name} of={of.of[name]} label={t[name]} numeric />
        ))}
      </div>
    </fieldset>
  );
}

/** A sentence for each limit. */
export function limitSentences({ requestsPerMinute, digestsPerDay, bytesPerDay }: Limits): string[] {
  const t = messages().keys;
  return [
    ...(requestsPerMinute === null ? [] : [t.requestsLimit(formatNumber(requestsPerMinute))]),
    ...(digestsPerDay === null ? [] : [t.digestsLimit(formatNumber(digestsPerDay))]),
    ...(bytesPerDay === null ? [] : [t.bytesLimit(formatBytes(bytesPerDay))]),
  ];
}
