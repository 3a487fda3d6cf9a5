import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEPLOY, run, type Step, tool } from './step.js';

/** What the tools themselves say about the files in deploy/. */

/** The least exposure of a service is 0, the most 10. */
const MOST_EXPOSURE = 3;
const KUBERNETES = '1.31.0';
const SECRETS = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'INGAM_LOG_KEY', 'INGAM_RECEIPT_KEY', 'INGAM_SECRET'];

/** Settings of the chart under which other parts of it are made. */
const VALUES: readonly (readonly string[])[] = [
  [],
  [
    ...[
      'replicas=2',
      'existingSecret=ingam',
      `secretSettings={${[...SECRETS, 'INGAM_METRICS_TOKEN'].join(',')}}`,
    ],
    ...[
      'ingress.enabled=true',
      'ingress.tlsSecret=tls',
      'networkPolicy.enabled=true',
      'serviceMonitor.enabled=true',
    ],
    ...['settings.INGAM_PUBLIC_URL=https://notary.example.com/', 'persistence.storageClass=fast'],
  ],
  ['cloudNativePG.enabled=true', 'runAsUser=null'],
  ['mode=member'],
];

const sets = (values: readonly string[]) => values.flatMap((value) => ['--set', value]);
const chart = join(DEPLOY, 'helm', 'ingam');
const helm = () => tool('helm', 'go install helm.sh/helm/v3/cmd/helm@latest');

export const fileSteps: readonly Step[] = [
  {
    name: 'helm lint',
    run: async () => {
      for (const values of VALUES)
        await run(await helm(), ['lint', '--strict', '--kube-version', KUBERNETES, chart, ...sets(values)]);
      return `${VALUES.length} sets of values`;
    },
  },
  {
    name: 'helm template refuses values that cannot work',
    run: async () => {
      for (const [values, said] of [
        [['replicas=2'], 'share'],
        [['secretSettings={INGAM_SECRET}'], 'existingSecret'],
        [['serviceMonitor.enabled=true'], 'INGAM_METRICS_TOKEN'],
      ] as const) {
        const failure = await run(await helm(), [
          'template',
          'x',
          chart,
          '--kube-version',
          KUBERNETES,
          ...sets(values),
        ]).then(() => null, String);
        if (failure?.includes(said) !== true)
          throw new Error(`${values.join()} was not refused with "${said}": ${failure ?? ''}`);
      }
      return '3 of 3';
    },
  },
  {
    name: 'Kubernetes accepts what the chart makes',
    run: async () => {
      const made = await Promise.all(
        VALUES.map(async (values) =>
          run(await helm(), ['template', 'x', chart, '--kube-version', KUBERNETES, ...sets(values)]),
        ),
      );
      const folder = await mkdtemp(join(tmpdir(), 'ingam-chart-'));
      try {
        const files = await Promise.all(
          made.map(async (text, i) => {
            const file = join(folder, `${i}.yaml`);
            await writeFile(file, text);
            return file;
          }),
        );
        return await validate(files);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  },
  {
    name: 'systemd units',
    run: async () => {
      const analyze = await tool('systemd-analyze', 'Debian: systemd');
      const names = ['ingam.service', 'ingam-member.service', 'ingam-publish.service'];
      const units = names.map((name) => join(DEPLOY, 'systemd', name));
      const said: string[] = [];
      for (const unit of units) {
        const security = await run(analyze, ['security', '--offline=true', '--no-pager', unit]);
        const level = Number(/exposure level for \S+: ([0-9.]+)/.exec(security)?.[1]);
        if (!(level <= MOST_EXPOSURE))
          throw new Error(`${unit}: exposure ${level}, at most ${MOST_EXPOSURE} is allowed`);
        // It exits with 0 for many mistakes. The program is where the unit has it only on installed machines.
        const verified = (await run(analyze, ['verify', '--man=no', unit]).catch(String))
          .split('\n')
          .filter((line) => line.includes('ingam') && !/Command \S+ is not executable|main\.js/.test(line));
        if (verified.length > 0) throw new Error(verified.join('\n'));
        said.push(String(level));
      }
      return `exposure ${said.join(' and ')} of 10`;
    },
  },
  {
    name: 'Prometheus rules',
    run: async () => {
      const promtool = await tool('promtool', 'Debian: prometheus');
      return (
        (await run(promtool, ['check', 'rules', join(DEPLOY, 'prometheus', 'ingam-rules.yml')]))
          .trim()
          .split('\n')
          .at(-1)
          ?.trim() ?? ''
      );
    },
  },
  {
    name: 'Caddyfile',
    run: async () => {
      const caddy = await tool('caddy', 'Debian: caddy');
      await run(caddy, [
        'validate',
        '--adapter',
        'caddyfile',
        '--config',
        join(DEPLOY, 'caddy', 'Caddyfile'),
      ]);
      return 'valid';
    },
  },
];

/** kubeconform loads its schemas from the network; kubernetes-validate comes with them. */
async function validate(files: readonly string[]): Promise<string> {
  const validator = await tool('kubernetes-validate', 'pip install kubernetes-validate').catch(() => null);
  if (validator !== null) {
    // Kinds of operators, which have no schema there, are warnings.
    await run(validator, ['-k', KUBERNETES.replace(/\.0$/, ''), '--strict', ...files]);
    return 'kubernetes-validate --strict';
  }
  const kubeconform = await tool(
    'kubeconform',
    'go install github.com/yannh/kubeconform/cmd/kubeconform@latest, or pip install kubernetes-validate',
  );
  return (await run(kubeconform, ['-strict', '-summary', '-ignore-missing-schemas', ...files])).trim();
}
