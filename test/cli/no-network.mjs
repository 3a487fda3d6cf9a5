// A preload script that ends the process when it uses a network.
import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const forbid = (what) => () => {
  process.stderr.write(`NETWORK: ${what}\n`);
  process.exit(99);
};
const names = ['tls', 'http', 'https', 'http2', 'dns', 'dns/promises', 'dgram', 'child_process'];
// All are loaded before the first is changed, because they use each other.
for (const module of names.map((name) => require(name))) {
  for (const key of Object.keys(module)) {
    if (typeof module[key] === 'function') module[key] = forbid(key);
  }
}
// Standard output can be a net.Socket, so only its ways to connect are removed.
const net = require('net');
for (const key of ['connect', 'createConnection', 'createServer']) net[key] = forbid(`net.${key}`);
net.Socket.prototype.connect = forbid('net.Socket.connect');
net.Server.prototype.listen = forbid('net.Server.listen');
globalThis.fetch = forbid('fetch');
globalThis.WebSocket = forbid('WebSocket');
syncBuiltinESMExports();
