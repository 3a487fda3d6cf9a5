import { EmbeddedError, startEmbeddedPostgres } from '../../../src/postgres/index.js';

// Runs an embedded server in the directory in argv until SIGTERM; prints its URLs and process id, or the error's code.
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
try {
  const server = await startEmbeddedPostgres({ directory: process.argv[2] ?? '', log });
  const { url, ownerUrl } = server;
  console.log(JSON.stringify({ url, ownerUrl, pid: server.pid() }));
  const keepAlive = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => {
    clearInterval(keepAlive);
    void server.stop();
  });
} catch (error) {
  if (!(error instanceof EmbeddedError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
