import { plural, type Count } from '../lib/format.js';
import { byLanguage } from '../lib/language.js';
import { type Shown, text } from '../lib/text.js';
import { LOG } from './account-log.js';
import { KEYS, ORGANIZATIONS, USERS } from './account-people.js';
import { WEBHOOKS } from './account-webhooks.js';

/**
 * The messages of the account page: signing in, set-up and invitations, then one group for each of its
 * sections, of which the larger ones are in files of their own.
 */

const en = {
  heading: 'Account',
  sections: {
    you: 'Profile',
    users: 'Users',
    keys: 'API keys',
    webhooks: 'Webhooks',
    log: 'Access log',
    organizations: 'Organizations',
  },
  sectionNavigation: 'Account sections',
  roles: { owner: 'Owner', notary: 'Notary', auditor: 'Auditor' },
  rolesExplained: {
    owner: 'Can do everything for the organization, including managing users and API keys.',
    notary: 'Notarizes documents and sees what the organization has notarized.',
    auditor:
      'Sees and exports what the organization has notarized, and reads its access log. Cannot notarize.',
  },
  administrator: 'Administrator',
  signInLead: 'Sign in to notarize for your organization and to see what it has notarized.',
  email: 'E-mail address',
  password: 'Password',
  noPassword:
    'Forgot your password, or don’t have one yet? An owner of your organization or the operator of this service can send you a new link.',
  noOpenOrganization:
    'You don’t belong to an active organization. Ask an owner of your organization or the operator of this service.',
  signedIn: (name: string) => `Signed in as ${name}.`,
  signedOut: 'Signed out.',
  setUpHeading: 'Set up this service',
  setUpLead: 'Create the first administrator and the organization that notarizes here.',
  setUpYou: 'You',
  yourName: 'Your name',
  setUpOrganization: 'Your organization',
  organizationName: 'Organization name',
  organizationHint: 'As people in the organization call it.',
  notarizeForIt: 'I will notarize for it',
  organizationLater: 'You manage the service only. You can create organizations later.',
  setUp: 'Set up',
  inviteHeading: (organization: string) => `Join ${organization}`,
  inviteHeadingPlain: 'Welcome',
  inviteLead: 'Choose a password to get started.',
  joinLead: 'You already have a password here. Enter it to accept the invitation.',
  joinSignedInLead: 'You’re signed in as the person this invitation is for.',
  notMine:
    'You have never chosen a password here? Then somebody else signed up with your address. They can’t use this invitation. Ask the operator of this service for a link that lets you set a new password.',
  operatorHeading: 'Become an administrator',
  replaceOffer: 'I don’t have this password',
  replaceLead:
    'Choose a new password. It replaces the one that was set for your address and removes its passkeys, and everyone who is signed in with it is signed out.',
  replaceMemberships: 'With the new password you also act for:',
  addressTaken: 'This address already has a password here. Enter that one, or use another address.',
  accept: 'Accept invitation',
  name: 'Name',
  newPassword: 'New password',
  repeatPassword: 'Confirm password',
  showPasswords: 'Show password',
  passwordRule: 'At least 12 characters. A sentence is easy to remember.',
  passwordShort: (missing: Count) => `${plural(missing, 'more character')} needed.`,
  passwordEnough: 'Long enough.',
  passwordLong: 'A password has at most 1,024 characters.',
  passwordsDiffer: 'The passwords don’t match.',
  badLinkHeading: 'This link no longer works',
  badLinkExplained:
    'It has been used, has been replaced by a newer one, or has expired. Ask the person who sent it for a new one.',
  toSignIn: 'Go to sign-in',
  otherPerson: (name: string) =>
    `You are signed in as ${name}. If you accept, you’ll be signed in as the person this invitation is for.`,

  forgot: {
    link: 'Forgot your password?',
    noPasswordYet:
      'Don’t have a password yet? An owner of your organization or the operator of this service can send you a link.',
    heading: 'Forgot your password?',
    lead: 'Enter your e-mail address, and we’ll send you a link to set a new password.',
    send: 'Send link',
    sentHeading: 'Look into your mailbox',
    sent: (address: Shown) =>
      text`If ${address} has an account with a password here, a link is on its way. It works once, within an hour.`,
    nothingCame:
      'Nothing came? Look into your spam folder, check the address, or ask an owner of your organization or the operator of this service for a link.',
    resetHeading: 'Set a new password',
    resetLead: 'You’ll be signed out everywhere. Your passkeys stay as they are.',
    set: 'Set password',
    doneHeading: 'Password set',
    done: 'You have been signed out everywhere. Sign in with your new password.',
    badLink: 'It has been used or has expired.',
    again: 'Ask for a new link',
  },

  digest: {
    heading: 'E-mails about what is new',
    lead: (organization: string) =>
      `How many notarizations of ${organization} were sealed, and what waits for its people: requests to sign, and legal holds to lift.`,
    legend: 'How often',
    times: { off: 'Never', at_once: 'At once', hourly: 'Every hour', daily: 'Every day' },
    explained: {
      at_once: 'When there is something new, at most every 15 minutes.',
      hourly: 'On the full hour, if there is something new.',
      daily: 'At midnight UTC, if there is something new.',
    },
    save: 'Save',
    saved: 'Saved.',
    endHeading: 'Stop these e-mails?',
    endLead: 'You will get no more e-mails about what is new. You can choose them again on the account page.',
    end: 'Stop e-mails',
    badLink: 'This is not a link of one of our e-mails. Copy the whole address from the e-mail.',
    endedHeading: 'E-mails stopped',
    ended: 'You get no more e-mails about what is new.',
    toAccount: 'Go to the account page',
  },

  you: {
    signOut: 'Sign out',
    organizationsHeading: 'Current organization',
    organizationsLead: 'You notarize for this organization and see what it has notarized.',
    noOrganizations: 'You’re not in an organization yet. Ask an owner to invite you.',
    noOrganizationsAdministrator:
      'You manage the service, but you’re not in an organization. To notarize, create one that you own.',
    onlyOrganization: (organization: string, role: string) => `${organization}. Your role: ${role}.`,
    choose: 'Switch to this organization',
    chosen: (organization: string) => `Switched to ${organization}.`,
    leaveLead: 'You don’t belong to one of these? Somebody may have joined it with your address.',
    leaveNamed: (organization: string) => `Leave ${organization}`,
    left: (organization: string) => `You have left ${organization}.`,
    passwordHeading: 'Password',
    passwordLead: 'Changing your password signs you out everywhere else.',
    currentPassword: 'Current password',
    wrongPassword: 'This is not your current password.',
    changePassword: 'Change password',
    passwordChanged: 'Password changed. You have been signed out everywhere else.',
    sessionsHeading: 'Where you’re signed in',
    sessionsLead: 'If you don’t recognize a session, end it and change your password.',
    device: (browser: string, system: string) => `${browser} on ${system}`,
    unknownDevice: 'Unknown program',
    thisSession: 'This session',
    sessionTimes: (begun: Shown, used: Shown, address: string) =>
      text`Signed in ${begun} · last used ${used} · from ${address}`,
    endSession: 'End session',
    endSessionNamed: (device: string, begun: string) => `End session: ${device}, signed in ${begun}`,
    endOthers: 'End all other sessions',
    sessionEnded: 'Session ended.',
    othersEnded: 'All other sessions ended.',
    onlyThis: 'You’re not signed in anywhere else.',
  },

  provider: {
    signIn: (name: string) => `Sign in with ${name}`,
    or: 'Or with an account of this service:',
    decides: (name: string) => `You signed in with ${name}, which decides your organization and your role.`,
    signOut: (name: string) => `Sign out here and at ${name}`,
    sessionsLead: (name: string) =>
      `If you don’t recognize a session, end it and secure your account at ${name}.`,
    problems: {
      not_begun: (name: string) =>
        `This sign-in was not started in this browser, was finished before, or took too long. Sign in with ${name} again.`,
      refused: (name: string) => `${name} did not sign you in, or you cancelled. Try again.`,
      invalid: (name: string) =>
        `The answer of ${name} was not valid, so you are not signed in. Try again. If that does not help, tell the operator of this service.`,
      unavailable: (name: string) => `${name} cannot be reached. Try again later.`,
      no_role: (name: string) =>
        `${name} knows you, but you have no role here. Ask who manages your groups there, or the operator of this service.`,
      blocked: (name: string) =>
        `Too many sign-ins with ${name} failed in your network. Try again in a few minutes.`,
      no_sign_out: (name: string) =>
        `You are signed out here. ${name} offers no page to sign out: do it there, or close the browser.`,
      failed: (name: string) => `Something went wrong in this service. Sign in with ${name} again.`,
    },
  },

  passkeys: {
    heading: 'Passkeys',
    lead: 'Sign in with your fingerprint, face, PIN or security key instead of your password. A passkey works at this address only: no other site can ask for it.',
    need: 'Ask for a passkey when I sign in with my password',
    needExplained:
      'Then your password alone signs nobody in. If you lose all your passkeys, you need a new link from an owner of your organization or the operator of this service.',
    needHeading: 'Ask for a passkey?',
    needYes: 'Ask for a passkey',
    needNotHeading: 'Stop asking for a passkey?',
    needNotExplained: 'Then whoever knows your password can sign in with it.',
    needNot: 'Stop asking',
    neededNow: 'From now on, signing in takes a passkey.',
    neededNoMore: 'Your password alone signs you in again.',
    elsewhere: (host: string) => `Only at ${host}`,
    createdOn: (date: string) => `Added ${date}`,
    neverUsed: 'Never used',
    lastUsed: (time: Shown) => text`Last used ${time}`,
    add: 'Add passkey',
    addLead: 'Your browser then asks where to keep the passkey.',
    addSubmit: 'Continue',
    nameHint: 'To recognize it by: the device or the security key.',
    added: (name: string) => `Passkey ${name} added.`,
    rename: 'Rename',
    renameNamed: (name: string) => `Rename ${name}`,
    renamed: (name: string) => `The passkey is called ${name} now.`,
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    removeHeading: (name: string) => `Remove ${name}?`,
    removeExplained:
      'It no longer signs you in here. The device still offers it until you delete it there too.',
    removeLast: 'This is your last passkey. Your password alone signs you in again.',
    removed: (name: string) => `Passkey ${name} removed.`,
    instead: 'Use a passkey instead',
    needsName: (address: Shown) => text`Passkeys need a host name. Open this page at ${address} to use them.`,
    noBrowser: 'This browser has no passkeys.',
    unavailable:
      'Passkeys cannot be used at this address. The operator of this service can change that by giving it a host name and TLS.',
    signIn: 'Sign in with a passkey',
    continue: 'Continue with a passkey',
    neededLead: 'Your password is right. This account also needs a passkey.',
    lost: 'Lost your passkeys? An owner of your organization or the operator of this service can send you a new link.',
    requiredHeading: 'Your organization requires a passkey',
    requiredExplained:
      'Add a passkey below, and you can go on at once. If you have one already, sign out and sign in with it.',
    require: 'Require passkeys',
    requireExplained: (organization: string) =>
      `Everyone in ${organization} then signs in with a passkey. Open sessions without one stop working for the organization until their users add a passkey. API keys and people who sign in at your identity provider are not affected.`,
    requireHeading: (organization: string) => `Require passkeys in ${organization}?`,
    requireNotHeading: (organization: string) => `Stop requiring passkeys in ${organization}?`,
    requireNotExplained: 'Then a password alone is enough again, unless a user has chosen otherwise.',
    requireNot: 'Stop requiring passkeys',
    requiredNow: 'Passkeys are required from now on.',
    requiredNoMore: 'Passkeys are no longer required.',
    requireFirst:
      'Sign in with a passkey of your own first, or add one under “Account”, so that you do not lock yourself out.',
    problems: {
      passkey_cancelled:
        'No passkey was used. You may have cancelled, or there is none for this address on this device. Try again.',
      passkey_known: 'This device already has a passkey of yours.',
      passkey_failed: 'The browser could not use a passkey here. Try another browser or device.',
    },
  },

  users: USERS.en,

  keys: KEYS.en,

  webhooks: WEBHOOKS.en,

  organizations: ORGANIZATIONS.en,

  log: LOG.en,
};

