import { startJob } from '../harness/child.js';
import { atLeast, compare } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import type { Row } from '../harness/bench.js';

const CONNECTIONS = 64;

/**
 * Durable POSTs of one digest each, by 64 clients, against a bare Express 5 server that reads the same bodies
 * and sends them back. Both run in processes of their own, and the same generator loads them in turn. Our
 * side commits to disk before it responds, and seals at the same time.
 */
export const post: Row = {
  name: 'post',
  async measure(bench) {
    const service = await bench.service('post');
    const echo = startJob('echo.ts');
    try {
      const echoUrl = await echo.line();
      const seconds = bench.quick ? 2 : 10;
      const rateOf = (url: string, duration: number) => () =>
        requestsPerSecond({ url, seconds: duration, connections: CONNECTIONS, work: 'notarize' });
      // Until the JavaScript of both is optimized.
      await rateOf(service.url, bench.quick ? 1 : 3)();
      await rateOf(echoUrl, bench.quick ? 1 : 3)();
      const figure = await compare(
        {
          what: 'durable POSTs of one digest, 64 clients',
          unit: '/s',
          ours: 'POST /v1/notarizations',
          yardstick: 'bare Express 5 JSON echo',
          goal: atLeast(0.85),
        },
        bench.repetitions,
        rateOf(service.url, seconds),
        rateOf(echoUrl, seconds),
      );
      return [figure];
    } finally {
      echo.child.kill('SIGKILL');
      await echo.ended;
      await service.stop();
    }
  },
};
