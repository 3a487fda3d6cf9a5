/**
 * The second part of `npm run test:interop`: OpenTimestamps files that this code writes, checked by the stock client against a real
 * Bitcoin node, and files of the stock client read by this code. Needs Go and Python, which fetch both programs.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { headersOf, tipOf } from '../../src/anchoring/bitcoin-node.js';
import { buildPack } from '../../src/pack/index.js';
import {
  formatAnchor,
  formatNote,
  parsePolicy,
  parseProof,
  PENDING_FORMAT,
  verify as verifyProof,
} from '../../src/proof/index.js';
import { judgeAnchors } from '../../src/proof/time/anchors.js';
import { verifyBitcoinAnchor } from '../../src/proof/time/bitcoin-anchor.js';
import { bitcoinHash, formatBitcoinHash, REGTEST } from '../../src/proof/time/bitcoin.js';
import { HeaderArchive } from '../../src/proof/time/header-archive.js';
import { after, bitcoinCommitments, pendingCommitments, upgrade } from '../../src/proof/time/ots-tree.js';
import {
  formatCalendarTimestamp,
  formatOts,
  parseOts,
  type OtsOperation,
  type Timestamp,
} from '../../src/proof/time/ots.js';
import { Unpacked } from '../pack/support.js';
import { loadVectors, proofBytes } from '../vectors/load.js';
import { mineAfter, REGTEST_GENESIS } from '../proof/time/mining.js';
import { until } from '../support/until.js';
import { freePort } from '../support/free-port.js';

const run = promisify(execFile);
const BTCD = 'github.com/btcsuite/btcd@v0.26.2';
const CLIENT = 'opentimestamps-client==0.7.2';
const LOGIN = { user: 'u', password: 'p' };

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-bitcoin-'));
const children: ChildProcess[] = [];
const servers: Server[] = [];
let failed = 0;
let passed = 0;

async function check(what: string, work: () => Promise<string>): Promise<void> {
  try {
    console.log(`passed  ${what}: ${await work()}`);
    passed++;
  } catch (error) {
    console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : String(error)}`);
    failed++;
  }
}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

const sha256 = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** A node of a network of its own. */
async function startNode(btcd: string): Promise<string> {
  const [rpc, peers] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const flags = [
    ...['--regtest', '--notls', '--nodnsseed', `--rpcuser=${LOGIN.user}`, `--rpcpass=${LOGIN.password}`],
    ...[`--rpclisten=${rpc}`, `--listen=${peers}`, `--datadir=${join(folder, 'data')}`],
    ...[`--logdir=${join(folder, 'log')}`, `--configfile=${join(folder, 'none')}`],
  ];
  children.push(spawn(btcd, flags, { stdio: 'ignore', env: { ...process.env, HOME: folder } }));
  await until('btcd to answer', () =>
    call(rpc, 'getblockcount').then(
      () => true,
      () => null,
    ),
  );
  return rpc;
}

async function call(rpc: string, method: string, ...params: unknown[]): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`;
  const response = await fetch(`http://${rpc}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '1.0', id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result: unknown; error: unknown };
  if (error !== null && error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}

/** python-bitcoinlib leaves out the version of JSON-RPC, which btcd demands. */
function withVersion(rpc: string): RequestListener {
  return (request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { version: _, ...body } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const answer = await fetch(`http://${rpc}`, {
        method: 'POST',
        headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, jsonrpc: '1.0' }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'content-length': bytes.length,
      });
      response.end(bytes);
    })();
  };
}

/** A transaction that makes new coins and commits to a message in an output that nobody can spend. */
function coinbase(height: number, message: Uint8Array): { bytes: Buffer; offset: number } {
  // The height, up to 16 as an operation, and something that no other block has.
  const script = Buffer.from([0x50 + height, 8, ...randomBytes(8)]);
  const start = Buffer.concat([
    Buffer.from('0100000001', 'hex'),
    Buffer.alloc(32),
    Buffer.from('ffffffff', 'hex'),
    Buffer.from([script.length]),
    script,
    Buffer.from('ffffffff02', 'hex'),
    // 50 coins to anybody.
    Buffer.from('00f2052a010000000151', 'hex'),
    Buffer.from('0000000000000000226a20', 'hex'),
  ]);
  return { bytes: Buffer.concat([start, message, Buffer.alloc(4)]), offset: start.length };
}

