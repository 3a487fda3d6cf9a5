import { createHash, randomUUID } from 'node:crypto';
import request from 'supertest';
import { Readiness } from '../../src/http/schemas/resources.js';
import type { TestService } from './service.js';
import { until } from './until.js';

/** A request that can be repeated. */
export interface Submission {
  readonly key: string;
  readonly body: object;
}

export function newSubmission(): Submission {
  const sha256 = createHash('sha256').update(randomUUID()).digest('hex');
  return { key: randomUUID(), body: { documents: [{ sha256 }] } };
}

/** What tests of a service with a replicated database ask it. */
export function replicatedApi({ url, store }: TestService) {
  const readiness = async () => Readiness.parse((await request(url).get('/readyz')).body);
  return {
    submit: ({ key, body }: Submission) =>
      request(url).post('/v1/notarizations').set('Idempotency-Key', key).send(body),
    checkpoint: async () => (await request(url).get('/checkpoint').expect(200)).text,
    readiness,
    isReady: async () => (await readiness()).ready,
    reportsDurability: async () => (await readiness()).problems.some(({ code }) => code === 'durability'),
    allSealed: () =>
      until(
        'everything to be sealed',
        () => store.sealingState(),
        (state) => state.firstUnsealed === state.nextPosition,
      ),
  };
}
