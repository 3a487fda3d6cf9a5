import { createTransport } from 'nodemailer';
import { isLoopback } from '../auth/index.js';
import { MailError } from './mail-error.js';
import type { Mail } from './mail-texts.js';

/** Where e-mails are handed in, and in whose name. */
export interface SmtpConfig {
  /** smtp:// or smtps://, with user and password if the server wants them. */
  readonly url: string;
  /** The address that e-mails are from. */
  readonly from: string;
}

const TIMEOUT_MS = 20_000;

/** A mail server that takes one e-mail at a time. */
export interface MailServer {
  /** Resolves when the server has the e-mail. `Message-ID` is the same for each attempt. Rejects with MailError. */
  send(mail: Mail, id: string): Promise<void>;
  close(): void;
}

/** A password and what people sign are not sent in the clear: without TLS only to this machine. */
export function mailServer({ url: text, from }: SmtpConfig): MailServer {
  const url = new URL(text);
  const isSecure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLocal = isLoopback(host);
  const transport = createTransport({
    host,
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    secure: isSecure,
    requireTLS: !isSecure && !isLocal,
    // On this machine nobody reads along, and its mail server rarely has a certificate that anybody vouches for.
    ignoreTLS: !isSecure && isLocal,
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // Nothing of a message is a file or an address that the service would read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ to, subject, text }, id) => {
      try {
        await transport.sendMail({
          from,
          // As objects: nothing in an address is read as another one.
          to: { name: '', address: to },
          envelope: { from, to: [to] },
          subject,
          text,
          messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw new MailError(error);
      }
    },
    close: () => {
      transport.close();
    },
  };
}
