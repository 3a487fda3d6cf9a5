import type { Request } from 'express';
import type { FreshProof, PasskeyAnswer } from '../../auth/index.js';
import { clientOf, readCookies, userOf } from '../auth/authenticate.js';
import { passkeyPlace } from '../auth/passkey-place.js';
import type { HttpDeps } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { pathParameter } from '../requests/parameters.js';
import { passkeyJson } from '../responses/representation.js';
import { json, type Route } from '../route.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';
import * as passkeys from '../schemas/passkeys.js';
import { CSRF_HEADER, OPENED, OPENING_ERRORS, sendOpened } from './session.js';

const ID = { id: 'Id of the passkey.' };
/** Errors of every route that takes a fresh proof. */
const PROOF_ERRORS: readonly ApiErrorCode[] = [
  ...BODY_ERRORS,
  'invalid_credentials',
  'invalid_passkey',
  'sign_in_blocked',
  'busy',
  'passkeys_unavailable',
];

/** Signing in with a passkey, and a person's own passkeys. */
export function passkeyRoutes(deps: HttpDeps): Route[] {
  const { access, hosts } = deps;
  const proofOf = (req: Request, proof: passkeys.FreshProof): FreshProof =>
    'password' in proof ? proof : { passkey: passkeyAnswer(deps, req, proof.passkey) };
  return [
    {
      method: 'post',
      path: '/v1/session/passkey/challenge',
      access: 'open',
      operation: {
        id: 'challengePasskey',
        tag: 'Session',
        summary: 'Get a challenge for a passkey',
        description:
          'For `navigator.credentials.get`, with `userVerification: required` and no list of credentials: the person chooses.',
        responses: { 200: { description: 'A new challenge.', content: json(passkeys.PasskeyChallenge) } },
        errors: ['passkeys_unavailable'],
      },
      handle(req, res) {
        const { rpId } = passkeyPlace(req, hosts);
        res.json({ challenge: access.passkeys.challenge(), rpId });
      },
    },
    {
      method: 'post',
      path: '/v1/session/passkey',
      access: 'open',
      operation: {
        id: 'signInWithPasskey',
        tag: 'Session',
        summary: 'Sign in with a passkey',
        description: 'Needs no password: the person’s device has verified them.',
        body: json(passkeys.SignInWithPasskey),
        responses: { 200: OPENED },
        errors: [...OPENING_ERRORS, 'organization_not_found', 'invalid_passkey', 'passkeys_unavailable'],
      },
      async handle(req, res) {
        const { passkey, organization, cookies } = await bodyAs(req, passkeys.SignInWithPasskey);
        const answer = passkeyAnswer(deps, req, passkey);
        const opened = await access.passkeys.signIn(answer, organization ?? null, clientOf(req));
        await sendOpened(deps, req, res, opened, cookies === true);
      },
    },
    {
      method: 'get',
      path: '/v1/passkeys',
      access: 'signed_in',
      operation: {
        id: 'listPasskeys',
        tag: 'Session',
        summary: 'List the caller’s passkeys',
        responses: { 200: { description: 'All of them.', content: json(passkeys.Passkeys) } },
      },
      async handle(req, res) {
        const own = await access.passkeys.list(userOf(req));
        res.json({ passkeys: own.passkeys.map(passkeyJson), needed: own.needed });
      },
    },
    {
      method: 'post',
      path: '/v1/passkeys',
      access: 'signed_in',
      operation: {
        id: 'addPasskey',
        tag: 'Session',
        summary: 'Add a passkey',
        headers: CSRF_HEADER,
        body: json(passkeys.NewPasskeyInput),
        responses: { 201: { description: 'Added.', content: json(passkeys.Passkey) } },
        errors: [...BODY_ERRORS, 'invalid_passkey', 'invalid_value', 'passkeys_unavailable'],
      },
      async handle(req, res) {
        const { name, ...registration } = await bodyAs(req, passkeys.NewPasskeyInput);
        const input = { name, registration, place: passkeyPlace(req, hosts) };
        res.status(201).json(passkeyJson(await access.passkeys.add(userOf(req), input, clientOf(req))));
      },
    },
    {
      method: 'patch',
      path: '/v1/passkeys',
      access: 'signed_in',
      operation: {
        id: 'needPasskey',
        tag: 'Session',
        summary: 'Choose whether signing in takes a passkey',
        headers: CSRF_HEADER,
        body: json(passkeys.PasskeyNeed),
        responses: { 204: { description: 'Chosen.', content: {} } },
        errors: [...PROOF_ERRORS, 'passkey_not_found'],
      },
      async handle(req, res) {
        const { needed, proof } = await bodyAs(req, passkeys.PasskeyNeed);
        await access.passkeys.setNeeded(userOf(req), needed, proofOf(req, proof), clientOf(req));
        res.status(204).end();
      },
    },
    {
      method: 'post',
      path: '/v1/passkeys/challenge',
      access: 'signed_in',
      operation: {
        id: 'challengeNewPasskey',
        tag: 'Session',
        summary: 'Get what a browser needs to make a passkey',
        description:
          'For `navigator.credentials.create`, with `userVerification: required`, a discoverable credential, no attestation, and the algorithms −7 and −257.',
        headers: CSRF_HEADER,
        body: json(passkeys.PasskeyProof),
        responses: { 200: { description: 'A new challenge.', content: json(passkeys.PasskeyCreation) } },
        errors: PROOF_ERRORS,
      },
      async handle(req, res) {
        const place = passkeyPlace(req, hosts);
        const { proof } = await bodyAs(req, passkeys.PasskeyProof);
        const { challenge, userId, email, name, known } = await access.passkeys.request(
          userOf(req),
          place,
          proofOf(req, proof),
          clientOf(req),
        );
        res.json({
          challenge,
          rpId: place.rpId,
          user: { id: base64Url(userId), email, name },
          known: known.map(base64Url),
        });
      },
    },
    {
      method: 'patch',
      path: '/v1/passkeys/{id}',
      access: 'signed_in',
      operation: {
        id: 'renamePasskey',
        tag: 'Session',
        summary: 'Rename a passkey',
        headers: CSRF_HEADER,
        path: ID,
        body: json(passkeys.PasskeyName),
        responses: { 204: { description: 'Renamed.', content: {} } },
        errors: [...BODY_ERRORS, 'passkey_not_found', 'invalid_value'],
      },
      async handle(req, res) {
        const { name } = await bodyAs(req, passkeys.PasskeyName);
        await access.passkeys.rename(userOf(req), pathParameter(req, 'id'), name, clientOf(req));
        res.status(204).end();
      },
    },
    {
      method: 'post',
      path: '/v1/passkeys/{id}/removal',
      access: 'signed_in',
      operation: {
        id: 'removePasskey',
        tag: 'Session',
        summary: 'Remove a passkey',
        description: 'Without the last one, the password alone signs in again.',
        headers: CSRF_HEADER,
        path: ID,
        body: json(passkeys.PasskeyProof),
        responses: { 204: { description: 'Removed.', content: {} } },
        errors: [...PROOF_ERRORS, 'passkey_not_found'],
      },
      async handle(req, res) {
        const { proof } = await bodyAs(req, passkeys.PasskeyProof);
        const id = pathParameter(req, 'id');
        await access.passkeys.remove(userOf(req), id, proofOf(req, proof), clientOf(req));
        res.status(204).end();
      },
    },
  ];
}

/** @throws {AccessError} passkeys_unavailable */
export function passkeyAnswer(
  { hosts }: Pick<HttpDeps, 'hosts'>,
  req: Request,
  { id, ...answer }: passkeys.PasskeyAssertion,
): PasskeyAnswer {
  return {
    assertion: { credentialId: id, ...answer },
    place: passkeyPlace(req, hosts),
    deviceTokens: readCookies(req, 'device', hosts),
  };
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
