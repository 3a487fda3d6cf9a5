import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadVectors, proofBytes } from '../vectors/load.js';
import { runBuilt } from '../support/built.js';
import { createFolder } from './invoke.js';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const PRELOAD = fileURLToPath(new URL('./no-network.mjs', import.meta.url));

/** Node modules that neither open sockets nor start processes. */
const HARMLESS = new Set([
  ...['async_hooks', 'buffer', 'crypto', 'fs', 'fs/promises', 'os', 'path', 'tty', 'util', 'zlib'],
  ...['readline/promises', 'stream'],
]);
const LIBRARIES = new Set([
  '@noble/ed25519',
  '@noble/hashes/sha2.js',
  '@noble/hashes/legacy.js',
  '@noble/hashes/sha3.js',
  '@noble/curves/bls12-381.js',
  '@noble/curves/nist.js',
  '@noble/post-quantum/ml-dsa.js',
  // Reads files and inflates them.
  'yauzl',
]);

/**
 * All modules that loading `entry` loads: its static imports, and theirs. Types leave no trace at run time.
 */
function importGraph(...entries: string[]): { files: string[]; modules: string[] } {
  const files = new Set<string>();
  const modules = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    const statements = readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm,
    );
    for (const [, specifier = ''] of statements) {
      if (specifier.startsWith('.')) visit(resolve(dirname(file), specifier.replace(/\.js$/, '.ts')));
      else modules.add(specifier);
    }
  };
  for (const entry of entries) visit(resolve(SRC, entry));
  return { files: [...files].map((file) => relative(SRC, file)), modules: [...modules] };
}

describe('ingam verify', () => {
  const graph = importGraph(
    ...['cli/main.ts', 'cli/verify.ts', 'cli/verify-many.ts', 'cli/zip.ts', 'cli/verify-history.ts'],
    'proof/time/anchors.ts',
    'proof/time/document-renewal.ts',
  );

  test('imports no module that can reach a network', () => {
    for (const file of graph.files) {
      expect(existsSync(resolve(SRC, file))).toBe(true);
      expect(file).toMatch(/^((cli|crypto|messages|proof)\/)/);
    }
    expect(graph.files).toContain('proof/verify.ts');
    for (const module of graph.modules) {
      const builtin = module.startsWith('node:');
      expect(builtin ? HARMLESS : LIBRARIES).toContain(module.replace('node:', ''));
    }
  });

  test('loads nothing at run time except the named command, and what is among these modules', () => {
    for (const file of graph.files.filter((name) => name !== 'cli/run.ts')) {
      const source = readFileSync(resolve(SRC, file), 'utf8');
      const rest = source.replaceAll(/\bimport\('(\.[^']+)\.js'\)/g, (whole, path: string) => {
        const target = relative(SRC, resolve(SRC, dirname(file), `${path}.ts`));
        return graph.files.includes(target) ? '' : whole;
      });
      expect(rest).not.toMatch(/\bimport\(|\brequire\(|\bfetch\(/);
    }
  });

  test('verifies in a process without any access to a network', async () => {
    await using folder = await createFolder();
    const vector = loadVectors('valid').find(
      ({ document, trust, expected }) =>
        document !== null && trust !== null && 'verdict' in expected && expected.verdict === 'verified',
    );
    await writeFile(folder.at('document'), Buffer.from(vector?.document ?? '', 'hex'));
    await writeFile(folder.at('document.ingam.json'), vector === undefined ? '' : proofBytes(vector));
    await writeFile(folder.at('trust'), vector?.trust ?? '');
    const options = { cwd: folder.path, nodeArgs: ['--import', PRELOAD] };
    const verified = await runBuilt(['verify', 'document', '--trust', 'trust'], options);
    expect(verified.stderr).not.toContain('NETWORK');
    expect(verified.code).toBe(0);
    const inspected = await runBuilt(['inspect', 'document.ingam.json'], options);
    expect(inspected.code).toBe(0);
    // The preload works: it stops a command that needs a network.
    const caught = await runBuilt(['trust'], options);
    expect(caught).toMatchObject({ code: 99, stderr: 'NETWORK: fetch\n' });
  });
});
