import { formatHistory, toHex } from '../../proof/index.js';
import { CertificateError } from '../../certificate/facts.js';
import { logOperatorRead } from '../auth/ownership.js';
import { readableRecord } from '../auth/record-access.js';
import type { HttpDeps } from '../context.js';
import { languageOf, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { VerifierFile } from '../responses/verifier.js';
import type { Route } from '../route.js';
import { RecordCertificateQuery } from '../schemas/documents.js';
import { checkTimeZone, pageOf, PDF, sendCertificate } from './certificates.js';
import { mayReadNamed, noHistory, READ_ERRORS, RECORD, RECORD_HEADERS, WHO } from './records.js';

/** In characters. A longer history is a file without pages about it. */
const MOST = 4 * 1024 * 1024;

/** Certificates of records: for those who may see them. */
export function recordCertificateRoutes(deps: HttpDeps): Route[] {
  const { access, records, log } = deps;
  const verifier = new VerifierFile(deps.publicDir);
  return [
    {
      method: 'get',
      path: '/v1/records/{id}/certificate.pdf',
      access: 'anyone',
      operation: {
        id: 'getRecordCertificate',
        tag: 'Records',
        summary: 'Get a certificate of a record: a PDF that carries its history',
        description: `PDF/A. The pages say what happened to the record, who signed it with which kind of key, and up to which block nothing else happened; the history file is attached. No certificate is issued if the service cannot verify its own history. ${WHO}`,
        path: RECORD,
        query: RecordCertificateQuery,
        headers: {
          ...RECORD_HEADERS,
          'Accept-Language': 'Chooses the language if `lang` is absent.',
          'If-None-Match': 'ETag of the client’s certificate: 304 if it has not changed.',
        },
        responses: {
          200: { description: 'The certificate.', content: { [PDF]: 'binary' } },
          304: { description: 'The client’s certificate has not changed.', content: {} },
        },
        errors: [
          ...READ_ERRORS,
          'unknown_time_zone',
          'not_sealed',
          'too_large',
          'not_verified',
          'queue_full',
          'stopping',
        ],
      },
      async handle(req, res) {
        const { lang, tz: timeZone } = queryOf(req, RecordCertificateQuery);
        checkTimeZone(timeZone);
        const { id, key } = await readableRecord(records, req);
        const history = await records.history(id, null, (hex) => mayReadNamed(deps, req, hex, key));
        await logOperatorRead(access, req, 1);
        if (history === null) throw noHistory();
        const text = formatHistory(await history.read());
        if (text.length > MOST)
          throw new ApiError(
            'too_large',
            'The history is too long for a certificate. Get the history file instead.',
          );
        const order = {
          history: text,
          policy: await log.policyText(),
          language: lang ?? languageOf(req),
          timeZone,
          verifyPage: pageOf(deps, 'verify.html'),
          verifier: await verifier.sha256(),
          issuer: deps.issuer,
          service: deps.hosts.publicUrl?.host ?? null,
        };
        await sendCertificate(deps, req, res, order, toHex(id).slice(0, 16), () => Promise.resolve()).catch(
          (error: unknown) => {
            if (error instanceof CertificateError && error.code === 'not_verified')
              throw new ApiError('not_verified', `There is no certificate yet. ${error.message}`, {
                cause: error,
              });
            throw error;
          },
        );
      },
    },
  ];
}
