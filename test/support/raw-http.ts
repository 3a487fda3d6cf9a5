import { connect } from 'node:net';

/** Sends bytes as they are over a connection of its own, and gives back all that comes until the other side closes it. */
export function sendRaw(
  port: number,
  parts: readonly (string | Uint8Array)[],
  options: { readonly thenClose?: 'end' | 'destroy' } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(text);
    });
    for (const part of parts) socket.write(part);
    if (options.thenClose === 'end') socket.end();
    if (options.thenClose === 'destroy') {
      socket.write('', () => {
        socket.destroy();
      });
    }
  });
}

export interface RawResponse {
  readonly status: number;
  readonly body: unknown;
}

/** The first response in `text`, whose body must be JSON of a known length. */
export function parseResponse(text: string): RawResponse {
  const split = text.indexOf('\r\n\r\n');
  const length = Number(/^content-length: (\d+)\r?$/im.exec(text.slice(0, split))?.[1]);
  const body = Buffer.from(text.slice(split + 4, split + 4 + length), 'latin1').toString();
  return { status: Number(text.split(' ')[1]), body: JSON.parse(body) as unknown };
}
