import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { generateKey } from '../../../src/crypto/keys.js';
import { COSIGNATURE, formatVerifierKey } from '../../../src/proof/index.js';
import { compareServices } from '../harness/compare-services.js';
import { nobodysAddress } from '../harness/nobody.js';
import { atLeast } from '../harness/figure.js';
import type { Row } from '../harness/bench.js';

/**
 * The POSTs of the row `post` while none of three members cosigns, against a service without members: two are
 * down, and one accepts connections but never responds.
 */
export const deadMembers: Row = {
  name: 'dead-members',
  async measure(bench) {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const nobody = await nobodysAddress();
    const witnesses = [nobody, nobody, `http://127.0.0.1:${port}`].map((url, i) => {
      const { key } = generateKey(`member${i}.example`, COSIGNATURE);
      return `witness m${i} ${formatVerifierKey(key)} ${url}`;
    });
    const policy = [...witnesses, 'group members 2 m0 m1 m2', 'quorum members', ''].join('\n');
    const comparison = {
      what: 'POSTs of one digest, 64 clients, all members dead',
      ours: 'three dead members',
      yardstick: 'no members',
      goal: atLeast(0.95),
    };
    const left = { name: 'dead_members', settings: { INGAM_MEMBERS: policy } };
    try {
      return [await compareServices(bench, comparison, left, { name: 'without_members' })];
    } finally {
      silent.close();
    }
  },
};
