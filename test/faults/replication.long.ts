import request from 'supertest';
import { expect, test } from 'vitest';
import { Problem } from '../../src/http/schemas/resources.js';
import { newSubmission, replicatedApi } from '../support/replicated-api.js';
import { startReplicatedServers } from '../support/replicated-servers.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

test('a service answers 503 within its limits while each wait for the standby is cancelled at once', async () => {
  await using servers = await startReplicatedServers();
  const databaseUrl = await servers.addDatabase('service');
  await using service = await startService({ databaseUrl, requireSync: true });
  const api = replicatedApi(service);
  await api.submit(newSubmission()).expect(201);
  const { nextPosition } = await api.allSealed();
  const checkpoint = await api.checkpoint();
  const submissions = [1, 2, 3].map(newSubmission);

  servers.standby.pause();
  const answers = await servers.whileCancelling(
    Promise.all(submissions.map((submission) => api.submit(submission))),
  );
  for (const { status, body } of answers) {
    expect(status).toBe(503);
    expect(Problem.parse(body).code).toMatch(/^(unavailable|outcome_unknown)$/);
  }
  // They are in the database, which must not make a repeated request an acknowledged one.
  expect((await service.store.head()).nextPosition).toBeGreaterThan(nextPosition);
  const [again = newSubmission()] = submissions;
  const repeated = api.submit(again).then((res) => res.status);
  expect(await servers.whileCancelling(repeated)).toBe(503);
  expect(await servers.whileCancelling(api.checkpoint())).toBe(checkpoint);
  // Now nobody cancels.
  await until('readyz to report durability', api.reportsDurability);
  await api.submit(newSubmission()).expect(503);
  await request(service.url).get('/v1/chain').expect(200);

  servers.standby.resume();
  await until('the service to be ready', api.isReady);
  for (const submission of submissions) await api.submit(submission).expect(201);
  expect((await service.store.head()).nextPosition).toBe(nextPosition + submissions.length);
  await until('the checkpoint to grow', async () => (await api.checkpoint()) !== checkpoint);
});
