import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface StaticFiles extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for, with their query. */
  readonly asked: string[];
}

/**
 * A web server that knows nothing but files: it ignores queries, and runs no program.
 * @param read null: there is no such file
 * @param absent its status for that
 */
export async function serveFiles(
  read: (name: string) => Promise<Uint8Array | null>,
  absent = 404,
): Promise<StaticFiles> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url ?? '');
    const [path = ''] = (req.url ?? '').split('?');
    read(path.slice(1)).then(
      (bytes) => {
        if (bytes === null) res.writeHead(absent).end();
        else res.end(bytes);
      },
      () => res.writeHead(503).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export function serveFolder(folder: string): Promise<StaticFiles> {
  return serveFiles((name) => readFile(join(folder, name)).catch(() => null));
}

/** Every file below a folder, by its path in it. */
export async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!item.isFile()) continue;
    const path = join(item.parentPath, item.name);
    found.set(path.slice(folder.length + 1), await readFile(path));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