/** Mines a block that commits to the message, and says how to get from the message to the block. */
async function anchor(rpc: string, previous: Uint8Array, height: number, message: Uint8Array) {
  const { bytes, offset } = coinbase(height, message);
  const merkleRoot = sha256(sha256(bytes));
  const header = mineAfter(previous, { merkleRoot });
  const refusal = await call(
    rpc,
    'submitblock',
    Buffer.concat([header, Buffer.from([1]), bytes]).toString('hex'),
  );
  demand(refusal === null, `btcd refuses the block: ${JSON.stringify(refusal)}`);
  const operations: OtsOperation[] = [
    { name: 'prepend', argument: new Uint8Array(bytes.subarray(0, offset)) },
    { name: 'append', argument: new Uint8Array(bytes.subarray(offset + 32)) },
    { name: 'sha256' },
    { name: 'sha256' },
  ];
  const timestamp = after(operations, { attestations: [{ type: 'bitcoin', height }], branches: [] });
  return { header, timestamp };
}

async function headerOf(rpc: string, height: number): Promise<Uint8Array> {
  const hash = await call(rpc, 'getblockhash', height);
  return new Uint8Array(Buffer.from(String(await call(rpc, 'getblockheader', hash, false)), 'hex'));
}

/** What a program prints, whether it succeeds or not. */
async function output(command: string, argv: readonly string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout, stderr } = await run(command, argv, { env: { ...process.env, HOME: folder } });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: code ?? -1, text: stdout + stderr };
  }
}

/** Has the stock client verify the timestamp in a pack, and its document with one byte more. */
async function verifyPacked(
  pack: Unpacked,
  verify: (file: string) => Promise<{ code: number; text: string }>,
): Promise<string> {
  const claim = pack.claims.claims.find(({ id }) => id.endsWith('/ots'));
  const file = claim?.files.find((each) => each.endsWith('.ots')) ?? '';
  demand(
    claim?.verdict === 'holds' && claim.note?.en.includes(`ots verify ${file}`) === true,
    'no such claim',
  );
  const good = await verify(join(pack.path, file));
  demand(good.code === 0 && good.text.includes('Success! Bitcoin block 10 attests existence'), good.text);
  await appendFile(join(pack.path, file.replace(/\.ots$/, '')), '\n');
  const changed = await verify(join(pack.path, file));
  demand(changed.code === 1 && changed.text.includes('File does not match original'), changed.text);
  return good.text.trim().split('\n').at(-1) ?? '';
}

