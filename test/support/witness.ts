import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import {
  checkSignature,
  COSIGNATURE,
  cosign,
  formatNote,
  formatVerifierKey,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  verifyConsistency,
  type AddCheckpoint,
  type Checkpoint,
  type VerifierKey,
} from '../../src/proof/index.js';

/** What a witness does with a request instead of answering as the specification says. */
export type Behaviour = (request: AddCheckpoint, res: ServerResponse) => void;

export interface TestWitness extends AsyncDisposable {
  readonly name: string;
  readonly key: PrivateKey;
  readonly url: string;
  /** The line of a policy. */
  readonly line: string;
  /** What it has cosigned, one after the other. */
  readonly signed: readonly Checkpoint[];
  /** All requests that came. */
  readonly requests: readonly AddCheckpoint[];
  /** null: it behaves well. */
  behaviour: Behaviour | null;
  /** As if it had cosigned this. */
  remember(checkpoint: Checkpoint): void;
}

/** A small honest witness, written apart from the one that is tested; and dishonest on demand. */
export async function startWitness(name: string, logKey: () => VerifierKey): Promise<TestWitness> {
  const key = generateKey(`${name}.example/witness`, COSIGNATURE);
  const signed: Checkpoint[] = [];
  const requests: AddCheckpoint[] = [];
  const answer = (request: AddCheckpoint, res: ServerResponse): void => {
    const note = parseNote(request.note);
    const checkpoint = parseCheckpoint(note.text);
    if (checkSignature(note, logKey()).state !== 'good') {
      res.writeHead(403).end();
      return;
    }
    const last = signed.at(-1);
    const size = last?.size ?? 0;
    if (request.oldSize !== size) {
      res.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${size}\n`);
      return;
    }
    const grows =
      last === undefined ||
      verifyConsistency(size, checkpoint.size, last.root, checkpoint.root, request.path);
    if (!grows) {
      res.writeHead(422).end();
      return;
    }
    signed.push(checkpoint);
    res.end(lineOf(key, note.text));
  };
  const witness = { behaviour: null as Behaviour | null };
  const server = createServer((req, res) => {
    // It publishes nothing: a witness need not.
    if (req.method !== 'POST') {
      res.writeHead(404).end();
      return;
    }
    const chunks: Uint8Array[] = [];
    req.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    req.on('end', () => {
      const request = parseAddCheckpoint(Buffer.concat(chunks));
      requests.push(request);
      (witness.behaviour ?? answer)(request, res);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(witness, {
    name,
    key,
    url,
    line: `witness ${name} ${formatVerifierKey(key.key)} ${url}`,
    signed,
    requests,
    remember: (checkpoint: Checkpoint) => {
      signed.push(checkpoint);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
}

/** A cosignature line over `text`. */
export function lineOf(key: PrivateKey, text: string, time = Math.floor(Date.now() / 1000)): string {
  return formatNote({ text, signatures: [cosign(text, key, time)] }).slice(text.length + 1);
}
