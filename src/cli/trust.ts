import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { formatVerifierKey, parsePolicy, ProofError, type Policy } from '../proof/index.js';
import { writeDurably } from '../store/durable-file.js';
import { defineCommand } from './command.js';
import { Failure, fileFailure, systemCode } from './failure.js';
import { EXIT, printJson, printLine } from './io.js';
import { malformed, readText } from './input/read-proof.js';
import { openService, SERVER_OPTIONS } from './service-client.js';
import { printable } from './output/text.js';
import { isVouchedForBy, vouchesFor } from './trust-change.js';
import { defaultTrustFile, parseKey } from './input/trust-store.js';

export const trustCommand = defineCommand({
  name: 'trust',
  summary: "fetch a service's key and keep it as the one you trust",
  usage: '[--server URL] [--expect VKEY] [--out FILE]',
  text: `Fetches the trust policy of a service, shows its key, and keeps the policy where "ingam verify" looks for it.

A key that comes from the server it shall judge proves nothing by itself. Compare it with what the owner of the
service has published elsewhere, or give that key with --expect.

A policy that is kept already is replaced without --force only when its own keys vouch for the change: the log has
changed its key, and says so in blocks that the kept policy believes.

The key is on standard output.`,
  options: {
    ...SERVER_OPTIONS,
    expect: { type: 'string', value: 'VKEY', help: 'the key that it must be; any other is refused' },
    out: {
      type: 'string',
      value: 'FILE',
      help: 'where to keep the policy (default: ~/.config/ingam/trust, by $XDG_CONFIG_HOME)',
    },
    force: { type: 'boolean', help: 'replace another policy that is kept there' },
    json: { type: 'boolean', help: 'key, fingerprint and file as JSON on standard output' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const expected = values.expect === undefined ? null : formatVerifierKey(parseKey(values.expect));
    const service = openService({ server: values.server }, io);
    const text = service.object(await service.request('v1/chain'))['policy'];
    if (typeof text !== 'string') throw service.unexpected('it gives no trust policy');
    const offered = parsePolicyOf(text, service.url.href);
    const { logs } = offered;
    const keys = logs.map(formatVerifierKey);
    if (keys.length === 0) throw service.unexpected('its trust policy names no log');
    const isVouchedFor = async (by: (statements: string) => boolean) =>
      holds(by, service.text(await service.request('v1/log-keys')));
    // Keys beside the expected one, or before or after it, retired ones too, are believed only by way of it.
    const isExpected =
      expected === null ||
      (keys.length === 1 && keys[0] === expected && offered.retired.length === 0) ||
      (await isVouchedFor((said) => isVouchedForBy(parseKey(expected), offered, said)));
    if (!isExpected) {
      throw new Failure(
        'refused',
        `the key of ${service.url.href} is not the expected one, but ${keys.join(', ')}`,
        {
          code: 'unexpected_key',
          exitCode: EXIT.failed,
        },
      );
    }
    const file = values.out === undefined ? defaultTrustFile(io) : resolve(io.cwd, values.out);
    const kept = await keep(file, text, values.force, (before) =>
      isVouchedFor((said) => vouchesFor(parsePolicy(before), offered, said)),
    );
    // SHA-256 over the raw public key: short enough to be read out over the telephone.
    const fingerprints = logs.map(({ publicKey }) => createHash('sha256').update(publicKey).digest('hex'));
    if (values.json) {
      printJson(io.stdout, {
        file,
        keys,
        fingerprints,
        changed: kept !== 'unchanged',
        compared: expected !== null,
      });
      return EXIT.ok;
    }
    for (const key of keys) printLine(io.stdout, printable(key));
    for (const print of fingerprints) printLine(io.stderr, `SHA-256 of the key: ${grouped(print)}`);
    printLine(io.stderr, `${kept === 'unchanged' ? 'Kept already in' : 'Kept in'} ${printable(file)}`);
    if (kept === 'followed') {
      printLine(io.stderr, 'The log has changed its key, and the one that was kept here vouches for that.');
    } else if (expected === null) {
      printLine(
        io.stderr,
        'This key came from the server that it shall judge: compare it with what the owner of the',
      );
      printLine(
        io.stderr,
        'service tells you by another way (a contract, a letter, the telephone) before you rely on it.',
      );
    }
    return EXIT.ok;
  },
});

function parsePolicyOf(text: string, source: string): Policy {
  try {
    return parsePolicy(text);
  } catch (error) {
    throw malformed(error, `the policy of ${source}`, 'a trust policy');
  }
}

/** A key that changes is the alarm that this whole file exists for: it is never replaced in passing. */
async function keep(
  file: string,
  text: string,
  force: boolean,
  isVouchedFor: (before: string) => Promise<boolean>,
): Promise<'written' | 'followed' | 'unchanged'> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
    return 'written';
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileFailure(error, file);
  }
  const before = await readText(file);
  if (same(before, text)) return 'unchanged';
  if (await isVouchedFor(before)) {
    await replace(file, text);
    return 'followed';
  }
  throw new Failure('conflict', `${file} holds another policy, and was left as it is`, {
    exitCode: EXIT.failed,
    hint: 'If you expected the key to change, say --force. To trust two services, keep their policies apart with --out, and name one with INGAM_TRUST or --trust.',
  });
}

/** A crash leaves the one or the other. */
async function replace(file: string, text: string): Promise<void> {
  const mode = 0o644;
  await writeDurably(file, text, mode).catch((error: unknown) => {
    throw fileFailure(error, file);
  });
}

/** Whatever cannot be read vouches for nothing. */
function holds(by: (statements: string) => boolean, statements: string): boolean {
  try {
    return by(statements);
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

/** Comments may differ, but for those that name a key. */
function same(a: string, b: string): boolean {
  const essence = (text: string) =>
    text.split('\n').filter((line) => line !== '' && !/^#(?!retired-log\b)/.test(line));
  return essence(a).join('\n') === essence(b).join('\n');
}

function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(' ') ?? hex;
}
