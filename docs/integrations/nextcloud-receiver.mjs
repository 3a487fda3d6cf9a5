/**
 * Takes webhooks of Nextcloud's app webhook_listeners, reads each written file by WebDAV, and notarizes its digest.
 * Settings: NEXTCLOUD_URL, NEXTCLOUD_USER, NEXTCLOUD_PASSWORD (an app password), WEBHOOK_SECRET, INGAM_SERVER, INGAM_KEY,
 * and HOST and PORT to listen on (127.0.0.1:8089).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const setting = (name, otherwise) => {
  const value = process.env[name] ?? otherwise;
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
};
const [cloud, user, password] = ['URL', 'USER', 'PASSWORD'].map((name) => setting(`NEXTCLOUD_${name}`));
const [secret, server, key] = ['WEBHOOK_SECRET', 'INGAM_SERVER', 'INGAM_KEY'].map((name) => setting(name));
const MAX_BODY = 64 * 1024;

const sha256 = (text) => createHash('sha256').update(text).digest();
const isAuthorized = (header = '') => timingSafeEqual(sha256(header), sha256(`Bearer ${secret}`));

async function bodyOf(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > MAX_BODY) throw new Error('the webhook is too long');
  }
  return text;
}

/** The path of a file in the user's folder; null: the webhook is about another user's file, or no file. */
function pathOf(webhook) {
  const path = webhook?.event?.node?.path;
  const folder = `/${user}/files/`;
  if (typeof path !== 'string' || !path.startsWith(folder)) return null;
  const parts = path.slice(folder.length).split('/');
  return parts.some((part) => ['', '.', '..'].includes(part)) ? null : parts;
}

async function notarize(parts) {
  const place = ['remote.php', 'dav', 'files', user, ...parts].map(encodeURIComponent).join('/');
  const file = await fetch(`${cloud.replace(/\/+$/, '')}/${place}`, {
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
    redirect: 'error',
  });
  // Deleted meanwhile, or a folder.
  if (file.status === 404 || file.status === 405) return;
  if (!file.ok) throw new Error(`Nextcloud answered ${file.status}`);
  const hash = createHash('sha256');
  let size = 0;
  for await (const bytes of file.body ?? []) {
    hash.update(bytes);
    size += bytes.length;
  }
  const digest = hash.digest('hex');
  const name = parts.at(-1);
  const answer = await fetch(`${server.replace(/\/+$/, '')}/v1/notarizations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      // A webhook that comes twice is notarized once.
      'idempotency-key': `nextcloud-${sha256(parts.join('/')).toString('hex')}-${digest}`,
    },
    body: JSON.stringify({ documents: [{ sha256: digest, size, details: { name, tags: ['nextcloud'] } }] }),
    redirect: 'error',
  });
  if (!answer.ok) throw new Error(`Ingam answered ${answer.status}: ${await answer.text()}`);
  const { notarizations } = await answer.json();
  console.log(`${parts.join('/')}: ${digest}, notarization ${notarizations[0].id}`);
}

const receiver = createServer(async (request, response) => {
  try {
    const text = await bodyOf(request);
    if (!isAuthorized(request.headers.authorization)) {
      response.writeHead(401).end();
      return;
    }
    const parts = pathOf(JSON.parse(text));
    if (parts !== null) await notarize(parts);
    response.writeHead(204).end();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    response.writeHead(500).end();
  }
});
receiver.listen(Number(setting('PORT', '8089')), setting('HOST', '127.0.0.1'), () => {
  const { address, port } = receiver.address();
  console.log(`Waiting for webhooks at http://${address}:${port}/`);
});
