import type { Request } from 'express';
import type { AcceptedEvent } from '../../intake/index.js';
import { fromHex, HASH_LENGTH, HISTORY_MEDIA_TYPE, type JsonObject, toHex } from '../../proof/index.js';
import { type Asked, maySeeDocument } from '../../signing/index.js';
import { clientOf } from '../auth/authenticate.js';
import { logOperatorRead } from '../auth/ownership.js';
import { passkeyPlaceOf } from '../auth/passkey-place.js';
import { hasRole } from '../auth/record-access.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs, check, mediaTypeOf, parseJson, readBody } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { acceptedEventJson } from '../responses/records.js';
import { attachment } from '../responses/send.js';
import { askedJson, signingRequestJson } from '../responses/signing.js';
import { BINARY_TYPE, json, JSON_TYPE, type Route } from '../route.js';
import { type ApiErrorCode, REFUSAL_CODES } from '../schemas/error-codes.js';
import { HistoryFile } from '../schemas/records.js';
import {
  AnsweredSigning,
  AnswerSigning,
  AskedSigning,
  DeclineSigning,
  DelegatedSigning,
  DelegateSigning,
  GiveKey,
  NewSigningRequest,
  NewSigningResult,
  OpenSigning,
  SigningContract,
  SigningLink,
  SigningReminder,
  SigningRequest,
  SigningRequests,
  SigningRequestsQuery,
} from '../schemas/signing.js';
import { KEPT_ERRORS, notKept, sendKept, vaultOf } from './kept-documents.js';
import { noHistory, sendHistory } from './records.js';
import { MAX_EVENT_BYTES } from './submit-event.js';

const ID = { id: 'Id of the request.' };
const DEFAULT_LIMIT = 50;
const OWN = ['signing_request_not_found'] as const;
const CHANGE = [...OWN, 'signing_request_closed', 'outcome_unknown', 'unavailable'] as const;
const HELD: readonly ApiErrorCode[] = [
  ...BODY_ERRORS,
  'invalid_signing_link',
  'signing_request_closed',
  'limit_exceeded',
  'outcome_unknown',
  'unavailable',
];
const ONE = { 200: { description: 'The request.', content: json(SigningRequest) } };
const ASKED = { 200: { description: 'What is asked.', content: json(AskedSigning) } };

