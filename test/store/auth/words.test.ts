import { describe, expect, test } from 'vitest';
import { lexemesOf } from '../../../src/store/index.js';
import { sampleEntry, sampleGroup } from '../../support/chain.js';
import { createStore } from '../../support/database.js';

describe('lexemes', () => {
  test.each([
    [
      { name: 'Contract_Final-v2.PDF' },
      [
        ...['7/contract', '7/final', '7/v2', '7/pdf'],
        ...['7~ontract', '7~ntract', '7~tract', '7~ract', '7~act', '7~inal', '7~nal'],
      ],
    ],
    [
      { title: 'Ünïcode ﬁle ①２', note: '— … !' },
      ['7/ünïcode', '7/file', '7/12', '7~nïcode', '7~ïcode', '7~code', '7~ode', '7~ile'],
    ],
    [{ tags: ['Q3 Report', 'q3 report'] }, ['7#q3 report', '7/q3', '7/report', '7~eport', '7~port', '7~ort']],
    [{ name: '매매계약서' }, ['7/매매계약서', '7/매계약서', '7/계약서', '7/약서', '7/서']],
    [{ name: '계약v2' }, ['7/계약v2', '7/약v2', '7/v2']],
    [{ name: 'हिन्दी' }, ['7/हिन्दी', '7~िन्दी', '7~न्दी', '7~्दी']],
    [{ name: '계약plan' }, ['7/계약plan', '7/약plan', '7/plan', '7~lan']],
    [{ other: 'x', number: 5, list: ['y'], tags: [1, 'z'] }, ['7#z', '7/x', '7/y', '7/z']],
    [{ tags: ['a\u0000b\u001fc'] }, ['7#a b c', '7/a', '7/b', '7/c']],
    [{}, []],
  ])('of %j', (details, lexemes) => {
    expect(lexemesOf(7, details)).toEqual(lexemes);
  });

  test('are limited in length and number: tags first, then whole words, then parts of words', () => {
    expect(lexemesOf(1, { name: 'x'.repeat(255) })).toEqual([
      `1/${'x'.repeat(64)}`,
      ...Array.from({ length: 62 }, (_, i) => `1~${'x'.repeat(64 - i)}`),
    ]);
    expect(lexemesOf(1, { name: '𠀀'.repeat(100) })[0]).toBe(`1/${'𠀀'.repeat(64)}`);
    const words = Array.from({ length: 300 }, (_, i) => `word${i}`).join(' ');
    const many = lexemesOf(1, { note: words, name: '서울', tags: ['t'] });
    expect(many.filter((each) => !each.startsWith('1~'))).toHaveLength(256);
    expect(many).toHaveLength(256 + 128);
    expect(many.slice(0, 4)).toEqual(['1#t', '1/서울', '1/word0', '1/word1']);
    expect(lexemesOf(1, { note: '約'.repeat(8000) })).toHaveLength(64);
  });
});

const CASES: readonly { details: object; words?: string[]; tags?: string[]; found: boolean }[] = [
  { details: { name: 'Contract-2026.pdf' }, words: ['contr'], found: true },
  { details: { name: 'Contract-2026.pdf' }, words: ['CONTRACT', '20'], found: true },
  { details: { name: 'Contract-2026.pdf' }, words: ['contract-2026.pdf'], found: true },
  { details: { name: 'Contract-2026.pdf' }, words: ['ontract'], found: true },
  { details: { name: 'Contract-2026.pdf' }, words: ['TRACT-202'], found: true },
  { details: { name: 'Lease agreement.pdf' }, words: ['greement', 'eas'], found: true },
  { details: { name: 'Lease agreement.pdf' }, words: ['greemant'], found: false },
  { details: { name: 'Lease agreement.pdf' }, words: ['nt'], found: false },
  { details: { reference: 'KMHC851AAKU000007' }, words: ['U000007'], found: true },
  { details: { name: 'Contract-2026.pdf' }, words: ['contract', 'lease'], found: false },
  { details: { name: '매매계약서.pdf' }, words: ['계약'], found: true },
  { details: { name: '매매계약서.pdf' }, words: ['매매 계약서'], found: true },
  { details: { note: '不動産売買契約書' }, words: ['売買'], found: true },
  { details: { name: 'a' }, words: ['!?'], found: false },
  { details: { name: 'a' }, words: [''], found: false },
  {
    details: { reference: "O'Neil & Söhne | 50% (net)" },
    words: ["o'neil & söhne | 50% (net)"],
    found: true,
  },
  { details: { name: 'x'.repeat(200) }, words: ['x'.repeat(200)], found: true },
  { details: { tags: ["it's \\ 'odd' & | ! :* <->"] }, tags: ["IT'S \\ 'odd' & | ! :* <->"], found: true },
  { details: { tags: ['urgent'] }, tags: ['urg'], found: false },
  { details: { tags: ['urgent', 'paid'] }, tags: ['paid', 'urgent'], found: true },
  { details: { tags: ['urgent'] }, tags: ['urgent', 'paid'], found: false },
  { details: { tags: [''] }, tags: [''], found: true },
  { details: { tags: ['\u0000'] }, tags: ['\u0000'], found: true },
  { details: { name: 'urgent' }, tags: ['urgent'], found: false },
  { details: { tags: ['urgent'] }, words: ['urg'], found: true },
];

test('finds any text by the words it was written with', async () => {
  await using db = await createStore();
  const group = sampleGroup({
    acceptedAt: 1,
    entries: CASES.map(() => sampleEntry({ accountTag: new Uint8Array(16).fill(1) })),
    details: CASES.map(({ details }, index) => ({
      index,
      json: '{}',
      words: lexemesOf(12, details as Record<string, string>),
    })),
    register: [{ offset: 0, count: CASES.length, organization: 12, submittedBy: 'key:k' }],
  });
  const { first } = await db.store.accept(group);
  for (const [i, { details, words = [], tags = [], found }] of CASES.entries()) {
    const rows = await db.store.searchRegister({ organization: 12, limit: 100, words, tags });
    const isFound = rows.some(({ entry }) => entry.position === first + i);
    expect([details, words, tags, isFound]).toEqual([details, words, tags, found]);
    expect(await db.store.searchRegister({ organization: 1, limit: 100, words, tags })).toEqual([]);
  }
});
