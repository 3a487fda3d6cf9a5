# Written by test/support/write-client-types.ts from the description of the API: do not edit it.
"""The bodies of the API, and where each operation is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Literal, Tuple, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import NotRequired

class Accepted(TypedDict):
    notarizations: List[Notarization]
    # Absent when a repeated request finds its documents sealed: their proofs have taken its place.
    receipt: NotRequired[Receipt]


class AcceptedEvent(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str
    # Number of the event in its record, from 0.
    sequence: int
    type: str
    # The record’s value after the event.
    value: str
    # `accepted`: it waits for its block. `applied`: its block changed the record. `void`: it changed nothing, because the record was another one at its turn.
    status: Literal["accepted", "applied", "void"]
    # Why the event is void: a code of the rules.
    reason: NotRequired[str]
    # Id of the event’s notarization.
    notarization: str
    # Position in the chain.
    position: int
    # RFC 3339, UTC, milliseconds.
    acceptedAt: str
    # Of the block that holds the event.
    height: NotRequired[int]
    # RFC 3339, UTC, milliseconds.
    sealedAt: NotRequired[str]
    # The 114 bytes that the receipt and the block commit to, in base64.
    entry: str
    # Absent when a repeated request finds the event sealed.
    receipt: NotRequired[Receipt]
    links: EventLinks


class AccessLogEvents(TypedDict):
    id: int
    # RFC 3339, UTC, milliseconds.
    at: str
    kind: Literal["operator_created", "sign_in", "sign_in_failed", "sign_in_blocked", "sign_out", "organization_chosen", "session_ended", "refresh_token_reused", "password_set", "passkey_added", "passkey_renamed", "passkey_removed", "passkey_need_changed", "invitation_made", "invitation_accepted", "organization_created", "organization_changed", "organization_disabled", "organization_enabled", "user_added", "user_removed", "role_changed", "operator_changed", "person_disabled", "person_enabled", "key_created", "key_revoked", "signing_key_rotated", "limit_hit", "details_published", "details_withdrawn", "details_read_by_operator", "tags_changed", "event_body_erased", "record_published", "record_withdrawn", "notarization_erased", "signing_requested", "signing_opened", "signing_key_given", "signing_record_named", "signing_reminded", "signing_answered", "signing_delegated", "signing_withdrawn", "signing_erased", "webhook_created", "webhook_changed", "webhook_removed", "webhook_secret_rotated", "webhook_replayed", "webhook_disabled", "hold_placed", "hold_lift_requested", "hold_lift_withdrawn", "hold_lifted", "proof_downloaded", "certificate_downloaded", "document_downloaded", "register_exported"]
    organizationId: Union[str, None]
    # Who did it; null: unknown.
    personId: Union[str, None]
    keyId: Union[str, None]
    # The client’s address; null: on the machine itself.
    address: Union[str, None]
    detail: Dict[str, Any]


class AccessLog(TypedDict):
    # Newest first.
    events: List[AccessLogEvents]
    # Names of the people, organizations and API keys that the events mention, by id.
    names: Dict[str, Any]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class AnswerSigning(TypedDict):
    # From the link. It is in the body, because URLs are logged.
    token: str
    # The event note, signed with all keys that the rules ask for.
    note: str
    # The body whose digest the note names.
    body: Dict[str, Any]


class AnsweredSigning(TypedDict):
    asked: AskedSigning
    # null: the other person has to sign as well.
    event: Union[AcceptedEvent, None]


class ApiKey(TypedDict):
    id: str
    name: str
    # How the key begins.
    prefix: str
    scopes: List[Literal["notarize", "read"]]
    # CIDR networks that may use the key; empty: any.
    networks: List[str]
    # RFC 3339, UTC, milliseconds.
    createdAt: str
    # The id of a person, or `cli`.
    createdBy: str
    expiresAt: Union[str, None]
    revokedAt: Union[str, None]
    # Precise to the minute.
    lastUsedAt: Union[str, None]
    limits: Limits


class ApiKeys(TypedDict):
    # Newest first, including revoked keys.
    keys: List[ApiKey]


class AsOf(TypedDict):
    """After this block, and no later."""

    height: int
    # RFC 3339, UTC, milliseconds.
    sealedAt: str


class AskedSigningDocument(TypedDict):
    sha256: str
    name: Union[str, None]
    size: Union[int, None]
    # Whether the organization keeps the document here: `getSigningDocument`.
    kept: bool


class AskedSigningReplaces(TypedDict):
    # The verifier key, `NAME+ID+KEY`.
    key: str


class AskedSigningSuccessor(TypedDict):
    name: Union[str, None]
    key: Union[str, None]
    # Whether you have signed that this key takes the place of yours, as the contract is now. It counts when the one who was named signs too.
    handedOver: bool


class AskedSigningHandover(TypedDict):
    note: str
    body: Dict[str, Any]


class AskedSigningSubjectRecord(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    id: str
    kind: Literal["document", "work", "item"]
    status: str
    sequence: int
    value: str
    # The verifier key, `NAME+ID+KEY`.
    holder: str


class AskedSigningSubjectOffer(TypedDict):
    until: Union[str, None]
    # The condition; null: the item or work is yours at once.
    on: Union[Dict[str, Any], None]


class AskedSigningSubject(TypedDict):
    # null: the work is not claimed yet.
    record: Union[AskedSigningSubjectRecord, None]
    # What its first event states, or shall state; null: erased.
    body: Union[Dict[str, Any], None]
    # To your key; null: there is none.
    offer: Union[AskedSigningSubjectOffer, None]
    # What the event states that granted it; null: none, or erased.
    licence: Union[Dict[str, Any], None]


class AskedSigningContractParties(TypedDict):
    # What the contract calls the party; null: erased.
    name: Union[str, None]
    # The verifier key, `NAME+ID+KEY`.
    key: str
    order: int
    answer: Union[Literal["signed", "declined"], None]


class AskedSigningContract(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str
    sequence: int
    value: str
    status: str
    deadline: Union[str, None]
    party: Union[int, None]
    replaces: Union[int, None]
    # Whether those who come first have answered.
    turn: bool
    parties: List[AskedSigningContractParties]
    # As proposed or last amended; null: erased.
    terms: Union[Dict[str, Any], None]


class AskedSigning(TypedDict):
    id: str
    # `contract`: sign a contract for a document. `transfer`: accept an item, or the rights to a work. `licence`: give the key to which a licence of a work is then granted. `claim`: sign the claim of a work.
    kind: Literal["contract", "transfer", "licence", "claim"]
    # `invited`: nobody has opened the link. `opened`. `key_given`: name the key in a contract, an offer or a licence. `to_sign`: the contract or offer names it, or the claim waits for its signature. `signed`, `declined`: by the record, events that wait for their block included; where there is no contract, `declined` is what the person said. `granted`: a licence names the key. `delegated`: somebody else was asked. `closed`: the record takes no answer from this key any more. `withdrawn`, `expired`, `erased`.
    status: Literal["invited", "opened", "key_given", "to_sign", "signed", "granted", "declined", "delegated", "closed", "withdrawn", "expired", "erased"]
    # Why the item or work cannot be had any more, if the status is `closed`: another key holds it than when the request was made, somebody else has accepted it, or it is destroyed or withdrawn.
    closedBy: Union[Literal["holder_changed", "taken", "over"], None]
    # Of the log, for what is signed.
    origin: str
    organization: OrganizationName
    title: Union[str, None]
    message: Union[str, None]
    # Of a contract.
    document: Union[AskedSigningDocument, None]
    name: Union[str, None]
    # RFC 3339, UTC, milliseconds.
    createdAt: str
    # RFC 3339, UTC, milliseconds.
    expiresAt: str
    key: Union[str, None]
    keyGivenAt: Union[str, None]
    # For which a passkey can be made here; null: at this address there are none.
    passkeyDomain: Union[str, None]
    # The key that the contract names until yours takes its place.
    replaces: Union[AskedSigningReplaces, None]
    # Who was named instead.
    successor: Union[AskedSigningSuccessor, None]
    # The event with which your key takes the place of another, signed by that one: add your signature.
    handover: Union[AskedSigningHandover, None]
    # What is transferred, licensed or claimed; null: a contract.
    subject: Union[AskedSigningSubject, None]
    contract: Union[AskedSigningContract, None]


class BlockLinks(TypedDict):
    self: str
    header: str
    previous: NotRequired[str]


class Block(TypedDict):
    height: int
    hash: str
    previousHash: str
    merkleRoot: str
    # SHA-256 of what the block states besides its entries; zeros when it states nothing.
    state: str
    firstPosition: int
    entryCount: int
    # RFC 3339, UTC, milliseconds.
    sealedAt: str
    difficulty: int
    # A 64-bit number in decimal.
    nonce: str
    # The 134 bytes whose SHA-256 is the hash.
    header: str
    links: BlockLinks


class BlockPlace(TypedDict):
    height: int
    # Index within the block.
    index: int


class BlocksLinks(TypedDict):
    next: NotRequired[str]


class Blocks(TypedDict):
    # Highest first.
    blocks: List[Block]
    links: BlocksLinks


ChainLogKeys = TypedDict(
    "ChainLogKeys",
    {
        "verifierKey": "str",
        "from": "int",
        "until": "Union[int, None]",
    },
)


class ChainMembers(TypedDict):
    name: str
    verifierKey: str
    size: int


class Chain(TypedDict):
    origin: str
    verifierKey: str
    # The keys that sign receipts, one for each algorithm.
    receiptKeys: List[str]
    # Height of the last block; null if there is none.
    height: Union[int, None]
    # Entries in blocks.
    size: int
    # Entries accepted.
    nextPosition: int
    difficulty: Union[int, None]
    checkpoint: Union[str, None]
    # Trust policy for verifiers (C2SP tlog-policy).
    policy: str
    # All keys that have signed the log, oldest first; absent if there was only one.
    logKeys: NotRequired[List[ChainLogKeys]]
    # Size of the last checkpoint that a quorum has cosigned; absent if the log has no members.
    cosigned: NotRequired[int]
    # The members that cosign, and how many blocks each has cosigned.
    members: NotRequired[List[ChainMembers]]


class ChangePassword(TypedDict):
    current: str
    # At least 12 characters, of any kind.
    next: str
    # true: sets the tokens as cookies, for pages of this service, and omits them from the response.
    cookies: NotRequired[bool]


class ChooseOrganization(TypedDict):
    organization: str


class Connection(TypedDict):
    # Your address, for limits and the access log.
    address: str
    # Addresses in `X-Forwarded-For`: what proxies, or you, have written there.
    forwardedFor: int
    # Whether `INGAM_TRUST_PROXY` trusts the proxy that the request came through.
    trusted: bool


class CosignedCount(TypedDict):
    # Members that have cosigned a checkpoint over this block.
    signed: int
    # Members of the log.
    of: int
    # The smallest number that meets the quorum.
    needed: int


class DeclineSigning(TypedDict):
    # From the link. It is in the body, because URLs are logged.
    token: str
    reason: NotRequired[str]


class DelegateSigning(TypedDict):
    # From the link. It is in the body, because URLs are logged.
    token: str
    name: str
    # ASCII, of the form NAME@HOST. Without a mail server it is only kept for you to read.
    email: NotRequired[str]


class DelegatedSigning(TypedDict):
    asked: AskedSigning
    # For the person who was named; null: it is sent by e-mail to them alone.
    link: Union[LinkToSign, None]


class Details(TypedDict):
    # File name, without a path.
    name: NotRequired[str]
    title: NotRequired[str]
    author: NotRequired[str]
    # A reference of the owner, such as a case, order or contract number.
    reference: NotRequired[str]
    note: NotRequired[str]
    tags: NotRequired[List[str]]


class Digest(TypedDict):
    # `at_once`: when a block holds notarizations of the organization or something begins to wait, at most every 15 minutes; `hourly`: on the full hour; `daily`: at midnight UTC.
    every: Literal["off", "at_once", "hourly", "daily"]


class DigestChange(TypedDict):
    # `at_once`: when a block holds notarizations of the organization or something begins to wait, at most every 15 minutes; `hourly`: on the full hour; `daily`: at midnight UTC.
    every: Literal["off", "at_once", "hourly", "daily"]
    # Of the e-mails.
    language: NotRequired[Literal["en", "ko"]]


class DocumentInput(TypedDict):
    # SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits.
    sha256: str
    # Length of the document in bytes.
    size: NotRequired[int]
    details: NotRequired[Details]


class DocumentsInput(TypedDict):
    documents: List[DocumentInput]


class ErasedNotarization(TypedDict):
    # Position of the erased notarization in the chain.
    position: int
    # Of its entry, which its block still commits to: whoever has a proof can compare.
    leafHash: str
    # RFC 3339, UTC, milliseconds.
    erasedAt: str
    # The signed note that certifies the erasure. Keep it as a file, byte for byte: docs/erasure.md.
    certificate: str
    # Of the certificate, which is notarized as a document.
    sha256: str
    # Id of the notarization of the certificate; null: not notarized yet. Ask again in a minute.
    notarization: Union[str, None]
    # Id of the person.
    erasedBy: str


class Erasure(TypedDict):
    # Position of the erased notarization in the chain.
    position: int
    # Of its entry, which its block still commits to: whoever has a proof can compare.
    leafHash: str
    # RFC 3339, UTC, milliseconds.
    erasedAt: str
    # The signed note that certifies the erasure. Keep it as a file, byte for byte: docs/erasure.md.
    certificate: str
    # Of the certificate, which is notarized as a document.
    sha256: str
    # Id of the notarization of the certificate; null: not notarized yet. Ask again in a minute.
    notarization: Union[str, None]


class Erasures(TypedDict):
    # Latest first.
    erasures: List[ErasedNotarization]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class EventInput(TypedDict):
    # The event note, signed with all keys that the rules ask for.
    note: str
    # The body whose digest the note names.
    body: Dict[str, Any]


class EventLinks(TypedDict):
    record: str
    events: str
    history: str
    notarization: str
    proof: str


class EventResultLine1(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str
    # Number of the event in its record, from 0.
    sequence: int
    type: str
    # The record’s value after the event.
    value: str
    # `accepted`: it waits for its block. `applied`: its block changed the record. `void`: it changed nothing, because the record was another one at its turn.
    status: Literal["accepted", "applied", "void"]
    # Why the event is void: a code of the rules.
    reason: NotRequired[str]
    # Id of the event’s notarization.
    notarization: str
    # Position in the chain.
    position: int
    # RFC 3339, UTC, milliseconds.
    acceptedAt: str
    # Of the block that holds the event.
    height: NotRequired[int]
    # RFC 3339, UTC, milliseconds.
    sealedAt: NotRequired[str]
    # The 114 bytes that the receipt and the block commit to, in base64.
    entry: str
    # Absent when a repeated request finds the event sealed.
    receipt: NotRequired[Receipt]
    links: EventLinks
    line: int


# One for each line of the request, in the same order.
EventResultLine = Union["EventResultLine1", "ResultError"]


class FreshProof1(TypedDict):
    password: str


class FreshProof2(TypedDict):
    passkey: PasskeyAssertion


# The caller’s own password, or a passkey that they have.
FreshProof = Union["FreshProof1", "FreshProof2"]


class GiveKey(TypedDict):
    # From the link. It is in the body, because URLs are logged.
    token: str
    # The verifier key, `NAME+ID+KEY`.
    key: str
    # A note of the lines `ingam/key/v1`, log, request and document, signed with the key.
    offer: str


class Health(TypedDict):
    status: Literal["ok"]


class HeldNotarizationsNotarizations(TypedDict):
    position: int
    # null: erased after the hold was lifted.
    id: Union[str, None]


class HeldNotarizations(TypedDict):
    notarizations: List[HeldNotarizationsNotarizations]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class History(TypedDict):
    # Newest first.
    events: List[HistoryEvent]
    # Of the people and keys, by `by`; only for those who may read the access log.
    names: Dict[str, Any]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class HistoryEvent(TypedDict):
    # Of `cosigned`, as the members state it; of `anchored`, when the service had the anchor, which says itself for which time it stands.
    at: str
    # `register_exported`: the whole register, without conditions. Downloads and exports are recorded once a day (UTC) for each person or API key.
    kind: Literal["notarized", "sealed", "cosigned", "anchored", "details_published", "details_withdrawn", "proof_downloaded", "certificate_downloaded", "document_downloaded", "register_exported", "hold_placed", "hold_lift_requested", "hold_lifted", "event_body_erased", "notarization_erased"]
    # `key:<id>`, `person:<id>`; null: the log itself, or nobody is known.
    by: Union[str, None]
    # Height, of `sealed`.
    block: NotRequired[int]
    # Name of the time source, of `anchored`.
    source: NotRequired[str]
    # Id of the legal hold.
    hold: NotRequired[str]


class HistoryFile(TypedDict):
    format: Literal["ingam-history-v1"]


class HistoryVerificationAsOf(TypedDict):
    height: int
    sealedAt: str


class HistoryVerificationTimelineTime(TypedDict):
    # The block was made after this.
    notBefore: Union[str, None]
    # The block existed by this.
    notAfter: Union[str, None]
    # The independent sources that `notAfter` rests on.
    sources: List[str]
    # How many independent sources this service names.
    of: int
    # Times that cannot all be true.
    conflict: Union[Literal["sources", "sealed_too_early", "sealed_too_late"], None]


class HistoryVerificationTimeline(TypedDict):
    sequence: int
    # null: the event cannot be read.
    type: Union[str, None]
    # It happened by itself: nobody signed it.
    automatic: bool
    # What an automatic event rests on.
    facts: List[str]
    # The keys that signed it. null: it is automatic, or not signed as the rules ask for.
    signers: Union[List[str], None]
    # null: there is none, or it is not in the file.
    body: Union[Dict[str, Any], None]
    # Of its block; null: it is an automatic event that cannot be read.
    height: Union[int, None]
    # null: its block is not in the file.
    sealedAt: Union[str, None]
    # What the anchors of its block show of the time of registration.
    time: Union[HistoryVerificationTimelineTime, None]


class HistoryVerificationMissing(TypedDict):
    """What is not in the file, and would be needed to check the rules further."""

    what: Literal["body", "record", "record_before", "document"]
    message: str
    event: NotRequired[int]
    # Id of the record: the SHA-256 of its first note.
    record: NotRequired[str]
    block: NotRequired[int]
    document: NotRequired[str]


class HistoryVerificationCosignatures(TypedDict):
    witness: str
    before: str


class HistoryVerificationStepsAt(TypedDict):
    """Where the step failed."""

    block: NotRequired[int]
    # Its sequence.
    event: NotRequired[int]
    # Another record than the one that the history is about.
    record: NotRequired[str]
    document: NotRequired[str]


class HistoryVerificationSteps(TypedDict):
    number: int
    name: str
    outcome: Literal["passed", "failed", "skipped"]
    # Why the step failed.
    code: Union[str, None]
    message: str
    expected: NotRequired[str]
    computed: NotRequired[str]
    # Where the step failed.
    at: NotRequired[HistoryVerificationStepsAt]


class HistoryVerification(TypedDict):
    # `incomplete`: nothing in the file is wrong, but what `missing` lists is not in it, so the rules cannot be checked further.
    verdict: Literal["verified", "invalid", "untrusted", "incomplete"]
    # Id of the record: the SHA-256 of its first note.
    record: str
    # Nothing later happened up to this block. null: the file does not show it.
    asOf: Union[HistoryVerificationAsOf, None]
    # What the events make of the record; null: unknown.
    state: Union[RecordState, None]
    title: Union[str, None]
    # The events that the record takes next.
    next: List[NextStep]
    timeline: List[HistoryVerificationTimeline]
    missing: List[HistoryVerificationMissing]
    # Members that cosigned the checkpoint, and before when.
    cosignatures: List[HistoryVerificationCosignatures]
    # What was checked; the codes are those of every verifier.
    steps: List[HistoryVerificationSteps]


class HoldLiftRequest(TypedDict):
    # RFC 3339, UTC, milliseconds.
    at: str
    by: str
    reason: str


class HoldLifted(TypedDict):
    # RFC 3339, UTC, milliseconds.
    at: str
    by: str


class Hold(TypedDict):
    id: str
    reason: str
    # `lift_requested`: in force until another owner approves.
    status: Literal["in_force", "lift_requested", "lifted"]
    # RFC 3339, UTC, milliseconds.
    placedAt: str
    # Id of the person, as in the others.
    placedBy: str
    liftRequest: NotRequired[HoldLiftRequest]
    lifted: NotRequired[HoldLifted]
    # How many notarizations it keeps.
    notarizations: int


class Holds(TypedDict):
    # Latest first.
    holds: List[Hold]
    # Of the people in the holds, by id.
    names: Dict[str, Any]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class InspectInvitation(TypedDict):
    token: str


class Invitation(TypedDict):
    # A secret that is shown only now. Anyone who has it can join as this user.
    token: str
    # RFC 3339, UTC, milliseconds.
    expiresAt: str
    # Whether the link goes to the person by e-mail. false: this service sends none, or too many went out.
    mailed: bool


class InvitationInfo(TypedDict):
    # Who is invited; null: the first operator.
    email: Union[str, None]
    name: Union[str, None]
    # The organization that they join; null: none, or they already belong to it.
    organization: Union[OrganizationName, None]
    # `new`: the person chooses a password. `own`: the person has one here, and enters it or is signed in. `either`: as `own`, or the person replaces it.
    password: Literal["new", "own", "either"]
    # With `either`: the other organizations for which the person can act with the password.
    memberships: List[OrganizationName]
    # Whether the person becomes an operator of the service.
    operator: bool
    # Whether redeeming it creates the first operator of the service.
    firstOperator: bool


class KeptDetails(TypedDict):
    # File name, without a path.
    name: NotRequired[str]
    title: NotRequired[str]
    author: NotRequired[str]
    # A reference of the owner, such as a case, order or contract number.
    reference: NotRequired[str]
    note: NotRequired[str]
    tags: NotRequired[List[str]]
    # Of a token: what it is a time-stamp of, such as `sha256:…`.
    imprint: NotRequired[str]
    # Of a token: its serial number in hexadecimal.
    serial: NotRequired[str]
    # Of a token: its policy, in dotted decimal.
    policy: NotRequired[str]


class KeyStatementsStatements(TypedDict):
    note: str
    proof: ProofFile


class KeyStatements(TypedDict):
    statements: List[KeyStatementsStatements]


class LiftRequest(TypedDict):
    # Why the hold is no longer needed.
    reason: str


class LimitChange(TypedDict):
    requestsPerMinute: NotRequired[Union[int, None]]
    digestsPerDay: NotRequired[Union[int, None]]
    bytesPerDay: NotRequired[Union[int, None]]


class Limits(TypedDict):
    """null: no limit."""

    requestsPerMinute: Union[int, None]
    digestsPerDay: Union[int, None]
    bytesPerDay: Union[int, None]


class LinkToSign(TypedDict):
    # The link is `sign.html#token=` and this. Whoever has it can answer for the person: deliver it privately.
    token: str
    # Whether it is sent by e-mail.
    mailed: bool


class MapProofPathLeaf(TypedDict):
    key: str
    value: str


class MapProofPath(TypedDict):
    """To the root in the statement."""

    # Hashes beside the way to the place of the record, the deepest first.
    siblings: List[str]
    # What is at that place. Another key, or null: there is no such record.
    leaf: Union[MapProofPathLeaf, None]


class MapProof(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str
    # Of the block after which the map was so.
    height: int
    # The state statement of the block. null: it has none, so the map is empty.
    statement: Union[str, None]
    # To the root in the statement.
    path: MapProofPath
    # Of the block.
    header: str
    # From the header to the root of the checkpoint.
    headerPath: List[str]
    checkpoint: str


class Membership(TypedDict):
    organization: OrganizationName
    # `owner`: everything; `notary`: notarize, read, publish; `auditor`: read, also the access log.
    role: Literal["owner", "notary", "auditor"]


class MultipartInput(TypedDict):
    file: List[str]
    # JSON: one object for all files, or an array with one object or null for each file, in the same order. A file without a "name" here is named by its part; with "name": null, it has no name. At most 1 MiB.
    details: NotRequired[Union[UploadDetails, List[Union[UploadDetails, None]]]]


class NewApiKey(TypedDict):
    key: ApiKey
    # The complete key, for `Authorization: Bearer`. It is shown only now.
    secret: str


# Every notarization in the register that matches now; not those that are made later.
NewHoldSearch = TypedDict(
    "NewHoldSearch",
    {
        "q": "NotRequired[str]",
        "tag": "NotRequired[str]",
        "sha256": "NotRequired[str]",
        "from": "NotRequired[str]",
        "to": "NotRequired[str]",
    },
)


class NewHold(TypedDict):
    # Why, such as a case number. It is kept for good, also after the hold is lifted.
    reason: str
    # Ids of the notarizations.
    notarizations: NotRequired[List[str]]
    # Every notarization in the register that matches now; not those that are made later.
    search: NotRequired[NewHoldSearch]


class NewInvitation(TypedDict):
    invitation: Invitation


class NewKeyInput(TypedDict):
    name: str
    scopes: List[Literal["notarize", "read"]]
    # CIDR networks that may use the key; absent: any.
    networks: NotRequired[List[str]]
    expiresAt: NotRequired[Union[str, None]]
    limits: NotRequired[LimitChange]


class NewOrganization(TypedDict):
    name: str
    limits: NotRequired[LimitChange]
    # true: the caller becomes its first owner. Only for people who have signed in here.
    owned: NotRequired[bool]


class NewPasskeyInput(TypedDict):
    name: str
    # `response.clientDataJSON`.
    clientData: str
    # `response.getAuthenticatorData()`.
    authenticatorData: str


class NewPasswordReset(TypedDict):
    email: str
    # Of the e-mail; by default it is in both.
    language: NotRequired[Literal["en", "ko"]]


class NewPublication(TypedDict):
    # A note with the lines `ingam/publish/v1`, the log’s origin, the record’s id, what is shown (words of the list with commas between them) and the time in milliseconds since 1970, at most 300 seconds from now; signed with the key of the holder.
    note: str


class NewSigningRequestDocument(TypedDict):
    """Of the contract: needed for a contract."""

    # SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits.
    sha256: str
    name: NotRequired[str]
    # Length in bytes.
    size: NotRequired[int]


class NewSigningRequest(TypedDict):
    # Default: `contract`.
    kind: NotRequired[Literal["contract", "transfer", "licence", "claim"]]
    # What the contract is called: needed for a contract. By default what the item or work is called.
    title: NotRequired[str]
    # What the person is told, in your words.
    message: NotRequired[str]
    # Of the contract: needed for a contract.
    document: NotRequired[NewSigningRequestDocument]
    # The item or work that is transferred or licensed: needed for these. Whoever has the link reads what its first event states.
    record: NotRequired[str]
    # What the claim shall state, as the body of `work.claim` without `nonce` and `holder`: needed for a claim.
    claim: NotRequired[Dict[str, Any]]
    # What you call the person.
    name: str
    # ASCII, of the form NAME@HOST. Without a mail server it is only kept for you to read.
    email: NotRequired[str]
    # Of e-mails; default `en`.
    language: NotRequired[Literal["en", "ko"]]
    # Until when the person can answer; within a year.
    expiresAt: str


class NewSigningResult(TypedDict):
    request: SigningRequest
    link: LinkToSign


class NewUser(TypedDict):
    user: User
    invitation: Union[Invitation, None]


class NewUserInput(TypedDict):
    email: str
    name: str
    role: Literal["owner", "notary", "auditor"]
    # Of the e-mail; by default it is in both.
    language: NotRequired[Literal["en", "ko"]]


class NewWebhook(TypedDict):
    name: str
    # https, without user name and password; not an address of a private network.
    url: str
    # What it is told.
    types: List[Literal["notarization.sealed", "notarization.cosigned", "notarization.anchored", "record.event", "contract.executed", "contract.expired", "contract.deadline_near", "key.created", "key.revoked", "anchor.late", "member.alarm"]]


class NextStep(TypedDict):
    type: str
    # All of these keys sign it, and those that its body names.
    signers: List[str]
    party: Union[int, None]
    # Name of the condition that it fulfils; SHA-256 of the name when the body was erased.
    condition: Union[str, None]


class NotarizationLinks(TypedDict):
    self: str
    proof: str
    events: str
    block: NotRequired[str]


class Notarization(TypedDict):
    id: str
    sha256: str
    # Bytes; null if only a digest was submitted.
    size: Union[int, None]
    # RFC 3339, UTC, milliseconds.
    acceptedAt: str
    # `cosigned`: a quorum of the members has cosigned it; left out without members. `anchored`: a time source has confirmed it as well, and its proof carries that; never without time sources.
    status: Literal["accepted", "sealed", "cosigned", "anchored"]
    # Position in the chain, from 0, without gaps.
    position: int
    # RFC 3339, UTC, milliseconds.
    sealedAt: NotRequired[str]
    block: NotRequired[BlockPlace]
    # Cosignatures of the log’s members; absent if it has none.
    cosigned: NotRequired[CosignedCount]
    # The 114 bytes that the receipt and the block commit to.
    entry: str
    details: NotRequired[Union[KeptDetails, Dict[str, Any]]]
    # Whether everyone can see the details; only shown to the organization.
    published: NotRequired[bool]
    # Tags that the organization has given since, which are not notarized; only shown to the organization.
    addedTags: NotRequired[List[str]]
    # Whether a legal hold keeps it from being erased; shown to owners and auditors.
    held: NotRequired[bool]
    # The vault keeps the document (`GET …/document`); only shown to the organization.
    kept: NotRequired[Literal[True]]
    # `key:<id>`, `person:<id>`, `request:<id>` for whoever answered a request to sign by its link, `service:tsa` for time-stamps of clients without a key, or `service:recovery` for what was taken back from its proof after a loss (docs/recovery.md); only shown to the organization.
    submittedBy: NotRequired[str]
    links: NotarizationLinks


class NotarizationChange(TypedDict):
    # Whether everyone can see the details.
    published: bool


class OpenSigning(TypedDict):
    # From the link. It is in the body, because URLs are logged.
    token: str


class OpenedSessionTokens(TypedDict):
    """Absent if they were set as cookies."""

    accessToken: str
    # RFC 3339, UTC, milliseconds.
    accessExpiresAt: str
    refreshToken: str
    # RFC 3339, UTC, milliseconds.
    refreshExpiresAt: str


class OpenedSession(TypedDict):
    principal: Principal
    # The organizations that the person can act for.
    memberships: List[Membership]
    policy: ServicePolicy
    # Whether organizations can have their documents kept here.
    vault: bool
    signIn: SignInWays
    # When the access token expires and must be refreshed.
    accessExpiresAt: Union[str, None]
    # Absent if they were set as cookies.
    tokens: NotRequired[OpenedSessionTokens]


class Organization(TypedDict):
    id: str
    name: str
    # RFC 3339, UTC, milliseconds.
    createdAt: str
    # Nobody can act for a disabled organization. null: not disabled.
    disabledAt: Union[str, None]
    limits: Limits
    # People act for it only in a session with a passkey, or of the identity provider.
    requiresPasskey: bool


class OrganizationChange(TypedDict):
    name: NotRequired[str]
    limits: NotRequired[LimitChange]
    disabled: NotRequired[bool]


class OrganizationName(TypedDict):
    id: str
    name: str


class Organizations(TypedDict):
    # Sorted by id.
    organizations: List[Organization]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class OwnSessionsSessions(TypedDict):
    id: str
    current: bool
    # RFC 3339, UTC, milliseconds.
    createdAt: str
    # RFC 3339, UTC, milliseconds.
    lastUsedAt: str
    # RFC 3339, UTC, milliseconds.
    expiresAt: str
    address: str
    agent: str
    # The organization that the session acts for.
    organizationId: Union[str, None]


class OwnSessions(TypedDict):
    # Latest first.
    sessions: List[OwnSessionsSessions]


class Passkey(TypedDict):
    id: str
    name: str
    # The host name that passkeys are for.
    rpId: str
    # RFC 3339, UTC, milliseconds.
    createdAt: str
    lastUsedAt: Union[str, None]


class PasskeyAssertion(TypedDict):
    """A PublicKeyCredential that `navigator.credentials.get` has given, its bytes in base64url."""

    id: str
    # `response.clientDataJSON`.
    clientData: str
    authenticatorData: str
    userHandle: str
    signature: str


class PasskeyChallenge(TypedDict):
    # In base64url. Valid for five minutes, and once.
    challenge: str
    # The host name that passkeys are for.
    rpId: str


class PasskeyCreationUser(TypedDict):
    # In base64url.
    id: str
    email: str
    name: str


class PasskeyCreation(TypedDict):
    # In base64url. Valid for five minutes, and once.
    challenge: str
    # The host name that passkeys are for.
    rpId: str
    user: PasskeyCreationUser
    # Ids of the caller’s passkeys, in base64url.
    known: List[str]


class PasskeyName(TypedDict):
    name: str


class PasskeyNeed(TypedDict):
    # Whether signing in takes a passkey: the password alone is not enough then.
    needed: bool
    proof: FreshProof


class PasskeyProof(TypedDict):
    proof: FreshProof


class PasskeyRequirement(TypedDict):
    required: bool


class Passkeys(TypedDict):
    # Oldest first.
    passkeys: List[Passkey]
    # Whether the caller’s password alone is not enough to sign in.
    needed: bool


class PendingProof(TypedDict):
    format: Literal["ingam-pending-v1"]


class Principal1(TypedDict):
    kind: Literal["anonymous"]
    # What the caller may do, in the organization that they act for.
    permissions: List[Literal["notarize", "read", "publish", "tag", "erase", "holds", "users", "keys", "webhooks", "access_log", "organizations", "whole_access_log"]]


class Principal2(TypedDict):
    kind: Literal["key"]
    id: str
    organization: OrganizationName
    scopes: List[Literal["notarize", "read"]]
    # What the caller may do, in the organization that they act for.
    permissions: List[Literal["notarize", "read", "publish", "tag", "erase", "holds", "users", "keys", "webhooks", "access_log", "organizations", "whole_access_log"]]


class Principal3(TypedDict):
    kind: Literal["user"]
    id: str
    email: Union[str, None]
    name: str
    operator: bool
    # The organization that they act for; null: none.
    organization: Union[OrganizationName, None]
    role: Union[Literal["owner", "notary", "auditor"], None]
    # The organization of the session requires a passkey, and the session is without one: it acts for none until it has one.
    lacksPasskey: bool
    # What the caller may do, in the organization that they act for.
    permissions: List[Literal["notarize", "read", "publish", "tag", "erase", "holds", "users", "keys", "webhooks", "access_log", "organizations", "whole_access_log"]]


Principal = Union["Principal1", "Principal2", "Principal3"]


class ProblemErrors(TypedDict):
    path: str
    message: str


class ProblemCurrent(TypedDict):
    """Of the record that refuses an event: its last sequence, and the value before of its next event."""

    sequence: int
    value: str


class Problem(TypedDict):
    """RFC 9457"""

    type: str
    title: str
    status: int
    code: Literal["malformed_event", "wrong_log", "wrong_record", "malformed_body", "body_mismatch", "malformed_key", "unknown_type", "duplicate_party", "unknown_party", "unknown_condition", "unknown_contest", "cyclic_effect", "missing_signature", "bad_signature", "unexpected_signature", "not_holder", "unknown_record", "stale_value", "wrong_sequence", "wrong_kind", "wrong_status", "not_your_turn", "already_signed", "already_declined", "already_fulfilled", "already_contested", "no_offer", "no_change", "not_recoverable", "too_late", "malformed_request", "unsupported_header", "digest_mismatch", "invalid_parameter", "invalid_idempotency_key", "malformed_json", "invalid_body", "invalid_details", "invalid_file_name", "malformed_multipart", "missing_boundary", "truncated_multipart", "unexpected_field", "too_many_parts", "missing_file", "empty_document", "incomplete_body", "malformed_proof", "malformed_history", "invalid_record_key", "unknown_time_zone", "invalid_email", "invalid_password", "invalid_network", "invalid_value", "invalid_mail_address", "invalid_webhook_url", "unknown_place", "invalid_signing_link", "invalid_key_offer", "invalid_reset_link", "invalid_invitation", "invalid_publication", "unauthenticated", "invalid_credentials", "invalid_passkey", "passkey_needed", "passkey_required", "invalid_token", "token_expired", "forbidden", "address_not_allowed", "csrf", "organization_not_found", "user_not_found", "passkey_not_found", "key_not_found", "not_found", "notarization_not_found", "block_not_found", "signing_request_not_found", "webhook_not_found", "hold_not_found", "no_state", "not_published", "document_not_kept", "method_not_allowed", "request_timeout", "user_exists", "last_owner", "last_operator", "owner_exists", "no_mail_server", "passkeys_unavailable", "too_many_webhooks", "signing_request_closed", "signing_not_ready", "contract_differs", "event_not_asked", "not_sealed", "legal_hold", "no_vault", "not_erasable", "lift_requested", "lift_not_requested", "second_person_required", "hold_lifted", "not_verified", "erased", "key_missing", "line_too_long", "too_large", "vault_full", "unsupported_media_type", "unsupported_encoding", "range_not_satisfiable", "unknown_host", "idempotency_mismatch", "sign_in_blocked", "limit_exceeded", "headers_too_large", "internal", "document_damaged", "quorum_missing", "queue_full", "clock_behind", "unavailable", "vault_unavailable", "vault_key_missing", "outcome_unknown", "busy", "issuer_unavailable", "stopping"]
    detail: str
    requestId: str
    errors: NotRequired[List[ProblemErrors]]
    # Of the record that refuses an event: its last sequence, and the value before of its next event.
    current: NotRequired[ProblemCurrent]


class ProofFile(TypedDict):
    format: Literal["ingam-proof-v1"]


class PublishedEvent(TypedDict):
    # Number of the event in its record, from 0.
    sequence: int
    type: str
    # It happened by itself: nobody signed it.
    automatic: bool
    # The keys that signed it.
    signers: List[PublishedKey]
    # What the holder shows of its body. Absent: nothing.
    body: NotRequired[Dict[str, Any]]
    # The body was erased.
    erased: NotRequired[Literal[True]]
    # Of the block that holds the event.
    height: int
    # RFC 3339, UTC, milliseconds.
    sealedAt: str


class PublishedKey(TypedDict):
    id: str
    # null: unknown.
    kind: Union[Literal["ed25519", "ml-dsa-44", "passkey"], None]
    # What whoever made the key called it. null: the holder does not show the names of keys.
    name: Union[str, None]


class PublishedRecordLinks(TypedDict):
    page: str
    # null: the holder does not show it.
    history: Union[str, None]
    # Proves the value of the record in the map of all records.
    map: str


class PublishedRecord(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str
    kind: Literal["work", "item"]
    status: str
    # null: the holder does not show it, or it was erased.
    title: Union[str, None]
    holder: PublishedKey
    # What the holder shows, in this order. Of a work: title, kind, authors, creation, documents, licences, licensees, disputes, keys, history, search. Of an item: title, serial, features, documents, appraisals, reports, keys, history, search. `history`: the history file, with all that was ever signed. `search`: search engines may list the page.
    shows: List[Literal["title", "kind", "authors", "creation", "documents", "licences", "licensees", "disputes", "keys", "history", "search", "serial", "features", "appraisals", "reports"]]
    # When the holder chose this, as their device says.
    signedAt: str
    # The note that the holder has signed.
    note: str
    # Of the last event.
    sequence: int
    asOf: AsOf
    # In their order; those that change nothing are left out.
    events: List[PublishedEvent]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]
    links: PublishedRecordLinks


class ReadinessProblems(TypedDict):
    code: str
    message: str
    # When it will have ended by itself, if that is known.
    until: NotRequired[str]


class ReadinessWarnings(TypedDict):
    code: str
    message: str


class Readiness(TypedDict):
    ready: bool
    leading: bool
    lagMs: Union[int, None]
    # Where the database has a document when it is acknowledged: also on a synchronous standby, or on its own disk only. null: not known yet, or a node of a member.
    durability: Union[Literal["replicated", "local"], None]
    problems: List[ReadinessProblems]
    # What an operator should look into, and what does not make the service unready.
    warnings: List[ReadinessWarnings]


class Receipt(TypedDict):
    """docs/proof-format.md, "Receipts"."""

    # A signed note that promises to seal a group of entries, to which these belong.
    note: str
    # Place of the first of these entries in the group.
    index: int
    # Leads from these entries to the root in the note; of a single entry, its inclusion path.
    path: List[str]


class RecordEvent(TypedDict):
    # Number of the event in its record, from 0.
    sequence: int
    type: str
    # `accepted`: it waits for its block. `applied`: its block changed the record. `void`: it changed nothing, because the record was another one at its turn.
    status: Literal["accepted", "applied", "void"]
    # Why the event is void: a code of the rules.
    reason: NotRequired[str]
    # The record’s value before the event; zeros before the first.
    before: str
    # The record’s value after the event.
    value: str
    # The signed note. Absent for automatic events.
    note: NotRequired[str]
    # The text of an event that happened by itself.
    automatic: NotRequired[str]
    # Absent for automatic events, and when it was erased.
    body: NotRequired[Dict[str, Any]]
    # The body was erased.
    erased: NotRequired[Literal[True]]
    # Id of its notarization. Absent for automatic events.
    notarization: NotRequired[str]
    position: NotRequired[int]
    # RFC 3339, UTC, milliseconds.
    acceptedAt: NotRequired[str]
    # Of the block that holds the event.
    height: NotRequired[int]
    # RFC 3339, UTC, milliseconds.
    sealedAt: NotRequired[str]


class RecordEvents(TypedDict):
    # In their order, void ones included.
    events: List[RecordEvent]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class RecordPublicationLinks(TypedDict):
    page: str
    publication: str


class RecordPublication(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str
    # What the holder shows, in this order. Of a work: title, kind, authors, creation, documents, licences, licensees, disputes, keys, history, search. Of an item: title, serial, features, documents, appraisals, reports, keys, history, search. `history`: the history file, with all that was ever signed. `search`: search engines may list the page.
    shows: List[Literal["title", "kind", "authors", "creation", "documents", "licences", "licensees", "disputes", "keys", "history", "search", "serial", "features", "appraisals", "reports"]]
    # The time in the note.
    signedAt: str
    links: RecordPublicationLinks


class RecordResourceSealed(TypedDict):
    height: int
    sequence: int
    value: str


class RecordResourceLinks(TypedDict):
    self: str
    events: str
    history: str
    state: str


class RecordResource(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    id: str
    kind: Literal["document", "work", "item", "contract"]
    status: str
    # From the body that gave it last. null: it gave none, or was erased.
    title: Union[str, None]
    # Verifier key of the holder.
    holder: str
    # Of the last event.
    sequence: int
    # What the next event must name as the value before.
    value: str
    # What the rules make of all events, also those that wait for their block.
    state: RecordState
    # How many events wait for their block.
    waiting: int
    # After the latest block that changed the record; null: no block has an event of it yet.
    sealed: Union[RecordResourceSealed, None]
    # The events that the record takes next.
    next: List[NextStep]
    links: RecordResourceLinks


class RecordState(TypedDict):
    kind: Literal["document", "work", "item", "contract"]
    status: str
    holder: str


class RecordStateResourceLinks(TypedDict):
    map: str
    history: str


class RecordStateResource(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str
    asOf: AsOf
    # Of the last event until then.
    sequence: int
    value: str
    # null: the body of an event was erased, so it cannot be told any more.
    state: Union[RecordState, None]
    links: RecordStateResourceLinks


class Records(TypedDict):
    # Those that came to the organization last first.
    records: List[RecordResource]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class RedeemInvitation(TypedDict):
    token: str
    # Only for the first operator: all other people were invited by their address.
    email: NotRequired[str]
    name: NotRequired[str]
    # Only for the first operator: the name of a new organization, of which they become the owner.
    organization: NotRequired[str]
    # A new password, or the one that the person has here (see `password` of `inspectInvitation`). May be left out by the person who is signed in.
    password: NotRequired[str]
    # Instead of the password that the person has here.
    passkey: NotRequired[PasskeyAssertion]
    # `password` is a new one, although the person has another. Only where `either` is allowed.
    replacesPassword: NotRequired[bool]
    # true: sets the tokens as cookies, for pages of this service, and omits them from the response.
    cookies: NotRequired[bool]


class RedeemPasswordReset(TypedDict):
    token: str
    # At least 12 characters, of any kind.
    password: str


class Refresh(TypedDict):
    refreshToken: NotRequired[str]
    # true: sets the tokens as cookies, for pages of this service, and omits them from the response.
    cookies: NotRequired[bool]


class Register(TypedDict):
    # In the order that was asked for.
    notarizations: List[Notarization]
    # How many match, with `count=true`.
    total: NotRequired[int]
    # `cursor` for the next page; null: this is the last page, or the order has no cursor.
    next: Union[str, None]


class ResultError(TypedDict):
    line: int
    error: Problem


class ResultLine1(TypedDict):
    line: int
    id: str
    sha256: str
    size: Union[int, None]
    # RFC 3339, UTC, milliseconds.
    acceptedAt: str
    status: Literal["accepted"]
    position: int
    entry: str
    # On the last accepted line of a chunk: the receipt for all accepted lines of the chunk. Absent when a repeated request finds them sealed.
    receipt: NotRequired[Receipt]


# One for each line of the request, in the same order.
ResultLine = Union["ResultLine1", "ResultError"]


class ServicePolicy(TypedDict):
    anonymousSubmission: bool
    privateVerification: bool


class Session(TypedDict):
    principal: Principal
    # The organizations that the person can act for.
    memberships: List[Membership]
    policy: ServicePolicy
    # Whether organizations can have their documents kept here.
    vault: bool
    signIn: SignInWays
    # When the access token expires and must be refreshed.
    accessExpiresAt: Union[str, None]


class SignIn(TypedDict):
    email: str
    password: str
    # The organization to act for; needed by people who belong to several.
    organization: NotRequired[str]
    # true: sets the tokens as cookies, for pages of this service, and omits them from the response.
    cookies: NotRequired[bool]


class SignInWays(TypedDict):
    # Whether there can be passkeys at the address of this request.
    passkeys: bool
    # Whether people who have forgotten their password get a link by e-mail.
    reset: bool
    # The name of the identity provider at which people sign in on the page; null: none.
    provider: Union[str, None]


class SignInWithPasskey(TypedDict):
    passkey: PasskeyAssertion
    # The organization to act for; needed by people who belong to several.
    organization: NotRequired[str]
    # true: sets the tokens as cookies, for pages of this service, and omits them from the response.
    cookies: NotRequired[bool]


class SigningContract(TypedDict):
    # Id of the record: the SHA-256 of its first note.
    record: str


class SigningLink(TypedDict):
    link: LinkToSign


class SigningReminder(TypedDict):
    # true: a new link, for example when the first went to a wrong address. Earlier ones open nothing.
    newLink: NotRequired[bool]


class SigningRequestDocument(TypedDict):
    sha256: str
    name: Union[str, None]
    size: Union[int, None]


class SigningRequest(TypedDict):
    id: str
    # `contract`: sign a contract for a document. `transfer`: accept an item, or the rights to a work. `licence`: give the key to which a licence of a work is then granted. `claim`: sign the claim of a work.
    kind: Literal["contract", "transfer", "licence", "claim"]
    # `invited`: nobody has opened the link. `opened`. `key_given`: name the key in a contract, an offer or a licence. `to_sign`: the contract or offer names it, or the claim waits for its signature. `signed`, `declined`: by the record, events that wait for their block included; where there is no contract, `declined` is what the person said. `granted`: a licence names the key. `delegated`: somebody else was asked. `closed`: the record takes no answer from this key any more. `withdrawn`, `expired`, `erased`.
    status: Literal["invited", "opened", "key_given", "to_sign", "signed", "granted", "declined", "delegated", "closed", "withdrawn", "expired", "erased"]
    # Why the item or work cannot be had any more, if the status is `closed`: another key holds it than when the request was made, somebody else has accepted it, or it is destroyed or withdrawn.
    closedBy: Union[Literal["holder_changed", "taken", "over"], None]
    # RFC 3339, UTC, milliseconds.
    createdAt: str
    # RFC 3339, UTC, milliseconds.
    expiresAt: str
    openedAt: Union[str, None]
    keyGivenAt: Union[str, None]
    endedAt: Union[str, None]
    # When an e-mail was last ordered.
    mailedAt: Union[str, None]
    # The e-mail could not be delivered: send the link another way.
    mailFailedAt: Union[str, None]
    # null: erased, as the other texts.
    title: Union[str, None]
    message: Union[str, None]
    # Of a contract.
    document: Union[SigningRequestDocument, None]
    # What the claim shall state.
    claim: Union[Dict[str, Any], None]
    name: Union[str, None]
    email: Union[str, None]
    language: Literal["en", "ko"]
    key: Union[str, None]
    # Why the person declined where there was no contract.
    reason: Union[str, None]
    # The contract, the item or the work.
    record: Union[str, None]
    # The index of the key in the contract.
    party: Union[int, None]
    # Id of the request whose person has passed it on.
    predecessor: Union[str, None]


class SigningRequests(TypedDict):
    # Latest first.
    requests: List[SigningRequest]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class StateStatement(TypedDict):
    format: Literal["ingam-state-v1"]


class States(TypedDict):
    statements: List[Union[str, None]]


class Step(TypedDict):
    number: int
    name: str
    outcome: Literal["passed", "failed", "skipped"]
    # Why the step failed.
    code: Union[str, None]
    message: str
    expected: NotRequired[str]
    computed: NotRequired[str]


class TagsChange(TypedDict):
    # Ids.
    notarizations: List[str]
    add: NotRequired[List[str]]
    # In upper or lower case. Those in the details were notarized and stay.
    remove: NotRequired[List[str]]


class TagsChanged(TypedDict):
    # How many notarizations have other tags now.
    changed: int


class TimeReportAnchors(TypedDict):
    # The place of the anchor in the proof.
    index: int
    type: str
    counts: bool
    source: NotRequired[str]
    # RFC 3339, UTC, milliseconds.
    notBefore: NotRequired[str]
    # RFC 3339, UTC, milliseconds.
    notAfter: NotRequired[str]
    # As of when revocation lists show that the certificates of its source were not revoked. Absent: there are none.
    notRevokedAsOf: NotRequired[str]
    # Why it does not count.
    fault: NotRequired[str]
    message: NotRequired[str]


class TimeReport(TypedDict):
    """What anchors show of the time of registration, never of the document’s creation. Absent: the proof is pending, or there is none."""

    # The block was made after this.
    notBefore: Union[str, None]
    # The block existed by this.
    notAfter: Union[str, None]
    # The independent sources that `notAfter` rests on.
    sources: List[str]
    # How many independent sources this service names.
    of: int
    # Times that cannot all be true.
    conflict: Union[Literal["sources", "sealed_too_early", "sealed_too_late"], None]
    anchors: List[TimeReportAnchors]


class UploadDetails(TypedDict):
    # File name, without a path. Default: the file name of the part. null: none.
    name: NotRequired[Union[str, None]]
    title: NotRequired[str]
    author: NotRequired[str]
    # A reference of the owner, such as a case, order or contract number.
    reference: NotRequired[str]
    note: NotRequired[str]
    tags: NotRequired[List[str]]


class User(TypedDict):
    id: str
    email: str
    name: str
    # `owner`: everything; `notary`: notarize, read, publish; `auditor`: read, also the access log.
    role: Literal["owner", "notary", "auditor"]
    # RFC 3339, UTC, milliseconds.
    createdAt: str
    # null: invited, not yet accepted.
    acceptedAt: Union[str, None]
    # Disabled by an operator; null: not disabled.
    disabledAt: Union[str, None]


class UserChange(TypedDict):
    role: Literal["owner", "notary", "auditor"]


class Users(TypedDict):
    # Sorted by e-mail address.
    users: List[User]


class Verification(TypedDict):
    verdict: Literal["verified", "pending", "unknown", "invalid", "untrusted"]
    sha256: str
    steps: List[Step]
    time: NotRequired[TimeReport]
    # This document’s notarizations by this service, earliest first.
    notarizations: List[Notarization]
    # Whether there are more than these.
    more: bool


class VerifyInput(TypedDict):
    # SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits.
    sha256: NotRequired[str]
    # Length of the document in bytes, checked if present.
    size: NotRequired[int]
    # A proof file: its JSON, or its text as a string.
    proof: NotRequired[Union[str, Dict[str, Any]]]


class VerifyMultipartInput(TypedDict):
    # The document.
    file: NotRequired[str]
    # The proof file, or a certificate that carries it.
    proof: NotRequired[str]


class Version(TypedDict):
    # Of the program, by semantic versioning.
    version: str


class Webhook(TypedDict):
    id: str
    name: str
    url: str
    types: List[Literal["notarization.sealed", "notarization.cosigned", "notarization.anchored", "record.event", "contract.executed", "contract.expired", "contract.deadline_near", "key.created", "key.revoked", "anchor.late", "member.alarm"]]
    # `retrying`: the receiver did not take the last message, which is sent again.
    status: Literal["enabled", "retrying", "disabled"]
    # `failed`: ten attempts of one message. `gone`: the receiver answered 410.
    disabledBecause: Union[Literal["person", "failed", "gone"], None]
    disabledAt: Union[str, None]
    # Of the message that was not taken.
    nextAttemptAt: Union[str, None]
    # Of the message that is being sent.
    failedAttempts: int
    # `whpk_…`, for the signatures `v1a`.
    publicKey: str
    # Until then messages are signed with the secret before as well.
    formerSecretUntil: Union[str, None]
    # RFC 3339, UTC, milliseconds.
    createdAt: str


class WebhookAttempts(TypedDict):
    # Latest first; kept for 30 days.
    attempts: List[WebhookTest]
    # `cursor` for the next page; null: this is the last page.
    next: Union[str, None]


class WebhookChange(TypedDict):
    name: NotRequired[str]
    # https, without user name and password; not an address of a private network.
    url: NotRequired[str]
    types: NotRequired[List[Literal["notarization.sealed", "notarization.cosigned", "notarization.anchored", "record.event", "contract.executed", "contract.expired", "contract.deadline_near", "key.created", "key.revoked", "anchor.late", "member.alarm"]]]
    # true: it goes on where it was, with the message that failed.
    enabled: NotRequired[bool]


class WebhookReplayFrom1(TypedDict):
    # Of a notarization in the chain.
    position: int


class WebhookReplayFrom2(TypedDict):
    time: str


WebhookReplay = TypedDict(
    "WebhookReplay",
    {
        "from": "Union[WebhookReplayFrom1, WebhookReplayFrom2]",
    },
)


class WebhookTest(TypedDict):
    # The header `webhook-id`.
    message: str
    type: str
    attempt: int
    # RFC 3339, UTC, milliseconds.
    at: str
    # How long it took.
    ms: int
    # Of the answer; null: there was none.
    status: Union[int, None]
    # `status`: an answer other than 2xx. `timeout`: none within 20 s. `address_refused`: it is not one that webhooks may reach. `unknown_host`: the name has no address. `tls`: no secure connection. `connection`: none at all, or it broke.
    outcome: Literal["delivered", "status", "timeout", "address_refused", "unknown_host", "tls", "connection"]


class WebhookWithSecret(TypedDict):
    webhook: Webhook
    # `whsec_…`, for the signatures `v1`. It is shown only now.
    secret: str


class Webhooks(TypedDict):
    # Earliest first.
    webhooks: List[Webhook]


OPERATIONS: Dict[str, Tuple[str, str]] = {
    "notarize": ("POST", "/v1/notarizations"),
    "notarizeRaw": ("PUT", "/v1/notarizations"),
    "listNotarizations": ("GET", "/v1/notarizations"),
    "notarizeRawNamed": ("PUT", "/v1/notarizations/{id}"),
    "getNotarization": ("GET", "/v1/notarizations/{id}"),
    "publishNotarization": ("PATCH", "/v1/notarizations/{id}"),
    "eraseNotarization": ("DELETE", "/v1/notarizations/{id}"),
    "watchNotarization": ("GET", "/v1/notarizations/{id}/events"),
    "getProof": ("GET", "/v1/notarizations/{id}/proof"),
    "getCertificate": ("GET", "/v1/notarizations/{id}/certificate.pdf"),
    "getRecordCertificate": ("GET", "/v1/records/{id}/certificate.pdf"),
    "listErasures": ("GET", "/v1/erasures"),
    "getErasure": ("GET", "/v1/notarizations/{id}/erasure"),
    "getNotarizationHistory": ("GET", "/v1/notarizations/{id}/history"),
    "getDocument": ("GET", "/v1/notarizations/{id}/document"),
    "getRecordDocument": ("GET", "/v1/records/{id}/document"),
    "placeHold": ("POST", "/v1/holds"),
    "listHolds": ("GET", "/v1/holds"),
    "getHold": ("GET", "/v1/holds/{id}"),
    "listHeld": ("GET", "/v1/holds/{id}/notarizations"),
    "requestLift": ("POST", "/v1/holds/{id}/lift"),
    "withdrawLift": ("DELETE", "/v1/holds/{id}/lift"),
    "approveLift": ("POST", "/v1/holds/{id}/lift/approval"),
    "changeTags": ("POST", "/v1/tags"),
    "createRecord": ("POST", "/v1/records"),
    "listRecords": ("GET", "/v1/records"),
    "submitEvents": ("POST", "/v1/records/events"),
    "addEvent": ("POST", "/v1/records/{id}/events"),
    "listRecordEvents": ("GET", "/v1/records/{id}/events"),
    "getRecord": ("GET", "/v1/records/{id}"),
    "getRecordHistory": ("GET", "/v1/records/{id}/history"),
    "getRecordState": ("GET", "/v1/records/{id}/state"),
    "eraseEventBody": ("DELETE", "/v1/records/{id}/events/{sequence}/body"),
    "publishRecord": ("PUT", "/v1/records/{id}/publication"),
    "withdrawRecord": ("DELETE", "/v1/records/{id}/publication"),
    "getPublishedRecord": ("GET", "/v1/records/{id}/publication"),
    "getPublishedHistory": ("GET", "/v1/records/{id}/publication/history"),
    "createSigningRequest": ("POST", "/v1/signing-requests"),
    "listSigningRequests": ("GET", "/v1/signing-requests"),
    "getSigningRequest": ("GET", "/v1/signing-requests/{id}"),
    "eraseSigningRequest": ("DELETE", "/v1/signing-requests/{id}"),
    "nameSigningContract": ("POST", "/v1/signing-requests/{id}/contract"),
    "remindSigner": ("POST", "/v1/signing-requests/{id}/reminder"),
    "withdrawSigningRequest": ("POST", "/v1/signing-requests/{id}/withdrawal"),
    "openSigning": ("POST", "/v1/signing/open"),
    "giveSigningKey": ("POST", "/v1/signing/key"),
    "declineSigning": ("POST", "/v1/signing/decline"),
    "delegateSigning": ("POST", "/v1/signing/delegation"),
    "answerSigning": ("POST", "/v1/signing/event"),
    "getSigningDocument": ("POST", "/v1/signing/document"),
    "getSigningHistory": ("POST", "/v1/signing/history"),
    "verify": ("POST", "/v1/verify"),
    "verifyHistory": ("POST", "/v1/verify/history"),
    "verifyDigest": ("GET", "/v1/verify/{sha256}"),
    "getChain": ("GET", "/v1/chain"),
    "getLogKeys": ("GET", "/v1/log-keys"),
    "listBlocks": ("GET", "/v1/blocks"),
    "getBlock": ("GET", "/v1/blocks/{height}"),
    "getState": ("GET", "/v1/blocks/{height}/state"),
    "getChanges": ("GET", "/v1/blocks/{height}/changes"),
    "getStates": ("GET", "/v1/states"),
    "getHeader": ("GET", "/v1/blocks/{height}/header"),
    "getMapPath": ("GET", "/v1/map/{id}"),
    "getCheckpoint": ("GET", "/checkpoint"),
    "getEntryBundle": ("GET", "/tile/entries/{index}"),
    "getTile": ("GET", "/tile/{level}/{index}"),
    "getLeaves": ("GET", "/v1/leaves"),
    "getLeafFile": ("GET", "/v1/tile/leaves/{index}"),
    "getStateFile": ("GET", "/v1/tile/states/{index}"),
    "getBlockTile": ("GET", "/v1/blocks/{height}/tile/{level}/{index}"),
    "timeStamp": ("POST", "/tsa"),
    "getTimeStampPolicy": ("GET", "/tsa/policy"),
    "getTimeStampCertificates": ("GET", "/tsa/certificates"),
    "signIn": ("POST", "/v1/session"),
    "whoAmI": ("GET", "/v1/session"),
    "chooseOrganization": ("PATCH", "/v1/session"),
    "signOut": ("DELETE", "/v1/session"),
    "leaveOrganization": ("DELETE", "/v1/session/organizations/{id}"),
    "refreshSession": ("POST", "/v1/session/refresh"),
    "listOwnSessions": ("GET", "/v1/session/others"),
    "endOtherSessions": ("DELETE", "/v1/session/others"),
    "endOwnSession": ("DELETE", "/v1/session/others/{id}"),
    "changePassword": ("POST", "/v1/session/password"),
    "askForPasswordReset": ("POST", "/v1/password-resets"),
    "redeemPasswordReset": ("POST", "/v1/password-resets/redeem"),
    "getDigest": ("GET", "/v1/session/digest"),
    "chooseDigest": ("PUT", "/v1/session/digest"),
    "challengePasskey": ("POST", "/v1/session/passkey/challenge"),
    "signInWithPasskey": ("POST", "/v1/session/passkey"),
    "listPasskeys": ("GET", "/v1/passkeys"),
    "addPasskey": ("POST", "/v1/passkeys"),
    "needPasskey": ("PATCH", "/v1/passkeys"),
    "challengeNewPasskey": ("POST", "/v1/passkeys/challenge"),
    "renamePasskey": ("PATCH", "/v1/passkeys/{id}"),
    "removePasskey": ("POST", "/v1/passkeys/{id}/removal"),
    "inspectInvitation": ("POST", "/v1/invitations/inspect"),
    "redeemInvitation": ("POST", "/v1/invitations/redeem"),
    "listOrganizations": ("GET", "/v1/organizations"),
    "createOrganization": ("POST", "/v1/organizations"),
    "getOrganization": ("GET", "/v1/organizations/{id}"),
    "changeOrganization": ("PATCH", "/v1/organizations/{id}"),
    "requirePasskeys": ("PUT", "/v1/organizations/{id}/passkeys"),
    "listUsers": ("GET", "/v1/users"),
    "addUser": ("POST", "/v1/users"),
    "changeUser": ("PATCH", "/v1/users/{id}"),
    "removeUser": ("DELETE", "/v1/users/{id}"),
    "inviteAgain": ("POST", "/v1/users/{id}/invitation"),
    "listKeys": ("GET", "/v1/keys"),
    "createKey": ("POST", "/v1/keys"),
    "revokeKey": ("DELETE", "/v1/keys/{id}"),
    "createWebhook": ("POST", "/v1/webhooks"),
    "listWebhooks": ("GET", "/v1/webhooks"),
    "getWebhook": ("GET", "/v1/webhooks/{id}"),
    "changeWebhook": ("PATCH", "/v1/webhooks/{id}"),
    "deleteWebhook": ("DELETE", "/v1/webhooks/{id}"),
    "rotateWebhookSecret": ("POST", "/v1/webhooks/{id}/secret"),
    "testWebhook": ("POST", "/v1/webhooks/{id}/test"),
    "replayWebhook": ("POST", "/v1/webhooks/{id}/replay"),
    "listWebhookAttempts": ("GET", "/v1/webhooks/{id}/attempts"),
    "readAccessLog": ("GET", "/v1/access-log"),
    "health": ("GET", "/healthz"),
    "readiness": ("GET", "/readyz"),
    "metrics": ("GET", "/metrics"),
    "version": ("GET", "/v1/version"),
    "connection": ("GET", "/v1/connection"),
}

# Those that change nothing, although they are no GET.
READING = frozenset(("getSigningDocument", "getSigningHistory", "verify", "verifyHistory", "inspectInvitation"))
