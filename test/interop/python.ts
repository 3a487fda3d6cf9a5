/**
 * Part of `npm run test:interop`: the Python client as pip installs it, with the whole program of its page, its types by mypy, webhooks
 * that the library of Standard Webhooks and a key pair have signed, and those of a service with that library as their receiver. Needs
 * Python 3.10 or newer with venv, which fetches that code from its package index.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGES = ['standardwebhooks==1.1.0', 'mypy==2.3.0'];
const CLIENT = fileURLToPath(new URL('../../packages/python', import.meta.url));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

const WEBHOOKS = `
import base64
from datetime import datetime, timezone

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks.webhooks import Webhook

from ingam_client import WebhookError, WebhookMessage, verify_webhook

secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
body = '{"type":"a.b","timestamp":"2027-01-01T00:00:00.000Z","data":{"title":"제목"}}'
now = datetime.now(tz=timezone.utc)
time = str(int(now.timestamp()))


def verified(signature: str, secrets: "list[str]") -> "WebhookMessage | None":
    headers = {"webhook-id": "m", "webhook-timestamp": time, "webhook-signature": signature}
    try:
        return verify_webhook(body.encode(), headers, secrets)
    except WebhookError as error:
        assert error.code == "bad_signature", error.code
        return None


by_library = Webhook(secret).sign("m", now, body)
message = verified(by_library, [secret])
assert message is not None and message.data == {"title": "제목"}

private = Ed25519PrivateKey.generate()
public = "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()
by_key = "v1a," + base64.b64encode(private.sign(f"m.{time}.{body}".encode())).decode()
assert verified(by_key, [public]) is not None
assert verified(f"{by_library} {by_key}", [public]) is not None
assert verified(by_key, [secret, public]) is not None
assert verified(by_library, [public]) is None
assert verified(by_key.replace("v1a", "v1"), [public, secret]) is None
`;

const TYPED = `
from ingam_client import Client
from ingam_client.types import Details, Notarization

client = Client("http://localhost")
details: Details = {"title": "Lease", "tags": ["lease"]}
accepted: Notarization = client.notarize(b"", details=details)
size: "int | None" = accepted["size"]
client.notarize(b"", details={"titel": "Lease"})
`;

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
const python = join(folder, 'venv/bin/python');
try {
  await run('python3', ['-m', 'venv', join(folder, 'venv')]);
  // Built in a copy: setuptools leaves files beside the sources.
  await run('cp', ['-r', CLIENT, join(folder, 'client')]);
  const wanted = [`${join(folder, 'client')}[ed25519]`, ...PACKAGES];
  await run(python, ['-m', 'pip', 'install', '--quiet', ...wanted]).catch((error: unknown) => {
    const what = `setuptools, cryptography, ${PACKAGES.join(', ')}`;
    throw new Error(
      `pip could not install all of ${what}, so neither the Python client nor webhooks in Python were checked`,
      { cause: error },
    );
  });
  await writeFile(join(folder, 'webhooks.py'), WEBHOOKS);
  await run(python, [join(folder, 'webhooks.py')]);
  await run(python, ['-m', 'mypy', '--strict', '-p', 'ingam_client', '--python-version', '3.10'], {
    cwd: folder,
  });
  await writeFile(join(folder, 'typed.py'), TYPED);
  const { code, stdout } = await run(python, ['-m', 'mypy', '--strict', 'typed.py'], { cwd: folder }).then(
    (ended) => ({ code: 0, ...ended }),
    (error: unknown) => error as { readonly code: number; readonly stdout: string },
  );
  if (
    code !== 1 ||
    !/^typed\.py:9: error: Argument "details"/.test(stdout) ||
    !stdout.includes('Found 1 error')
  )
    throw new Error(`mypy must find the wrong key on line 9, and nothing else:\n${stdout}`);
  const receiving = spawn(
    process.execPath,
    [VITEST, 'run', '--config=test/vitest.interop.config.ts', 'python.interop'],
    { env: { ...process.env, INGAM_TEST_PYTHON: python }, stdio: 'inherit' },
  );
  if ((await once(receiving, 'exit'))[0] !== 0)
    throw new Error(
      'the whole program, or a receiver with the library of Standard Webhooks, did not do what it says',
    );
  console.log('python: the client is installed, strictly typed, and verifies webhooks of both kinds');
} finally {
  await rm(folder, { recursive: true, force: true });
}
