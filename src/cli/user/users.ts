import { LOCAL } from '../../auth/policy.js';
import { type Role, ROLES } from '../../store/auth/model.js';
import type { OrganizationUser } from '../../store/index.js';
import {
  day,
  defineAdminCommand,
  findOrganization,
  findPerson,
  findUser,
  HERE,
  invitationJson,
  ORGANIZATION_OPTION,
  printInvitation,
  printRows,
  REQUIRED_ORGANIZATION,
  timeOrNull,
} from '../admin-command.js';
import { closest } from '../arguments.js';
import { usageError } from '../failure.js';
import { type Column, EXIT, isoTime, printJson, printNote } from '../io.js';
import { inLanguage } from '../language.js';
import { administrationMessages } from '../messages/administration.js';
import { LINK_TEXT, ONE_EMAIL, organizationsOf, stateOf, TRUST_OPTION, warnOfExisting } from './shared.js';

/** The commands about the users of an organization. */

function userColumns(): Column<OrganizationUser>[] {
  const { columns: c } = administrationMessages();
  return [
    { title: c.email, cell: ({ person }) => person.email },
    { title: c.role, cell: ({ role }) => role },
    { title: c.state, cell: ({ person, acceptedAt }) => stateOf(person, acceptedAt !== null) },
    { title: c.name, cell: ({ person }) => person.name },
    { title: c.added, cell: ({ createdAt }) => day(createdAt) },
    { title: c.id, cell: ({ person }) => person.id },
  ];
}

const ROLES_TEXT = {
  en: 'owner (everything, including users and keys), notary (submit and read), auditor (read)',
  ko: 'owner(소유자: 사용자와 키를 포함한 모든 것), notary(등록 담당자: 등록과 조회), auditor(감사 담당자: 조회)',
} as const;

export const add = defineAdminCommand({
  name: 'user add',
  summary: { en: 'add a person to an organization', ko: '조직에 사람을 추가합니다' },
  usage: 'EMAIL --organization ID --role ROLE [--name NAME] [--trust-existing]',
  text: {
    en: `Prints a link with which the person joins.

${LINK_TEXT.en}

Roles: ${ROLES_TEXT.en}.`,
    ko: `조직에 참여할 사람에게 보낼 링크를 출력합니다.

${LINK_TEXT.ko}

역할: ${ROLES_TEXT.ko}.`,
  },
  options: {
    ...REQUIRED_ORGANIZATION,
    role: {
      type: 'string',
      value: 'ROLE',
      help: {
        en: 'owner, notary or auditor',
        ko: 'owner(소유자), notary(등록 담당자), auditor(감사 담당자)',
      },
    },
    name: {
      type: 'string',
      value: 'NAME',
      help: {
        en: 'name of the person (default: the e-mail address)',
        ko: '사람의 이름(기본값: 이메일 주소)',
      },
    },
    ...TRUST_OPTION,
  },
  positionals: ONE_EMAIL,
  plan({ values, positionals: [email = ''] }, io) {
    const role = parseRole(values.role, '--role');
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const trustExisting = values['trust-existing'];
      const input = { email, name: values.name ?? email, role, trustExisting };
      const { user, invitation } = await administration.access.users.add(LOCAL, organization.id, input, HERE);
      const others = await organizationsOf(administration, user.person, organization.id);
      if (values.json) {
        printJson(io.stdout, {
          user: userJson(user),
          otherOrganizations: others,
          invitation: invitationJson(invitation, administration),
        });
      } else if (invitation === null) {
        printNote(io, administrationMessages().joined(user.person.email, role, organization.name));
      } else {
        warnOfExisting(user.person, others, administrationMessages().keepOrReplace, io);
        printInvitation(
          administrationMessages().toJoin(user.person.email, organization.name, role),
          invitation,
          administration,
          io,
        );
      }
      return EXIT.ok;
    };
  },
});

export const list = defineAdminCommand({
  name: 'user list',
  summary: {
    en: 'list the users of an organization with their roles',
    ko: '조직의 사용자와 역할을 보여 줍니다',
  },
  usage: '--organization ID',
  text: {
    en: `"invited" means that the person has not opened the link yet. Operators do not belong to an organization; list
them with: ingam user operator`,
    ko: '"초대됨"은 아직 링크를 열지 않았다는 뜻입니다. 관리자는 조직에 속하지 않습니다. 관리자 목록: ingam user operator',
  },
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const users = await administration.access.users.list(LOCAL, organization.id);
      const none = administrationMessages().noUsers(organization.name, organization.id);
      const format = { name: 'users', toJson: userJson, columns: userColumns(), none };
      return printRows(users, format, values.json, io);
    },
});

