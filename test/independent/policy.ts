import { readTimePolicy, type TimePolicy } from './time-policy.js';
import { decimal, makeKey, readKey, refuse, type Key } from './formats.js';

/** The trust policy of docs/proof-format.md. */
export interface Policy {
  readonly logs: Key[];
  readonly retired: { readonly key: Key; readonly until: bigint }[];
  readonly witnesses: Map<string, Key>;
  /** Whether the quorum is met when these witnesses are. */
  readonly isMet: (witnesses: Set<string>) => boolean;
  readonly asksForCosignatures: boolean;
  readonly time: TimePolicy;
}

export function readPolicy(given: string): Policy {
  if (Buffer.byteLength(given) > 1048576) refuse('too long');
  const text = given.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) refuse('control characters');
  const logs: Key[] = [];
  const retired: { key: Key; until: bigint }[] = [];
  const witnesses = new Map<string, Key>();
  const rules = new Map<string, (met: Set<string>) => boolean>();
  const members = new Set<string>();
  const quorums: string[] = [];
  const aboutTime: string[][] = [];

  const isTaken = (key: Key) =>
    [...logs, ...retired.map((gone) => gone.key)].some(({ publicKey }) => publicKey.equals(key.publicKey));
  for (const line of text.split('\n')) {
    const [mark, ...all] = line.split(/[ \t]/).filter((word) => word !== '');
    if (mark !== undefined && ['#tsa', '#bitcoin', '#beacon', '#times'].includes(mark)) {
      const comment = all.findIndex((word) => word.startsWith('#'));
      aboutTime.push([mark, ...(comment === -1 ? all : all.slice(0, comment))]);
      continue;
    }
    if (mark === '#retired-log') {
      const comment = all.findIndex((word) => word.startsWith('#'));
      const [vkey, size, ...none] = comment === -1 ? all : all.slice(0, comment);
      if (vkey === undefined || size === undefined || none.length > 0) return refuse('a retired key');
      const key = readKey(vkey);
      if (![1, 6].includes(key.type) || isTaken(key)) refuse('log key');
      retired.push({ key, until: decimal(size) });
      continue;
    }
    const words: string[] = [];
    for (const word of line.split(/[ \t]/)) {
      if (word.startsWith('#')) break;
      if (word !== '') words.push(word);
    }
    const [keyword, name = '', third = '', ...rest] = words;
    const declare = (rule: (met: Set<string>) => boolean) => {
      if (['all', 'any', 'none'].includes(name) || rules.has(name)) refuse('a name');
      rules.set(name, rule);
    };
    if (keyword === undefined) continue;
    if (keyword === 'log' && (words.length === 2 || words.length === 3)) {
      const key = readKey(name);
      if (![1, 6].includes(key.type) || isTaken(key)) refuse('log key');
      logs.push(key);
    } else if (keyword === 'witness' && (words.length === 3 || words.length === 4)) {
      const given = readKey(third);
      if (given.type === 255) refuse('witness key');
      const key = given.type === 1 ? makeKey(given.name, 4, given.publicKey) : given;
      if ([...witnesses.values()].some(({ publicKey }) => publicKey.equals(key.publicKey)))
        refuse('one key twice');
      declare((met) => met.has(name));
      witnesses.set(name, key);
    } else if (keyword === 'group' && rest.length > 0) {
      const parts = rest.map((member) => {
        if (members.has(member)) refuse('a member twice');
        members.add(member);
        return rules.get(member) ?? refuse('a member that is not defined');
      });
      const most = parts.length;
      const least =
        third === 'all' ? most : third === 'any' ? 1 : /^[1-9][0-9]*$/.test(third) ? Number(third) : 0;
      if (least < 1 || least > most) refuse('threshold');
      declare((met) => parts.filter((part) => part(met)).length >= least);
    } else if (keyword === 'quorum' && words.length === 2) {
      if (name !== 'none' && !rules.has(name)) refuse('a quorum that is not defined');
      quorums.push(name);
    } else refuse('a line of another kind');
  }
  const [quorum = ''] = quorums;
  if (quorums.length !== 1) refuse('there is one quorum');
  const rule = rules.get(quorum);
  const time = readTimePolicy(aboutTime);
  return {
    logs,
    retired,
    witnesses,
    isMet: rule ?? (() => true),
    asksForCosignatures: quorum !== 'none',
    time,
  };
}
