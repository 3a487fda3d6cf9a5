import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchService, Row } from '../harness/bench.js';
import { residentMiB, run, watchResidentSize } from '../harness/child.js';
import { absolute, atMost, compare, type Figure } from '../harness/figure.js';
import { Spoiled } from '../harness/statistics.js';

const MIB = 2 ** 20;
const MEMORY_GOAL = atMost(64);

/**
 * Upload of a big file by curl, raw and as a form, until the response arrives, against `openssl dgst -sha256`
 * of the same file; and how far the service's memory rises above its level after small uploads, which
 * excludes what the first use of everything takes. The file is in the page cache for all of them.
 */
export const upload: Row = {
  name: 'upload',
  async measure(bench) {
    const file = join(bench.directory, 'upload.bin');
    const mebibytes = bench.quick ? 256 : 2048;
    await generate(file, mebibytes);
    const small = join(bench.directory, 'small-upload.bin');
    await generate(small, 1);
    // One process, so that its memory is the service's.
    const service = await bench.service('upload', { INGAM_WORKERS: '1' });
    for (const args of Object.values(shapes(small))) await secondsOfUpload(service, args, '?wait=sealed');
    const idle = await residentMiB(service.pid);
    if (idle === null) throw new Spoiled('the service has exited');
    const peak = watchResidentSize(service.pid);
    const size = mebibytes < 1024 ? `${mebibytes} MiB` : `${mebibytes / 1024} GiB`;
    const figures: Figure[] = [];
    for (const [how, args] of Object.entries(shapes(file))) {
      figures.push(
        await compare(
          {
            what: `upload of ${size}, ${how}`,
            unit: 's',
            ours: 'curl to the service',
            yardstick: 'openssl dgst -sha256',
            goal: atMost(how === 'raw' ? 1.5 : 1.8),
          },
          bench.repetitions,
          () => secondsOfUpload(service, args),
          async () => (await run('openssl', ['dgst', '-sha256', file])).seconds,
        ),
      );
    }
    const rise = peak() - idle;
    await service.stop();
    await rm(file);
    await rm(small);
    const what = `service memory above idle, uploads of ${size}`;
    return [...figures, absolute({ what, unit: 'MiB', goal: MEMORY_GOAL }, [Math.max(rise, 0)])];
  },
};

function shapes(file: string): Record<string, readonly string[]> {
  return {
    raw: ['-X', 'POST', '-H', 'Content-Type: application/octet-stream', '-T', file],
    'as a form': ['-F', `file=@${file}`],
  };
}

async function secondsOfUpload({ url }: BenchService, args: readonly string[], query = ''): Promise<number> {
  const target = `${url}/v1/notarizations${query}`;
  const { seconds, stdout } = await run('curl', [
    ...['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Expect:'],
    ...args,
    target,
  ]);
  if (!/^2\d\d$/.test(stdout)) throw new Spoiled(`the upload got status ${stdout}`);
  return seconds;
}

async function generate(file: string, mebibytes: number): Promise<void> {
  const handle = await open(file, 'w');
  try {
    const block = randomBytes(MIB);
    for (let i = 0; i < mebibytes; i++) {
      block.writeUInt32LE(i);
      await handle.write(block);
    }
  } finally {
    await handle.close();
  }
}
