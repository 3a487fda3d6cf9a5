import { describe, expect, it } from 'vitest';
import { CertificateError } from '../../src/certificate/facts.js';
import { createRecordCertificate, type RecordCertificateInput } from '../../src/certificate/record.js';
import { type HistoryVector, loadHistories } from '../vectors/load.js';
import { Pdf, type PdfPage } from './pdf-reader.js';

const vectors = loadHistories();
const vector = (name: string) =>
  vectors.find((each) => each.name === name) ?? expect.fail(`there is no vector ${name}`);
function inputOf({ history, trust }: HistoryVector, more: Partial<RecordCertificateInput> = {}) {
  return {
    ...{ history: JSON.stringify(history), policy: trust ?? '', language: 'en', timeZone: 'Asia/Seoul' },
    ...{ verifyPage: null, verifier: null, issuer: null, service: null },
    ...more,
  } satisfies RecordCertificateInput;
}

const flowing = ({ pieces }: PdfPage) => pieces.map(({ text }) => text).join(' ');

describe('the certificate of a record', () => {
  it('states the record, who signed what with which key, and up to when nothing else happened', async () => {
    const { history, trust } = vector('contract-executed');
    const bytes = await createRecordCertificate(inputOf(vector('contract-executed')));
    const text = new Pdf(bytes).pages.map(flowing).join(' ');
    const { record } = history as { readonly record: string };
    expect(trust).not.toBeNull();
    for (const part of [
      'Certificate of a record',
      `Record ${record}`,
      'As of block ',
      'Executed',
      '2026-01-01 00:00:06.000 UTC (1 January 2026 at 09:00:06 GMT+9)',
      ': signed · ',
      '(a key in a file (Ed25519))',
      'By itself: the rules make it so, and nobody signed it.',
      'A key is not a person.',
      'Page 1 of ',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/undefined|null/);
    // Every event, in its order.
    const types = ['Contract proposed', 'Contract executed'];
    expect(types.map((type) => text.indexOf(type))).toEqual(
      types.map((type) => text.indexOf(type)).sort((a, b) => a - b),
    );
    // The same input gives the same bytes.
    const again = await createRecordCertificate(inputOf(vector('contract-executed')));
    expect(Buffer.compare(again, bytes)).toBe(0);
  });

  it('has the history inside, byte for byte', async () => {
    const input = inputOf(vector('item-transferred'));
    const pdf = Buffer.from(await createRecordCertificate(input));
    expect(pdf.includes(Buffer.from(`stream\n${input.history}\nendstream`))).toBe(true);
    expect(pdf.toString('latin1')).toContain('(history.ingam-history.json)');
    expect(pdf.toString('latin1')).toContain('<pdfaid:conformance>A</pdfaid:conformance>');
  });

  it('is in Korean, or in both languages, without a character that has no glyph', async () => {
    for (const language of ['ko', 'ko-en'] as const) {
      const issuer = { name: '한빛 법률사무소', contact: null, logo: null };
      const bytes = await createRecordCertificate(
        inputOf(vector('item-transferred'), {
          language,
          issuer,
          service: 'ingam.example',
          verifier: 'ab'.repeat(32),
        }),
      );
      const { pages } = new Pdf(bytes);
      const text = pages.map(flowing).join(' ');
      expect(text).toContain('기록 증명서');
      expect(text).toContain('키는 사람이 아닙니다.');
      expect(text.includes('A key is not a person.')).toBe(language === 'ko-en');
      expect(text).toContain('한빛 법률사무소');
      expect(pages.flatMap(({ pieces }) => pieces).filter(({ missing }) => missing)).toEqual([]);
    }
  });

  it('says what erased bodies leave open, and shows no status then', async () => {
    const text = new Pdf(await createRecordCertificate(inputOf(vector('body-erased')))).pages
      .map(flowing)
      .join(' ');
    expect(text).toContain('What some events stated was erased, or is not in the file.');
    expect(text).toContain('What it stated was erased.');
  });

  it.each(['body-changed', 'event-left-out', 'another-log-trusted', 'checkpoint-signature-bad'])(
    'is not made of a history that is not verified: %s',
    async (name) => {
      const failed = createRecordCertificate(inputOf(vector(name)));
      await expect(failed).rejects.toBeInstanceOf(CertificateError);
      await expect(failed).rejects.toMatchObject({ code: 'not_verified' });
    },
  );
});
