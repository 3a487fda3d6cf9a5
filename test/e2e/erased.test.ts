import { beforeAll, expect, it } from 'vitest';
import { bearer, createOrganization, createUser, type Someone } from '../support/people.js';
import { digest, names, notarizeAs, openRegister } from './register-support.js';
import { failedSteps, give, openPage, statement, textFile, useService } from './support.js';

// What the pages show of a notarization whose content was erased: no error, and nothing of the content.

const service = useService();
let owner: Someone;
const TEXTS = ['kept before', 'erased', 'kept after'];
let ids: readonly string[];
let proof: string;
let block: { height: number; index: number };

beforeAll(async () => {
  owner = await createUser(service, (await createOrganization(service)).id, 'owner');
  const documents = TEXTS.map((text) => ({ sha256: digest(text), details: { name: `${text}.txt` } }));
  ids = await notarizeAs(service, owner.accessToken, documents);
  const address = `${service.url}/v1/notarizations/${ids[1] ?? ''}`;
  const headers = bearer(owner.accessToken);
  proof = await (await fetch(`${address}/proof`, { headers })).text();
  ({ block } = (await (await fetch(address, { headers })).json()) as { block: typeof block });
  expect((await fetch(address, { method: 'DELETE', headers })).status).toBe(200);
});

it('the Verify page does not know the document, and verifies a proof that somebody has kept', async () => {
  await using opened = await openPage(`${service.url}/verify.html`);
  const { page } = opened;
  await give(page, textFile('erased.txt', 'erased'));
  expect(await statement(page)).toBe('unknown');
  await give(page, textFile('erased.txt.ingam.json', proof));
  await page.locator('[data-statement=alone]').waitFor();
  expect(await failedSteps(page)).toEqual([]);
  opened.assertClean();
});

it('the explorer shows its place in the block, with the path to the root', async () => {
  await using opened = await openPage(
    `${service.url}/explorer.html#block=${block.height}&entry=${block.index + 1}`,
  );
  const { page } = opened;
  await page.locator('.path-state.is-good').waitFor();
  expect(await page.locator('main').textContent()).not.toContain(digest('erased'));
  opened.assertClean();
});

it('the register has the others, and says of its address that it was erased', async () => {
  await using opened = await openRegister(service.url, owner.email, { hash: '#q=txt&order=name' });
  const { page } = opened;
  const found = await names(page, 3);
  expect(found.filter((name) => !name.startsWith('erasure-'))).toEqual(['kept after.txt', 'kept before.txt']);
  opened.assertClean();
  await page.goto(`${service.url}/register.html#id=${ids[1] ?? ''}`);
  await page.getByRole('heading', { name: 'Erased document', level: 1 }).waitFor();
  opened.assertClean({ mayFailToLoad: true });
});
