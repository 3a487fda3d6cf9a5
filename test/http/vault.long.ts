import { test } from 'vitest';
import { createFolder } from '../cli/invoke.js';
import { streamThroughVault } from '../support/vault-stream.js';

test('5 GiB stream into a folder and back with flat memory', async () => {
  await using folder = await createFolder();
  await streamThroughVault({ INGAM_VAULT: folder.path });
});
