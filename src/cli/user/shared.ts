import type { Person } from '../../store/index.js';
import type { Administration } from '../admin-command.js';
import { type Io, printNote } from '../io.js';
import { administrationMessages } from '../messages/administration.js';

export function stateOf({ disabledAt }: Person, joined: boolean): string {
  const { states } = administrationMessages();
  if (disabledAt !== null) return states.disabled;
  return joined ? states.active : states.invited;
}

export const LINK_TEXT = {
  en: `The link can be used once, within a week. A person without a password chooses one. If somebody has already signed
up with the address, which does not prove who that was, the person enters that password or replaces it; replacing it
ends all sessions. The command names the organizations that this person belongs to: whoever opens the link can act
for them too, so send it through a channel that you trust.`,
  ko: `링크는 일주일 안에 한 번 쓸 수 있습니다. 비밀번호가 없는 사람은 비밀번호를 정합니다. 이 주소로 이미 가입한 사람이
있다면(그것이 누구인지는 증명되지 않습니다) 그 비밀번호를 입력하거나 새로 정하며, 새로 정하면 모든 세션이 끝납니다.
이 사람이 속한 조직도 알려 줍니다. 링크를 여는 사람은 그 조직들도 대신할 수 있으니 믿을 수 있는 방법으로 보내세요.`,
} as const;

export const TRUST_OPTION = {
  'trust-existing': {
    type: 'boolean',
    help: {
      en: 'make no link if somebody has signed up with this address: you know who it was',
      ko: '이 주소로 이미 가입한 사람이 있으면 링크를 만들지 않음: 그 사람이 누구인지 알 때',
    },
  },
} as const;

export const ONE_EMAIL = {
  min: 1,
  max: 1,
  missing: { en: 'missing EMAIL', ko: 'EMAIL을 지정하세요' },
} as const;
interface OrganizationName {
  readonly id: string;
  readonly name: string;
}

/** The organizations that the person acts for, but for one. */
export async function organizationsOf(
  { store }: Administration,
  person: Person,
  except: string | null,
): Promise<OrganizationName[]> {
  const memberships = await store.memberships(person.id);
  return memberships
    .filter(({ organization }) => organization.id !== except)
    .map(({ organization: { id, name } }) => ({ id, name }));
}

/** What the administrator should know about an address that somebody has signed up with. */
export function warnOfExisting(
  { email, passwordHash }: Person,
  others: readonly OrganizationName[],
  consequence: string,
  io: Io,
): void {
  if (passwordHash === null) return;
  const where = others.map(({ id, name }) => `${name} (${id})`).join(', ');
  const belongs =
    where === '' ? administrationMessages().inNoOther : administrationMessages().belongsTo(where);
  printNote(io, administrationMessages().signedUpBefore(email, belongs, consequence));
}
