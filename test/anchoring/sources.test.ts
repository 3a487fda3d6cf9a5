import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NO_TIME_SOURCES, parseTimeSources } from '../../src/anchoring/index.js';
import { toHex } from '../../src/proof/index.js';
import { MAINNET, REGTEST } from '../../src/proof/time/bitcoin.js';
import { QUICKNET } from '../../src/proof/time/drand.js';
import { loadConfig } from '../../src/service/config.js';
import { ConfigError } from '../../src/service/settings.js';
import { createFolder } from '../cli/invoke.js';
import { pemOf } from '../support/openssl.js';
import { ROOT, TSA } from '../vectors/make/tokens/certificates.js';

const FILES: Readonly<Record<string, string>> = {
  'root.pem': pemOf(ROOT.der),
  'both.pem': `the root:\n${pemOf(ROOT.der)}the signer:\n${pemOf(TSA.der)}`,
  'no.pem': 'no certificate\n',
  'broken.pem': '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n',
  '.cookie': '__cookie__:1234\n',
  'empty.cookie': '\n',
};

function read(text: string) {
  return parseTimeSources(text, (name) => {
    const content = FILES[name];
    if (content === undefined) throw Object.assign(new Error('missing'), { code: 'ENOENT' });
    return new TextEncoder().encode(content);
  });
}

const NODE = 'beacon bitcoin http://127.0.0.1:8332';
const HASH = toHex(QUICKNET.hash);
const PARAMETERS = `key ${toHex(QUICKNET.publicKey)} genesis 1692803367 period 3 seed ${toHex(QUICKNET.seed)} id quicknet`;

