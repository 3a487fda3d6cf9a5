import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** A mail server for tests, over a real socket: it takes every e-mail, or answers as it is told. */
export interface SmtpServer extends AsyncDisposable {
  readonly url: string;
  readonly mails: {
    readonly from: string;
    readonly to: readonly string[];
    readonly text: string;
    readonly encrypted: boolean;
  }[];
  /** All that clients have said outside of e-mails and TLS. */
  readonly said: string[];
  /** What is answered to the next RCPT commands instead of 250. */
  readonly refusals: string[];
  /** true: it takes e-mails and answers nothing to that, as if the connection hung. */
  isSilent: boolean;
}

export interface SmtpOptions {
  /** With a certificate: from the first byte on, or when the client asks for it. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly implicit: boolean };
}

export async function startSmtpServer({ tls }: SmtpOptions = {}): Promise<SmtpServer> {
  const mails: SmtpServer['mails'] = [];
  const refusals: string[] = [];
  const state = { isSilent: false };
  const sockets = new Set<Socket>();
  const said: string[] = [];
  const encrypt = (socket: Socket, { key, cert }: NonNullable<SmtpOptions['tls']>) =>
    new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ key, cert }) });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (tls?.implicit === true) serve(encrypt(socket, tls), true);
    else serve(socket, false);
  });
  const serve = (socket: Socket, encrypted: boolean, greeting = '220 test'): void => {
    socket.on('error', () => undefined);
    socket.setEncoding('utf8');
    let from = '';
    let to: string[] = [];
    let data: string | null = null;
    let rest = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    const command = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      if (!encrypted) said.push(line);
      if (verb === 'EHLO' || verb === 'HELO') {
        if (tls !== undefined && !encrypted) say('250-test\r\n250 STARTTLS');
        else say('250-test\r\n250 AUTH PLAIN');
      } else if (verb === 'STAR' && tls !== undefined) {
        socket.removeAllListeners('data');
        say('220 go on');
        serve(encrypt(socket, tls), true, '');
      } else if (verb === 'STAR') say('502 not here');
      else if (verb === 'AUTH') say('235 ok');
      else if (verb === 'MAIL') {
        from = /<(.*)>/.exec(line)?.[1] ?? '';
        to = [];
        say('250 ok');
      } else if (verb === 'RCPT') {
        const refusal = refusals.shift();
        if (refusal === undefined) to.push(/<(.*)>/.exec(line)?.[1] ?? '');
        say(refusal ?? '250 ok');
      } else if (verb === 'DATA') {
        data = '';
        say('354 go on');
      } else if (verb === 'QUIT') {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    };
    socket.on('data', (chunk: string) => {
      rest += chunk;
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data === null) command(line);
        else if (line === '.') {
          mails.push({ from, to, text: data, encrypted });
          data = null;
          if (!state.isSilent) say('250 taken');
        } else data += `${line.replace(/^\.\./, '.')}\n`;
      }
    });
    if (greeting !== '') say(greeting);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `${tls?.implicit === true ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    mails,
    said,
    refusals,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  });
}
