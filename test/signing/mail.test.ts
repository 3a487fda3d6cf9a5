import { describe, expect, it } from 'vitest';
import { render } from '../../src/mail/template.js';
import { mailOf as messageOf } from '../../src/signing/mail-texts.js';
import type { SigningRequest } from '../../src/store/index.js';

const REQUEST: SigningRequest = {
  ...{ id: 'srq_a', organization: 1, createdAt: 0, createdBy: 'key:a', link: 1, language: 'en' },
  kind: 'contract',
  expiresAt: Date.UTC(2026, 4, 3, 12),
  ...{ title: 'Lease', message: 'First line\nhttps://evil.example', name: 'Kim', email: 'kim@example.com' },
  ...{ document: new Uint8Array(32), documentName: 'lease.pdf', documentSize: 1, secretHash: null },
  ...{ openedAt: null, key: null, keyGivenAt: null, record: null, ended: null, endedAt: null, reason: null },
  ...{ predecessor: null, predecessorKey: null, handover: null },
  ...{ claim: null, holder: null, since: null, answered: null, changes: 0 },
  ...{ mailedAt: null, mailFailedAt: null, erasedAt: null },
};

const CONTEXT = {
  ...{ organization: 'Leasing', link: 'https://notary.example/sign.html#token=t', contract: null },
};

/** As it is read. */
function mailOf(...about: Parameters<typeof messageOf>) {
  const mail = messageOf(...about);
  return mail === null ? null : { to: mail.to, ...render(mail) };
}

describe('an e-mail', () => {
  it('quotes what the organization writes, and gives document, time and link', () => {
    const mail = mailOf('invite', REQUEST, CONTEXT);
    expect(mail).toMatchObject({ to: 'kim@example.com', subject: 'Leasing asks you to sign: Lease' });
    expect(mail?.text).toContain('> First line\n> https://evil.example\n');
    expect(mail?.text).toContain('Document: lease.pdf\nAnswer until: 2026-05-03 12:00 (UTC)');
    expect(mail?.text).toContain('\nhttps://notary.example/sign.html#token=t\n');
  });

  it('says no name that a link holder has chosen: the service would write it to whom they like', () => {
    const passedOn = { ...REQUEST, predecessor: 'srq_b', name: 'You have won: https://evil.example/x' };
    for (const language of ['en', 'ko'] as const) {
      const mail = mailOf('invite', { ...passedOn, language, message: null }, CONTEXT);
      expect(mail?.text).toContain('notary.example');
      expect(mail?.text).not.toContain('evil');
    }
  });

  it('is in Korean for a request in Korean', () => {
    const mail = mailOf('sign', { ...REQUEST, language: 'ko' }, { ...CONTEXT, organization: '한빛' });
    expect(mail?.subject).toBe('서명해 주세요: Lease');
    expect(mail?.text).toMatch(/기한: 2026-05-03 12:00/);
  });

  it.each([
    ['executed', 'Lease has been executed', 'Lease: 체결되었습니다'],
    ['expired', 'Lease has expired', 'Lease: 만료되었습니다'],
  ] as const)('says that a contract is %s, and how its history is checked', (contract, en, ko) => {
    const said = (language: 'en' | 'ko') =>
      mailOf('ended', { ...REQUEST, language }, { ...CONTEXT, contract });
    expect([said('en')?.subject, said('ko')?.subject]).toEqual([en, ko]);
    expect(said('en')?.text).toContain('"ingam verify"');
    // Nothing has to be answered any more.
    expect(said('en')?.text).not.toContain('Answer until');
  });

  it.each([
    ['transfer', 'invite', 'Leasing wants to give you: Lease', 'Answer until: 2026-05-03 12:00 (UTC)'],
    ['transfer', 'sign', 'Offered to you: Lease', 'accept or decline'],
    ['licence', 'sign', 'The licence names your key: Lease', '"ingam verify"'],
    ['claim', 'invite', 'Leasing asks you to claim your work: Lease', '> First line'],
  ] as const)('says of a %s (%s) what is asked, without a document', (asked, kind, subject, said) => {
    const other = { ...REQUEST, kind: asked, document: null, documentName: null };
    const mail = mailOf(kind, other, CONTEXT);
    expect(mail?.subject).toBe(subject);
    expect(mail?.text).toContain(said);
    expect(mail?.text).not.toContain('Document:');
    const korean = mailOf(kind, { ...other, language: 'ko', message: null }, CONTEXT);
    expect(korean?.text).toMatch(/[가-힣]/);
    expect(korean?.text).not.toMatch(/Leasing (wants|asks)/);
  });

  it.each([{ email: null }, { name: null }, { title: null }])('is not written without %j', (erased) => {
    expect(mailOf('remind', { ...REQUEST, ...erased }, CONTEXT)).toBeNull();
  });
});