describe('a file of time sources', () => {
  it('has a line for each source', () => {
    const { sources, mistakes } = read(`
      # our authorities
      tsa      seoul   https://tsa.example/tsr   every 60s  root root.pem   # the first
      tsa      backup  https://tsa2.example/     every 10m  root both.pem   owner example standby
      bitcoin  alice   https://alice.example
      former   busan   root root.pem owner example   # until 2025
      beacon   drand   https://api.drand.example/ ${HASH}
      beacon   bitcoin http://[::1]:8332 cookie .cookie network regtest
    `);
    expect(mistakes).toEqual([]);
    expect(sources).toEqual({
      anchors: [
        {
          ...{ type: 'tsa', name: 'seoul', url: 'https://tsa.example/tsr', owner: 'seoul' },
          ...{ everyMs: 60_000, standby: false, roots: [ROOT.der] },
        },
        {
          ...{ type: 'tsa', name: 'backup', url: 'https://tsa2.example', owner: 'example' },
          ...{ everyMs: 600_000, standby: true, roots: [ROOT.der, TSA.der] },
        },
        {
          ...{ type: 'bitcoin', name: 'alice', url: 'https://alice.example', owner: 'alice' },
          ...{ everyMs: 3_600_000, standby: false },
        },
      ],
      former: [{ type: 'former', name: 'busan', owner: 'example', roots: [ROOT.der] }],
      drand: { type: 'drand', name: 'drand', url: 'https://api.drand.example', chain: QUICKNET },
      node: {
        ...{ type: 'node', name: 'bitcoin', url: 'http://[::1]:8332' },
        ...{ network: REGTEST, pin: null, credentials: '__cookie__:1234' },
      },
    });
  });

  it('may state the parameters of a drand chain, which must be those of its hash', () => {
    expect(read(`beacon drand https://x.example ${HASH} ${PARAMETERS}`).sources.drand?.chain).toEqual(
      QUICKNET,
    );
    expect(read(NODE).sources.node?.network).toEqual(MAINNET);
  });

  it('may be empty', () => {
    expect(read('# nothing yet\n\n')).toEqual({ sources: NO_TIME_SOURCES, mistakes: [] });
  });

  it.each([
    [
      'tsq x https://x.example',
      '"tsq" is no kind of time source: begin the line with tsa, bitcoin, beacon or former',
    ],
    ['tsa', 'write "tsa NAME URL [every 60s] root FILE [owner NAME] [standby]"'],
    ['former x', 'name the file with the root certificate of the authority: add "root FILE"'],
    ['former x root', '"root" needs a value: write "former NAME root FILE [owner NAME]"'],
    ['former x root root.pem every 60s', '"every" is not expected here: write "former NAME'],
    ['former bitcoin root root.pem', 'bitcoin is what verifiers call Bitcoin'],
    ['tsa x https://x.example root root.pem\nformer x root root.pem', 'names the source x twice'],
    ['tsa x', 'the address is missing: write "tsa NAME URL'],
    ['tsa x https://x.example', 'name the file with the root certificate of the authority: add "root FILE"'],
    ['tsa X! https://x.example root root.pem', '"X!" is no name of a source'],
    ['tsa x tsa.example root root.pem', '"tsa.example" is no address: write one that begins with https://'],
    ['tsa x http://x.example root root.pem', 'use https: http is for this machine only, not for x.example'],
    ['tsa x http://127.0.0.1.example root root.pem', 'use https'],
    ['tsa x https://a:b@x.example root root.pem', 'leave user name and password out of the address'],
    ['tsa x https://x.example/?a=b root root.pem', 'leave "?" and "#" out of the address'],
    ['tsa x https://x.example evry 60s root root.pem', '"evry" is not expected here: write "tsa NAME'],
    ['tsa x https://x.example root', '"root" needs a value'],
    ['tsa x https://x.example every 60s every 1h root root.pem', '"every" is there twice: keep one'],
    ['tsa x https://x.example every 60 root root.pem', '"60" is no interval: write one such as 60s'],
    ['tsa x https://x.example every 0s root root.pem', '"0s" is no interval'],
    ['tsa x https://x.example every 8d root root.pem', '"8d" is no interval'],
    ['tsa x https://x.example root away.pem', 'the file away.pem cannot be read (ENOENT)'],
    ['tsa x https://x.example root no.pem', 'no.pem holds no certificate that can be read'],
    ['tsa x https://x.example root broken.pem', 'broken.pem holds no certificate that can be read'],
    ['tsa x https://x.example root root.pem owner A', '"A" is no name of an owner'],
    ['tsa x https://x.example root root.pem standby', 'has only standby sources of type "tsa"'],
    ['bitcoin x https://x.example', 'has a calendar, but no Bitcoin node to get headers from: add a line'],
    [`bitcoin x https://x.example root root.pem\n${NODE}`, '"root" is not expected here: write "bitcoin'],
    ['beacon', 'write "beacon drand URL CHAINHASH'],
    ['beacon nist https://x.example', 'write "beacon drand URL CHAINHASH'],
    ['beacon drand https://x.example', 'the chain hash must be 64 hexadecimal digits'],
    [
      `beacon drand https://x.example ${'0'.repeat(64)}`,
      'add key, genesis, period, seed, id: this chain is not',
    ],
    [
      `beacon drand https://x.example ${'0'.repeat(64)} ${PARAMETERS}`,
      'these are the parameters of chain 52db',
    ],
    [
      `beacon drand https://x.example ${HASH} ${PARAMETERS.replace('period 3', 'period 3s')}`,
      '"period" must be a',
    ],
    [`beacon drand https://x.example ${HASH} standby`, '"standby" is not expected here'],
    ['beacon bitcoin http://127.0.0.1:1 network testnet', '"testnet" is no network'],
    ['beacon bitcoin http://127.0.0.1:1 pin 5', '"5" is no pin: write HEIGHT:ROOT'],
    ['tsa bitcoin https://x.example root root.pem', 'bitcoin is what verifiers call Bitcoin'],
    ['beacon bitcoin http://127.0.0.1:1 cookie away', 'the file away cannot be read (ENOENT)'],
    ['beacon bitcoin http://127.0.0.1:1 cookie empty.cookie', 'empty.cookie must hold one line'],
    [`${NODE}\n${NODE}`, 'has more than one "beacon bitcoin" line: keep one'],
    [
      `beacon drand https://x.example ${HASH}\nbeacon drand https://y.example ${HASH}`,
      'has more than one "beacon drand"',
    ],
    [
      `tsa x https://x.example root root.pem\nbitcoin x https://x.example\n${NODE}`,
      'names the source x twice',
    ],
  ])('%s is a mistake', (text, mistake) => {
    const { mistakes } = read(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(mistake);
  });

  it('has at most 32 sources of anchors', () => {
    const lines = Array.from({ length: 33 }, (_, i) => `tsa x${i} https://x.example root root.pem`);
    expect(read(lines.join('\n')).mistakes).toEqual(['has 33 sources of anchors: keep at most 32']);
  });
});

describe('the setting INGAM_TIME_SOURCES', () => {
  const mistakesOf = (env: Record<string, string>) => {
    try {
      loadConfig(env);
    } catch (error) {
      if (error instanceof ConfigError) return error.mistakes;
      throw error;
    }
    return [];
  };

  it('names every mistake with its line, together with those of other settings', async () => {
    await using folder = await createFolder();
    const file = folder.at('sources');
    writeFileSync(file, 'tsa a https://a.example\n\ntsa b http://b.example root away.pem\n');
    expect(mistakesOf({ PORT: 'x', INGAM_TIME_SOURCES: file, INGAM_ALARM_WEBHOOK: 'nowhere' })).toEqual([
      'PORT must be a whole number',
      `INGAM_TIME_SOURCES (${file}) line 1: name the file with the root certificate of the authority: add "root FILE"`,
      `INGAM_TIME_SOURCES (${file}) line 3: use https: http is for this machine only, not for b.example`,
      `INGAM_TIME_SOURCES (${file}) line 3: the file away.pem cannot be read (ENOENT): names are relative to the file of time sources`,
      'INGAM_ALARM_WEBHOOK must be an http(s) address',
    ]);
    expect(mistakesOf({ INGAM_TIME_SOURCES: folder.at('none') })).toEqual([
      'INGAM_TIME_SOURCES must be the name of a file that can be read (ENOENT): docs/time-sources.md says what is in it',
    ]);
  });

  it('finds certificates beside the file', async () => {
    await using folder = await createFolder();
    const file = folder.at('etc/sources');
    mkdirSync(folder.at('etc'));
    writeFileSync(folder.at('etc/root.pem'), pemOf(ROOT.der));
    writeFileSync(file, 'tsa a https://a.example root root.pem\n');
    expect(loadConfig({ INGAM_TIME_SOURCES: file }).timeSources.anchors).toMatchObject([
      { roots: [ROOT.der] },
    ]);
    expect(loadConfig({}).timeSources).toEqual(NO_TIME_SOURCES);
  });
});
