import multer from 'multer';
import { AccessError } from '../../access/index.js';
import { DocumentTooLarge, IntakeError } from '../../intake/index.js';
import { ProofError } from '../../proof/index.js';
import { StoreError } from '../../store/index.js';
import { ApiError, type ApiErrorCode } from './errors.js';

const AWAY_RETRY_SECONDS = 2;

/**
 * What a failure of any layer below says to the client. A failure that nobody foresaw is `internal`, without its message:
 * the message goes to the log.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof IntakeError || error instanceof AccessError) {
    const { code, message, retryAfterSeconds } = error;
    return new ApiError(code, sentence(message), { cause: error, retryAfterSeconds });
  }
  if (error instanceof StoreError && error.code === 'unavailable') {
    return new ApiError('unavailable', 'The database cannot be read at the moment.', {
      cause: error,
      retryAfterSeconds: AWAY_RETRY_SECONDS,
    });
  }
  if (error instanceof multer.MulterError) return fromMulter(error);
  if (error instanceof DocumentTooLarge) {
    return new ApiError('too_large', sentence(error.message), { cause: error });
  }
  if (error instanceof ProofError) {
    return new ApiError('malformed_proof', sentence(error.message), {
      cause: error,
      errors: [{ path: '', message: `${error.code}: ${error.message}` }],
    });
  }
  return (
    fromMiddleware(error) ??
    new ApiError('internal', 'An unexpected error; it has been logged.', { cause: error })
  );
}

/** What Express and Node throw: errors that carry a status of their own. Only what the client did is told. */
function fromMiddleware(error: unknown): ApiError | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof URIError) {
    return new ApiError('malformed_request', 'The percent-encoding of the address is malformed.', {
      cause: error,
    });
  }
  const status = 'status' in error ? error.status : undefined;
  if (isAborted(error)) {
    return new ApiError('incomplete_body', 'The body ended before it was complete.', { cause: error });
  }
  if (status === 404) return new ApiError('not_found', 'There is nothing at this address.', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ApiError('malformed_request', 'The request is malformed.', { cause: error });
  }
  return null;
}

function isAborted(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  // Node's own words: a reset connection to the database must not pass for the client's.
  return (code === 'ECONNRESET' && error.message === 'aborted') || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function fromMulter(error: multer.MulterError): ApiError {
  const [code, message] = multerProblem(error.code, error.field ?? '');
  return new ApiError(code, message, { cause: error });
}

function multerProblem(code: string, field: string): readonly [ApiErrorCode, string] {
  const name = JSON.stringify(field.slice(0, 60));
  switch (code) {
    case 'LIMIT_FILE_SIZE':
      return ['too_large', 'A file is larger than this service takes.'];
    case 'LIMIT_FIELD_VALUE':
      return ['too_large', `The field ${name} is too long.`];
    case 'LIMIT_FILE_COUNT':
      return ['too_many_parts', 'There are more files than one request may have.'];
    case 'LIMIT_FIELD_COUNT':
    case 'LIMIT_PART_COUNT':
      return ['too_many_parts', 'There are more fields than one request may have.'];
    case 'LIMIT_FIELD_KEY':
      return ['malformed_multipart', 'The name of a field is too long.'];
    case 'MISSING_FIELD_NAME':
      return ['malformed_multipart', 'A part has no field name.'];
    case 'LIMIT_UNEXPECTED_FILE':
    case 'LIMIT_FIELD_NESTING':
      return ['unexpected_field', `The field ${name} is not one of this call, or is given too often.`];
    default:
      return ['malformed_multipart', 'The multipart body is malformed.'];
  }
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return text.endsWith('.') ? text : `${text}.`;
}
