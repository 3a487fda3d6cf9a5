import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exists, folder, ingam, service, useService } from '../cli/service.js';

useService();

const ACTION = join(import.meta.dirname, '../../deploy/github-action');

/** Runs the script as the runner does. */
async function runAction(inputs: Readonly<Record<string, string>>) {
  const files = { GITHUB_OUTPUT: folder.at('output'), GITHUB_STEP_SUMMARY: folder.at('summary') };
  for (const file of Object.values(files)) await writeFile(file, '');
  const child = spawn(process.execPath, [join(ACTION, 'main.mjs')], {
    cwd: folder.at('work'),
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder.path, GITHUB_WORKSPACE: folder.at('work'), ...files },
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  const output = await readFile(files.GITHUB_OUTPUT, 'utf8');
  const [, proofs = ''] = /^proofs<<(?<delimiter>\S+)\n(.*?)\k<delimiter>$/ms.exec(output)?.slice(1) ?? [];
  const summary = await readFile(files.GITHUB_STEP_SUMMARY, 'utf8');
  return {
    code,
    stdout,
    stderr,
    count: /^count=(.*)$/m.exec(output)?.[1],
    proofs: proofs.split('\n').slice(0, -1),
    summary,
  };
}

test('notarizes what is to be released, verifies it, and tells the runner', async () => {
  await mkdir(folder.at('work', 'dist', 'deep'), { recursive: true });
  for (const name of ['a.tgz', 'b.tgz', 'deep/c.tgz', 'notes.txt'])
    await writeFile(folder.at('work', 'dist', name), name);
  await writeFile(folder.at('work', 'LICENSE'), 'a license');
  await ingam('trust', '--out', 'policy');
  const trust = await readFile(folder.at('policy'), 'utf8');
  const inputs = { files: 'dist/*.tgz\nLICENSE\n', server: service.url, trust };
  const first = await runAction(inputs);
  expect(first).toMatchObject({
    code: 0,
    count: '3',
    proofs: ['dist/a.tgz.ingam.json', 'dist/b.tgz.ingam.json', 'LICENSE.ingam.json'],
  });
  expect(first.summary).toContain('| dist/a.tgz | ');
  for (const proof of first.proofs) expect(await exists('work', proof)).toBe(true);
  // Again, with the proofs in a folder of their own.
  const again = await runAction({ ...inputs, files: 'dist/**/*.tgz', proofs: 'proofs' });
  expect(again).toMatchObject({ code: 0, count: '3' });
  expect(again.proofs).toContain('proofs/c.tgz.ingam.json');
});

test('fails the job, and says why', async () => {
  await mkdir(folder.at('work'));
  await writeFile(folder.at('work', 'a'), 'a');
  const missing = await runAction({ files: 'b', server: service.url });
  expect(missing).toMatchObject({ code: 1, stdout: '::error title=Ingam::No file is named by: b\n' });
  expect((await runAction({ files: 'a', server: '' })).stdout).toContain('The input "server" is missing.');
  const nobody = await runAction({ files: 'a', server: 'http://127.0.0.1:1' });
  expect(nobody.stdout).toMatch(/^::error title=Ingam::cannot reach http:/);
  // A policy that trusts another log.
  const { log: key } = { log: 'log other.example/log+8bc24bc3+AaSnvz3IWlqgJpUBjjrQd7dXZ0vK9a2Pow0bG8vJ5MxC' };
  expect((await runAction({ files: 'a', server: service.url, trust: key })).code).toBe(1);
});

test('action.yml gives the script each input, and has each of its outputs', async () => {
  const text = await readFile(join(ACTION, 'action.yml'), 'utf8');
  const inputs = [...(/^inputs:\n((?: .*\n)*)/m.exec(text)?.[1] ?? '').matchAll(/^ {2}(\w+):$/gm)].map(
    ([, name = '']) => name,
  );
  expect(inputs).toEqual(['files', 'server', 'key', 'proofs', 'trust', 'timeout']);
  for (const name of inputs) expect(text).toContain(`INPUT_${name.toUpperCase()}: \${{ inputs.${name} }}`);
  for (const name of ['proofs', 'count']) expect(text).toContain(`steps.notarize.outputs.${name} }}`);
});
