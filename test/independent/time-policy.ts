import { base64, decimal, hex, refuse, sha256 } from './formats.js';
import { readCertificate, type Certificate } from './tokens.js';

/** The lines about time of a trust policy: docs/proof-format-time.md, "Policy lines". */
export interface TimePolicy {
  readonly sources: { readonly name: string; owner: string; readonly certificates: Certificate[] }[];
  /** Number of headers and root. */
  readonly pins: { readonly size: bigint; readonly root: Buffer }[];
  readonly chains: {
    readonly hash: Buffer;
    readonly key: Buffer;
    readonly genesis: bigint;
    readonly period: bigint;
  }[];
  readonly demanded: bigint | null;
}

const u = (value: bigint, bytes: number) => Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');

/** @param lines words of each line that begins with one of the four words, without comments */
export function readTimePolicy(lines: readonly (readonly string[])[]): TimePolicy {
  const sources: TimePolicy['sources'] = [];
  const pins: TimePolicy['pins'] = [];
  const chains: TimePolicy['chains'] = [];
  let demanded: bigint | null = null;
  for (const [word, a = '', b = '', ...rest] of lines) {
    if (word === '#tsa') {
      if (b === '' || (rest.length > 0 && (rest.length !== 2 || rest[0] !== 'owner'))) refuse('#tsa');
      if (a === 'bitcoin') refuse('the name bitcoin');
      const certificate = readCertificate(base64(b));
      if (sources.some(({ certificates }) => certificates.some(({ der }) => der.equals(certificate.der))))
        refuse('a certificate twice');
      const owner = rest[1] ?? a;
      const known = sources.find(({ name }) => name === a);
      if (known === undefined) sources.push({ name: a, owner, certificates: [certificate] });
      else if (known.owner !== owner) refuse('two owners');
      else known.certificates.push(certificate);
    } else if (word === '#bitcoin') {
      if (b === '' || rest.length > 0) refuse('#bitcoin');
      const size = decimal(a) + 1n;
      if (pins.some((pin) => pin.size === size)) refuse('a height twice');
      pins.push({ size, root: base64(b, 32) });
    } else if (word === '#beacon') {
      const [key = '', genesis = '', period = '', seed = '', id = ''] = rest;
      if (a !== 'drand' || rest.length !== 5 || !/^[a-z0-9._-]{1,64}$/.test(id)) refuse('#beacon');
      const chain = {
        hash: hex(b, 32),
        key: hex(key, 96),
        genesis: decimal(genesis),
        period: decimal(period),
      };
      if (chain.genesis < 1n || chain.genesis >= 2n ** 32n || chain.period < 1n || chain.period > 600n)
        refuse('genesis or period');
      const name = id === 'default' ? '' : id;
      if (!sha256(u(chain.period, 4), u(chain.genesis, 8), chain.key, hex(seed, 32), name).equals(chain.hash))
        refuse('hash of a chain');
      if (chains.some(({ hash }) => hash.equals(chain.hash))) refuse('a chain twice');
      chains.push(chain);
    } else {
      if (a === '' || b !== '' || demanded !== null) refuse('#times');
      demanded = decimal(a);
    }
  }
  const owners = new Set([...sources.map(({ owner }) => owner), ...(pins.length > 0 ? ['bitcoin'] : [])]);
  if (demanded !== null && (demanded < 1n || demanded > BigInt(owners.size))) refuse('#times');
  return { sources, pins, chains, demanded };
}
