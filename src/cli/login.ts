import { isObject, type JsonObject, utf8Decode } from '../proof/index.js';
import { defineCommand } from './command.js';
import { configFile, keyId, readConfig, writeConfig } from './config.js';
import { Failure, usageError } from './failure.js';
import { readStream, removeFile } from './files.js';
import { EXIT, type Io, printJson, printLine, printNote } from './io.js';
import { LANG_OPTION } from './language.js';
import { loginMessages } from './messages/login.js';
import {
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
  serviceSettings,
  KEY_OPTION,
} from './service-client.js';
import { trustFile } from './trust-store.js';
import { SUMMARIES } from './summaries.js';

/** More than any key has. */
const MAX_KEY_LENGTH = 4096;

export const loginCommand = defineCommand({
  name: 'login',
  summary: SUMMARIES.login,
  usage: '[--server URL] [--key API_KEY | --anonymous]',
  text: {
    en: `Checks the API key with the service, and saves both for the other commands, in ~/.config/ingam/config.json or in
$XDG_CONFIG_HOME, readable only by you. The key is asked for without being shown, or read from standard input
(ingam login < key.txt). --key is shown to other users of this machine while the command runs.

A saved key is sent to the saved server and to no other. The options --server and --key, and the environment
(INGAM_SERVER, INGAM_KEY), take precedence over what is saved.`,
    ko: `API 키를 서비스에 확인하고, 다른 명령이 쓰도록 둘을 ~/.config/ingam/config.json이나 $XDG_CONFIG_HOME에 본인만 읽을
수 있게 저장합니다. 키는 화면에 표시하지 않고 입력받거나 표준 입력에서 읽습니다(ingam login < key.txt). --key로 주면
명령이 실행되는 동안 이 컴퓨터의 다른 사용자가 볼 수 있습니다.

저장한 키는 저장한 서버에만 보냅니다. --server와 --key 옵션, 그리고 환경 변수(INGAM_SERVER, INGAM_KEY)가 저장한
것보다 우선합니다.`,
  },
  options: {
    ...SERVER_OPTIONS,
    key: {
      type: 'string',
      value: 'API_KEY',
      help: {
        en: 'the API key, instead of being asked for it',
        ko: 'API 키. 지정하면 입력을 요청하지 않습니다',
      },
    },
    anonymous: {
      type: 'boolean',
      help: { en: 'save the address without an API key', ko: 'API 키 없이 주소만 저장' },
    },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: {
        en: 'print what was saved as JSON, without the key',
        ko: '저장한 것을 키를 빼고 JSON으로 출력',
      },
    },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const t = loginMessages();
    if (values.anonymous && values.key !== undefined) throw usageError(t.bothKinds);
    const { url } = await serviceSettings({ server: values.server }, io);
    const server = url.href;
    // Asks for no key that could not be checked.
    const open = await openService({ server }, io);
    open.object(await open.request('v1/chain'));
    if (values.anonymous) {
      const file = await writeConfig({ server, key: null }, io);
      if (values.json) printJson(io.stdout, { server, key: null, file });
      else printNote(io, t.serverSaved(server), t.savedIn(file));
      return EXIT.ok;
    }
    const key = values.key ?? (await askKey(server, io));
    const principal = await whoIs(await openService({ server, key }, io));
    const file = await writeConfig({ server, key }, io);
    const { id, organization, scopes } = principal;
    if (values.json) printJson(io.stdout, { server, key: id, organization, scopes, file });
    else printNote(io, t.signedIn(server, id, organization, scopes.join(', ')), t.savedIn(file));
    return EXIT.ok;
  },
});

async function askKey(server: string, io: Io): Promise<string> {
  const t = loginMessages();
  const text =
    io.askSecret === undefined
      ? utf8Decode(await readStream(io.stdin, MAX_KEY_LENGTH, io.signal))
      : await io.askSecret(t.ask(server));
  const key = text.trim();
  if (key === '') throw usageError(t.noKey, t.howToGiveKey);
  // A header cannot hold anything else.
  if (!/^[\x21-\x7e]+$/.test(key)) throw usageError(t.otherKind(server), t.makeKey);
  return key;
}

async function whoIs(service: ServiceClient) {
  const t = loginMessages();
  const session = service.object(await service.request('v1/session'));
  const principal: JsonObject = isObject(session['principal'] ?? null)
    ? (session['principal'] as JsonObject)
    : {};
  const { kind, id, organization, scopes } = principal;
  if (kind === 'user') throw new Failure('refused', t.token, { hint: t.makeKey });
  if (kind !== 'key' || typeof id !== 'string' || !Array.isArray(scopes)) {
    throw new Failure('refused', t.otherKind(service.url.href), { hint: t.makeKey });
  }
  const name = isObject(organization ?? null) ? (organization as JsonObject)['name'] : null;
  return { id, organization: typeof name === 'string' ? name : '?', scopes: scopes.map(String) };
}

export const logoutCommand = defineCommand({
  name: 'logout',
  summary: SUMMARIES.logout,
  usage: '',
  text: {
    en: 'Removes what "ingam login" has saved. The API key itself stays valid until it is revoked.',
    ko: '"ingam login"이 저장한 것을 지웁니다. API 키 자체는 폐기할 때까지 유효합니다.',
  },
  options: { ...LANG_OPTION },
  positionals: { min: 0, max: 0 },
  async run(_, io) {
    const t = loginMessages();
    const file = configFile(io);
    const hadKey = await readConfig(io).then(
      ({ key }) => key !== null,
      () => true,
    );
    if (!(await removeFile(file))) printNote(io, t.notSignedIn);
    else printNote(io, t.signedOut(file), ...(hadKey ? [t.stillValid] : []));
    return EXIT.ok;
  },
});

export const configCommand = defineCommand({
  name: 'config',
  summary: SUMMARIES.config,
  usage: '[--json]',
  text: {
    en: `Shows the settings that commands use without options, and where each comes from: the environment, what
"ingam login" and "ingam trust" have saved, or the default. Of an API key only its id is shown, which is not secret.`,
    ko: `옵션 없이 명령을 쓸 때의 설정과 출처를 보여 줍니다: 환경 변수, "ingam login"과 "ingam trust"가 저장한 것, 또는
기본값. API 키는 비밀이 아닌 ID만 보여 줍니다.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    ...LANG_OPTION,
    json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const t = loginMessages();
    const { url, key, sources } = await serviceSettings(values, io);
    const shownKey = key === null ? null : (keyId(key) ?? '…');
    const file = configFile(io);
    const trust = await trustFile(io);
    if (values.json) {
      printJson(io.stdout, {
        server: { value: url.href, source: sources.server },
        key: shownKey === null ? null : { id: shownKey, source: sources.key },
        trust,
        file,
      });
      return EXIT.ok;
    }
    const from = (source: keyof typeof t.sources) =>
      source === 'saved' ? `${t.sources.saved}: ${file}` : t.sources[source];
    printLine(io.stdout, `${t.server}: ${url.href} (${from(sources.server)})`);
    printLine(
      io.stdout,
      `${t.key}: ${shownKey === null ? t.none : `ingam_${shownKey}_… (${from(sources.key)})`}`,
    );
    printLine(io.stdout, `${t.trust}: ${trust ?? t.none}`);
    return EXIT.ok;
  },
});
