import { describe, expect, it } from 'vitest';
import {
  checkSignature,
  COSIGNATURE,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseVerifierKey,
  policyOfKeys,
  ProofError,
  verifierKey,
} from '../../src/proof/index.js';
import { bytesOf, standard } from './support.js';

interface ValidNote {
  readonly id: string;
  readonly vkey: string;
  readonly note: string;
  readonly timestamp?: number;
}

describe('signed notes of other implementations', () => {
  const { vectors } = standard('signed-note/valid.json') as { vectors: ValidNote[] };

  it.each(vectors.map((vector) => [vector.id, vector] as const))('verifies %s', (_, vector) => {
    const key = parseVerifierKey(vector.vkey);
    const note = parseNote(vector.note);
    expect(checkSignature(note, key)).toEqual({ state: 'good', time: vector.timestamp ?? null });
    expect(formatNote(note)).toBe(vector.note);
    expect(formatVerifierKey(key)).toBe(vector.vkey);
    expect(parseNote(bytesOf(vector.note, 'utf8'))).toEqual(note);
  });

  it.each(vectors.map((vector) => [vector.id, vector] as const))(
    'refuses %s over another text',
    (_, vector) => {
      const note = parseNote(vector.note);
      const key = parseVerifierKey(vector.vkey);
      expect(checkSignature({ ...note, text: `x${note.text}` }, key)).toEqual({ state: 'bad' });
    },
  );

  const invalid = standard('signed-note/invalid.json') as {
    vkey: string;
    malformedNotes: (string | { hex: string })[];
    invalidSignature: string;
    badVkeys: string[];
  };

  it.each(invalid.malformedNotes.map((note, i) => [i, note] as const))(
    'refuses malformed note %i',
    (_, note) => {
      expect(() => parseNote(typeof note === 'string' ? note : bytesOf(note.hex, 'hex'))).toThrow(ProofError);
    },
  );

  it('reports an invalid signature as bad', () => {
    const note = parseNote(invalid.invalidSignature);
    expect(checkSignature(note, parseVerifierKey(invalid.vkey))).toEqual({ state: 'bad' });
  });

  it.each(invalid.badVkeys)('refuses the key %s', (vkey) => {
    expect(() => parseVerifierKey(vkey)).toThrow(ProofError);
  });

  it('accepts 100 signature lines and refuses 101', () => {
    const [first] = vectors;
    const [text = '', line = ''] = first?.note.split('\n\n') ?? [];
    expect(parseNote(`${text}\n\n${line.repeat(100)}`).signatures).toHaveLength(100);
    expect(() => parseNote(`${text}\n\n${line.repeat(101)}`)).toThrow(/at most 100/);
  });
});

describe('checkpoints', () => {
  interface Case {
    readonly desc: string;
    readonly text: string;
  }
  const { invalid, invalidOwn, validOwn } = standard('tlog-checkpoint/parse.json') as {
    invalid: Case[];
    invalidOwn: Case[];
    validOwn: Case[];
  };

  it.each([...invalid, ...invalidOwn].map(({ desc, text }) => [desc, text]))('refuses: %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(ProofError);
  });

  it.each(validOwn.map(({ desc, text }) => [desc, text]))('reads: %s', (_, text) => {
    expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
  });

  it('keeps extension lines of other logs', () => {
    const text = `log\n1\n${'A'.repeat(43)}=\nsome extension\nanother\n`;
    expect(parseCheckpoint(text).extensions).toEqual(['some extension', 'another']);
    expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
  });

  it('refuses sizes above 2^53 - 1, which JavaScript numbers cannot represent exactly', () => {
    const root = `${'A'.repeat(43)}=`;
    expect(parseCheckpoint(`log\n9007199254740991\n${root}\n`).size).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => parseCheckpoint(`log\n9007199254740992\n${root}\n`)).toThrow(ProofError);
  });
});

describe('key names', () => {
  it('follow the White_Space property of Unicode', () => {
    const key = new Uint8Array(32);
    for (const space of ['\u0009', '\u0020', '\u0085', '\u00a0', '\u2003', '\u2028', '\u3000', '+']) {
      expect(() => verifierKey(`log${space}name`, COSIGNATURE, key)).toThrow(ProofError);
    }
    expect(verifierKey('로그.example/\ufeff', COSIGNATURE, key).name).toBe('로그.example/\ufeff');
    expect(() => verifierKey('', COSIGNATURE, key)).toThrow(ProofError);
    expect(() => verifierKey('\ud800', COSIGNATURE, key)).toThrow(ProofError);
  });

  it('of cosignature keys are not accepted for logs', () => {
    expect(() => policyOfKeys([verifierKey('log', COSIGNATURE, new Uint8Array(32))])).toThrow(ProofError);
  });
});

describe('messages about untrusted text', () => {
  it('contain no character that could control a terminal', () => {
    const hostile = '\u001b[31m\u009b31m\u202e\u2028\u200f';
    const attempts = [
      () => parseVerifierKey(hostile),
      () => parseCheckpoint(`${hostile}\n${hostile}\n${hostile}\n`),
      () => parsePolicy('\u009b31m\u202e\nquorum none\n'),
      () => parseNote('text\n\n\u009b\u202e\n'),
    ];
    for (const attempt of attempts) {
      let message = '';
      try {
        attempt();
      } catch (error) {
        message = error instanceof ProofError ? error.message : '';
      }
      expect(message).not.toBe('');
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  });
});
