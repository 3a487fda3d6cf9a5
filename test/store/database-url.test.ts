import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isUnencrypted, parseDatabaseUrl } from '../../src/store/database-url.js';
import { createDirectory } from '../support/parts.js';

const START = 'postgresql://ingam:secret@db.example';

function mistakeIn(url: string): string {
  try {
    parseDatabaseUrl(url);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return expect.fail(`${url} was accepted`);
}

test('reads hosts, ports, names and passwords as libpq does', () => {
  expect(parseDatabaseUrl('postgres://ingam:p%23%2F%40ss%25@db.example:5433/main')).toEqual({
    hosts: [{ host: 'db.example', port: 5433 }],
    user: 'ingam',
    password: 'p#/@ss%',
    database: 'main',
    schema: 'public',
    ssl: false,
    options: '',
  });
  expect(parseDatabaseUrl('postgresql://ingam@a,b:5433,[::1]:5434/main').hosts).toEqual([
    { host: 'a', port: 5432 },
    { host: 'b', port: 5433 },
    { host: '::1', port: 5434 },
  ]);
  expect(parseDatabaseUrl('postgresql://ingam@/main?host=/run/postgresql').hosts).toEqual([
    { host: '/run/postgresql', port: 5432 },
  ]);
  expect(parseDatabaseUrl('postgresql://ingam@localhost')).toMatchObject({ database: 'ingam' });
  expect(parseDatabaseUrl('postgresql:///main')).toMatchObject({
    user: userInfo().username,
    hosts: [{ host: 'localhost', port: 5432 }],
  });
  // The last one ends the password, so this one needs no escape.
  expect(parseDatabaseUrl('postgresql://ingam:p@ss@db.example/main')).toMatchObject({ password: 'p@ss' });
});

test('takes the schema from ?schema= or from a search_path', () => {
  expect(parseDatabaseUrl(`${START}/db?schema=notary`).schema).toBe('notary');
  expect(parseDatabaseUrl(`${START}/db?options=-c%20search_path=notary`).schema).toBe('notary');
});

describe('TLS', () => {
  test.each([
    ['', false],
    ['sslmode=disable', false],
    ['sslmode=require', { rejectUnauthorized: false }],
    ['sslmode=verify-full', {}],
  ])('%s', (query, ssl) => {
    expect(parseDatabaseUrl(`${START}/db?${query}`).ssl).toEqual(ssl);
  });

  test('checks the server against a certificate as soon as one is given', async () => {
    await using directory = await createDirectory();
    const root = join(directory.path, 'root.pem');
    await writeFile(root, 'a certificate');
    const names = (mode: string) =>
      Object.keys(parseDatabaseUrl(`${START}/db?sslmode=${mode}&sslrootcert=${root}`).ssl).sort();
    expect(names('require')).toEqual(['ca', 'checkServerIdentity']);
    expect(names('verify-ca')).toEqual(['ca', 'checkServerIdentity']);
    expect(names('verify-full')).toEqual(['ca']);
  });

  test.each([
    [`${START}/db`, true],
    [`${START}/db?sslmode=require`, false],
    ['postgresql://ingam@localhost/db', false],
    ['postgresql://ingam@127.0.0.1/db', false],
    ['postgresql://ingam@[::1]/db', false],
    ['postgresql://ingam@127.0.0.1,10.0.0.2/db', true],
    ['postgresql://ingam@/db?host=/run/postgresql', false],
  ])('%s leaves a network unencrypted: %s', (url, expected) => {
    expect(isUnencrypted(url)).toBe(expected);
  });
});

test.each([
  ['mysql://host/db', 'must begin with postgres:// or postgresql://'],
  ['postgresql://ingam:pa#ss@db.example/db', 'contains "#"', '%23'],
  ['postgresql://ingam:pa/ss@db.example/db', 'contains "/"', '%2F'],
  ['postgresql://ingam:pa?ss@db.example/db', 'contains "?"', '%3F'],
  ['postgresql://ingam:100%@db.example/db', 'contains "%"', '%25'],
  [`${START}/db#main`, 'contains "#"'],
  ['postgresql://ingam:pa:ss@db.example:port/db', 'a name or address with a port: host:5432'],
  [`${START}:99999/db`, 'a name or address with a port'],
  [`${START}/db/more`, 'must end with one name of a database'],
  [`${START}/db?sslmode=prefer`, 'has sslmode=prefer, but must have one of verify-full'],
  [`${START}/db?sslmode=verify-full&sslrootcert=/no/root.pem`, 'as sslrootcert', 'there is no such file'],
  [`${START}/db?sslmode=require&sslcert=/no/cert.pem`, 'both of sslcert and sslkey'],
  [`${START}/db?connection_limit=5`, '"connection_limit", which Ingam does not know: remove it'],
  [`${START}/db?schema=a&schema=b`, 'the parameter schema twice'],
  [`${START}/db?schema=Notary`, 'names the schema "Notary"'],
  [`${START}/db?target_session_attrs=standby`, 'but the service writes'],
])('says what to write instead of %s', (url, ...words) => {
  const mistake = mistakeIn(url);
  for (const word of words) expect(mistake).toContain(word);
  expect(mistake).not.toContain('secret');
});
