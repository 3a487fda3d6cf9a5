import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTING_NAMES } from '../../src/service/config.js';
import { MEMBER_SETTING_NAMES } from '../../src/service/member-config.js';

// What `npm run test:deploy` tries with stock tools; here what must not grow old between two of its runs.

const ROOT = join(import.meta.dirname, '../..');
const files = readdirSync(join(ROOT, 'deploy'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const read = (path: string) => readFileSync(path, 'utf8');
/** Of src/http/metrics.ts and its neighbours, and of prom-client itself. */
const metrics = new Set(
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('web'))
    .flatMap((name) => read(join(ROOT, 'src', name)).match(/'ingam_[a-z_]+'/g) ?? [])
    .map((name) => name.slice(1, -1)),
);

test.each(files)('%s names existing settings only', (path) => {
  // The last three are those of the command line.
  const known = new Set([
    ...SETTING_NAMES,
    ...MEMBER_SETTING_NAMES,
    ...['INGAM_SERVER', 'INGAM_KEY', 'INGAM_TRUST'],
  ]);
  const named = read(path).match(/\b(?:INGAM_[A-Z0-9_]+|DATABASE_[A-Z_]*URL)\b/g) ?? [];
  // A file of a secret, and the beginning of a name in a pattern or a variable of Compose.
  const base = (name: string) => name.replace(/_FILE$/, '');
  expect(
    named.filter(
      (name) => !known.has(base(name)) && name !== 'INGAM_LOG_VERIFIER_KEY' && !name.endsWith('_'),
    ),
  ).toEqual([]);
});

describe('monitoring', () => {
  test.each(['prometheus/ingam-rules.yml', 'grafana/ingam.json'])('%s uses existing metrics only', (name) => {
    const named = read(join(ROOT, 'deploy', name)).match(/\bingam_[a-z_]+/g) ?? [];
    expect(named.length).toBeGreaterThan(8);
    const base = (metric: string) => metric.replace(/_(?:bucket|count|sum)$/, '');
    expect(named.filter((metric) => !metrics.has(metric) && !metrics.has(base(metric)))).toEqual([]);
  });

  test('the dashboard is JSON with panels that ask something', () => {
    const { panels } = JSON.parse(read(join(ROOT, 'deploy/grafana/ingam.json'))) as {
      panels: { id: number; targets: { expr: string }[] }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets } of panels) expect(targets.length).toBeGreaterThan(0);
  });
});

test('docs/deployment.md and the files beside each other name files that exist', () => {
  const texts = [join(ROOT, 'docs/deployment.md'), ...files].map(read).join('\n');
  const named = new Set(
    texts.match(/(?:deploy|scripts)\/[a-z][\w./-]*\.(?:mjs|md|json|yml|conf|service|sysusers|sh)/g),
  );
  expect(named.size).toBeGreaterThan(5);
  for (const name of named) expect(() => read(join(ROOT, name)), name).not.toThrow();
});
