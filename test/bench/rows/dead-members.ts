import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { generateKey } from '../../../src/keys.js';
import { COSIGNATURE, formatVerifierKey } from '../../../src/proof/index.js';
import { atLeast, compare } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import type { Row } from '../harness/bench.js';

const CONNECTIONS = 64;
/** Of the discard protocol: nobody listens there. */
const NOBODY = 'http://127.0.0.1:9';

/**
 * The POSTs of the row `post` while none of three members cosigns, against a service without members: two are gone, and one takes connections
 * and never answers. Each service has a database of its own in the same PostgreSQL.
 */
export const deadMembers: Row = {
  name: 'dead-members',
  async measure(bench) {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const witnesses = [NOBODY, NOBODY, `http://127.0.0.1:${port}`].map((url, i) => {
      const { key } = generateKey(`member${i}.example`, COSIGNATURE);
      return `witness m${i} ${formatVerifierKey(key)} ${url}`;
    });
    const policy = [...witnesses, 'group members 2 m0 m1 m2', 'quorum members', ''].join('\n');
    try {
      const alone = await bench.service('without_members');
      const left = await bench.service('dead_members', { INGAM_WITNESSES: policy });
      const rateOf = (url: string, seconds: number) => () =>
        requestsPerSecond({ url, seconds, connections: CONNECTIONS, work: 'notarize' });
      for (const { url } of [alone, left]) await rateOf(url, bench.quick ? 1 : 3)();
      const figure = await compare(
        {
          what: 'POSTs of one digest, 64 clients, all members dead',
          unit: '/s',
          ours: 'three dead members',
          yardstick: 'no members',
          goal: atLeast(0.95),
        },
        bench.repetitions,
        rateOf(left.url, bench.quick ? 2 : 10),
        rateOf(alone.url, bench.quick ? 2 : 10),
      );
      await alone.stop();
      await left.stop();
      return [figure];
    } finally {
      silent.close();
    }
  },
};
