import { isObject, utf8Decode, type Json } from '../proof/index.js';
import { Failure } from './failure.js';
import { formatTime } from './output/text.js';

export interface Refused {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** The service has answered, and says no. */
export class ServiceRefusal extends Failure {
  readonly status: number;
  /** What is wrong in the body that was sent, and where. */
  readonly faults: readonly Fault[];

  constructor(
    status: number,
    code: string,
    detail: string,
    { faults = [], hint }: { readonly faults?: readonly Fault[]; readonly hint?: string | undefined } = {},
  ) {
    super('refused', `the service refuses: ${detail}`, { code, ...(hint === undefined ? {} : { hint }) });
    this.status = status;
    this.faults = faults;
  }
}

/** Whether it is about who asks or how much, and not about what was asked: anything else would be refused as well. */
export function isAboutCaller(failure: Failure): boolean {
  return failure instanceof ServiceRefusal && [401, 403, 421, 429].includes(failure.status);
}

/** RFC 9457 problem documents, of which `code`, `detail` and `errors` are of use here. */
export function refusalOf({ status, headers, bytes }: Refused, hasKey: boolean): ServiceRefusal {
  let problem: Json = null;
  try {
    problem = JSON.parse(utf8Decode(bytes)) as Json;
  } catch {
    // A proxy's page, or nothing: the status says what there is to say.
  }
  const members = isObject(problem) ? problem : {};
  const text = (name: string) => (typeof members[name] === 'string' ? members[name] : null);
  const errors = Array.isArray(members['errors']) ? (members['errors'] as readonly Json[]) : [];
  const faults = errors.flatMap((error) =>
    isObject(error) && typeof error['path'] === 'string' && typeof error['message'] === 'string'
      ? [{ path: error['path'], message: error['message'] }]
      : [],
  );
  const code = text('code') ?? `http_${status}`;
  const detail = text('detail') ?? text('title') ?? `HTTP status ${status}`;
  return new ServiceRefusal(status, code, detail, { faults, hint: hintFor(status, code, headers, hasKey) });
}

/** What the caller can do next. */
function hintFor(status: number, code: string, headers: Headers, hasKey: boolean): string | undefined {
  switch (status) {
    case 401:
      return hasKey
        ? 'The API key is wrong, or has expired or been revoked. Ask an owner of your account for a new one (ingam key create).'
        : 'Give an API key with --key or INGAM_KEY. An owner of your account makes one: ingam key create';
    case 403:
      return code === 'address_not_allowed'
        ? 'The API key is for other networks than the one that you come from: ingam key list shows which.'
        : 'The API key may not do this: "notarize" and "read" are scopes of their own. ingam key list shows what it has.';
    case 421:
      return 'Use the address under which the service is published (INGAM_PUBLIC_URL there).';
    case 429: {
      const wait = retryAfterMs(headers);
      if (code === 'limit_exceeded' && wait === null)
        return 'That is more at once than the limit ever allows.';
      return wait === null
        ? undefined
        : `There is room again after ${formatTime(Date.now() + wait)}; an owner sees the limits of the account.`;
    }
    default:
      return undefined;
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
export function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
