import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { AccessError } from '../auth/index.js';
import { injectConnection, Metrics } from '../http/index.js';
import { StoreError } from '../store/index.js';
import { buildService, type BuiltService } from './build.js';
import { settleHeap } from '../background/garbage.js';
import { createLogger } from './logger.js';
import {
  receivedConfig,
  type SentConfig,
  type ToPrimary,
  type ToWorker,
  type WorkerFailure,
} from './messages.js';
import { prepare } from './startup.js';

/*
 * One of several processes that serve one port: a whole service, except for what exists once (the database
 * server, migrations, the port). One of them also does what is done once before any of them serves. It ends
 * with the process that started it.
 */

const number = Number(process.argv[2]);
const metrics = new Metrics();
const metricsRequests = new Map<number, (text: string) => void>();
let nextId = 0;
let serve: (socket: Socket, others: boolean) => void = (socket) => socket.destroy();
let running: Promise<BuiltService> | null = null;
let logger: Logger | null = null;

// Terminals and supervisors signal whole process groups; the primary process, which they mean, decides what
// to do.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);

// Without the primary process nothing would stop this one in order, and another service may start. What was
// not acknowledged was never promised.
process.on('disconnect', () => process.exit(1));

process.on('message', (message: ToWorker, socket?: Socket) => {
  switch (message.kind) {
    case 'prepare':
      void prepareAll(message.config);
      return;
    case 'start':
      running ??= start(message.config, message.url);
      return;
    case 'connection':
      // Before anything is read: until the primary process knows, it may dispatch the connection to another
      // worker.
      send({ kind: 'received' });
      if (socket !== undefined) serve(socket, message.others);
      return;
    case 'ping':
      send({ kind: 'pong' });
      return;
    case 'reload':
      if (logger !== null) logger.level = message.reloaded.logLevel;
      void running?.then((service) => {
        service.reload(message.reloaded);
      });
      return;
    case 'stop':
      void stop();
      return;
    case 'metrics_request':
      void metrics.registry.getMetricsAsJSON().then((own) => {
        send({ kind: 'metrics', id: message.id, metrics: own });
      });
      return;
    case 'all_metrics':
      metricsRequests.get(message.id)?.(message.text);
      metricsRequests.delete(message.id);
  }
});
send({ kind: 'ready' });

async function prepareAll(sent: SentConfig): Promise<void> {
  const config = receivedConfig(sent);
  try {
    send({ kind: 'prepared', setUpToken: await prepare(config, createLogger(config, number)) });
  } catch (error) {
    await failAndExit(error);
  }
}

async function start(sent: SentConfig, url: string): Promise<BuiltService> {
  const config = receivedConfig(sent);
  try {
    logger = createLogger(config, number);
    const service = await buildService(config, logger, {
      metrics,
      prepared: true,
      serviceMetrics: allMetrics,
    });
    await service.start({
      attach: (server) => {
        serve = (socket, others) => {
          injectConnection(server, socket, others);
        };
        return url;
      },
    });
    settleHeap();
    send({ kind: 'running', verifierKey: service.verifierKey() });
    return service;
  } catch (error) {
    return failAndExit(error);
  }
}

async function stop(): Promise<void> {
  await (await running)?.stop();
  process.exit(0);
}

/** The metrics of all processes, as Prometheus text. */
function allMetrics(): Promise<string> {
  const id = nextId++;
  return new Promise((resolve) => {
    metricsRequests.set(id, resolve);
    send({ kind: 'all_metrics_request', id });
  });
}

function failAndExit(error: unknown): Promise<never> {
  return new Promise(() => {
    const message: ToPrimary = { kind: 'failed', failure: failureOf(error) };
    process.send?.(message, () => process.exit(1));
  });
}

function failureOf(error: unknown): WorkerFailure {
  const isSystem = error instanceof Error && 'syscall' in error && 'code' in error;
  return {
    message: error instanceof Error ? error.message : String(error),
    code: isSystem ? String(error.code) : null,
    remedy: remedyOf(error),
  };
}

function remedyOf(error: unknown): WorkerFailure['remedy'] {
  if (error instanceof AccessError) return 'operator';
  return error instanceof StoreError && error.code === 'unavailable' ? 'wait' : null;
}

function send(message: ToPrimary): void {
  // Between the end of the channel and that of this process nothing reads it, and an error means nothing.
  if (process.connected) process.send?.(message, () => undefined);
}