const ko: typeof en = {
  heading: '내 계정',
  sections: {
    you: '내 정보',
    users: '사용자',
    keys: 'API 키',
    webhooks: '웹훅',
    log: '접근 기록',
    organizations: '조직',
  },
  sectionNavigation: '계정 메뉴',
  roles: { owner: '소유자', notary: '등록 담당자', auditor: '감사 담당자' },
  rolesExplained: {
    owner: '사용자와 API 키 관리를 포함해 조직의 모든 일을 할 수 있습니다.',
    notary: '문서를 등록하고 조직이 등록한 내용을 열람합니다.',
    auditor: '조직이 등록한 내용과 접근 기록을 열람하고 내보냅니다. 문서는 등록할 수 없습니다.',
  },
  administrator: '관리자',
  signInLead: '로그인하면 조직을 대신해 문서를 등록하고, 등록한 내용을 볼 수 있습니다.',
  email: '이메일 주소',
  password: '비밀번호',
  noPassword: '비밀번호를 잊었거나 아직 없다면 조직의 소유자나 서비스 운영자에게 새 링크를 요청하세요.',
  noOpenOrganization:
    '사용할 수 있는 조직에 소속되어 있지 않습니다. 조직의 소유자나 서비스 운영자에게 문의하세요.',
  signedIn: (name) => `${name} 님으로 로그인했습니다.`,
  signedOut: '로그아웃했습니다.',
  setUpHeading: '서비스 시작하기',
  setUpLead: '첫 관리자와 문서를 등록할 조직을 만듭니다.',
  setUpYou: '사용자',
  yourName: '이름',
  setUpOrganization: '조직',
  organizationName: '조직 이름',
  organizationHint: '조직 사람들이 부르는 이름을 쓰세요.',
  notarizeForIt: '이 조직의 문서를 직접 등록합니다',
  organizationLater: '서비스만 관리합니다. 조직은 나중에 만들 수 있습니다.',
  setUp: '시작하기',
  inviteHeading: (organization) => `${organization}에 초대되었습니다`,
  inviteHeadingPlain: '환영합니다',
  inviteLead: '비밀번호를 정하면 바로 시작할 수 있습니다.',
  joinLead: '이미 이 서비스의 비밀번호가 있습니다. 입력하면 초대가 수락됩니다.',
  joinSignedInLead: '이 초대를 받은 계정으로 로그인되어 있습니다.',
  notMine:
    '이 서비스에서 비밀번호를 정한 적이 없나요? 다른 사람이 이 이메일 주소로 먼저 가입한 것입니다. 그 사람은 이 초대를 쓸 수 없습니다. 서비스 운영자에게 비밀번호를 새로 정할 수 있는 링크를 요청하세요.',
  operatorHeading: '관리자로 초대되었습니다',
  replaceOffer: '이 비밀번호를 모릅니다',
  replaceLead:
    '새 비밀번호를 정하세요. 이 주소의 기존 비밀번호와 패스키는 쓸 수 없게 되고, 로그인된 곳에서 모두 로그아웃됩니다.',
  replaceMemberships: '새 비밀번호로 다음 조직의 업무도 하게 됩니다.',
  addressTaken: '이 주소에는 이미 비밀번호가 있습니다. 그 비밀번호를 입력하거나 다른 주소를 쓰세요.',
  accept: '초대 수락',
  name: '이름',
  newPassword: '새 비밀번호',
  repeatPassword: '비밀번호 확인',
  showPasswords: '비밀번호 표시',
  passwordRule: '12자 이상 입력하세요. 기억하기 쉬운 문장이 좋습니다.',
  passwordShort: (missing) => `${missing.text}자 더 입력하세요.`,
  passwordEnough: '충분히 깁니다.',
  passwordLong: '비밀번호는 1,024자까지 쓸 수 있습니다.',
  passwordsDiffer: '두 비밀번호가 서로 다릅니다.',
  badLinkHeading: '더 이상 쓸 수 없는 링크입니다',
  badLinkExplained:
    '이미 사용했거나, 새 링크로 바뀌었거나, 기한이 지난 링크입니다. 링크를 보낸 사람에게 새 링크를 요청하세요.',
  toSignIn: '로그인하러 가기',
  otherPerson: (name) =>
    `지금은 ${name} 님으로 로그인되어 있습니다. 수락하면 초대받은 사람으로 로그인됩니다.`,

  forgot: {
    link: '비밀번호를 잊으셨나요?',
    noPasswordYet: '아직 비밀번호가 없다면 조직의 소유자나 서비스 운영자에게 링크를 요청하세요.',
    heading: '비밀번호를 잊으셨나요?',
    lead: '이메일 주소를 입력하면 비밀번호를 새로 정하는 링크를 보내 드립니다.',
    send: '링크 보내기',
    sentHeading: '메일함을 확인하세요',
    sent: (address) =>
      text`${address} 주소로 된 계정에 비밀번호가 있다면 링크를 보냈습니다. 한 시간 안에 한 번만 쓸 수 있습니다.`,
    nothingCame:
      '메일이 오지 않았다면 스팸 메일함과 주소를 확인하거나, 조직의 소유자나 서비스 운영자에게 링크를 요청하세요.',
    resetHeading: '새 비밀번호 정하기',
    resetLead: '로그인된 곳에서 모두 로그아웃됩니다. 패스키는 그대로 남습니다.',
    set: '비밀번호 정하기',
    doneHeading: '비밀번호를 정했습니다',
    done: '로그인된 곳에서 모두 로그아웃되었습니다. 새 비밀번호로 로그인하세요.',
    badLink: '이미 사용했거나 기한이 지난 링크입니다.',
    again: '새 링크 요청',
  },

  digest: {
    heading: '새 소식 메일',
    lead: (organization) =>
      `${organization}의 등록이 몇 건 봉인되었는지, 처리를 기다리는 서명 요청과 법적 보존 해제가 있는지 알려 드립니다.`,
    legend: '받는 간격',
    times: { off: '받지 않음', at_once: '바로', hourly: '한 시간마다', daily: '하루에 한 번' },
    explained: {
      at_once: '새 소식이 있을 때마다 보냅니다. 15분에 한 번을 넘지 않습니다.',
      hourly: '새 소식이 있으면 매시 정각에 보냅니다.',
      daily: '새 소식이 있으면 매일 오전 9시(한국 시간)에 보냅니다.',
    },
    save: '저장',
    saved: '저장했습니다.',
    endHeading: '이 메일을 그만 받을까요?',
    endLead: '새 소식 메일을 더 보내지 않습니다. 계정 페이지에서 다시 받을 수 있습니다.',
    end: '그만 받기',
    badLink: '이 서비스가 보낸 메일의 링크가 아닙니다. 메일에 있는 주소 전체를 복사해 주세요.',
    endedHeading: '메일을 그만 보냅니다',
    ended: '이제 새 소식 메일을 보내지 않습니다.',
    toAccount: '계정 페이지로 가기',
  },

  you: {
    signOut: '로그아웃',
    organizationsHeading: '현재 조직',
    organizationsLead: '이 조직을 대신해 문서를 등록하고, 이 조직이 등록한 내용을 봅니다.',
    noOrganizations: '아직 소속된 조직이 없습니다. 조직의 소유자에게 초대를 요청하세요.',
    noOrganizationsAdministrator:
      '서비스를 관리하지만 소속된 조직은 없습니다. 문서를 등록하려면 자신이 소유할 조직을 만드세요.',
    onlyOrganization: (organization, role) => `${organization} · 역할: ${role}`,
    choose: '이 조직으로 전환',
    chosen: (organization) => `조직을 전환했습니다: ${organization}`,
    leaveLead: '소속되지 않은 조직이 있나요? 다른 사람이 이 이메일 주소로 가입했을 수 있습니다.',
    leaveNamed: (organization) => `${organization}에서 나가기`,
    left: (organization) => `조직에서 나왔습니다: ${organization}`,
    passwordHeading: '비밀번호',
    passwordLead: '비밀번호를 바꾸면 다른 곳에서는 모두 로그아웃됩니다.',
    currentPassword: '현재 비밀번호',
    wrongPassword: '현재 비밀번호가 아닙니다.',
    changePassword: '비밀번호 변경',
    passwordChanged: '비밀번호를 변경했습니다. 다른 곳에서는 모두 로그아웃되었습니다.',
    sessionsHeading: '로그인된 기기',
    sessionsLead: '모르는 항목이 있으면 로그아웃하고 비밀번호를 바꾸세요.',
    device: (browser, system) => `${system}의 ${browser}`,
    unknownDevice: '알 수 없는 프로그램',
    thisSession: '현재 기기',
    sessionTimes: (begun, used, address) =>
      text`로그인 ${begun} · 마지막 사용 ${used} · 접속 주소 ${address}`,
    endSession: '로그인 해제',
    endSessionNamed: (device, begun) => `${begun}에 로그인한 ${device} 로그인 해제`,
    endOthers: '다른 기기 모두 로그인 해제',
    sessionEnded: '로그인을 해제했습니다.',
    othersEnded: '다른 기기의 로그인을 모두 해제했습니다.',
    onlyThis: '다른 곳에는 로그인되어 있지 않습니다.',
  },

  provider: {
    signIn: (name) => `${name} 계정으로 로그인`,
    or: '또는 이 서비스의 계정으로 로그인:',
    decides: (name) => `${name} 계정으로 로그인했습니다. 조직과 역할은 ${name}에서 정합니다.`,
    signOut: (name) => `여기와 ${name} 모두에서 로그아웃`,
    sessionsLead: (name) => `모르는 항목이 있으면 로그아웃하고 ${name}에서 계정을 보호하세요.`,
    problems: {
      not_begun: (name) =>
        `이 브라우저에서 시작하지 않았거나, 이미 끝났거나, 시간이 너무 오래 지난 로그인입니다. ${name} 계정으로 다시 로그인하세요.`,
      refused: (name) => `${name}에서 로그인되지 않았거나 취소했습니다. 다시 시도하세요.`,
      invalid: (name) =>
        `${name}의 응답이 올바르지 않아 로그인하지 못했습니다. 다시 시도하고, 계속되면 서비스 운영자에게 알려 주세요.`,
      unavailable: (name) => `${name}에 연결할 수 없습니다. 잠시 후 다시 시도하세요.`,
      no_role: (name) =>
        `${name}에서 확인된 계정이지만 여기에서 쓸 수 있는 역할이 없습니다. 그룹 담당자나 서비스 운영자에게 문의하세요.`,
      blocked: (name) => `이 네트워크에서 ${name} 로그인에 여러 번 실패했습니다. 몇 분 뒤에 다시 시도하세요.`,
      no_sign_out: (name) =>
        `여기에서는 로그아웃했습니다. ${name}에는 로그아웃 페이지가 없으니 그곳에서 직접 로그아웃하거나 브라우저를 닫으세요.`,
      failed: (name) => `서비스에 문제가 생겼습니다. ${name} 계정으로 다시 로그인하세요.`,
    },
  },

  passkeys: {
    heading: '패스키',
    lead: '비밀번호 대신 지문, 얼굴, PIN, 보안 키로 로그인합니다. 패스키는 이 주소에서만 쓸 수 있어 다른 사이트가 가로챌 수 없습니다.',
    need: '비밀번호로 로그인할 때 패스키도 확인',
    needExplained:
      '비밀번호만으로는 아무도 로그인할 수 없게 됩니다. 패스키를 모두 잃어버리면 조직의 소유자나 서비스 운영자에게 새 링크를 받아야 합니다.',
    needHeading: '패스키도 확인할까요?',
    needYes: '패스키 확인',
    needNotHeading: '패스키를 더 이상 확인하지 않을까요?',
    needNotExplained: '비밀번호를 아는 사람은 누구나 로그인할 수 있게 됩니다.',
    needNot: '확인하지 않기',
    neededNow: '이제 로그인할 때 패스키가 필요합니다.',
    neededNoMore: '이제 비밀번호만으로 로그인할 수 있습니다.',
    elsewhere: (host) => `${host}에서만 사용`,
    createdOn: (date) => `${date} 추가`,
    neverUsed: '사용한 적 없음',
    lastUsed: (time) => text`마지막 사용 ${time}`,
    add: '패스키 추가',
    addLead: '다음 단계에서 패스키를 저장할 곳을 브라우저가 묻습니다.',
    addSubmit: '계속',
    nameHint: '기기나 보안 키처럼 알아보기 쉬운 이름을 쓰세요.',
    added: (name) => `패스키를 추가했습니다: ${name}`,
    rename: '이름 변경',
    renameNamed: (name) => `${name} 이름 변경`,
    renamed: (name) => `패스키 이름을 변경했습니다: ${name}`,
    remove: '삭제',
    removeNamed: (name) => `${name} 삭제`,
    removeHeading: (name) => `${name} 패스키를 삭제할까요?`,
    removeExplained:
      '이 패스키로는 더 이상 로그인할 수 없습니다. 기기에서도 삭제해야 목록에 나타나지 않습니다.',
    removeLast: '마지막 패스키입니다. 삭제하면 비밀번호만으로 로그인할 수 있게 됩니다.',
    removed: (name) => `패스키를 삭제했습니다: ${name}`,
    instead: '패스키로 대신 확인',
    needsName: (address) =>
      text`패스키를 쓰려면 호스트 이름이 필요합니다. ${address}에서 이 페이지를 여세요.`,
    noBrowser: '이 브라우저는 패스키를 지원하지 않습니다.',
    unavailable:
      '이 주소에서는 패스키를 쓸 수 없습니다. 서비스 운영자가 호스트 이름과 TLS를 설정하면 쓸 수 있습니다.',
    signIn: '패스키로 로그인',
    continue: '패스키로 계속',
    neededLead: '비밀번호가 확인되었습니다. 이 계정은 패스키도 필요합니다.',
    lost: '패스키를 잃어버렸다면 조직의 소유자나 서비스 운영자에게 새 링크를 요청하세요.',
    requiredHeading: '조직에서 패스키를 요구합니다',
    requiredExplained:
      '아래에서 패스키를 추가하면 바로 계속할 수 있습니다. 이미 있다면 로그아웃한 뒤 패스키로 로그인하세요.',
    require: '패스키 필수',
    requireExplained: (organization) =>
      `${organization}의 모든 사용자가 패스키로 로그인해야 합니다. 패스키 없이 열려 있는 세션에서는 패스키를 추가할 때까지 조직의 업무를 할 수 없습니다. API 키와 외부 계정으로 로그인하는 사람에게는 적용되지 않습니다.`,
    requireHeading: (organization) => `${organization}에서 패스키를 필수로 할까요?`,
    requireNotHeading: (organization) => `${organization}에서 패스키를 필수로 하지 않을까요?`,
    requireNotExplained: '본인이 따로 설정하지 않았다면 비밀번호만으로 다시 로그인할 수 있습니다.',
    requireNot: '필수 해제',
    requiredNow: '이제 패스키가 필요합니다.',
    requiredNoMore: '이제 패스키가 없어도 됩니다.',
    requireFirst:
      '스스로 로그인하지 못하게 되는 일이 없도록 먼저 본인의 패스키로 로그인하거나 "계정"에서 패스키를 추가하세요.',
    problems: {
      passkey_cancelled:
        '패스키를 사용하지 않았습니다. 취소했거나 이 기기에 이 주소의 패스키가 없을 수 있습니다. 다시 시도하세요.',
      passkey_known: '이 기기에는 이미 회원님의 패스키가 있습니다.',
      passkey_failed: '브라우저에서 패스키를 쓸 수 없습니다. 다른 브라우저나 기기를 사용해 보세요.',
    },
  },

  users: USERS.ko,

  keys: KEYS.ko,

  webhooks: WEBHOOKS.ko,

  organizations: ORGANIZATIONS.ko,

  log: LOG.ko,
};

export const messages = byLanguage({ en, ko });
