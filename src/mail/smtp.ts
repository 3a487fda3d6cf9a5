import { createTransport } from 'nodemailer';
import { isLoopback } from '../auth/index.js';
import { isMailAddress } from '../messages/mail-address.js';
import { MailError } from './error.js';
import type { Mail } from './message.js';
import { render } from './template.js';

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
    send: async (mail, id) => {
      const { to } = mail;
      // nodemailer would send to every address that it finds in the text.
      if (!isMailAddress(to)) throw new MailError({ code: 'EENVELOPE', responseCode: 553 });
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          envelope: { from, to: [to] },
          ...render(mail),
          messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
          headers: {
            // RFC 3834: nobody answers it automatically.
            'Auto-Submitted': 'auto-generated',
            // RFC 3282.
            'Content-Language': mail.messages.map(({ language }) => language).join(', '),
            ...unsubscribing(mail),
          },
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

/** RFC 2369 §3.2 and RFC 8058, which wants https. */
function unsubscribing({ unsubscribe }: Mail): Record<string, { prepared: true; value: string }> {
  if (unsubscribe === undefined) return {};
  // As it is: an address that is broken or encoded is none.
  const header = (value: string) => ({ prepared: true, value }) as const;
  return {
    'List-Unsubscribe': header(`<${unsubscribe}>`),
    ...(unsubscribe.startsWith('https:')
      ? { 'List-Unsubscribe-Post': header('List-Unsubscribe=One-Click') }
      : {}),
  };
}
