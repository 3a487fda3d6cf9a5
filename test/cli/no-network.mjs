// Loaded in front of a program: whatever could reach a network throws, and says so on the way out.
import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const forbid = (what) => () => {
  process.stderr.write(`NETWORK: ${what}\n`);
  process.exit(99);
};
// A pipe or terminal at standard output is a net.Socket as well: its class stays, its ways out go.
const net = require('net');
for (const key of ['connect', 'createConnection', 'createServer']) net[key] = forbid(`net.${key}`);
net.Socket.prototype.connect = forbid('net.Socket.connect');
net.Server.prototype.listen = forbid('net.Server.listen');
for (const name of ['tls', 'http', 'https', 'http2', 'dns', 'dns/promises', 'dgram', 'child_process']) {
  const module = require(name);
  for (const key of Object.keys(module)) {
    if (typeof module[key] === 'function') module[key] = forbid(`${name}.${key}`);
  }
}
globalThis.fetch = forbid('fetch');
globalThis.WebSocket = forbid('WebSocket');
syncBuiltinESMExports();