try {
  console.log('fetching btcd and the OpenTimestamps client');
  await run('go', ['install', BTCD], { env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' } });
  await run('python3', ['-m', 'venv', join(folder, 'python')]);
  await run(join(folder, 'python/bin/pip'), ['install', '--quiet', CLIENT]);
  const ots = join(folder, 'python/bin/ots');
  const rpc = await startNode(join(folder, 'btcd'));
  const node = `http://${LOGIN.user}:${LOGIN.password}@${await listen(withVersion(rpc))}`;
  const verify = (file: string) =>
    output(ots, ['--btc-regtest', '--bitcoin-node', node, '--no-cache', 'verify', file]);

  const chain: Uint8Array[] = [REGTEST_GENESIS];
  await check('btcd begins with the first block that this code knows', async () => {
    const genesis = await headerOf(rpc, 0);
    demand(formatBitcoinHash(bitcoinHash(genesis)) === formatBitcoinHash(REGTEST.genesis), 'another block');
    return formatBitcoinHash(REGTEST.genesis);
  });
  const source = {
    ...({ type: 'node', name: 'bitcoin', url: `http://${rpc}`, network: REGTEST, pin: null } as const),
    credentials: `${LOGIN.user}:${LOGIN.password}`,
  };
  const limits = { signal: new AbortController().signal };
  // Enough for a tree of several levels.
  for (let height = 1; height < 8; height++) {
    const { header } = await anchor(rpc, chain.at(-1) ?? REGTEST_GENESIS, height, new Uint8Array(32));
    chain.push(header);
  }

  const note = Buffer.from('log.example\n7\nroot\n\n— log.example signature\n');
  const noteFile = join(folder, 'checkpoint');
  await writeFile(noteFile, note);
  const nonce = new Uint8Array(randomBytes(16));
  const toCommitment: OtsOperation[] = [{ name: 'append', argument: nonce }, { name: 'sha256' }];
  const digest = sha256(note);
  const commitment = sha256(digest, nonce);
  const { header, timestamp: answer } = await anchor(rpc, chain.at(-1) ?? REGTEST_GENESIS, 8, commitment);
  chain.push(header);
  const written = formatOts({ digest, timestamp: after(toCommitment, answer) });

  await check('the stock client verifies a file that this code wrote', async () => {
    await writeFile(`${noteFile}.ots`, written);
    const { code, text } = await verify(`${noteFile}.ots`);
    demand(code === 0 && text.includes('Success! Bitcoin block 8 attests existence'), text);
    return text.trim().split('\n').at(-1) ?? '';
  });
  await check('the stock client refuses the file for another document', async () => {
    await writeFile(join(folder, 'other'), Buffer.concat([note, Buffer.from('\n')]));
    await writeFile(join(folder, 'other.ots'), written);
    const { code, text } = await verify(join(folder, 'other.ots'));
    demand(code === 1 && text.includes('File does not match original'), text);
    return text.trim().split('\n').at(-1) ?? '';
  });
  await check('the stock client refuses a file with a changed operation', async () => {
    const operations = toCommitment.toReversed();
    const changed = formatOts({ digest, timestamp: after(operations, answer) });
    await writeFile(`${noteFile}.ots`, changed);
    const { code, text } = await verify(`${noteFile}.ots`);
    demand(code !== 0, text);
    return text.trim().split('\n').at(-1) ?? '';
  });

  const head = Buffer.from('4f545348010002000000000000000000', 'hex');
  const headers = await Promise.all(chain.map((_, height) => headerOf(rpc, height)));
  const archive = new HeaderArchive(new Uint8Array(Buffer.concat([head, ...headers])));
  await check('the service fetches and checks the headers of btcd', async () => {
    const [tip, fetched] = [await tipOf(source, limits), await headersOf(source, 0, 9, limits)];
    const same = fetched.every((each, i) => Buffer.compare(each, headers[i] ?? new Uint8Array()) === 0);
    demand(tip === 8 && fetched.length === 9 && same, `${fetched.length} headers, the tip is ${tip}`);
    return `${fetched.length} headers`;
  });
  await check('the service says why btcd gives nothing to somebody else', async () => {
    const foreign = { ...source, credentials: 'somebody:else' };
    const outcome = await tipOf(foreign, limits).then(
      () => null,
      (error: unknown) => error,
    );
    demand(outcome instanceof Error && outcome.message.includes('401'), String(outcome));
    return outcome instanceof Error ? outcome.message : '';
  });
  await check('this code verifies the file with a header of btcd, by its work', () => {
    const placed = { header: headers[8] ?? new Uint8Array(), height: 8, path: [], following: [] };
    const verdict = verifyBitcoinAnchor(digest, written, placed, [], REGTEST);
    demand(verdict.ok && verdict.standing.by === 'work', JSON.stringify(verdict));
    return Promise.resolve(verdict.ok ? new Date(verdict.noLaterThan).toISOString() : '');
  });
  await check('this code verifies it by a pin over all headers of btcd', () => {
    const placed = {
      header: headers[8] ?? new Uint8Array(),
      height: 8,
      path: archive.path(8),
      following: [],
    };
    const verdict = verifyBitcoinAnchor(digest, written, placed, [archive.pin()], REGTEST);
    demand(verdict.ok && verdict.standing.by === 'pin', JSON.stringify(verdict));
    return Promise.resolve(`${archive.end} headers`);
  });

  /** What the calendar knows, by commitment. */
  const answers = new Map<string, Timestamp>();
  let url = '';
  const calendar = await listen((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const asked = /^\/timestamp\/([0-9a-f]+)$/.exec(request.url ?? '')?.[1];
      if (request.method === 'POST') {
        const submitted = new Uint8Array(Buffer.concat(chunks));
        const pending: Timestamp = { attestations: [{ type: 'pending', url }], branches: [] };
        response.end(formatCalendarTimestamp(pending, submitted.length));
      } else if (asked !== undefined && answers.has(asked)) {
        const found = answers.get(asked);
        response.end(found && formatCalendarTimestamp(found, asked.length / 2));
      } else response.writeHead(404, { 'content-type': 'text/plain' }).end('Pending confirmation');
    })();
  });
  url = `http://${calendar}`;
  const stampedFile = join(folder, 'stamped');
  await check('this code reads what the stock client stamps, byte for byte', async () => {
    await writeFile(stampedFile, 'a document\n');
    const { code, text } = await output(ots, ['--no-cache', 'stamp', '-c', url, '-m', '1', stampedFile]);
    demand(code === 0, text);
    const bytes = await readFile(`${stampedFile}.ots`);
    const detached = parseOts(bytes);
    demand(Buffer.from(formatOts(detached)).equals(bytes), 'the bytes differ');
    const [pending] = pendingCommitments(detached);
    demand(pending?.url === url, `pending at ${pending?.url ?? 'no calendar'}`);
    return `${bytes.length} bytes`;
  });
  await check('this code upgrades as the stock client does, byte for byte', async () => {
    const before = parseOts(await readFile(`${stampedFile}.ots`));
    const [pending] = pendingCommitments(before);
    if (pending === undefined) throw new Error('nothing is pending');
    const { timestamp } = await anchor(rpc, chain.at(-1) ?? REGTEST_GENESIS, 9, pending.commitment);
    answers.set(Buffer.from(pending.commitment).toString('hex'), timestamp);
    const { code, text } = await output(ots, [
      '--no-cache',
      '--whitelist',
      url,
      'upgrade',
      `${stampedFile}.ots`,
    ]);
    demand(code === 0, text);
    const bytes = await readFile(`${stampedFile}.ots`);
    const ours = upgrade(before, pending.commitment, timestamp);
    if (ours === null) throw new Error('the commitment was not found');
    demand(Buffer.from(formatOts(ours)).equals(bytes), 'the bytes differ');
    demand(bitcoinCommitments(ours)[0]?.height === 9, 'another height');
    const verdict = await verify(`${stampedFile}.ots`);
    demand(verdict.code === 0, verdict.text);
    return `${bytes.length} bytes`;
  });
  await check(
    'the stock client verifies what is in an evidence pack, and refuses it with one byte more',
    async () => {
      const vector = loadVectors('valid').find(({ name }) => name === 'plain');
      const proof = vector === undefined ? null : parseProof(proofBytes(vector));
      if (vector === undefined || proof === null || proof.format === PENDING_FORMAT)
        throw new Error('no proof');
      const published = formatNote(proof.log.note);
      const message = sha256(Buffer.from(published));
      const block = await anchor(rpc, await headerOf(rpc, 9), 10, message);
      const all = await Promise.all(Array.from({ length: 11 }, (_, height) => headerOf(rpc, height)));
      const pinned = new HeaderArchive(new Uint8Array(Buffer.concat([head, ...all])));
      const bitcoin = formatAnchor({
        ...{ type: 'bitcoin', note: published, path: proof.log.path, height: 10, header: block.header },
        ...{ ots: formatOts({ digest: message, timestamp: block.timestamp }), following: [] },
        headerPath: pinned.path(10),
      });
      const trusted = parsePolicy(String(vector.trust));
      const policy = { ...trusted, time: { ...trusted.time, pins: [pinned.pin()] } };
      const anchored = { ...proof, anchors: [bitcoin] };
      const bytes = new Uint8Array(Buffer.from(vector.document ?? '', 'hex'));
      const facts = { sha256: sha256(bytes), size: bytes.length };
      const time = { judge: judgeAnchors };
      const verification = verifyProof({ proof: anchored, document: facts, policy, time });
      const files = buildPack({
        proofs: [{ proof: anchored, verification, certificate: null }],
        document: { facts, name: 'document', bytes },
        policy,
        verifier: new Uint8Array(),
      });
      const pack = new Unpacked(new Map(files.map((file) => [file.path, file.bytes])));
      try {
        return await verifyPacked(pack, verify);
      } finally {
        pack[Symbol.dispose]();
      }
    },
  );
} finally {
  for (const child of children.reverse()) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  for (const server of servers) server.close();
  // Go makes its files read-only.
  await run('chmod', ['-R', 'u+w', folder]);
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
