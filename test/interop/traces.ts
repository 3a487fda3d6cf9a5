/**
 * Part of `npm run test:interop`: the built service with the SDK of OpenTelemetry for Node, as docs/operations.md shows it. Fetches
 * the SDK's packages from npm's registry. A receiver here takes what it sends (OTLP over HTTP, in JSON).
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { startBuilt } from '../support/built.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const SDK = '@opentelemetry/auto-instrumentations-node@0.81.2';

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: object }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[];
  }[];
}

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
const bodies: string[] = [];
const receiver = createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8').on('data', (text: string) => (body += text));
  req.on('end', () => {
    if (req.url === '/v1/traces') bodies.push(body);
    res.setHeader('Content-Type', 'application/json').end('{}');
  });
}).listen(0, '127.0.0.1');
await once(receiver, 'listening');
const sent = () =>
  bodies.flatMap((body) =>
    (JSON.parse(body) as Export).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans),
    ),
  );
try {
  await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', SDK]);
  const register = join(
    folder,
    'node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js',
  );
  for (const workers of ['1', '2']) {
    bodies.length = 0;
    const service = await startBuilt(['serve'], {
      env: {
        INGAM_DATA_DIR: join(folder, `data-${workers}`),
        INGAM_WORKERS: workers,
        NODE_OPTIONS: `--import=${pathToFileURL(register).href}`,
        OTEL_SERVICE_NAME: 'notary',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'runtime-node',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    });
    try {
      const [traceId, client] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
      const sha256 = randomBytes(32).toString('hex');
      const response = await fetch(`${service.url}/v1/notarizations`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', traceparent: `00-${traceId}-${client}-01` },
        body: JSON.stringify({ documents: [{ sha256, details: { name: 'a secret name' } }] }),
      });
      assert.equal(response.status, 201);
      const { notarizations } = (await response.json()) as { notarizations: { id: string }[] };
      const id = notarizations[0]?.id ?? '';
      await fetch(`${service.url}/v1/notarizations/${id}`);
      const post = await until('the span of the submission', () =>
        sent().find((span) => span.name === 'POST /v1/notarizations'),
      );
      assert.equal(post.traceId, traceId, 'it belongs to the trace of the client');
      assert.equal(post.parentSpanId, client);
      const commit = await until('the span of the commit', () =>
        sent().find(({ name }) => name === 'commit'),
      );
      assert.equal(commit.parentSpanId, post.spanId);
      const get = await until('the span of the reading', () =>
        sent().find((span) => span.name === 'GET /v1/notarizations/{id}'),
      );
      const query = await until('a span of the database', () =>
        sent().find(({ name, parentSpanId }) => name === 'postgresql entry' && parentSpanId === get.spanId),
      );
      assert.equal(query.traceId, get.traceId);
      const all = bodies.join('\n');
      assert.match(all, /"notary"/);
      for (const secret of [id, sha256, 'a secret name'])
        assert.ok(!all.includes(secret), `${secret} was sent`);
      const names = [...new Set(sent().map(({ name }) => name))].sort();
      console.log(
        `passed  traces with ${workers} ${workers === '1' ? 'process' : 'workers'}: ${names.join(', ')}`,
      );
    } finally {
      await service.stop();
    }
  }
} catch (error) {
  console.log(`FAILED  traces: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  receiver.close();
  receiver.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
}