export const role = defineAdminCommand({
  name: 'user role',
  summary: { en: 'change the role of a user in an organization', ko: '조직에서 사용자의 역할을 바꿉니다' },
  usage: 'EMAIL ROLE --organization ID',
  text: {
    en: `Takes effect with the person's next request. The last owner keeps the role.

Roles: ${ROLES_TEXT.en}.`,
    ko: `그 사람의 다음 요청부터 적용됩니다. 마지막 소유자의 역할은 바꿀 수 없습니다.

역할: ${ROLES_TEXT.ko}.`,
  },
  options: REQUIRED_ORGANIZATION,
  positionals: { min: 2, max: 2, missing: { en: 'missing EMAIL and ROLE', ko: 'EMAIL과 ROLE을 지정하세요' } },
  plan({ values, positionals: [email = '', text] }, io) {
    const next = parseRole(text, 'ROLE');
    return async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const { person } = await findUser(administration, organization, email);
      await administration.access.users.setRole(LOCAL, organization.id, person.id, next, HERE);
      const user = await findUser(administration, organization, person.id);
      if (values.json) printJson(io.stdout, userJson(user));
      else printNote(io, administrationMessages().hasRole(user.person.email, next, organization.name));
      return EXIT.ok;
    };
  },
});

export const remove = defineAdminCommand({
  name: 'user remove',
  summary: { en: 'remove a user from an organization', ko: '조직에서 사용자를 뺍니다' },
  usage: 'EMAIL --organization ID',
  text: {
    en: `Takes effect with the person's next request. Their notarizations still belong to the organization. The last
owner of an organization cannot be removed.`,
    ko: '그 사람의 다음 요청부터 적용됩니다. 등록한 것은 계속 조직의 것입니다. 마지막 소유자는 뺄 수 없습니다.',
  },
  options: REQUIRED_ORGANIZATION,
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const organization = await findOrganization(administration, values.organization);
      const user = await findUser(administration, organization, email);
      await administration.access.users.remove(LOCAL, organization.id, user.person.id, HERE);
      if (values.json) printJson(io.stdout, { removed: userJson(user) });
      else printNote(io, administrationMessages().userRemoved(user.person.email, organization.name));
      return EXIT.ok;
    },
});

export const invite = defineAdminCommand({
  name: 'user invite',
  summary: {
    en: 'create a new link, for a lost link or a forgotten password',
    ko: '링크를 잃어버리거나 비밀번호를 잊은 사람에게 줄 새 링크를 만듭니다',
  },
  usage: 'EMAIL [--organization ID]',
  text: {
    en: `Prints a new link with which the person sets a new password, which ends all their sessions. It can be used once,
within a week; earlier links become invalid. With --organization it renews an invitation to that organization that
has not been accepted yet.

Anyone who has the link can sign in as that person, for all organizations to which the person belongs: send it
through a channel that you trust.`,
    ko: `새 비밀번호를 정할 수 있는 링크를 출력합니다. 비밀번호를 정하면 그 사람의 모든 세션이 끝납니다. 링크는 일주일 안에
한 번 쓸 수 있고 이전 링크는 무효가 됩니다. --organization을 쓰면 아직 수락하지 않은 그 조직의 초대를 새로 만듭니다.

링크를 가진 사람은 누구든지 그 사람으로 로그인해 그 사람이 속한 모든 조직을 대신할 수 있으니, 믿을 수 있는 방법으로
보내세요.`,
  },
  options: ORGANIZATION_OPTION,
  positionals: ONE_EMAIL,
  plan:
    ({ values, positionals: [email = ''] }, io) =>
    async (administration) => {
      const { access } = administration;
      let person;
      let invitation;
      if (values.organization === undefined) {
        person = await findPerson(administration, email);
        invitation = await access.people.resetPassword(LOCAL, person.id, HERE);
      } else {
        const organization = await findOrganization(administration, values.organization);
        ({ person } = await findUser(administration, organization, email));
        invitation = await access.users.inviteAgain(LOCAL, organization.id, person.id, HERE);
      }
      const others = await organizationsOf(administration, person, values.organization ?? null);
      if (values.json) {
        const made = invitationJson(invitation, administration);
        printJson(io.stdout, { otherOrganizations: others, invitation: made });
      } else {
        if (others.length > 0) warnOfExisting(person, others, administrationMessages().replace, io);
        printInvitation(person.email, invitation, administration, io);
      }
      return EXIT.ok;
    },
});

function parseRole(text: string | undefined, argument: string): Role {
  const found = ROLES.find((each) => each === text);
  if (found !== undefined) return found;
  const near = text === undefined ? null : closest(text, ROLES);
  throw usageError(
    text === undefined
      ? administrationMessages().missingRole(argument, ROLES.join('|'))
      : administrationMessages().unknownRole(text),
    near === null
      ? administrationMessages().roles(inLanguage(ROLES_TEXT))
      : administrationMessages().meantRole(near),
  );
}

function userJson({ person, role, createdAt, acceptedAt }: OrganizationUser) {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    role,
    createdAt: isoTime(createdAt),
    acceptedAt: timeOrNull(acceptedAt),
    disabledAt: timeOrNull(person.disabledAt),
  };
}
