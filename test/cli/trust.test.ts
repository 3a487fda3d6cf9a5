import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { exists, folder, ingam, service, useService } from './service.js';

useService();

describe('trust', () => {
  test('saves the key, so that verify needs no option', async () => {
    const { code, stdout, stderr } = await ingam('trust');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${service.verifierKey}\n` });
    expect(stderr).toContain('through another channel');
    expect(stderr).toMatch(/SHA-256 of the key: ([0-9a-f]{4} ){15}[0-9a-f]{4}/);
    await writeFile(folder.at('a'), 'a');
    const notarized = await ingam('notarize', 'a');
    expect(notarized.stderr).not.toContain('ingam trust');
    expect((await ingam('verify', 'a')).code).toBe(0);
    expect((await ingam('trust')).stderr).toContain('Already saved in');
  });

  test('does not replace another policy without --force', async () => {
    await writeFile(folder.at('policy'), 'quorum none\n');
    const { code, stderr } = await ingam('trust', '--out', 'policy');
    expect(code).toBe(1);
    expect(stderr).toContain('contains a different policy');
    expect(await readFile(folder.at('policy'), 'utf8')).toBe('quorum none\n');
    expect((await ingam('trust', '--out', 'policy', '--force')).code).toBe(0);
    expect(await readFile(folder.at('policy'), 'utf8')).toContain(service.verifierKey);
  });

  test('rejects any other key with --expect', async () => {
    const good = await ingam('trust', '--expect', service.verifierKey, '--out', 'good', '--json');
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({
      keys: [service.verifierKey],
      compared: true,
      changed: true,
    });
    const other = await ingam('keygen', '--name', 'test.example/log');
    const bad = await ingam('trust', '--expect', other.stdout.trim(), '--out', 'bad');
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('is not the expected one');
    expect(await exists('bad')).toBe(false);
  });
});

describe('audit --server', () => {
  test('reports no findings for a sound log', async () => {
    await writeFile(folder.at('a'), 'audit me');
    await ingam('notarize', 'a');
    const { code, stdout } = await ingam('audit', '--server', service.url, '--key', service.verifierKey);
    expect(stdout).toMatch(/^SOUND {2}[0-9]+ blocks? of test\.example\/log/);
    expect(code).toBe(0);
    const json = await ingam('audit', '--server', service.url, '--key', service.verifierKey, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ sound: true, findings: [] });
  });

  test('reports a signature that the given key did not make', async () => {
    const other = await ingam('keygen', '--name', 'test.example/log');
    const { code, stdout } = await ingam('audit', '--server', service.url, '--key', other.stdout.trim());
    expect(code).toBe(1);
    expect(stdout).toContain('checkpoint: signature');
  });
});