/** Requests to sign, for the organizations that make them. */
export function signingRequestRoutes({ signing, access }: HttpDeps): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/signing-requests',
      access: 'notarize',
      operation: {
        id: 'createSigningRequest',
        tag: 'Records',
        summary:
          'Ask a person without an account to sign a contract or a claim, or to take an item, a work or a licence',
        description:
          'The person opens the link and gives a key. Then propose the contract with that key, and name it with `nameSigningContract`; offer the item, assign the work, or grant the licence to that key (`submitRecordEvent`). A claim they sign at once. Your organization vouches that the link reached this person: the service knows only that somebody had it.',
        body: json(NewSigningRequest),
        responses: { 201: { description: 'Made.', content: json(NewSigningResult) } },
        errors: [
          ...BODY_ERRORS,
          'invalid_value',
          ...REFUSAL_CODES,
          'invalid_mail_address',
          'limit_exceeded',
          'outcome_unknown',
          'unavailable',
        ],
      },
      async handle(req, res) {
        const { language = 'en', kind = 'contract', record, ...input } = await bodyAs(req, NewSigningRequest);
        const id = record === undefined ? {} : { record: fromHex(record, HASH_LENGTH) };
        const { link, ...shown } = await signing.ask(
          principalOf(req),
          { ...input, ...id, language, kind },
          clientOf(req),
        );
        res.status(201).json({ request: signingRequestJson(shown), link });
      },
    },
    {
      method: 'get',
      path: '/v1/signing-requests',
      access: 'read',
      operation: {
        id: 'listSigningRequests',
        tag: 'Records',
        summary: 'List the organization’s requests to sign',
        query: SigningRequestsQuery,
        responses: { 200: { description: 'One page.', content: json(SigningRequests) } },
      },
      async handle(req, res) {
        const { record, limit = DEFAULT_LIMIT, cursor } = queryOf(req, SigningRequestsQuery);
        const page = await signing.list(principalOf(req), {
          limit,
          ...(record === undefined ? {} : { record: fromHex(record, HASH_LENGTH) }),
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        await logOperatorRead(access, req, page.length);
        const last = page.length < limit ? undefined : page.at(-1);
        res.json({ requests: page.map(signingRequestJson), next: last?.request.id ?? null });
      },
    },
    {
      method: 'get',
      path: '/v1/signing-requests/{id}',
      access: 'read',
      operation: {
        id: 'getSigningRequest',
        tag: 'Records',
        summary: 'Get a request to sign',
        path: ID,
        responses: ONE,
        errors: OWN,
      },
      async handle(req, res) {
        const shown = await signing.find(principalOf(req), pathParameter(req, 'id'));
        await logOperatorRead(access, req, 1);
        res.json(signingRequestJson(shown));
      },
    },
    {
      method: 'post',
      path: '/v1/signing-requests/{id}/contract',
      access: 'notarize',
      operation: {
        id: 'nameSigningContract',
        tag: 'Records',
        summary: 'Ask for the signature of a contract that names the person’s key',
        description:
          'The contract must be for the document of the request, have a party with the key that the person gave, and be one of your organization’s records. The person signs under the same link.',
        path: ID,
        body: json(SigningContract),
        responses: ONE,
        errors: [...BODY_ERRORS, ...CHANGE, 'signing_not_ready', 'contract_differs', 'unknown_record'],
      },
      async handle(req, res) {
        const { record } = await bodyAs(req, SigningContract);
        const id = pathParameter(req, 'id');
        const shown = await signing.nameContract(
          principalOf(req),
          id,
          fromHex(record, HASH_LENGTH),
          clientOf(req),
        );
        res.json(signingRequestJson(shown));
      },
    },
    {
      method: 'post',
      path: '/v1/signing-requests/{id}/reminder',
      access: 'notarize',
      operation: {
        id: 'remindSigner',
        tag: 'Records',
        summary: 'Remind the person: get the link again, and send it by e-mail',
        description: 'One e-mail an hour.',
        path: ID,
        body: json(SigningReminder),
        responses: { 200: { description: 'The link.', content: json(SigningLink) } },
        errors: [...BODY_ERRORS, ...CHANGE, 'limit_exceeded'],
      },
      async handle(req, res) {
        const { newLink = false } = await bodyAs(req, SigningReminder);
        const id = pathParameter(req, 'id');
        res.json({ link: await signing.remind(principalOf(req), id, newLink, clientOf(req)) });
      },
    },
    {
      method: 'post',
      path: '/v1/signing-requests/{id}/withdrawal',
      access: 'notarize',
      operation: {
        id: 'withdrawSigningRequest',
        tag: 'Records',
        summary: 'Withdraw a request to sign',
        description:
          'Nobody can answer under its link any more. A record that names the key stays as it is: cancel or amend the contract, or retract the offer.',
        path: ID,
        responses: { 204: { description: 'Withdrawn.', content: {} } },
        errors: CHANGE,
      },
      async handle(req, res) {
        await signing.withdraw(principalOf(req), pathParameter(req, 'id'), clientOf(req));
        res.status(204).end();
      },
    },
    {
      method: 'delete',
      path: '/v1/signing-requests/{id}',
      access: 'notarize',
      operation: {
        id: 'eraseSigningRequest',
        tag: 'Records',
        summary: 'Erase what a request to sign tells of a person',
        description:
          'Name, e-mail address, message, key, the claim that was to be signed, and the link: for good. What a record says stays there; erase its bodies there.',
        path: ID,
        responses: { 204: { description: 'Erased.', content: {} } },
        errors: [...OWN, 'outcome_unknown', 'unavailable'],
      },
      async handle(req, res) {
        await signing.erase(principalOf(req), pathParameter(req, 'id'), clientOf(req));
        res.status(204).end();
      },
    },
  ];
}

