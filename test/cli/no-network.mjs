// Loaded in front of a program: whatever could reach a network throws, and says so on the way out.
import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const forbid = (what) => () => {
  process.stderr.write(`NETWORK: ${what}\n`);
  process.exit(99);
};
const names = ['tls', 'http', 'https', 'http2', 'dns', 'dns/promises', 'dgram', 'child_process'];
// All are loaded before the first is changed: they are made of each other.
for (const module of names.map((name) => require(name))) {
  for (const key of Object.keys(module)) {
    if (typeof module[key] === 'function') module[key] = forbid(key);
  }
}
// A pipe or terminal at standard output is a net.Socket as well: its class stays, its ways out go.
const net = require('net');
for (const key of ['connect', 'createConnection', 'createServer']) net[key] = forbid(`net.${key}`);
net.Socket.prototype.connect = forbid('net.Socket.connect');
net.Server.prototype.listen = forbid('net.Server.listen');
globalThis.fetch = forbid('fetch');
globalThis.WebSocket = forbid('WebSocket');
syncBuiltinESMExports();
