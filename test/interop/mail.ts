/**
 * Part of `npm run test:interop`: e-mails as a stock mail server takes and keeps them (aiosmtpd, into a maildir), read by Python's
 * e-mail package. Needs Python 3.10 or newer with venv, which fetches the mail server from its package index.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Mail } from '../../src/mail/index.js';
import { mailServer } from '../../src/mail/smtp.js';
import { parsedMail } from '../support/parsed-mail.js';
import { freePort } from '../support/free-port.js';

const run = promisify(execFile);
const PACKAGE = 'aiosmtpd==1.4.6';
const SUBJECT = '한빛의 서명 요청: 판교 사무실 임대차 계약서와 그에 딸린 모든 부속 합의서, 그리고 별지';
const UNSUBSCRIBE = `https://notary.example/unsubscribe?token=dig_${'a'.repeat(20)}.${'b'.repeat(43)}`;
const MAIL: Mail = {
  to: 'kim@example.com',
  messages: [
    {
      language: 'ko',
      subject: `${SUBJECT}\r\nBcc: evil@example.com`,
      blocks: [
        `안녕하세요.\r\n.\r\nRCPT TO:<evil@example.com>`,
        { quote: `.\n첫 줄\n${'긴 줄 '.repeat(300)}` },
        { facts: [['문서', '<b>.pdf']] },
        { link: `https://notary.example/sign.html#token=${'t'.repeat(43)}` },
      ],
    },
  ],
  unsubscribe: UNSUBSCRIBE,
};

function same(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
const python = join(folder, 'venv/bin/python');
const box = join(folder, 'box');
try {
  await run('python3', ['-m', 'venv', join(folder, 'venv')]);
  await run(python, ['-m', 'pip', 'install', '--quiet', PACKAGE]);
  const port = await freePort();
  const argv = ['-m', 'aiosmtpd', '-n', '-l', `127.0.0.1:${port}`, '-c', 'aiosmtpd.handlers.Mailbox', box];
  const taker = spawn(python, argv, { stdio: 'inherit' });
  const ended = once(taker, 'exit');
  try {
    while (!(await isOpen(port))) {
      if (taker.exitCode !== null) throw new Error(`aiosmtpd ended with ${taker.exitCode}`);
    }
    const server = mailServer({ url: `smtp://127.0.0.1:${port}`, from: 'ingam@notary.example' });
    await server.send(MAIL, 'digest.1');
    await server.send({ ...MAIL, to: 'a@example.com\r\nBcc: evil@example.com' }, 'digest.2').then(
      () => {
        throw new Error('an address with a line end was taken');
      },
      (error: unknown) => {
        same('the refusal', (error as { responseCode: number }).responseCode, 553);
      },
    );
    server.close();
  } finally {
    taker.kill();
    await ended;
  }
  const files = await readdir(join(box, 'new'));
  same('the e-mails', files.length, 1);
  const { headers, types, text, html, defects } = parsedMail(
    await readFile(join(box, 'new', files[0] ?? ''), 'utf8'),
  );
  same('defects', defects, []);
  same('parts', types, ['multipart/alternative', 'text/plain', 'text/html']);
  same('the receivers', headers['x-rcptto'] ?? headers['to'], 'kim@example.com');
  same('Bcc', headers['bcc'] ?? null, null);
  same('the subject', headers['subject'], `${SUBJECT} Bcc: evil@example.com`);
  same('List-Unsubscribe', headers['list-unsubscribe'], `<${UNSUBSCRIBE}>`);
  same('List-Unsubscribe-Post', headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
  same('Auto-Submitted', headers['auto-submitted'], 'auto-generated');
  same('Message-ID', headers['message-id'], '<digest.1@notary.example>');
  if (!text.startsWith('안녕하세요. . RCPT TO:<evil@example.com>\n\n> .\n> 첫 줄\n')) throw new Error(text);
  if (!html.includes('문서: <bdi>&lt;b&gt;.pdf</bdi>')) throw new Error(html);
  console.log('mail: aiosmtpd takes the e-mails, and Python reads them as they were meant');
} finally {
  await rm(folder, { recursive: true, force: true });
}