/** For whoever holds a link. The token is in the body, because URLs are logged. */
export function signingRoutes(deps: HttpDeps): Route[] {
  const { signing, access, records, vault } = deps;
  const shown = async (req: Request, asked: Asked) => {
    const { organization, request } = asked;
    const passkeyDomain = passkeyPlaceOf(req, deps.hosts)?.rpId ?? null;
    const kept =
      vault !== null &&
      request.document !== null &&
      maySeeDocument(asked) &&
      (await vault.has(organization.number, request.document, request.createdBy));
    return askedJson(asked, { origin: records.origin, passkeyDomain, kept });
  };
  const limit = (req: Request) => {
    access.anonymousLimits.consumeSigningCall(clientOf(req));
  };
  return [
    {
      method: 'post',
      path: '/v1/signing/open',
      access: 'open',
      operation: {
        id: 'openSigning',
        tag: 'Records',
        summary: 'Read what a link asks to sign',
        body: json(OpenSigning),
        responses: ASKED,
        errors: HELD,
      },
      async handle(req, res) {
        limit(req);
        const { token } = await bodyAs(req, OpenSigning);
        res.json(await shown(req, await signing.answers.open(token, clientOf(req))));
      },
    },
    {
      method: 'post',
      path: '/v1/signing/key',
      access: 'open',
      operation: {
        id: 'giveSigningKey',
        tag: 'Records',
        summary: 'Give the key that a contract, an offer or a licence shall name',
        description:
          'Signed with the key itself. It agrees to nothing. Another one can be given as long as nothing names it.',
        body: json(GiveKey),
        responses: ASKED,
        errors: [...HELD, 'invalid_key_offer'],
      },
      async handle(req, res) {
        limit(req);
        const { token, key, offer } = await bodyAs(req, GiveKey);
        res.json(await shown(req, await signing.answers.giveKey(token, key, offer, clientOf(req))));
      },
    },
    {
      method: 'post',
      path: '/v1/signing/decline',
      access: 'open',
      operation: {
        id: 'declineSigning',
        tag: 'Records',
        summary: 'Decline where there is no contract',
        description:
          'Once a contract names the key, decline with a signed event: `answerSigning`. For an offer, a licence or a claim there is no such event: the organization reads the answer here.',
        body: json(DeclineSigning),
        responses: ASKED,
        errors: [...HELD, 'signing_not_ready'],
      },
      async handle(req, res) {
        limit(req);
        const { token, reason = null } = await bodyAs(req, DeclineSigning);
        res.json(await shown(req, await signing.answers.decline(token, reason, clientOf(req))));
      },
    },
    {
      method: 'post',
      path: '/v1/signing/delegation',
      access: 'open',
      operation: {
        id: 'delegateSigning',
        tag: 'Records',
        summary: 'Name somebody else to sign',
        description:
          'Of a contract alone. They get a link of their own. Before a contract names your key, your link ends here. After that the contract changes only by the event `contract.delegate`: you sign it first when they have given their key, then they do.',
        body: json(DelegateSigning),
        responses: { 200: { description: 'Named.', content: json(DelegatedSigning) } },
        errors: [...HELD, 'signing_not_ready', 'invalid_mail_address'],
      },
      async handle(req, res) {
        limit(req);
        const { token, name, email = null } = await bodyAs(req, DelegateSigning);
        const { asked, link } = await signing.answers.delegate(token, { name, email }, clientOf(req));
        res.json({ asked: await shown(req, asked), link });
      },
    },
    {
      method: 'post',
      path: '/v1/signing/event',
      access: 'open',
      operation: {
        id: 'answerSigning',
        tag: 'Records',
        summary:
          'Submit the signed event: a signature, a refusal, a delegation, a condition fulfilled, an acceptance, a claim',
        description:
          '`contract.sign`, `contract.decline` and `contract.fulfil` of the person’s own key, `contract.delegate`, which the person signs first and the one who was named second; `item.accept` and `work.accept` of what is offered to the person’s key; and the `work.claim` that was asked for, whose holder it is. The organization that asks pays for it, and has it in its register.',
        body: json(AnswerSigning),
        responses: {
          200: { description: 'Accepted, or kept for the other signature.', content: json(AnsweredSigning) },
        },
        errors: [
          ...HELD,
          ...REFUSAL_CODES,
          'signing_not_ready',
          'event_not_asked',
          'idempotency_mismatch',
          'erased',
          'queue_full',
          'clock_behind',
          'stopping',
        ],
      },
      async handle(req, res) {
        limit(req);
        const { token, note, body } = await largeBody(req);
        const { asked, accepted } = await signing.answers.answer(token, { note, body }, clientOf(req));
        res.json({ asked: await shown(req, asked), event: eventOf(deps, accepted) });
      },
    },
    {
      method: 'post',
      path: '/v1/signing/document',
      access: 'open',
      operation: {
        id: 'getSigningDocument',
        reads: true,
        tag: 'Records',
        summary: 'Get the document that the link asks to sign, if the organization keeps it',
        description:
          'For whoever holds the link, as long as they can answer, and when they have signed. It is the document that the organization has named in its request: `Repr-Digest` has its SHA-256.',
        body: json(OpenSigning),
        responses: { 200: { description: 'The document.', content: { [BINARY_TYPE]: 'binary' } } },
        errors: [...HELD, ...KEPT_ERRORS],
      },
      async handle(req, res) {
        limit(req);
        const { token } = await bodyAs(req, OpenSigning);
        const { organization, request } = await signing.answers.documentOf(token);
        const kept =
          request.document === null
            ? null
            : await vaultOf(deps).ofDigest(organization.number, request.document, request.createdBy);
        if (kept === null) throw notKept('this request');
        const fileName = request.documentName ?? 'document';
        // That the link was opened is in the access log.
        await sendKept(deps, req, res, { kept, fileName, log: () => Promise.resolve() });
      },
    },
    {
      method: 'post',
      path: '/v1/signing/history',
      access: 'open',
      operation: {
        id: 'getSigningHistory',
        reads: true,
        tag: 'Records',
        summary: 'Get the history of the record with its proofs',
        description: 'For whoever holds the link, once the record names their key. As `getRecordHistory`.',
        body: json(OpenSigning),
        responses: {
          200: { description: 'The history file.', content: { [HISTORY_MEDIA_TYPE]: HistoryFile } },
        },
        errors: [...HELD, 'signing_not_ready', 'not_sealed'],
      },
      async handle(req, res) {
        limit(req);
        const { token } = await bodyAs(req, OpenSigning);
        const { id, key } = await signing.answers.recordOf(token);
        const history = await records.history(id, null, (hex) =>
          hasRole(records, fromHex(hex, HASH_LENGTH), key),
        );
        if (history === null) throw noHistory();
        res.set('Content-Type', HISTORY_MEDIA_TYPE);
        res.set('Content-Disposition', attachment(`${toHex(id).slice(0, 16)}.ingam-history.json`));
        await sendHistory(deps, req, res, history);
      },
    },
  ];
}

/** Notes are longer than other bodies. */
async function largeBody(req: Request): Promise<{ token: string; note: string; body: JsonObject }> {
  if (mediaTypeOf(req) !== JSON_TYPE) {
    throw new ApiError('unsupported_media_type', `Send ${JSON_TYPE}, and declare it in Content-Type.`);
  }
  return check(AnswerSigning, parseJson(await readBody(req, MAX_EVENT_BYTES)));
}

function eventOf({ metrics }: HttpDeps, accepted: AcceptedEvent | null) {
  if (accepted === null) return null;
  if (!accepted.accepted.replayed) metrics.accepted('json', 1);
  return acceptedEventJson(accepted, null);
}
