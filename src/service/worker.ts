import type { Socket } from 'node:net';
import { setDefaultHighWaterMark } from 'node:stream';
import { AccessError } from '../auth/index.js';
import { injectConnection, Metrics } from '../http/index.js';
import { createLogger } from './logger.js';
import { buildService, prepare, type BuiltService } from './build.js';
import { StoreError } from '../store/index.js';
import {
  receivedConfig,
  type SentConfig,
  type ToPrimary,
  type ToWorker,
  type WorkerFailure,
} from './messages.js';

/**
 * One of several processes that serve one port: a whole service but for what is there once (the database server, migrations). One of them
 * does what is done once before any serves. It lives no longer than the process that started it.
 */

/** As newer versions of Node have it by default: sockets come here ready made, and with 16 KiB long uploads stop and start too often. */
const READ_AHEAD_BYTES = 64 * 1024;

setDefaultHighWaterMark(false, READ_AHEAD_BYTES);

const number = Number(process.argv[2]);
const metrics = new Metrics();
const waiting = new Map<number, (text: string) => void>();
let ids = 0;
let take: (socket: Socket) => void = (socket) => socket.destroy();
let running: Promise<BuiltService> | null = null;

// The terminal and the system's supervisor signal whole groups of processes; what is to be done says the one that they mean.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

// What it had not acknowledged was never promised: without the first process there is nobody to end it in order, and another may start.
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
      // Before anything is read of it: until it is told, the connection could still be handed to another.
      tell({ kind: 'taken', id: message.id });
      if (socket !== undefined) take(socket);
      return;
    case 'stop':
      void stop();
      return;
    case 'figures_wanted':
      void metrics.registry.getMetricsAsJSON().then((figures) => {
        tell({ kind: 'figures', id: message.id, figures });
      });
      return;
    case 'all_figures':
      waiting.get(message.id)?.(message.text);
      waiting.delete(message.id);
  }
});
tell({ kind: 'ready' });

async function prepareAll(sent: SentConfig): Promise<void> {
  const config = receivedConfig(sent);
  try {
    tell({ kind: 'prepared', setUpToken: await prepare(config, createLogger(config, number)) });
  } catch (error) {
    await tellAndEnd(failureOf(error));
  }
}

async function start(sent: SentConfig, url: string): Promise<BuiltService> {
  const config = receivedConfig(sent);
  try {
    const service = await buildService(config, createLogger(config, number), {
      metrics,
      serviceMetrics: allFigures,
    });
    await service.start({
      attach: (http) => {
        take = (socket) => {
          injectConnection(http, socket);
        };
        return url;
      },
    });
    tell({ kind: 'running', verifierKey: service.verifierKey() });
    return service;
  } catch (error) {
    return tellAndEnd(failureOf(error));
  }
}

async function stop(): Promise<void> {
  await (await running)?.stop();
  process.exit(0);
}

/** Of all processes, whichever is asked. */
function allFigures(): Promise<string> {
  const id = ids++;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    tell({ kind: 'all_figures_wanted', id });
  });
}

function failureOf(error: unknown): WorkerFailure {
  const isSystem = error instanceof Error && 'syscall' in error && 'code' in error;
  return {
    message: error instanceof Error ? error.message : String(error),
    code: isSystem ? String(error.code) : null,
    cure: cureOf(error),
  };
}

function cureOf(error: unknown): WorkerFailure['cure'] {
  if (error instanceof AccessError) return 'operator';
  return error instanceof StoreError && error.code === 'unavailable' ? 'wait' : null;
}

function tellAndEnd(failure: WorkerFailure): Promise<never> {
  return new Promise(() => {
    process.send?.({ kind: 'failed', failure } satisfies ToPrimary, () => process.exit(1));
  });
}

function tell(message: ToPrimary): void {
  // Between the end of the channel and that of this process nobody hears it.
  if (process.connected) process.send?.(message);
}
