import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject, utf8, utf8Decode } from '../../proof/index.js';
import { Failure, usageError } from '../failure.js';
import { readStream } from '../files.js';
import { EXIT, type Io } from '../io.js';
import { erasureMessages } from '../messages/erasure.js';
import {
  KEY_OPTION,
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
  ServiceRefusal,
} from '../service-client.js';

/** How a person signs in for one command: API keys may neither erase nor lift holds. */
export const PERSON_OPTIONS = {
  ...SERVER_OPTIONS,
  user: {
    type: 'string',
    value: 'EMAIL',
    help: {
      en: 'sign in as this person; the password is asked for',
      ko: '이 사람으로 로그인. 비밀번호를 묻습니다',
    },
  },
  organization: {
    type: 'string',
    value: 'ID',
    help: {
      en: 'of a person with several: the one to act for',
      ko: '여러 조직에 속한 사람이라면: 대표할 조직',
    },
  },
  key: {
    ...KEY_OPTION.key,
    help: {
      en: "instead of --user, an access token of your company's identity provider",
      ko: '--user 대신: 회사 인증 서비스(IdP)의 액세스 토큰',
    },
  },
} as const;

interface PersonValues {
  readonly server: string | undefined;
  readonly user: string | undefined;
  readonly organization: string | undefined;
  readonly key: string | undefined;
}

const MAX_PASSWORD_LENGTH = 4096;

/** Calls the service as a person, and signs out afterwards. */
export async function asPerson<T>(
  { server, user, organization, key }: PersonValues,
  io: Io,
  work: (service: ServiceClient) => Promise<T>,
): Promise<T> {
  const t = erasureMessages();
  if (user === undefined) return work(await openService({ server, key }, io)).catch(explainForbidden);
  const anonymous = await openService({ server }, io);
  const body = {
    ...{ email: user, password: await askPassword(user, io) },
    ...(organization === undefined ? {} : { organization }),
  };
  const opened = anonymous.object(await post(anonymous, 'v1/session', body));
  const tokens: JsonObject = isObject(opened['tokens'] ?? null) ? (opened['tokens'] as JsonObject) : {};
  const { accessToken } = tokens;
  if (typeof accessToken !== 'string') throw anonymous.unexpected(t.otherAnswer);
  // The same warning as for a key: it is a secret that crosses the network.
  const service = await openService({ server, key: accessToken }, io);
  try {
    return await work(service).catch(explainForbidden);
  } finally {
    // The session ends by itself too.
    await service.request('v1/session', { method: 'DELETE' }).catch(() => undefined);
  }
}

/** @param path without a leading slash */
export function post(service: ServiceClient, path: string, body: object) {
  const bytes = utf8(JSON.stringify(body));
  return service.request(path, {
    method: 'POST',
    // Repeated after a lost answer, it does what it did.
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: () => Uint8Array.from(bytes),
  });
}

async function askPassword(email: string, io: Io): Promise<string> {
  const t = erasureMessages();
  const text =
    io.askSecret === undefined
      ? utf8Decode(await readStream(io.stdin, MAX_PASSWORD_LENGTH, io.signal)).replace(/\r?\n$/, '')
      : await io.askSecret(t.password(email));
  if (text === '') throw usageError(t.noPassword, t.howToGivePassword);
  return text;
}

function explainForbidden(error: unknown): never {
  if (error instanceof ServiceRefusal && ['forbidden', 'unauthenticated'].includes(error.code)) {
    throw new Failure('refused', error.message, { code: error.code, hint: erasureMessages().needsPerson });
  }
  // A rule of the service: nothing is wrong with the command line.
  if (error instanceof ServiceRefusal && [404, 409].includes(error.status)) {
    throw new Failure('refused', error.message, {
      ...{ code: error.code, exitCode: EXIT.failed, cause: error },
    });
  }
  throw error;
}
