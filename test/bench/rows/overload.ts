import { runJob, watchResidentSize } from '../harness/child.js';
import { absolute, atLeast, atMost, compared } from '../harness/figure.js';
import { Spoiled, type Pair } from '../harness/statistics.js';
import type { Row } from '../harness/bench.js';

/** As many as reach the best rate, or nearly. */
const CLIENTS = 256;
const MANY = 10 * CLIENTS;

interface Answered {
  readonly accepted: number;
  /** Milliseconds, for requests on connections that have had a response before. */
  readonly acceptedP99: number;
  /** Milliseconds from the start until half of the connections, and every one, has had its first response. */
  readonly halfAnsweredAfter: number;
  readonly allAnsweredAfter: number;
  readonly refused: number;
  readonly refusedP50: number;
  readonly wrong: number;
}

/**
 * POSTs of one digest each, by ten times as many clients as reach the best rate, between two measurements
 * with the usual number. A rejected client retries after the time in Retry-After (patient), or at once; for
 * the latter no times are reported, because they depend on the clients' own haste. All clients connect at the
 * same time, which is a figure of its own. One process, so that its memory is the service's.
 */
export const overload: Row = {
  name: 'overload',
  async measure(bench) {
    const service = await bench.service('overload', { INGAM_WORKERS: '1' });
    const seconds = bench.quick ? 3 : 10;
    const load = async (clients: number, polite: boolean): Promise<Answered> => {
      const answered = await runJob<Answered>('overload.mjs', { url: service.url, clients, seconds, polite });
      if (answered.wrong > 0)
        throw new Spoiled(`${answered.wrong} responses were neither 201 nor a rejection`);
      return answered;
    };
    await load(CLIENTS, true);
    const patient: Pair[] = [];
    const hasty: Pair[] = [];
    const latency: number[] = [];
    const after: Pair[] = [];
    const refusals: number[] = [];
    const firstAnswers: number[] = [];
    const lastAnswers: number[] = [];
    const memory: number[] = [];
    const rate = ({ accepted }: Answered) => accepted / seconds;
    for (let i = 0; i < bench.repetitions; i++) {
      const usual = await load(CLIENTS, true);
      const first = watchResidentSize(service.pid);
      await load(1, true);
      const before = first();
      const peak = watchResidentSize(service.pid);
      const many = await load(MANY, true);
      memory.push(Math.max(0, peak() - before));
      const again = await load(CLIENTS, true);
      const rude = await load(MANY, false);
      patient.push({ ours: rate(many), yardstick: rate(usual) });
      latency.push(many.acceptedP99);
      after.push({ ours: rate(again), yardstick: rate(usual) });
      hasty.push({ ours: rate(rude), yardstick: rate(again) });
      refusals.push(many.refusedP50);
      firstAnswers.push(many.halfAnsweredAfter / 1000);
      lastAnswers.push(many.allAnsweredAfter / 1000);
    }
    await service.stop();
    const usual = `${CLIENTS} clients`;
    const sides = { ours: `${MANY} clients`, yardstick: usual };
    const goodput = { ...sides, unit: '/s', goal: atLeast(0.9) } as const;
    return [
      compared({ ...goodput, what: `accepted of ${MANY} patient clients` }, patient),
      absolute({ what: 'p99 latency of those accepted', unit: 'ms', goal: atMost(1000) }, latency),
      absolute({ what: 'time to a rejection, median', unit: 'ms', goal: null }, refusals),
      absolute(
        { what: `until half of ${MANY} new connections have a response`, unit: 's', goal: atMost(1) },
        firstAnswers,
      ),
      absolute({ what: 'until all of them have', unit: 's', goal: null }, lastAnswers),
      absolute({ what: 'service memory above idle', unit: 'MiB', goal: null }, memory),
      compared({ ...goodput, what: 'the usual clients right after', ours: usual }, after),
      compared({ ...goodput, what: `accepted of ${MANY} hasty clients` }, hasty),
    ];
  },
};
