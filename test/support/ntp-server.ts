import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const UNIX_EPOCH = 2_208_988_800;

/** What a time server answers. Times in milliseconds. */
export interface NtpAnswer {
  /** How far its clock is ahead. */
  readonly shift?: number;
  readonly stratum?: number;
  readonly leap?: number;
  readonly mode?: number;
  readonly rootDispersion?: number;
  /** Whether it repeats what identifies the request. */
  readonly echo?: boolean;
  /** Bytes of the packet that it sends. */
  readonly length?: number;
}

export interface NtpServerStub extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Requests so far. */
  readonly requests: readonly Buffer[];
  /** null: it does not answer. Several: it sends them one after the other. */
  answer: NtpAnswer | readonly NtpAnswer[] | null;
}

/** A time server on loopback. */
export async function startNtpServer(answer: NtpServerStub['answer'] = {}): Promise<NtpServerStub> {
  const socket = createSocket('udp4');
  const requests: Buffer[] = [];
  const stub: NtpServerStub = {
    host: '127.0.0.1',
    port: 0,
    requests,
    answer,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (request, { address, port }) => {
    requests.push(request);
    const answers = stub.answer === null ? [] : [stub.answer].flat();
    for (const each of answers) socket.send(packetOf(each, request), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return Object.assign(stub, { port: socket.address().port });
}

function packetOf(answer: NtpAnswer, request: Buffer): Buffer {
  const { shift = 0, stratum = 2, leap = 0, mode = 4, rootDispersion = 1, echo = true, length = 48 } = answer;
  const packet = Buffer.alloc(48);
  packet[0] = (leap << 6) | (4 << 3) | mode;
  packet[1] = stratum;
  packet.writeUInt32BE(Math.round(rootDispersion * 65.536), 8);
  if (echo) request.copy(packet, 24, 40, 48);
  for (const place of [32, 40]) {
    const seconds = (Date.now() + shift) / 1000 + UNIX_EPOCH;
    packet.writeUInt32BE(Math.floor(seconds) % 2 ** 32, place);
    packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), place + 4);
  }
  return packet.subarray(0, length);
}
