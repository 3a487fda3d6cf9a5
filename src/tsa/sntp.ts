import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { TIME_SERVER_MS, timeLimit } from '../background/time-limits.js';

/** Asking a time server for the time: SNTP, the simple client of NTP version 4 (RFC 5905 §14). */

export interface NtpServer {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

/** How far this machine's clock is from the server's. Milliseconds. */
export interface ClockOffset {
  /** Positive: this machine's clock is behind. */
  readonly offset: number;
  /** By how much the offset may be wrong: half the way there and back, and the server's own uncertainty. */
  readonly uncertainty: number;
}

/** The server gave no usable answer. */
export class NtpError extends Error {
  override readonly name = 'NtpError';
  readonly code = 'no_time';
}

const PACKET_LENGTH = 48;
/** Seconds from 1900 to 1970. */
const UNIX_EPOCH = 2_208_988_800;
const [CLIENT, SERVER] = [3, 4];

/**
 * @param clock milliseconds since the Unix epoch
 * @throws {NtpError}
 */
export async function askTime(
  { host, port }: NtpServer,
  clock: () => number,
  stop: AbortSignal,
): Promise<ClockOffset> {
  const signal = timeLimit(TIME_SERVER_MS, stop);
  let socket: Socket | null = null;
  try {
    const { address, family } = await raceSignal(lookup(host), signal);
    socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // Also for an error between two waits.
    socket.on('error', () => undefined);
    // Connected, it takes packets of this address only.
    socket.connect(port, address);
    await once(socket, 'connect', { signal });
    // Random, so that nobody who does not see the request can answer it; the time in it is nobody's business.
    const cookie = randomBytes(8);
    const [sentAt, started] = [clock(), performance.now()];
    socket.send(request(cookie));
    for (;;) {
      const [packet] = (await once(socket, 'message', { signal })) as [Buffer];
      // By the steady clock: the other one may be set in between.
      const receivedAt = sentAt + (performance.now() - started);
      const answer = readAnswer(packet, cookie, sentAt, receivedAt);
      if (answer !== null) return answer;
    }
  } catch (error) {
    if (error instanceof NtpError) throw error;
    const reason = signal.aborted
      ? 'it did not answer'
      : error instanceof Error
        ? error.message
        : String(error);
    throw new NtpError(`${host}: ${reason}`, { cause: error });
  } finally {
    socket?.close();
  }
}

function request(cookie: Uint8Array): Buffer {
  const packet = Buffer.alloc(PACKET_LENGTH);
  packet[0] = (4 << 3) | CLIENT;
  packet.set(cookie, 40);
  return packet;
}

/**
 * null: no answer to this request, which may still come.
 * @throws {NtpError} the server says that it has no time
 */
function readAnswer(
  packet: Buffer,
  cookie: Uint8Array,
  sentAt: number,
  receivedAt: number,
): ClockOffset | null {
  const first = packet[0] ?? 0;
  const isAnswer =
    packet.length >= PACKET_LENGTH && (first & 7) === SERVER && [3, 4].includes((first >> 3) & 7);
  if (!isAnswer || !packet.subarray(24, 32).equals(cookie)) return null;
  const stratum = packet[1] ?? 0;
  if (first >> 6 === 3 || stratum === 0 || stratum > 15)
    throw new NtpError(
      'the time server says that its own clock is not synchronized, or that it is asked too often',
    );
  const [arrived, left] = [timeAt(packet, 32, sentAt), timeAt(packet, 40, sentAt)];
  const delay = Math.max(0, receivedAt - sentAt - (left - arrived));
  // Root delay and root dispersion, in units of 2^-16 seconds.
  const [rootDelay, rootDispersion] = [packet.readUInt32BE(4), packet.readUInt32BE(8)].map(
    (each) => each / 65.536,
  );
  return {
    offset: (arrived - sentAt + (left - receivedAt)) / 2,
    uncertainty: delay / 2 + (rootDelay ?? 0) / 2 + (rootDispersion ?? 0),
  };
}

/** A time stamp of 64 bits. Its seconds begin anew every 136 years: it is the time next to `near`. */
function timeAt(packet: Buffer, place: number, near: number): number {
  const milliseconds =
    (packet.readUInt32BE(place) - UNIX_EPOCH) * 1000 + (packet.readUInt32BE(place + 4) / 2 ** 32) * 1000;
  const era = 2 ** 32 * 1000;
  return milliseconds + Math.round((near - milliseconds) / era) * era;
}

function raceSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('no answer'));
    });
    promise.then(resolve, reject);
  });
}
