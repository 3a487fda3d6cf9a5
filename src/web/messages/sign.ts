import type { ClosedBy } from '../../messages/signing.js';
import { byLanguage } from '../lib/language.js';
import { type Shown, text } from '../lib/text.js';

/** The page of a link to sign. */

/** Where a request is: nothing can be signed yet; it can; it was; it cannot be any more. */
export type Stage = 'open' | 'ready' | 'done' | 'over';

const isBefore = (stage: Stage) => stage === 'open' || stage === 'ready';

const en = {
  heading: 'Sign',
  badLinkHeading: 'This link opens nothing',
  badLink:
    'It is incomplete, or a newer one has taken its place, or what it opened was erased. Ask whoever sent it for a new one.',
  asks: (stage: Stage, organization: string, title: string) =>
    isBefore(stage)
      ? `${organization} asks you to sign “${title}”`
      : `${organization} asked you to sign “${title}”`,
  /** Of everything that is no contract. */
  kinds: {
    transfer: {
      asks: (stage: Stage, organization: string, title: string) =>
        ({
          open: `${organization} wants to transfer “${title}” to you`,
          ready: `${organization} offers “${title}” to you`,
          done: `${organization} offered “${title}” to you`,
          over: `${organization} wanted to transfer “${title}” to you`,
        })[stage],
      aboutHeading: 'What it is',
      aboutSource:
        'So it was registered, by the keys in its history. This service has not checked whether it is true.',
      keyLead:
        'The offer names you by a key. You make it here, and nobody else has it: neither the organization nor this service. Giving a key accepts nothing.',
      keyWaits: (organization: string) =>
        `Now ${organization} offers it to this key. Then you accept or decline: open this same link again when you are told to.`,
      after:
        'When you have accepted, your key is the holder’s key. Only whoever has it can pass this on, and what the holder’s key did before stays in the history. This cannot be taken back.',
      sign: 'Accept',
      signWithFile: 'Accept with your key file',
      doneHeading: 'You have accepted',
      doneLead:
        'Your acceptance counts once a block holds it, usually within seconds; the history file shows it then. From then on your key holds it: keep the key.',
    },
    licence: {
      asks: (stage: Stage, organization: string, title: string) => {
        if (stage === 'done') return `The holder of “${title}” has signed a licence for your key`;
        return isBefore(stage)
          ? `${organization} wants to grant you a licence of “${title}”`
          : `${organization} wanted to grant you a licence of “${title}”`;
      },
      aboutHeading: 'The work',
      aboutSource:
        'So the work was claimed, by the key in its history. This service has not checked whether it is true.',
      keyLead:
        'The licence names you by a key. You make it here, and nobody else has it: neither the organization nor this service. Giving it says that you take the licence; what the licence states you read here when its holder has signed it.',
      keyWaits: (organization: string) =>
        `Now ${organization} grants the licence to this key. When you are told to, open this same link again to read it and to save its history.`,
      doneHeading: 'The licence names your key',
      doneLead:
        'The holder of the work has signed it. It counts once a block holds it, usually within seconds; the history file shows it then.',
    },
    claim: {
      asks: (stage: Stage, organization: string, title: string) =>
        isBefore(stage)
          ? `${organization} asks you to claim “${title}” as yours`
          : `${organization} asked you to claim “${title}” as yours`,
      aboutHeading: 'What the claim states',
      aboutSource:
        'The organization has written this down for you. Sign it only if it is true: it becomes part of the chain as your claim.',
      aboutSigned: 'The organization wrote this down, and your key signed it.',
      keyLead:
        'You sign the claim with a key, which then holds the work. You make it here, and nobody else has it: neither the organization nor this service. Giving a key claims nothing yet.',
      keyWaits: (organization: string) => `${organization} sees that you have given a key.`,
      after:
        'When you have signed, the chain shows that your key claims this work, and your key holds it: only whoever has it can license or pass on the work. The chain does not judge whether the claim is true. The history stays.',
      sign: 'Sign the claim',
      signWithFile: 'Sign the claim with your key file',
      doneHeading: 'You have claimed the work',
      doneLead:
        'Your claim counts once a block holds it, usually within seconds; the history file shows it then. From then on your key holds the work: keep the key.',
    },
  },
  licenceHeading: 'The licence',
  afterPromise:
    'When you have accepted, the item is promised to your key: the holder cannot take it back. Your key becomes the holder’s key by itself when the condition holds. If it cannot hold any more, the offer lapses.',
  licencePromised:
    'The holder of the work has signed it. It begins by itself when its condition holds; the history file shows whether it has begun.',
  heldByAnother: 'Another key holds it now.',
  promisedLead:
    'It is promised to your key. Your key becomes the holder’s key by itself when the condition of the offer holds; open this link again to see it.',
  offerUntil: 'The offer stands until',
  historyFirst: 'Its whole history, with proofs, is in a file. You can check it before you accept.',
  bodyErased: 'What was stated of it was erased. Ask the organization for it before you sign.',
  isNow: (kind: string, status: string) => `${kind} now: ${status}`,
  historyOfRecord:
    'It holds every step of this record with its proofs. Keep it: it can be checked without this service and without the organization.',
  provesLicence: (organization: string) =>
    `The history proves that the holder’s key signed a licence that names your key, and when at the latest. Your key signs nothing there. That the key is yours it does not prove: it was given by whoever opened the link that ${organization} sent. ${organization} vouches that this was you.`,
  declineOtherLead: (organization: string) =>
    `Only ${organization} sees it. Nothing becomes part of the chain.`,
  closedBy: {
    holder_changed:
      'Another key holds it now than when you were asked. Ask the organization for a new request, if it can still give it.',
    taken: 'Somebody else has accepted it in the meantime.',
    over: 'The item was reported as destroyed, or the claim of the work was withdrawn.',
  } satisfies Record<ClosedBy, string>,
  erasedTitle: 'a contract',
  from: 'From',
  you: 'For',
  contract: 'Contract',
  document: 'Document',
  keptHeading: 'The document',
  keptLead: (organization: string) =>
    `${organization} keeps it on this service. What you see and download is compared with the fingerprint above.`,
  fingerprint: 'Fingerprint (SHA-256)',
  until: 'Answer until',
  deadline: 'The contract expires on',
  says: 'They write',
  parties: 'Parties',
  party: (name: string, answer: string) => `${name}: ${answer}`,
  someone: 'A party',
  yourself: (name: string) => `${name} (you)`,
  answers: { signed: 'has signed', declined: 'has declined', none: 'has not answered' },
  termsErased: 'The organization has erased the text of the terms. Ask for it before you sign.',
  terms: 'The terms as they are signed, in JSON',
  signaturesNeeded: 'Signatures needed',
  ofParties: (needed: string, all: string) =>
    needed === all && all !== '1' ? `all ${all}` : `${needed} of ${all}`,
  order: (number: string) => `order ${number}`,
  conditions: 'Conditions',
  condition: (name: string, party: string) => `${name} (stated by ${party})`,
  onlyIf: 'Executed only if',
  effectOnlyIf: 'Only if',
  effect: (number: string) => `Effect ${number}`,
  passesTo: (party: string) => `When the contract is executed, this item passes to ${party}:`,
  checkHeading: 'Is your copy the document?',
  checkDrop: 'Drop your copy of the document here',
  checkChoose: 'Choose file',
  checkExplained: 'It stays on this device: only its fingerprint is computed, here.',
  checking: 'Computing the fingerprint…',
  same: (name: string) => `${name} is the document that you are asked to sign.`,
  different: (name: string) =>
    `${name} is another document: its fingerprint differs. Do not sign. Ask whoever sent you the link for the right file.`,
  unreadable: 'The file can no longer be read. Choose it again.',
  unseen: 'I have no file here, but I know the document with this fingerprint',
  keyHeading: 'Your key',
  keyLead:
    'The contract names you by a key. You make it here, and nobody else has it: neither the organization nor this service. Giving a key agrees to nothing.',
  keyName: 'Name in the key',
  keyNameHint: 'It becomes part of the history and cannot be erased there. It need not be your name.',
  makePasskey: 'Make a passkey',
  passkeyExplained:
    'It is kept by this device or your password manager. You sign with your finger, face or PIN.',
  noPasskeys: 'Passkeys cannot be made at this address or in this browser. Use a key file.',
  makeFile: 'Make a key file',
  fileExplained: 'A file that you keep, and need again to sign. Whoever has it can sign for you.',
  useFile: 'Use a key file that I have',
  keyMade: 'The key file was saved. Keep it: you need it to sign.',
  keyGiven: (time: Shown) => text`You gave your key on ${time}, by the clock of this service.`,
  keyWaits: (organization: string) =>
    `Now ${organization} puts it into the contract. Then you sign: open this same link again when you are told to.`,
  otherKey: 'Give another key',
  yourKey: 'Your key',
  signHeading: 'Your answer',
  sign: 'Sign',
  signWithFile: 'Sign with your key file',
  lookFirst: 'First check your copy of the document above.',
  notYourTurn: 'Others sign before you. You will be able to sign when they have.',
  signedHeading: 'You have signed',
  signedLead:
    'Your signature is accepted. It counts once a block holds it, usually within seconds; the history file shows it then.',
  contractIs: (status: string) => `The contract now: ${status}`,
  declinedHeading: 'You have declined',
  declinedLead: 'The contract shows that you have declined.',
  declinedBefore: (organization: string) => `${organization} sees that you have declined.`,
  history: 'Save the history file',
  historyExplained:
    'It holds every step of this contract with its proofs. Keep it with the document: it can be checked without this service and without the organization.',
  howToCheck: (link: Shown, command: Shown) =>
    text`To check it, drop the file on ${link}, or save that page as one file and use it offline, or run ${command}.`,
  verifyPage: 'the Verify page',
  proves: 'What this proves, and what not',
  provesPasskey: (organization: string) =>
    `The history proves what your passkey signed, and when at the latest. That the key is yours it does not prove: it was made by whoever opened the link that ${organization} sent. ${organization} vouches that this was you.`,
  provesFile: (organization: string) =>
    `The history proves what your key file signed, and when at the latest. That the key is yours it does not prove: it was given by whoever opened the link that ${organization} sent. ${organization} vouches that this was you.`,
  decline: 'Decline…',
  declineHeading: 'Decline',
  declineLead: 'Everybody in the contract sees that you have declined.',
  declineBeforeLead: (organization: string) => `Only ${organization} sees it: there is no contract yet.`,
  reason: 'Reason',
  reasonHint: 'It becomes part of the contract’s history, which the parties keep.',
  declineNow: 'Decline',
  delegate: 'Somebody else signs…',
  delegateHeading: 'Somebody else signs',
  delegateLead:
    'They get a link of their own, and make a key of their own. Only the organization can take that back.',
  delegateLater:
    'The contract names your key. So when they have given theirs, you sign once that it takes your place, and then they do. Until then you can still sign yourself.',
  theirKey: 'Their key',
  theirName: 'Name',
  theirEmail: 'E-mail address',
  delegateNow: 'Name this person',
  theirLink: 'Link for this person',
  theirLinkExplained: 'Send it to them privately: whoever opens it can answer.',
  delegatedHeading: 'Somebody else was asked',
  delegatedLead: 'This link needs nothing more from you.',
  waitsForTheirKey: (name: string) => `${name} has not given a key yet. You can still sign yourself.`,
  handOverHeading: (name: string) => `${name} takes your place`,
  handOverLead: (name: string) =>
    `${name} has given a key. Sign that it takes the place of yours in the contract. It counts when ${name} has signed as well.`,
  handedOver: (name: string) =>
    `You have signed that the key of ${name} takes the place of yours. It counts when ${name} has signed as well. Until then you can still sign the contract yourself.`,
  handOver: 'Sign the handover',
  takeOverHeading: 'You take somebody’s place',
  takeOverWaits:
    'The one who named you has to sign first that your key takes the place of theirs. Look again later.',
  takeOverLead:
    'The one who named you has signed that your key takes the place of theirs. Sign it too: this does not sign the contract yet.',
  takeOver: 'Take the place',
  ended: {
    closed:
      'The contract takes no answer from your key any more: it was executed, cancelled or changed, or has expired.',
    withdrawn: 'The organization has withdrawn the request.',
    expired: 'The time for an answer is over. Ask the organization for a new request.',
    erased: 'The request was erased.',
  },
  endedHeading: 'There is nothing to sign',
  lookAgain: 'Look again',
  cancel: 'Cancel',
  problems: {
    passkey_cancelled: 'No passkey was used. You may have cancelled. Try again.',
    passkey_failed: 'The browser could not use a passkey here. Use a key file, or another browser.',
    other_passkey: 'That was another passkey than the one that you gave here. Choose that one.',
    not_a_key_file: 'This is not a key file.',
    wrong_key_file: 'This key file holds another key than the one that you gave here.',
    stale_value: 'This has just changed. Load this page again, look at it, then sign.',
    wrong_sequence: 'This has just changed. Load this page again, look at it, then sign.',
    no_offer: 'The offer does not stand any more. Load this page again.',
    too_late: 'The time for it has passed.',
    not_your_turn: 'Others sign before you.',
    not_sealed: 'No block holds it yet. Try again in some seconds.',
    signing_request_closed: 'This was just answered, withdrawn or changed. Look at it again.',
    signing_not_ready: 'This cannot be done yet. Look at it again.',
    invalid_key_offer: 'The service did not accept the key.',
    invalid_mail_address: 'Write the address as name@example.com, in English letters.',
    invalid_signing_link: 'This link opens nothing any more.',
  },
};

