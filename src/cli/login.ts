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

/** More than any key has. */
const MAX_KEY_LENGTH = 4096;

export const loginCommand = defineCommand({
  name: 'login',
  summary: 'save the address of a service, and an API key for it',
  usage: '[--server URL] [--key API_KEY | --anonymous]',
  text: `Checks the API key with the service, and saves both for the other commands, in ~/.config/ingam/config.json or in
$XDG_CONFIG_HOME, readable only by you. The key is asked for without being shown, or read from standard input
(ingam login < key.txt). --key is shown to other users of this machine while the command runs.

A saved key is sent to the saved server and to no other. The options --server and --key, and the environment
(INGAM_SERVER, INGAM_KEY), take precedence over what is saved.`,
  options: {
    ...SERVER_OPTIONS,
    key: { type: 'string', value: 'API_KEY', help: 'the API key, instead of being asked for it' },
    anonymous: { type: 'boolean', help: 'save the address without an API key' },
    ...LANG_OPTION,
    json: { type: 'boolean', help: 'print what was saved as JSON, without the key' },
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
  summary: 'remove the saved address and API key',
  usage: '',
  text: 'Removes what "ingam login" has saved. The API key itself stays valid until it is revoked.',
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
  summary: 'show which service, API key and trust policy the commands use',
  usage: '[--json]',
  text: `Shows the settings that commands use without options, and where each comes from: the environment, what
"ingam login" and "ingam trust" have saved, or the default. Of an API key only its id is shown, which is not secret.`,
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    ...LANG_OPTION,
    json: { type: 'boolean', help: 'print JSON' },
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
