import { FolderStorage } from '../../../src/vault/index.js';

// Writes an object that has no end, and says so when some of it is on disk.
const [folder = '', name = ''] = process.argv.slice(2);

async function* content(): AsyncGenerator<Uint8Array> {
  for (let i = 0; ; i++) {
    if (i === 64) process.stdout.write('writing\n');
    yield new Uint8Array(64 * 1024);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

await new FolderStorage(folder).write(name, content());
