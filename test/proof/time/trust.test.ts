import { describe, expect, it } from 'vitest';
import {
  formatTimeLines,
  NO_TIME_TRUST,
  ownersOf,
  parsePolicy,
  toBase64,
  toHex,
} from '../../../src/proof/index.js';
import { QUICKNET } from '../../../src/proof/time/drand.js';
import { ROOT, TSA, tsa } from '../../vectors/make/tokens/certificates.js';

const CERTIFICATE = toBase64(ROOT.der);
const OTHER = toBase64(TSA.der);
const PIN = toBase64(new Uint8Array(32).fill(7));
const { hash, publicKey, genesis, period, seed, id } = QUICKNET;
const DRAND = `drand ${toHex(hash)} ${toHex(publicKey)} ${genesis} ${period} ${toHex(seed)} ${id}`;

const timeOf = (...lines: string[]) => parsePolicy(['quorum none', ...lines].join('\n')).time;
const refusal = (...lines: string[]) => {
  try {
    timeOf(...lines);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ name: 'ProofError', code: 'malformed_policy' });
    return String(error);
  }
};

describe('policy lines about time', () => {
  it('are read: authorities with their owners, pins, drand chains and the number of sources', () => {
    const time = timeOf(
      `#tsa seoul ${CERTIFICATE}`,
      ` \t#tsa  busan ${OTHER}\towner  seoul  # the same company`,
      `#bitcoin 2 ${PIN}`,
      `#beacon ${DRAND}`,
      '#times 2',
    );
    expect(time.authorities.map(({ name, owner, roots }) => [name, owner, roots.length])).toEqual([
      ['seoul', 'seoul', 1],
      ['busan', 'seoul', 1],
    ]);
    expect(time.authorities[0]?.roots[0]?.der).toEqual(ROOT.der);
    expect(time.pins).toEqual([{ size: 3, root: new Uint8Array(32).fill(7) }]);
    expect(time.chains).toEqual([QUICKNET]);
    expect(time.least).toBe(2);
    expect([...ownersOf(time)]).toEqual(['seoul', 'bitcoin']);
  });

  it('of one name are one source', () => {
    const { authorities } = timeOf(`#tsa seoul ${CERTIFICATE}`, `#tsa seoul ${OTHER} owner seoul`);
    expect(authorities.map(({ roots }) => roots.length)).toEqual([2]);
  });

  it('are written as they are read', () => {
    const lines = [
      `#tsa seoul ${CERTIFICATE}`,
      `#tsa seoul ${toBase64(tsa({ serial: 78 }).der)}`,
      `#tsa busan ${OTHER} owner korea`,
      `#bitcoin 900000 ${PIN}`,
      `#beacon ${DRAND}`,
      '#times 3',
    ];
    expect(formatTimeLines(timeOf(...lines))).toEqual(lines);
    expect(formatTimeLines(NO_TIME_TRUST)).toEqual([]);
  });

  it('are comments when their first word is another', () => {
    expect(timeOf('# tsa seoul', '#tsas x', '#time 1', '##times 1')).toEqual({
      ...NO_TIME_TRUST,
    });
  });

  it.each([
    ['an authority without certificate', /it reads "#tsa NAME CERTIFICATE \[owner OWNER\]"/, ['#tsa seoul']],
    ['an authority without anything', /it reads "#tsa/, ['#tsa']],
    ['an owner without name', /it reads "#tsa/, [`#tsa seoul ${CERTIFICATE} owner`]],
    ['another word than owner', /it reads "#tsa/, [`#tsa seoul ${CERTIFICATE} of korea`]],
    ['a word too many', /it reads "#tsa/, [`#tsa seoul ${CERTIFICATE} owner korea x`]],
    ['a certificate that is not base64', /base64/, ['#tsa seoul ?']],
    ['a certificate that is none', /certificate/, [`#tsa seoul ${PIN}`]],
    ['a certificate twice', /listed twice/, [`#tsa seoul ${CERTIFICATE}`, `#tsa busan ${CERTIFICATE}`]],
    ['the same line twice', /listed twice/, [`#tsa seoul ${CERTIFICATE}`, `#tsa seoul ${CERTIFICATE}`]],
    [
      'two owners of one name',
      /seoul has the owner seoul/,
      [`#tsa seoul ${CERTIFICATE}`, `#tsa seoul ${OTHER} owner korea`],
    ],
    ['the name of Bitcoin', /bitcoin is the name/, [`#tsa bitcoin ${CERTIFICATE}`]],
    ['a pin without root', /it reads "#bitcoin HEIGHT ROOT"/, ['#bitcoin 5']],
    ['a pin with a word too many', /it reads "#bitcoin/, [`#bitcoin 5 ${PIN} x`]],
    ['a height that is no decimal', /height/, [`#bitcoin 05 ${PIN}`]],
    ['a root of 31 bytes', /32 bytes/, [`#bitcoin 5 ${toBase64(new Uint8Array(31))}`]],
    [
      'two pins at one height',
      /root for this height/,
      [`#bitcoin 5 ${PIN}`, `#bitcoin 5 ${CERTIFICATE.slice(0, 43)}=`],
    ],
    ['another beacon', /it reads "#beacon drand/, [`#beacon nist ${DRAND.slice(6)}`]],
    ['a chain without id', /it reads "#beacon/, [`#beacon ${DRAND.slice(0, -9)}`]],
    ['a chain of another hash', /parameters of chain/, [`#beacon ${DRAND.replace('52db9', '52db8')}`]],
    ['a chain of another period', /parameters of chain/, [`#beacon ${DRAND.replace(' 3 ', ' 30 ')}`]],
    ['a period of 0', /1 to 600/, [`#beacon ${DRAND.replace(' 3 ', ' 0 ')}`]],
    ['a chain twice', /listed twice/, [`#beacon ${DRAND}`, `#beacon ${DRAND}`]],
    ['no number of sources', /it reads "#times K"/, ['#times']],
    ['0 sources', /1 or more/, ['#times 0']],
    ['a number of sources with a word too many', /it reads "#times/, [`#tsa a ${CERTIFICATE}`, '#times 1 2']],
    ['two numbers of sources', /only one/, [`#tsa a ${CERTIFICATE}`, '#times 1', '#times 1']],
    ['more sources than the policy names', /demands 1 .* names 0/, ['#times 1']],
    [
      'more sources than owners',
      /demands 2 .* names 1/,
      [`#tsa a ${CERTIFICATE}`, `#tsa b ${OTHER} owner a`, '#times 2'],
    ],
  ])('are refused: %s', (_, message, lines) => {
    expect(refusal(...lines)).toMatch(message);
  });
});
