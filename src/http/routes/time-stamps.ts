import { ANONYMOUS_LIMITS } from '../../auth/index.js';
import { encodeRejection, MAX_REQUEST, QUERY_TYPE, REPLY_TYPE } from '../../proof/time/rfc3161.js';
import { type Authority, pemOfCertificates, type Reply } from '../../tsa/index.js';
import { clientOf, submitterOf } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { readBody } from '../requests/body.js';
import { languageOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { setLimitHeaders } from '../responses/send.js';
import { policyPage } from '../responses/tsa-policy.js';
import type { Route } from '../route.js';
import type { Request, Response } from 'express';

/** RFC 8555 §9.1. */
const CHAIN_TYPE = 'application/pem-certificate-chain';

/** The service as a time-stamping authority (RFC 3161). */
export function timeStampRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'post',
      path: '/tsa',
      access: 'time_stamp',
      operation: {
        id: 'timeStamp',
        tag: 'Time-stamps',
        summary: 'Get a time-stamp token (RFC 3161)',
        description:
          'The body is a TimeStampReq in DER. The answer is a TimeStampResp, also when no token is given: its status and failure say why. ' +
          'The SHA-256 of the token is notarized before the token leaves the service, at the time that the token states: `GET /v1/verify/{sha256}` finds it. ' +
          `404 if the service gives no time-stamps. Anonymous callers of one network get ${ANONYMOUS_LIMITS.timeStampsPerMinute} tokens a minute.`,
        body: { [QUERY_TYPE]: 'binary' },
        responses: { 200: { description: 'A TimeStampResp.', content: { [REPLY_TYPE]: 'binary' } } },
        errors: ['not_found', 'too_large', 'incomplete_body', 'unsupported_media_type', 'limit_exceeded'],
      },
      async handle(req, res) {
        const { response, outcome } = await answer(deps, authorityOf(deps), req, res);
        deps.metrics.timeStamped(outcome);
        res.setHeader('Content-Type', REPLY_TYPE);
        res.end(response);
      },
    },
    {
      method: 'get',
      path: '/tsa/policy',
      access: 'open',
      operation: {
        id: 'getTimeStampPolicy',
        tag: 'Time-stamps',
        summary: 'Read what the time-stamps promise: a page in English or Korean',
        headers: { 'Accept-Language': 'Chooses the language.' },
        responses: { 200: { description: 'The page.', content: { 'text/html': 'text' } } },
        errors: ['not_found'],
      },
      handle(req, res) {
        const { settings } = authorityOf(deps);
        const language = languageOf(req);
        const page = policyPage(language, { ...settings, origin: deps.log.origin });
        res.set({ 'Content-Type': 'text/html; charset=utf-8', 'Content-Language': language });
        res.vary('Accept-Language').send(Buffer.from(page));
      },
    },
    {
      method: 'get',
      path: '/tsa/certificates',
      access: 'open',
      operation: {
        id: 'getTimeStampCertificates',
        tag: 'Time-stamps',
        summary: 'Get the certificates of the time-stamps',
        description:
          'PEM: the certificate that signs, those above it, and those of former keys. Clients must get the certificate that they trust in another way.',
        responses: { 200: { description: 'Certificates.', content: { [CHAIN_TYPE]: 'text' } } },
        errors: ['not_found'],
      },
      async handle(req, res) {
        const { keys } = authorityOf(deps);
        const [{ certificates }, former] = await Promise.all([keys.current(), keys.former()]);
        res
          .set('Content-Type', CHAIN_TYPE)
          .send(Buffer.from(pemOfCertificates([...certificates, ...former])));
      },
    },
  ];
}

function authorityOf({ authority }: HttpDeps): Authority {
  if (authority === null) throw new ApiError('not_found', 'This service gives no time-stamps.');
  return authority;
}

async function answer(deps: HttpDeps, authority: Authority, req: Request, res: Response): Promise<Reply> {
  const principal = principalOf(req);
  const client = clientOf(req);
  // Clients add parameters, such as a character set, which mean nothing here.
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== QUERY_TYPE)
    throw new ApiError('unsupported_media_type', `Send a TimeStampReq as ${QUERY_TYPE}.`);
  deps.access.anonymousLimits.consumeTimeStamp(principal, client);
  const body = await readBody(req, MAX_REQUEST);
  if (deps.intake.overloaded) {
    const message = 'Too many documents are waiting to be written to the log: ask again in some seconds.';
    return { response: encodeRejection('systemFailure', message), outcome: 'systemFailure' };
  }
  return authority.answer(body, async (token, acceptedAt) => {
    const quota = deps.access.limits.documentQuota(principal, { digests: 1, bytes: 0 }, client);
    const submitter = submitterOf(principal) ?? deps.timeStampOwner;
    await deps.intake.accept({ documents: [token], submitter, idempotencyKey: null, quota, acceptedAt });
    setLimitHeaders(res, quota.states);
    deps.metrics.accepted('time_stamp', 1);
  });
}
