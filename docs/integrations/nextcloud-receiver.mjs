/**
 * Takes webhooks of Nextcloud's app webhook_listeners, reads each written file by WebDAV, and notarizes its digest.
 * Settings: NEXTCLOUD_URL, NEXTCLOUD_USER, NEXTCLOUD_PASSWORD (an app password), WEBHOOK_SECRET, INGAM_SERVER, INGAM_KEY,
 * and HOST and PORT to listen on (127.0.0.1:8089).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const setting = (name, otherwise) => {
  const value = process.env[name] ?? otherwise;
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
};
const [cloud, user, password] = ['URL', 'USER', 'PASSWORD'].map((name) => setting(`NEXTCLOUD_${name}`));
const [secret, server, key] = ['WEBHOOK_SECRET', 'INGAM_SERVER', 'INGAM_KEY'].map((name) => setting(name));
const MAX_BODY = 64 * 1024;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

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

/** The answer of Nextcloud or Ingam. @throws Error, with `passes` when it can be another one later */
async function ask(name, url, options) {
  const answer = await fetch(url, { redirect: 'error', ...options }).catch((error) => {
    const why = error.cause?.message ?? error.message;
    throw Object.assign(new Error(`${name} cannot be reached: ${why}`), { passes: true });
  });
  if (answer.ok) return answer;
  const passes = [408, 423, 429, 502, 503, 504].includes(answer.status);
  throw Object.assign(new Error(`${name} answered ${answer.status}: ${await answer.text()}`), { passes });
}

const askCloud = (path, options) =>
  ask('Nextcloud', new URL(path, cloud), {
    ...options,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'content-type': 'text/xml',
    },
  });

/**
 * Where the user has a file, also one that others share: by its id, as its path is another one for each of them.
 * null: it is gone, is a folder, or is none of the user's.
 */
async function pathOf(id) {
  const answer = await askCloud(`${new URL(cloud).pathname.replace(/\/+$/, '')}/remote.php/dav/`, {
    method: 'SEARCH',
    body: `<?xml version="1.0" encoding="UTF-8"?>
<d:searchrequest xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:basicsearch>
  <d:select><d:prop><d:getcontentlength/></d:prop></d:select>
  <d:from><d:scope><d:href>/files/${encodeURIComponent(user)}</d:href><d:depth>infinity</d:depth></d:scope></d:from>
  <d:where><d:eq><d:prop><oc:fileid/></d:prop><d:literal>${id}</d:literal></d:eq></d:where>
  <d:orderby/>
</d:basicsearch></d:searchrequest>`,
  });
  const text = await answer.text();
  const isFile = /<(?:\w+:)?getcontentlength>[0-9]+</.test(text);
  return isFile ? (/<(?:\w+:)?href>([^<]+)</.exec(text)?.[1].replaceAll('&amp;', '&') ?? null) : null;
}

async function notarize(id) {
  const path = await pathOf(id);
  if (path === null) return;
  const file = await askCloud(path);
  const hash = createHash('sha256');
  let size = 0;
  for await (const bytes of file.body ?? []) {
    hash.update(bytes);
    size += bytes.length;
  }
  const digest = hash.digest('hex');
  const name = decodeURIComponent(path.split('/').at(-1));
  const details = { name, reference: `nextcloud-${id}`, tags: ['nextcloud'] };
  const answer = await ask('Ingam', new URL('v1/notarizations', `${server.replace(/\/+$/, '')}/`), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      // A webhook that comes twice is notarized once.
      'idempotency-key': `nextcloud-${id}-${digest}`,
    },
    body: JSON.stringify({ documents: [{ sha256: digest, size, details }] }),
  });
  const { notarizations } = await answer.json();
  console.log(`${name}: ${digest}, notarization ${notarizations[0].id}`);
}

/** Nextcloud sends a webhook once, so what fails for a while is tried until it works. */
async function notarizeAtLast(id) {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      await notarize(id);
      return;
    } catch (error) {
      console.error(`File ${id} is not notarized. ${error.message}`);
      if (!error.passes) return;
    }
    await delay(pause);
  }
}

let working = Promise.resolve();
const receiver = createServer(async (request, response) => {
  try {
    const text = await bodyOf(request);
    if (!isAuthorized(request.headers.authorization)) {
      response.writeHead(401).end();
      return;
    }
    const id = JSON.parse(text).event?.node?.id;
    // What is gone has none.
    if (Number.isSafeInteger(id)) working = working.then(() => notarizeAtLast(id));
    response.writeHead(202).end();
  } catch (error) {
    console.error(error.message);
    response.writeHead(400).end();
  }
});
receiver.listen(Number(setting('PORT', '8089')), setting('HOST', '127.0.0.1'), () => {
  const { address, port } = receiver.address();
  console.log(`Waiting for webhooks at http://${address}:${port}/`);
});