const ko: typeof en = {
  heading: '서명',
  badLinkHeading: '열 수 없는 링크입니다',
  badLink:
    '링크가 잘렸거나, 새 링크로 바뀌었거나, 내용이 삭제되었습니다. 링크를 보낸 곳에 새 링크를 요청하세요.',
  asks: (_stage, organization, title) => `${organization}에서 ‘${title}’에 서명을 요청했습니다`,
  kinds: {
    transfer: {
      asks: (stage, organization, title) =>
        `${organization}에서 ‘${title}’의 양도를 ` +
        {
          open: '제안하려고 합니다',
          ready: '제안했습니다',
          done: '제안했습니다',
          over: '제안하려고 했습니다',
        }[stage],
      aboutHeading: '대상',
      aboutSource: '이력에 있는 키로 이렇게 등록되었습니다. 사실인지는 이 서비스가 확인하지 않았습니다.',
      keyLead:
        '양도 제안에서는 받는 사람을 키로 나타냅니다. 키는 여기에서 직접 만들고, 요청한 곳도 이 서비스도 가지지 않습니다. 키를 등록하는 것은 수락이 아닙니다.',
      keyWaits: (organization) =>
        `이제 ${organization}에서 이 키로 양도를 제안합니다. 그다음 수락하거나 거절할 차례입니다. 안내를 받으면 같은 링크를 다시 여세요.`,
      after:
        '수락하면 내 키가 보유자의 키가 됩니다. 그다음에는 이 키를 가진 사람만 다른 사람에게 넘길 수 있습니다. 이전 이력은 그대로 남으며, 수락은 취소할 수 없습니다.',
      sign: '수락하기',
      signWithFile: '키 파일로 수락하기',
      doneHeading: '수락했습니다',
      doneLead:
        '블록에 담기면(보통 몇 초 안에) 효력이 생기고, 이력 파일에 나타납니다. 그때부터 내 키가 보유자의 키이니 키를 잘 보관하세요.',
    },
    licence: {
      asks: (stage, organization, title) => {
        if (stage === 'done') return `‘${title}’의 권리자가 이용 허락에 서명했습니다`;
        const asks = `${organization}에서 ‘${title}’의 이용을 허락하려고`;
        return isBefore(stage) ? `${asks} 합니다` : `${asks} 했습니다`;
      },
      aboutHeading: '저작물',
      aboutSource: '이력에 있는 키로 이렇게 등록되었습니다. 사실인지는 이 서비스가 확인하지 않았습니다.',
      keyLead:
        '이용 허락에서는 받는 사람을 키로 나타냅니다. 키는 여기에서 직접 만들고, 요청한 곳도 이 서비스도 가지지 않습니다. 키를 등록하면 이용 허락을 받겠다는 뜻이 됩니다. 이용 허락의 내용은 권리자가 서명한 뒤 여기에서 볼 수 있습니다.',
      keyWaits: (organization) =>
        `이제 ${organization}에서 이 키로 이용을 허락합니다. 안내를 받으면 같은 링크를 다시 열어 내용을 확인하고 이력 파일을 저장하세요.`,
      doneHeading: '이용 허락에 내 키가 들어 있습니다',
      doneLead:
        '저작물의 권리자가 서명했습니다. 블록에 담기면(보통 몇 초 안에) 효력이 생기고, 이력 파일에 나타납니다.',
    },
    claim: {
      asks: (_stage, organization, title) => `${organization}에서 ‘${title}’의 저작물 등록을 요청했습니다`,
      aboutHeading: '등록 내용',
      aboutSource:
        '요청한 곳에서 대신 적은 내용입니다. 사실일 때만 서명하세요. 본인이 등록한 내용으로 체인에 남습니다.',
      aboutSigned: '요청한 곳에서 대신 적고 내 키로 서명한 내용입니다.',
      keyLead:
        '등록에는 키로 서명하고, 그 키가 저작물 보유자의 키가 됩니다. 키는 여기에서 직접 만들고, 요청한 곳도 이 서비스도 가지지 않습니다. 키만 등록해서는 저작물이 등록되지 않습니다.',
      keyWaits: (organization) => `키를 등록한 사실이 ${organization}에 표시됩니다.`,
      after:
        '서명하면 내 키로 이 저작물을 등록했다는 사실이 체인에 남고, 내 키가 보유자의 키가 됩니다. 그다음에는 이 키를 가진 사람만 이용을 허락하거나 권리를 넘길 수 있습니다. 등록 내용이 사실인지는 체인에서 판단하지 않습니다. 이력은 지워지지 않습니다.',
      sign: '등록에 서명하기',
      signWithFile: '키 파일로 등록에 서명하기',
      doneHeading: '저작물을 등록했습니다',
      doneLead:
        '블록에 담기면(보통 몇 초 안에) 효력이 생기고, 이력 파일에 나타납니다. 그때부터 내 키가 보유자의 키이니 키를 잘 보관하세요.',
    },
  },
  licenceHeading: '이용 허락의 내용',
  afterPromise:
    '수락하면 물품이 내 키로 이전되기로 약속되고, 보유자는 취소할 수 없습니다. 조건이 이루어지면 저절로 내 키가 보유자의 키가 됩니다. 조건이 이루어질 수 없게 되면 제안은 효력을 잃습니다.',
  licencePromised:
    '저작물의 권리자가 서명했습니다. 조건이 이루어지면 저절로 효력이 생깁니다. 효력이 생겼는지는 이력 파일에 나타납니다.',
  heldByAnother: '지금은 다른 키가 보유하고 있습니다.',
  promisedLead:
    '내 키로 이전되기로 약속되었습니다. 제안의 조건이 이루어지면 저절로 내 키가 보유자의 키가 됩니다. 이 링크를 다시 열어 확인하세요.',
  offerUntil: '제안 기한',
  historyFirst: '전체 이력과 증명이 파일에 들어 있습니다. 수락하기 전에 확인할 수 있습니다.',
  bodyErased: '등록된 내용이 삭제되었습니다. 서명하기 전에 요청한 곳에 내용을 물어보세요.',
  isNow: (kind, status) => `${kind}의 현재 상태: ${status}`,
  historyOfRecord:
    '이 기록의 모든 단계와 증명이 들어 있습니다. 잘 보관하세요. 이 서비스나 요청한 곳이 없어도 확인할 수 있습니다.',
  provesLicence: (organization) =>
    `이력은 내 키가 들어 있는 이용 허락에 보유자의 키로 서명했고 늦어도 언제였는지를 증명합니다. 내 키로는 아무것도 서명하지 않습니다. 키의 주인이 누구인지는 증명하지 않습니다. 키는 ${organization}에서 보낸 링크를 연 사람이 등록했고, 그 사람이 본인이라는 것은 ${organization}에서 보증합니다.`,
  declineOtherLead: (organization) => `${organization}에만 보입니다. 체인에는 아무것도 남지 않습니다.`,
  closedBy: {
    holder_changed:
      '요청을 받은 뒤 보유자의 키가 바뀌었습니다. 아직 받을 수 있는지 요청한 곳에 새 요청을 부탁하세요.',
    taken: '그사이 다른 사람이 수락했습니다.',
    over: '물품이 폐기 신고되었거나 저작물 등록이 철회되었습니다.',
  },
  erasedTitle: '계약',
  from: '요청한 곳',
  you: '받는 사람',
  contract: '계약',
  document: '문서',
  keptHeading: '서명할 문서',
  keptLead: (organization) =>
    `${organization}에서 이 서비스에 보관한 문서입니다. 보거나 내려받을 때 위의 해시값과 대조합니다.`,
  fingerprint: '해시값(SHA-256)',
  until: '회신 기한',
  deadline: '계약 만료',
  says: '메시지',
  parties: '당사자',
  party: (name, answer) => `당사자 ${name}: ${answer}`,
  someone: '(이름 없음)',
  yourself: (name) => `${name}(본인)`,
  answers: { signed: '서명함', declined: '거절함', none: '아직 답하지 않음' },
  termsErased: '요청한 곳에서 계약 조건의 내용을 삭제했습니다. 서명하기 전에 내용을 요청하세요.',
  terms: '서명하는 계약 조건(JSON)',
  signaturesNeeded: '필요한 서명',
  ofParties: (needed, all) => (needed === all && all !== '1' ? `${all}명 모두` : `${all}명 중 ${needed}명`),
  order: (number) => `순서 ${number}`,
  conditions: '조건',
  condition: (name, party) => `${name} (이행을 알리는 당사자: ${party})`,
  onlyIf: '체결 조건',
  effectOnlyIf: '조건',
  effect: (number) => `효과 ${number}`,
  passesTo: (party) => `계약이 체결되면 다음 물품의 소유자가 바뀝니다. 새 소유자: ${party}, 물품:`,
  checkHeading: '가지고 있는 파일이 그 문서인가요?',
  checkDrop: '가지고 있는 문서를 여기에 끌어다 놓으세요',
  checkChoose: '파일 선택',
  checkExplained: '파일은 이 기기를 떠나지 않습니다. 해시값만 여기에서 계산합니다.',
  checking: '해시값을 계산하고 있습니다…',
  same: (name) => `${name}: 서명을 요청받은 문서가 맞습니다.`,
  different: (name) =>
    `${name}: 다른 문서입니다. 해시값이 다르므로 서명하지 마세요. 링크를 보낸 곳에 올바른 파일을 요청하세요.`,
  unreadable: '파일을 더 읽을 수 없습니다. 다시 선택하세요.',
  unseen: '지금 파일은 없지만, 이 해시값의 문서 내용을 알고 있습니다',
  keyHeading: '나의 키',
  keyLead:
    '계약에서는 당사자를 키로 나타냅니다. 키는 여기에서 직접 만들고, 요청한 곳도 이 서비스도 가지지 않습니다. 키를 등록하는 것은 동의가 아닙니다.',
  keyName: '키에 넣을 이름',
  keyNameHint: '이력에 남고, 이력에서는 지울 수 없습니다. 본명이 아니어도 됩니다.',
  makePasskey: '패스키 만들기',
  passkeyExplained: '이 기기나 비밀번호 관리자에 저장됩니다. 지문, 얼굴 또는 PIN으로 서명합니다.',
  noPasskeys: '이 주소나 브라우저에서는 패스키를 만들 수 없습니다. 키 파일을 사용하세요.',
  makeFile: '키 파일 만들기',
  fileExplained:
    '직접 보관하는 파일로, 서명할 때 다시 필요합니다. 이 파일을 가진 사람은 대신 서명할 수 있습니다.',
  useFile: '가지고 있는 키 파일 사용',
  keyMade: '키 파일을 저장했습니다. 서명할 때 필요하니 보관하세요.',
  keyGiven: (time) => text`이 서비스의 시계로 ${time}에 키를 등록했습니다.`,
  keyWaits: (organization) =>
    `이제 ${organization}에서 계약에 이 키를 넣습니다. 그다음 서명할 차례입니다. 안내를 받으면 같은 링크를 다시 여세요.`,
  otherKey: '다른 키 등록',
  yourKey: '나의 키',
  signHeading: '회신',
  sign: '서명하기',
  signWithFile: '키 파일로 서명하기',
  lookFirst: '먼저 위에서 가지고 있는 문서를 확인하세요.',
  notYourTurn: '먼저 서명할 사람이 있습니다. 그 사람들이 서명하면 서명할 수 있습니다.',
  signedHeading: '서명했습니다',
  signedLead: '서명이 접수되었습니다. 블록에 담기면(보통 몇 초 안에) 효력이 생기고, 이력 파일에 나타납니다.',
  contractIs: (status) => `계약 상태: ${status}`,
  declinedHeading: '거절했습니다',
  declinedLead: '거절한 사실이 계약에 표시됩니다.',
  declinedBefore: (organization) => `거절한 사실이 ${organization}에 표시됩니다.`,
  history: '이력 파일 저장',
  historyExplained:
    '이 계약의 모든 단계와 증명이 들어 있습니다. 문서와 함께 보관하세요. 이 서비스나 요청한 곳이 없어도 확인할 수 있습니다.',
  howToCheck: (link, command) =>
    text`확인하려면 파일을 ${link}에 끌어다 놓거나, 그 페이지를 파일 하나로 저장해 오프라인에서 쓰거나, ${command} 명령을 실행하세요.`,
  verifyPage: '검증 페이지',
  proves: '증명하는 것과 증명하지 않는 것',
  provesPasskey: (organization) =>
    `이력은 나의 패스키로 무엇에 서명했고 늦어도 언제였는지를 증명합니다. 키의 주인이 누구인지는 증명하지 않습니다. 키는 ${organization}에서 보낸 링크를 연 사람이 만들었고, 그 사람이 본인이라는 것은 ${organization}에서 보증합니다.`,
  provesFile: (organization) =>
    `이력은 나의 키 파일로 무엇에 서명했고 늦어도 언제였는지를 증명합니다. 키의 주인이 누구인지는 증명하지 않습니다. 키는 ${organization}에서 보낸 링크를 연 사람이 등록했고, 그 사람이 본인이라는 것은 ${organization}에서 보증합니다.`,
  decline: '거절…',
  declineHeading: '거절',
  declineLead: '계약의 모든 당사자에게 거절한 사실이 보입니다.',
  declineBeforeLead: (organization) => `아직 계약이 없으므로 ${organization}에만 보입니다.`,
  reason: '사유',
  reasonHint: '당사자들이 보관하는 계약 이력에 남습니다.',
  declineNow: '거절하기',
  delegate: '다른 사람이 서명…',
  delegateHeading: '다른 사람이 서명',
  delegateLead:
    '그 사람은 자신의 링크를 받아 자신의 키를 만듭니다. 지정을 취소하는 것은 요청한 곳에서만 할 수 있습니다.',
  delegateLater:
    '계약에는 나의 키가 들어 있습니다. 그 사람이 키를 등록하면 그 키로 바꾼다는 데 내가 먼저, 그다음 그 사람이 서명합니다. 그 전에는 직접 서명할 수도 있습니다.',
  theirKey: '상대방의 키',
  theirName: '이름',
  theirEmail: '이메일 주소',
  delegateNow: '이 사람으로 지정',
  theirLink: '이 사람에게 보낼 링크',
  theirLinkExplained: '본인에게만 보내세요. 링크를 연 사람은 누구나 회신할 수 있습니다.',
  delegatedHeading: '다른 사람에게 요청했습니다',
  delegatedLead: '이 링크로 더 할 일은 없습니다.',
  waitsForTheirKey: (name) => `${name} 님이 아직 키를 등록하지 않았습니다. 직접 서명할 수도 있습니다.`,
  handOverHeading: (name) => `${name} 님이 대신합니다`,
  handOverLead: (name) =>
    `${name} 님이 키를 등록했습니다. 계약의 내 키를 그 키로 바꾼다는 데 서명하세요. ${name} 님도 서명하면 효력이 생깁니다.`,
  handedOver: (name) =>
    `계약의 내 키를 ${name} 님의 키로 바꾼다는 데 서명했습니다. ${name} 님도 서명하면 효력이 생깁니다. 그 전에는 직접 계약에 서명할 수도 있습니다.`,
  handOver: '넘겨주기에 서명',
  takeOverHeading: '다른 사람을 대신합니다',
  takeOverWaits:
    '지정한 사람이 먼저 자신의 키를 이 키로 바꾼다는 데 서명해야 합니다. 나중에 다시 확인하세요.',
  takeOverLead:
    '지정한 사람이 자신의 키를 이 키로 바꾼다는 데 서명했습니다. 함께 서명하세요. 아직 계약에 서명하는 것은 아닙니다.',
  takeOver: '넘겨받기에 서명',
  ended: {
    closed: '계약이 체결, 취소, 변경되었거나 만료되어 이 키로는 더 답할 수 없습니다.',
    withdrawn: '요청한 곳에서 요청을 철회했습니다.',
    expired: '회신 기한이 지났습니다. 요청한 곳에 새 요청을 부탁하세요.',
    erased: '요청이 삭제되었습니다.',
  },
  endedHeading: '서명할 것이 없습니다',
  lookAgain: '다시 확인',
  cancel: '취소',
  problems: {
    passkey_cancelled: '패스키를 쓰지 않았습니다. 취소했을 수 있습니다. 다시 시도하세요.',
    passkey_failed: '브라우저에서 패스키를 쓸 수 없습니다. 키 파일이나 다른 브라우저를 사용하세요.',
    other_passkey: '여기에 등록한 것과 다른 패스키입니다. 등록한 패스키를 선택하세요.',
    not_a_key_file: '키 파일이 아닙니다.',
    wrong_key_file: '여기에 등록한 키와 다른 키 파일입니다.',
    stale_value: '방금 내용이 바뀌었습니다. 페이지를 다시 열어 확인한 뒤 서명하세요.',
    wrong_sequence: '방금 내용이 바뀌었습니다. 페이지를 다시 열어 확인한 뒤 서명하세요.',
    no_offer: '제안이 더 이상 유효하지 않습니다. 페이지를 다시 여세요.',
    too_late: '기한이 지났습니다.',
    not_your_turn: '먼저 서명할 사람이 있습니다.',
    not_sealed: '아직 블록에 담기지 않았습니다. 몇 초 뒤 다시 시도하세요.',
    signing_request_closed: '방금 회신되었거나 철회되었거나 바뀌었습니다. 다시 확인하세요.',
    signing_not_ready: '아직 할 수 없습니다. 다시 확인하세요.',
    invalid_key_offer: '서비스에서 키를 받지 않았습니다.',
    invalid_mail_address: '주소를 name@example.com처럼 영문으로 쓰세요.',
    invalid_signing_link: '이 링크는 더 열리지 않습니다.',
  },
};

export const messages = byLanguage({ en, ko });
