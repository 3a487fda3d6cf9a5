import { pino, type Logger } from 'pino';
import type { Config } from './config.js';

/** One JSON line per event on standard error, where it does not mix with what the service prints for people. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): Logger {
  return pino({ level: logLevel, base: { pid: process.pid } }, pino.destination({ fd: 2, sync: true }));
}
