import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseProof, toHex } from '../../src/proof/index.js';
import { createFolder, invoke, type TestFolder } from '../cli/invoke.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

// The recipes of docs/integrations/, as they stand there, with what the other programs send and accept by their documentation.

const DOCS = join(import.meta.dirname, '../../docs/integrations');

let service: TestService;
let folder: TestFolder;
/** May notarize and read. */
let key: string;
/** May notarize alone. */
let feeder: string;
beforeAll(async () => {
  service = await startService();
  const { id } = await createOrganization(service);
  key = (await createKey(service, id)).secret;
  feeder = (await createKey(service, id, ['notarize'])).secret;
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** The first block of a language in a page. */
async function block(page: string, language: string): Promise<string> {
  const text = await readFile(join(DOCS, page), 'utf8');
  const [, code] = new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, 'ms').exec(text) ?? [];
  return code ?? expect.fail(`${page} has no ${language}`);
}

const withAddress = (text: string) =>
  text.replaceAll('https://notary.example.com', service.url).replaceAll('ingam_…', feeder);

async function found(document: string | Buffer) {
  const sha256 = createHash('sha256').update(document).digest('hex');
  const response = await fetch(`${service.url}/v1/notarizations?sha256=${sha256}`, { headers: bearer(key) });
  expect(response.status).toBe(200);
  return ((await response.json()) as { notarizations: { details?: object; id: string }[] }).notarizations;
}

async function runProgram(program: string, argv: string[], env: Record<string, string>) {
  const child = spawn(program, argv, { env: { PATH: process.env['PATH'], ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

test('Paperless-ngx: the post-consumption script notarizes the original and saves its proof, once', async () => {
  const original = folder.at('0000042.pdf');
  await writeFile(original, 'an invoice');
  await writeFile(folder.at('ingam.sh'), await block('paperless-ngx.md', 'sh'));
  // What Paperless-ngx 2 gives its script.
  const env = {
    DOCUMENT_ID: '42',
    DOCUMENT_CREATED: '2026-05-01 00:00:00+00:00',
    DOCUMENT_FILE_NAME: '2026-05-01 Invoice.pdf',
    DOCUMENT_SOURCE_PATH: original,
    DOCUMENT_ARCHIVE_PATH: folder.at('archive.pdf'),
    DOCUMENT_ORIGINAL_FILENAME: 'scan.pdf',
    DOCUMENT_TAGS: '',
    ...{ INGAM_SERVER: service.url, INGAM_KEY: feeder, INGAM_PROOFS: folder.path },
  };
  for (let i = 0; i < 2; i++)
    expect(await runProgram('sh', [folder.at('ingam.sh')], env)).toEqual({ code: 0, output: '' });
  expect(await found('an invoice')).toMatchObject([{ details: { reference: 'paperless-42' } }]);
  const { code } = await invoke(
    ['verify', original, folder.at('42.ingam.json'), '--key', service.verifierKey],
    { cwd: folder.path },
  );
  expect(code).toBe(0);
  const wrong = await runProgram('sh', [folder.at('ingam.sh')], { ...env, INGAM_KEY: 'ingam_x_y' });
  expect(wrong.code).not.toBe(0);
});

test('Paperless-ngx: what its webhook sends with a document is taken', async () => {
  const text = await readFile(join(DOCS, 'paperless-ngx.md'), 'utf8');
  const valueOf = (field: string) =>
    new RegExp(`^\\| ${field} \\| (.*?) \\|$`, 'm').exec(text)?.[1] ?? expect.fail(field);
  // Only so has the request the document in it.
  expect(valueOf('Use parameters for webhook body')).toMatch(/^on\b/);
  expect(valueOf('Include document')).toBe('on');
  // httpx, as Paperless-ngx calls it: files={"file": (name, content, media type)}, data={}.
  const body = new FormData();
  body.append('file', new Blob(['a letter'], { type: 'application/pdf' }), '편지 1.pdf');
  const response = await fetch(withAddress(valueOf('URL')).replaceAll('`', ''), {
    method: 'POST',
    headers: { ...bearer(feeder), accept: '*/*', 'user-agent': 'python-httpx/0.28.1' },
    body,
  });
  expect(response.status).toBe(201);
  expect(await found('a letter')).toMatchObject([{ details: { name: '편지 1.pdf' } }]);
});

/** A Nextcloud with the files of a user, by WebDAV (https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/). */
async function startNextcloud(
  files: ReadonlyMap<number, { readonly path: string; readonly content: string }>,
) {
  const asked: string[] = [];
  let failures = 0;
  const cloud = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const { method = '', url = '' } = req;
      asked.push(`${method} ${decodeURI(url)}`);
      const authorization = `Basic ${Buffer.from('notary:app-password').toString('base64')}`;
      if (req.headers.authorization !== authorization) res.writeHead(401).end();
      else if (failures-- > 0) res.writeHead(503).end();
      else if (method === 'SEARCH' && url === '/cloud/remote.php/dav/') {
        const query = Buffer.concat(parts).toString();
        expect(req.headers['content-type']).toBe('text/xml');
        expect(query).toContain('<d:href>/files/notary</d:href>');
        const id = Number(/<oc:fileid\/><\/d:prop><d:literal>([0-9]+)</.exec(query)?.[1]);
        const file = files.get(id);
        const href = `/cloud/remote.php/dav/files/notary/${(file?.path ?? '').split('/').map(encodeURIComponent).join('/')}`;
        const prop = `<d:getcontentlength>${file?.content.length ?? 0}</d:getcontentlength>`;
        const item = `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${prop}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
        res.writeHead(207, { 'content-type': 'application/xml; charset=utf-8' });
        res.end(
          `<?xml version="1.0"?>\n<d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">${file === undefined ? '' : item}</d:multistatus>`,
        );
      } else {
        const path = decodeURIComponent(url.replace('/cloud/remote.php/dav/files/notary/', ''));
        const file = [...files.values()].find((each) => each.path === path);
        res.writeHead(file === undefined ? 404 : 200).end(file?.content);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  return {
    url: `http://127.0.0.1:${(cloud.address() as AddressInfo).port}/cloud/`,
    asked,
    fail: (count: number) => {
      failures = count;
    },
    [Symbol.asyncDispose]: async () => {
      cloud.close();
      cloud.closeAllConnections();
      await once(cloud, 'close');
    },
  };
}

test('Nextcloud: the receiver reads the file that a webhook names, and notarizes its digest, once', async () => {
  await using cloud = await startNextcloud(
    new Map([[437, { path: 'Shared/계약 #1.pdf', content: 'a contract' }]]),
  );
  const child = spawn(process.execPath, [join(DOCS, 'nextcloud-receiver.mjs')], {
    env: {
      PATH: process.env['PATH'],
      ...{ NEXTCLOUD_URL: cloud.url, NEXTCLOUD_USER: 'notary', NEXTCLOUD_PASSWORD: 'app-password' },
      ...{ WEBHOOK_SECRET: 'a secret', PORT: '0', INGAM_SERVER: service.url, INGAM_KEY: feeder },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  try {
    const url = await until('its address', () => /http:\S+/.exec(lines[0] ?? '')?.[0]);
    // As the job of webhook_listeners sends it: JSON of PHP, without a media type.
    const send = async (node: object, secret = 'a secret') => {
      const webhook = {
        event: { node, class: 'OCP\\Files\\Events\\Node\\NodeWrittenEvent' },
        user: { uid: 'someone', displayName: '누군가' },
        time: 1_780_000_000,
      };
      const text = JSON.stringify(webhook)
        .replaceAll('/', '\\/')
        .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
      const headers = { ...bearer(secret), 'user-agent': 'Nextcloud-Server-Crawler/33.0.0' };
      return (await fetch(url, { method: 'POST', headers, body: Buffer.from(text) })).status;
    };
    const path = '/someone/files/Contracts/계약 #1.pdf';
    expect(await send({ id: 437, path }, 'guessed')).toBe(401);
    // Of a file that was deleted.
    expect(await send({ path })).toBe(202);
    expect(cloud.asked).toEqual([]);
    cloud.fail(1);
    for (const id of [437, 999, 437]) expect(await send({ id, path })).toBe(202);
    await until(
      'both webhooks to be worked off',
      () => lines.filter((line) => line.includes('notarization ')).length,
      2,
    );
    expect(lines.filter((line) => line.includes('is not notarized'))).toEqual([
      'File 437 is not notarized. Nextcloud answered 503: ',
    ]);
    expect(await found('a contract')).toMatchObject([
      { details: { name: '계약 #1.pdf', reference: 'nextcloud-437' } },
    ]);
  } finally {
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  }
});

test('Nextcloud: the script of Flow notarizes a file and saves its proof', async () => {
  const text = await readFile(join(DOCS, 'nextcloud.md'), 'utf8');
  const [, code = ''] = /^```sh\n(#!\/bin\/sh\n.*?)^```/ms.exec(text) ?? [];
  const script = withAddress(code).replace('/var/lib/ingam-proofs', folder.path);
  await writeFile(folder.at('ingam-flow'), script, { mode: 0o700 });
  const file = folder.at("it's 계약 \\ $HOME.pdf");
  await writeFile(file, 'by flow');
  // Placeholders as the app replaces them, with escapeshellarg of PHP, and what its job runs.
  const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
  const command = (/^\/usr\/local\/bin\/ingam-flow .*$/m.exec(text)?.[0] ?? '')
    .replace('/usr/local/bin/ingam-flow', folder.at('ingam-flow'))
    .replace('%f', quoted(file))
    .replace('%i', quoted('437'));
  expect(await runProgram('sh', ['-c', `sh -c ${quoted(command)} >/dev/null`], {})).toEqual({
    code: 0,
    output: '',
  });
  expect(await found('by flow')).toMatchObject([{ details: { reference: 'nextcloud-437' } }]);
  const digest = createHash('sha256').update('by flow').digest('hex');
  const { code: verified } = await invoke(
    ['verify', file, folder.at(`437-${digest}.ingam.json`), '--key', service.verifierKey],
    { cwd: folder.path },
  );
  expect(verified).toBe(0);
});

interface N8nNode {
  readonly name: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>> & {
    readonly method?: string;
    readonly url?: string;
    readonly jsonBody?: string;
    readonly headerParameters?: {
      readonly parameters: readonly { readonly name: string; readonly value: string }[];
    };
  };
}

interface N8nItem {
  readonly json: object;
  readonly binary: Readonly<Record<string, Buffer>>;
}

/** What a node makes of an item, as that node of n8n does: https://github.com/n8n-io/n8n, packages/nodes-base/nodes/ */
async function runNode({ type, parameters }: N8nNode, { json, binary }: N8nItem): Promise<N8nItem> {
  const text = (name: string) => {
    const value = parameters[name];
    return typeof value === 'string' ? value : expect.fail(`no ${name}`);
  };
  /** A value with "=" at its beginning is an expression: https://docs.n8n.io/code/expressions/ */
  const evaluated = (given: string) =>
    given.startsWith('=')
      ? withAddress(given.slice(1)).replaceAll(/\{\{ (.*?) \}\}/g, (_, path: string) =>
          String(
            path
              .replaceAll(/\[(\d+)\]/g, '.$1')
              .split('.')
              .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], {
                $json: json,
                $execution: { id: '7' },
              }),
          ),
        )
      : withAddress(given);
  if (type === 'n8n-nodes-base.crypto') {
    expect([parameters['action'], parameters['binaryData']]).toEqual(['hash', true]);
    const hash = createHash(text('type')).update(binary[text('binaryPropertyName')] ?? expect.fail());
    // The file goes no further.
    return {
      json: { ...json, [text('dataPropertyName')]: hash.digest(text('encoding') as 'hex') },
      binary: {},
    };
  }
  expect([type, parameters['genericAuthType']]).toEqual(['n8n-nodes-base.httpRequest', 'httpHeaderAuth']);
  const { jsonBody, headerParameters, options } = parameters;
  const own = (headerParameters?.parameters ?? []).map((each) => [each.name, evaluated(each.value)] as const);
  const response = await fetch(evaluated(text('url')), {
    method: text('method'),
    headers: {
      ...bearer(feeder),
      accept:
        'application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7',
      'user-agent': 'n8n',
      ...(jsonBody === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(own),
    },
    ...(jsonBody === undefined ? {} : { body: JSON.stringify(JSON.parse(evaluated(jsonBody))) }),
  });
  expect(response.ok).toBe(true);
  return JSON.stringify(options).includes('"responseFormat":"file"')
    ? { json: {}, binary: { data: Buffer.from(await response.arrayBuffer()) } }
    : { json: (await response.json()) as object, binary: {} };
}

test('n8n: the workflow answers an upload with the proof of the file', async () => {
  const { nodes, connections } = JSON.parse(await readFile(join(DOCS, 'n8n-workflow.json'), 'utf8')) as {
    readonly nodes: readonly N8nNode[];
    readonly connections: Readonly<Record<string, { main: { node: string }[][] }>>;
  };
  const nodeOf = (name: string) => nodes.find((node) => node.name === name) ?? expect.fail(name);
  const { parameters } = nodeOf('Webhook');
  // The name of a part is that of the property.
  let item: N8nItem = { json: { headers: {}, body: {} }, binary: { data: Buffer.from('by n8n') } };
  const ran: string[] = [];
  for (let at = 'Webhook'; ;) {
    const next = connections[at]?.main[0]?.[0]?.node;
    if (next === undefined) break;
    item = await runNode(nodeOf(next), item);
    ran.push(next);
    at = next;
  }
  expect(ran).toEqual(['Crypto', 'Notarize', 'Proof']);
  expect(parameters).toMatchObject({ responseMode: 'lastNode', responseData: 'firstEntryBinary' });
  const answer = item.binary[parameters['responseBinaryPropertyName'] as string] ?? expect.fail();
  expect(toHex(parseProof(answer).document.sha256)).toBe(createHash('sha256').update('by n8n').digest('hex'));
});

test.each([
  ['SharePoint', { '{FilenameWithExtension}': 'Q3 보고서.xlsx', ID: 12 }],
  ['OneDrive', { Name: 'Q3 보고서.xlsx', Id: '01ABC' }],
])(
  'Microsoft 365: the HTTP action notarizes the content of a file of %s under its name',
  async (source, body) => {
    const action = await block('microsoft-365.md', 'json');
    const { inputs } = JSON.parse(
      source === 'SharePoint'
        ? action
        : action.replaceAll('body/{FilenameWithExtension}', 'body/Name').replaceAll('body/ID', 'body/Id'),
    ) as { inputs: { method: string; uri: string; headers: Record<string, string>; body: string } };
    // Expressions of Azure Logic Apps.
    const output = (path: string) => (body as Record<string, string | number>)[path] ?? expect.fail(path);
    const evaluated = (given: string) =>
      withAddress(given)
        .replaceAll(/@\{encodeUriComponent\(triggerOutputs\(\)\?\['body\/(.*?)'\]\)\}/g, (_, path: string) =>
          encodeURIComponent(output(path)),
        )
        .replaceAll(/@\{triggerOutputs\(\)\?\['body\/(.*?)'\]\}/g, (_, path: string) => String(output(path)))
        .replace("@{workflow()['run']['name']}", '08584');
    const headers = Object.fromEntries(
      Object.entries(inputs.headers).map(([name, value]) => [name, evaluated(value)]),
    );
    // A body that is one content and nothing else is sent as the bytes that it stands for.
    expect(inputs.body).toBe("@body('Get_file_content')");
    const uri = evaluated(inputs.uri);
    expect(`${uri}${Object.values(headers).join('')}`).not.toContain('@');
    const content = `of ${source}`;
    const response = await fetch(uri, { method: inputs.method, headers, body: content });
    expect(response.status).toBe(201);
    expect(await found(content)).toMatchObject([{ details: { name: 'Q3 보고서.xlsx' } }]);
  },
);

test('Zapier: the form that it posts is taken, and its code sends only the digest', async () => {
  const text = await readFile(join(DOCS, 'zapier.md'), 'utf8');
  const url = withAddress(/^\| URL \| `(.*?)` \|$/m.exec(text)?.[1] ?? '');
  const [, name = '', value = ''] = /^\| Data \| `(.*?)`: `(.*?)` \|$/m.exec(text) ?? [];
  const body = new FormData();
  body.append(name, value);
  body.append('file', new Blob(['a form'], { type: 'text/plain' }), 'form.txt');
  const posted = await fetch(url, { method: 'POST', headers: bearer(feeder), body });
  expect(posted.status).toBe(201);
  expect(await found('a form')).toMatchObject([{ details: { name: 'form.txt', tags: ['zapier'] } }]);
  const code = withAddress(await block('zapier.md', 'js'));
  // As Zapier runs it: in an async function, with inputData and output.
  const AsyncFunction = (async () => Promise.resolve()).constructor as new (
    ...parts: string[]
  ) => (...given: unknown[]) => Promise<unknown>;
  const run = new AsyncFunction('inputData', 'require', `let output;\n${code}\nreturn output;`);
  const output = await run({ url: 'data:text/plain,from%20zapier' }, () => ({ createHash }));
  expect(output).toMatchObject({
    status: 'sealed',
    sha256: createHash('sha256').update('from zapier').digest('hex'),
  });
});

test('the overview names every page', async () => {
  const overview = await readFile(join(DOCS, 'README.md'), 'utf8');
  const pages = (await readdir(DOCS)).filter((name) => name.endsWith('.md') && name !== 'README.md');
  for (const page of pages) expect(overview).toContain(`(${page})`);
});
