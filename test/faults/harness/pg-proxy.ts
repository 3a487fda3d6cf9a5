import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Scene } from './scene.js';

/**
 * What happens to a message on its way to PostgreSQL.
 * before: it is not passed on, and both ends are cut. answer: it is passed on, and both ends are cut instead of the answer.
 * half: it is passed on, and the client alone is cut, so that the server works on for a client that is gone.
 * full: it is not passed on, and the client is told that the disk is full (SQLSTATE 53100).
 */
export type Cut = 'before' | 'answer' | 'half' | 'full';

/** The moments that faults are aimed at, by the message that marks each. */
export type Moment = 'accept' | 'block' | 'commit';

export interface PgProxy {
  /** The database, through this proxy. */
  readonly url: string;
  /** The next `times` such messages suffer the cut. `then` is called the moment it happens, before anything else does. */
  aim(moment: Moment, cut: Cut, times?: number, then?: () => void): void;
  /** Nothing suffers anything any more. */
  calm(): void;
  /** Nothing passes in either direction, and nobody is told: a machine that hangs, a network that swallows. */
  freeze(): void;
  /** What was held back goes on its way. */
  thaw(): void;
  /** Cuts that are still to come. */
  readonly left: number;
}

interface Aim {
  readonly moment: Moment;
  readonly cut: Cut;
  readonly then: () => void;
  left: number;
}

/** PostgreSQL's protocol, version 3, as far as it takes to know the messages that clients send. */
const BIND = 'B';
const PARSE = 'P';
const QUERY = 'Q';
const SYNC = 'S';

function momentOf(type: string, body: Buffer): Moment | null {
  // Bind: portal, statement. The statement is named for what a group has beside its entries.
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
    // The server would answer the Parse that came before, and this proxy cannot weave its error between those answers.
    if (aim?.cut === 'full' && moment === 'accept' && !prepared) return null;
    if (aim === undefined) return null;
    aim.left--;
    scene.say(`${moment} suffers "${aim.cut}"`);
    aim.then();
    return aim;
  };
  const relay = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      // Messages are passed on one by one: with Nagle's algorithm each round trip would take 40 ms.
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
      scene.say('the database does not answer');
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      scene.say('the database answers again');
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
  /** @returns whether the message goes on to the server */
  const judge = (type: string, body: Buffer): boolean => {
    if (skipping) {
      // After an error the server ignores everything up to Sync: so does the one who pretends to be it.
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
        // The server is told only when it has answered.
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

/** ReadyForQuery, outside a transaction: a client that is inside one gives the connection up anyway. */
function ready(): Buffer {
  return Buffer.from('Z\0\0\0\x05I', 'latin1');
}
