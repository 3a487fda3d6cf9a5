import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Block, Language, Mail } from '../../src/mail/index.js';
import { type MailServer, mailServer } from '../../src/mail/smtp.js';
import { render } from '../../src/mail/template.js';
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js';
import { parsedMail } from '../support/parsed-mail.js';

let smtp: SmtpServer;
let server: MailServer;
beforeAll(async () => {
  smtp = await startSmtpServer();
  server = mailServer({ url: smtp.url, from: 'ingam@notary.example' });
});
afterAll(async () => {
  server.close();
  await smtp[Symbol.asyncDispose]();
});

const mail = (
  blocks: readonly Block[],
  subject = 'Lease',
  language: Language = 'en',
  to = 'kim@example.com',
): Mail => ({
  to,
  messages: [{ language, subject, blocks }],
});
async function received(sent: Mail, id = 'srq_a.1') {
  await server.send(sent, id);
  return parsedMail(smtp.mails.at(-1)?.text ?? '');
}

const KOREAN =
  '한빛의 서명 요청: 경기도 성남시 분당구 판교역로에 있는 사무실의 임대차 계약서와 그에 딸린 모든 부속 합의서';

test('a parser reads text and HTML, a long Korean subject, and the headers of automatic mail', async () => {
  const blocks = [
    '안녕하세요.',
    { quote: '첫 줄\n<b>둘째</b> 줄' },
    { facts: [['문서', 'a & b.pdf']] },
    { link: 'https://notary.example/sign.html#token=a&b' },
  ] as const;
  const { headers, types, text, html, defects } = await received(mail(blocks, KOREAN, 'ko'));
  expect(defects).toEqual([]);
  expect(types).toEqual(['multipart/alternative', 'text/plain', 'text/html']);
  expect(headers).toMatchObject({
    ...{ subject: KOREAN, from: 'ingam@notary.example', to: 'kim@example.com' },
    ...{
      'auto-submitted': 'auto-generated',
      'content-language': 'ko',
      'message-id': '<srq_a.1@notary.example>',
    },
  });
  expect(Date.parse(headers['date'] ?? '')).not.toBeNaN();
  expect(text).toBe(
    '안녕하세요.\n\n> 첫 줄\n> <b>둘째</b> 줄\n\n문서: a & b.pdf\n\nhttps://notary.example/sign.html#token=a&b\n',
  );
  expect(html).toContain('<html lang="ko">');
  expect(html).toContain('첫 줄<br>&lt;b&gt;둘째&lt;/b&gt; 줄');
  expect(html).toContain('>https://notary.example/sign.html#token=a&amp;b</a>');
  // Lines are as long as RFC 5322 §2.1.1 wants them.
  expect(Math.max(...(smtp.mails.at(-1)?.text ?? '').split('\n').map((line) => line.length))).toBeLessThan(
    79,
  );
});

test('HTML loads nothing, and has no scripts, forms or style sheets', () => {
  const { html } = render(mail(['Hello,', { link: 'https://notary.example/' }]));
  expect(html).not.toMatch(
    /<(img|script|link|form|style|iframe|object)|src=|url\(|@import|background|color:/i,
  );
  expect(html).toContain('<meta name="color-scheme" content="light dark">');
});

test('says it in both languages when that of the receiver is not known', async () => {
  const both = {
    ...mail(['Hello,']),
    messages: [
      { language: 'en', subject: 'Disabled', blocks: ['Hello,'] },
      { language: 'ko', subject: '중지', blocks: ['안녕하세요.'] },
    ],
  } as const;
  const { headers, text, html } = await received(both);
  expect([headers['subject'], headers['content-language']]).toEqual(['Disabled / 중지', 'en, ko']);
  expect(text).toBe('Hello,\n\n---\n\n안녕하세요.\n');
  expect(html).toMatch(/<div lang="en">\n<p>Hello,<\/p>\n<\/div>\n<hr>\n<div lang="ko">/);
});

test.each([
  ['a@x.example\r\nBcc: evil@y.example'],
  ['a@x.example, evil@y.example'],
  ['"Kim" <evil@y.example>'],
  ['a@x.example\n'],
])('an address that is none is refused before the mail server hears of it: %j', async (to) => {
  const before = smtp.mails.length;
  await expect(server.send(mail(['Hello,'], 'Lease', 'en', to), 'a.1')).rejects.toMatchObject({
    responseCode: 553,
  });
  expect(smtp.mails).toHaveLength(before);
  expect(smtp.said.join('\n')).not.toMatch(/evil|Bcc/);
});

test('names and titles cannot add headers, receivers, markup, or turn text around', async () => {
  const evil = 'Kim" <evil@y.example>\r\nBcc: evil@y.example\r\n\r\n<img src=x>\u202egpj.exe\u2066';
  const { headers, text, html, defects } = await received(
    mail([`${evil} asks you`, { facts: [['Document', evil]] }, { quote: evil }], `Sign: ${evil}`),
  );
  expect(defects).toEqual([]);
  expect(Object.keys(headers)).not.toContain('bcc');
  expect(smtp.mails.at(-1)?.to).toEqual(['kim@example.com']);
  expect(headers['subject']).toBe('Sign: Kim" <evil@y.example> Bcc: evil@y.example <img src=x>gpj.exe');
  expect(text).toContain('\nDocument: Kim" <evil@y.example> Bcc: evil@y.example <img src=x>gpj.exe\n');
  expect(text).toContain('\n> Kim" <evil@y.example>\n> Bcc: evil@y.example\n>\n> <img src=x>gpj.exe\n');
  expect(html).not.toContain('<img');
  expect(text + html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
});
