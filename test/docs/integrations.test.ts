import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseProof } from '../../src/proof/index.js';
import { createFolder, invoke, type TestFolder } from '../cli/invoke.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

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
  const url = withAddress(/^\| URL \| `(.*?)` \|$/m.exec(text)?.[1] ?? '');
  const body = new FormData();
  body.append('file', new Blob(['a letter'], { type: 'application/pdf' }), 'letter.pdf');
  const response = await fetch(url, { method: 'POST', headers: bearer(feeder), body });
  expect(response.status).toBe(201);
  expect(await found('a letter')).toMatchObject([{ details: { name: 'letter.pdf' } }]);
});

test('Nextcloud: the receiver reads the file that a webhook names, and notarizes its digest', async () => {
  const asked: string[] = [];
  const cloud = createServer((req, res) => {
    asked.push(req.url ?? '');
    const authorization = `Basic ${Buffer.from('notary:app-password').toString('base64')}`;
    if (req.headers.authorization !== authorization) res.writeHead(401).end();
    else if (req.url === '/remote.php/dav/files/notary/Contracts/%EA%B3%84%EC%95%BD%20%231.pdf')
      res.end('a contract');
    else res.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  const child = spawn(process.execPath, [join(DOCS, 'nextcloud-receiver.mjs')], {
    env: {
      PATH: process.env['PATH'],
      ...{
        NEXTCLOUD_URL: `http://127.0.0.1:${(cloud.address() as AddressInfo).port}/`,
        NEXTCLOUD_USER: 'notary',
      },
      ...{ NEXTCLOUD_PASSWORD: 'app-password', WEBHOOK_SECRET: 'a secret', PORT: '0' },
      ...{ INGAM_SERVER: service.url, INGAM_KEY: feeder },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const url = /http:\S+/.exec(line)?.[0] ?? expect.fail(line);
    // What webhook_listeners sends for a file that was written.
    const webhook = (path: string) => ({
      user: { uid: 'notary', displayName: 'Notary' },
      time: 1_780_000_000,
      event: { class: 'OCP\\Files\\Events\\Node\\NodeWrittenEvent', node: { id: 437, path } },
    });
    const send = async (path: string, secret = 'a secret') => {
      const headers = { ...bearer(secret), 'content-type': 'application/json' };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(webhook(path)) })).status;
    };
    expect(await send('/notary/files/Contracts/계약 #1.pdf', 'guessed')).toBe(401);
    expect(await send('/notary/files/../admin/files/x')).toBe(204);
    expect(await send('/other/files/Contracts/x.pdf')).toBe(204);
    expect(asked).toEqual([]);
    expect(await send('/notary/files/Contracts/gone.pdf')).toBe(204);
    for (let i = 0; i < 2; i++) expect(await send('/notary/files/Contracts/계약 #1.pdf')).toBe(204);
    expect(await found('a contract')).toMatchObject([{ details: { name: '계약 #1.pdf' } }]);
  } finally {
    const exited = once(child, 'exit');
    child.kill();
    await exited;
    cloud.close();
  }
});

interface N8nNode {
  readonly name: string;
  readonly parameters: {
    readonly method: string;
    readonly url: string;
    readonly jsonBody?: string;
    readonly headerParameters?: {
      readonly parameters: readonly { readonly name: string; readonly value: string }[];
    };
  };
}

test('n8n: the requests of the workflow give the proof', async () => {
  const workflow = JSON.parse(await readFile(join(DOCS, 'n8n-workflow.json'), 'utf8')) as {
    readonly nodes: readonly N8nNode[];
    readonly connections: Readonly<Record<string, { main: { node: string }[][] }>>;
  };
  const next = (name: string) => workflow.connections[name]?.main[0]?.[0]?.node;
  expect([next('Webhook'), next('Crypto'), next('Notarize'), next('Proof')]).toEqual([
    'Crypto',
    'Notarize',
    'Proof',
    undefined,
  ]);
  /** A value with "=" at its beginning is an expression: https://docs.n8n.io/code/expressions/ */
  const evaluated = (text: string, json: object) =>
    text.startsWith('=')
      ? withAddress(text.slice(1)).replaceAll(/\{\{ (.*?) \}\}/g, (_, path: string) =>
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
      : withAddress(text);
  const ask = (name: string, json: object) => {
    const { method, url, jsonBody, headerParameters } =
      workflow.nodes.find((node) => node.name === name)?.parameters ?? expect.fail(name);
    const own = (headerParameters?.parameters ?? []).map(
      (each) => [each.name, evaluated(each.value, json)] as const,
    );
    const headers = { ...bearer(feeder), 'content-type': 'application/json', ...Object.fromEntries(own) };
    return fetch(evaluated(url, json), {
      ...{ method, headers },
      ...(jsonBody === undefined ? {} : { body: evaluated(jsonBody, json) }),
    });
  };
  const sha256 = createHash('sha256').update('by n8n').digest('hex');
  const notarized = await ask('Notarize', { sha256 });
  expect(notarized.status).toBe(201);
  const proof = await ask('Proof', (await notarized.json()) as object);
  expect(proof.status).toBe(200);
  expect(
    Buffer.from(parseProof(new Uint8Array(await proof.arrayBuffer())).document.sha256).toString('hex'),
  ).toBe(sha256);
});

test('Microsoft 365: the HTTP action notarizes the content of a file under its name', async () => {
  const { inputs } = JSON.parse(await block('microsoft-365.md', 'json')) as {
    inputs: { method: string; uri: string; headers: Record<string, string>; body: string };
  };
  const evaluated = (text: string) =>
    withAddress(text)
      .replace(
        "@{encodeUriComponent(triggerBody()?['{FilenameWithExtension}'])}",
        encodeURIComponent('Q3 보고서.xlsx'),
      )
      .replace("@{triggerBody()?['ID']}", '12')
      .replace("@{workflow()['run']['name']}", '08584');
  const headers = Object.fromEntries(
    Object.entries(inputs.headers).map(([name, value]) => [name, evaluated(value)]),
  );
  expect(inputs.body).toBe("@body('Get_file_content')");
  const uri = evaluated(inputs.uri);
  expect(`${uri}${Object.values(headers).join('')}`).not.toContain('@');
  const response = await fetch(uri, { method: inputs.method, headers, body: 'a spreadsheet' });
  expect(response.status).toBe(201);
  expect(await found('a spreadsheet')).toMatchObject([{ details: { name: 'Q3 보고서.xlsx' } }]);
});

test('Zapier: the form that it posts is taken, and its code sends only the digest', async () => {
  const text = await readFile(join(DOCS, 'zapier.md'), 'utf8');
  const url = withAddress(/^\| URL \| `(.*?)` \|$/m.exec(text)?.[1] ?? '');
  const body = new FormData();
  body.append('file', new Blob(['a form'], { type: 'text/plain' }), 'form.txt');
  const posted = await fetch(url, { method: 'POST', headers: bearer(feeder), body });
  expect(posted.status).toBe(201);
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
