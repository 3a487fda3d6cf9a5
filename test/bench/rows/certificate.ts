import type { Row } from '../harness/bench.js';
import { absolute, atLeast } from '../harness/figure.js';
import { proofPaths } from '../harness/fetch-proofs.js';
import { requestsPerSecond } from '../harness/http-load.js';

/** As many as the threads that make certificates, and some that wait. */
const CONNECTIONS = 4;
const CERTIFICATES = 100;

/** Certificates of different documents of a chain of 10,000, in English. The fonts are loaded before. */
export const certificate: Row = {
  name: 'certificate',
  async measure(bench) {
    const chain = await bench.chain('few');
    const proofs = await proofPaths(chain, CERTIFICATES);
    const get = proofs.map((path) => path.replace(/proof$/, 'certificate.pdf'));
    const rate = (seconds: number) =>
      requestsPerSecond({ url: chain.url, seconds, connections: CONNECTIONS, work: { get } });
    await rate(3);
    const rates: number[] = [];
    for (let i = 0; i < bench.repetitions; i++) rates.push(await rate(bench.quick ? 2 : 8));
    return [absolute({ what: 'certificates a second', unit: '/s', goal: atLeast(30) }, rates)];
  },
};
