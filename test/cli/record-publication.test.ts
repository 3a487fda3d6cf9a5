import { beforeAll, beforeEach, expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { createKey, createOrganization } from '../support/people.js';
import { folder, ingam, service, useService } from './service.js';

useService();
let key: string;
/** The public key of the holder. */
let kim: string;
beforeAll(async () => {
  key = (await createKey(service, (await createOrganization(service, 'Watchmakers')).id)).secret;
});
beforeEach(async () => {
  kim = (await ingam('keygen', '--kind', 'holder', '--name', 'kim', '--out', 'kim.key')).stdout.trim();
  await ingam('keygen', '--kind', 'holder', '--name', 'lee', '--out', 'lee.key');
  await writeFile(folder.at('photo.jpg'), 'a photograph');
});

const record = (...argv: string[]) => ingam('record', ...argv, '--api-key', key);

async function newItem(): Promise<string> {
  const body = { title: 'Watch', serial: 'W-1', features: [], issuer: kim, holder: kim };
  await writeFile(folder.at('watch.json'), JSON.stringify(body));
  const argv = ['--key', 'kim.key', '--body', 'watch.json', '--field', 'documents.0=@photo.jpg'];
  const { code, stdout, stderr } = await record('new', 'item', ...argv);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

const shown = async (id: string) => {
  const answer = await fetch(`${service.url}/v1/records/${id}/publication`);
  return answer.ok ? ((await answer.json()) as { shows: string[]; title: string | null }) : null;
};

test('publishes an item with the key of its holder, and withdraws it', async () => {
  const id = await newItem();
  const published = await record('publish', id, '--key', 'kim.key', '--show', 'serial,title');
  expect(published).toMatchObject({ code: 0, stdout: `${service.url}/r/${id}\n` });
  expect(published.stderr).toContain('Everybody can see now: title, serial.');
  expect(await shown(id)).toMatchObject({ shows: ['title', 'serial'], title: 'Watch' });
  const withdrawn = await record('unpublish', id);
  expect(withdrawn).toMatchObject({ code: 0, stdout: '' });
  expect(await shown(id)).toBeNull();
  const again = await record('unpublish', id);
  expect(again.code).not.toBe(0);
  expect(again.stderr).toContain('No record with this id is published');
});

test('says what it can show, and whose key is missing', async () => {
  const id = await newItem();
  const refused = async (...argv: string[]) => {
    const { code, stderr } = await record('publish', id, ...argv);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('--show', 'title')).toContain('missing the key of the holder');
  expect(await refused('--key', 'kim.key')).toContain('missing --show WORDS');
  expect(await refused('--key', 'kim.key', '--show', 'title,authors')).toMatch(
    /has no authors[\s\S]*It can show: title, serial/,
  );
  expect(await refused('--key', 'lee.key', '--show', 'title')).toMatch(
    /the record is held by kim\+[0-9a-f]{8}/,
  );
  expect(await shown(id)).toBeNull();
});
