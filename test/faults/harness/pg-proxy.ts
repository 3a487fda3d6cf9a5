import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Scene } from './scene.js';

/**
 * What happens to a message on its way to PostgreSQL:
 * - before: it is not forwarded, and both connections are cut
 * - answer: it is forwarded, and both connections are cut when the response arrives
 * - half: it is forwarded, and only the client is cut, so that the server keeps working for it
 * - full: it is not forwarded, and the client gets the error that the disk is full (SQLSTATE 53100)
 */
export type Cut = 'before' | 'answer' | 'half' | 'full';

/** The moments at which faults can be injected, each known by its message. */
export type Moment = 'accept' | 'block' | 'commit';

export interface PgProxy {
  /** The database, through this proxy. */
  readonly url: string;
  /**
   * Applies the cut to the next `times` messages of that kind. Calls `then` when it happens, before anything
   * else.
   */
  aim(moment: Moment, cut: Cut, times?: number, then?: () => void): void;
  /** Removes all cuts. */
  calm(): void;
  /** Stops all traffic in both directions without closing connections, as when a machine or network hangs. */
  freeze(): void;
  /** Resumes the traffic, beginning with what was held back. */
  thaw(): void;
  /** Number of cuts that have not happened yet. */
  readonly left: number;
}

interface Aim {
  readonly moment: Moment;
  readonly cut: Cut;
  readonly then: () => void;
  left: number;
}

/** As much of PostgreSQL's protocol, version 3, as it takes to recognize the messages that clients send. */
const BIND = 'B';
const PARSE = 'P';
const QUERY = 'Q';
const SYNC = 'S';

function momentOf(type: string, body: Buffer): Moment | null {
  // Bind: portal, statement. The name of the statement says what a group contains beside its entries.
  if (type === BIND && /\0accept[+a-z]*\0/.test(body.toString('latin1', 0, 64))) return 'accept';
  if (type === PARSE && body.includes('INSERT INTO block ')) return 'block';
  return type === QUERY && body.toString('latin1') === 'COMMIT\0' ? 'commit' : null;
}

export async function startProxy(scene: Scene, target: string): Promise<PgProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let aims: Aim[] = [];
  let frozen = false;
  const take = (moment: Moment, prepared: boolean): Aim | null => {
    const aim = aims.find((one) => one.moment === moment && one.left > 0);
    // The server would respond to the Parse before it, and this proxy cannot insert its error between those
    // responses.
    if (aim?.cut === 'full' && moment === 'accept' && !prepared) return null;
    if (aim === undefined) return null;
    aim.left--;
    scene.say(`cut "${aim.cut}" at ${moment}`);
    aim.then();
    return aim;
  };
  const relay = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      // Messages are forwarded one by one: Nagle's algorithm would delay each round trip.
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    pair(client, server, take);
    if (frozen) for (const socket of [client, server]) socket.pause();
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  scene.defer(async () => {
    for (const socket of sockets) socket.destroy();
    relay.close();
    await once(relay, 'close');
  });
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((relay.address() as AddressInfo).port);
  return {
    url: url.href,
    aim: (moment, cut, times = 1, then = () => undefined) => {
      aims.push({ moment, cut, then, left: times });
    },
    calm: () => {
      aims = [];
    },
    freeze: () => {
      scene.say('the database does not respond');
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      scene.say('the database responds again');
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    get left() {
      return aims.reduce((sum, { left }) => sum + left, 0);
    },
  };
}

function pair(client: Socket, server: Socket, take: (moment: Moment, prepared: boolean) => Aim | null): void {
  let buffered: Buffer = Buffer.alloc(0);
  let greeted = false;
  let skipping = false;
  let deaf = false;
  /** Whether the messages since the last Sync began with a Parse. */
  let parsing = false;
  const cutBoth = (): void => {
    client.destroy();
    server.destroy();
  };
  /** @returns whether the message is forwarded to the server */
  const judge = (type: string, body: Buffer): boolean => {
    if (skipping) {
      // After an error the server ignores everything up to Sync; so must this proxy when it sends one.
      if (type !== SYNC) return false;
      skipping = false;
      client.write(ready());
      return false;
    }
    if (type === PARSE) parsing = true;
    if (type === SYNC) parsing = false;
    const moment = momentOf(type, body);
    const aim = moment === null ? null : take(moment, !parsing);
    switch (aim?.cut) {
      case undefined:
        return true;
      case 'before':
        cutBoth();
        return false;
      case 'answer':
        deaf = true;
        return true;
      case 'half':
        deaf = true;
        // The server notices it only when it sends its response.
        setImmediate(() => client.destroy());
        return true;
      case 'full':
        client.write(diskFull());
        if (type === QUERY) client.write(ready());
        else skipping = true;
        return false;
    }
  };
  client.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      // The first message of a connection has no type.
      const typed = greeted ? 1 : 0;
      if (buffered.length < typed + 4) return;
      const end = typed + buffered.readUInt32BE(typed);
      if (buffered.length < end) return;
      const message = buffered.subarray(0, end);
      buffered = buffered.subarray(end);
      const type = greeted ? String.fromCharCode(message[0] ?? 0) : '';
      greeted = true;
      if (judge(type, message.subarray(typed + 4)) && !server.destroyed) server.write(message);
    }
  });
  server.on('data', (chunk: Buffer) => {
    if (deaf) cutBoth();
    else client.write(chunk);
  });
  client.on('close', () => {
    if (!deaf) server.destroy();
  });
  server.on('close', () => client.destroy());
}

/** ErrorResponse: severity, SQLSTATE, message. */
function diskFull(): Buffer {
  const fields = ['SERROR', 'VERROR', 'C53100', 'Mcould not extend file: No space left on device'];
  const body = Buffer.from(`${fields.join('\0')}\0\0`, 'latin1');
  const head = Buffer.from('E\0\0\0\0', 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** ReadyForQuery, outside a transaction: a client that is inside one discards the connection anyway. */
function ready(): Buffer {
  return Buffer.from('Z\0\0\0\x05I', 'latin1');
}
