import { afterAll, describe, expect, test } from 'vitest';
import { type CertificateOrder, createCertificate } from '../../src/certificate/certificate.js';
import { CertificateWorkers } from '../../src/certificate/workers.js';
import { formatProof } from '../../src/proof/index.js';
import { inputOf } from './support.js';

const workers = new CertificateWorkers({ threads: 1, maxWaiting: 1 });
afterAll(() => workers.destroy());

const never = new AbortController().signal;

function orderOf(change: Partial<CertificateOrder> = {}): CertificateOrder {
  const { proof, ...rest } = inputOf({ details: { name: '계약서.pdf' } });
  return { ...rest, proof: formatProof(proof), ...change };
}

describe('CertificateWorkers', () => {
  test('makes the same bytes, one at a time, and refuses more when the queue is full', async () => {
    const first = workers.create(orderOf(), never);
    const second = workers.create(orderOf(), never);
    await expect(workers.create(orderOf(), never)).rejects.toMatchObject({ code: 'queue_full' });
    const bytes = await createCertificate(inputOf({ details: { name: '계약서.pdf' } }));
    for (const made of await Promise.all([first, second])) expect(Buffer.compare(made, bytes)).toBe(0);
  });

  test('drops an aborted request from the queue', async () => {
    const leaving = new AbortController();
    const first = workers.create(orderOf(), never);
    const waiting = workers.create(orderOf(), leaving.signal);
    leaving.abort();
    const next = workers.create(orderOf({ language: 'ko' }), never);
    await expect(waiting).rejects.toThrow('aborted');
    expect((await first).length).toBeGreaterThan(10_000);
    expect((await next).length).toBeGreaterThan(10_000);
    await expect(workers.create(orderOf(), leaving.signal)).rejects.toThrow('aborted');
  });

  test('refuses strangers when half of the queue is full, and nobody else', async () => {
    const own = new CertificateWorkers({ threads: 1, maxWaiting: 2 });
    const inZone = (timeZone: string, ofStranger: boolean) =>
      own.create(orderOf({ timeZone }), never, ofStranger);
    const made = [inZone('UTC', true), inZone('Asia/Seoul', true)];
    await expect(inZone('Asia/Tokyo', true)).rejects.toMatchObject({ code: 'queue_full' });
    made.push(inZone('Asia/Tokyo', false));
    await expect(inZone('Europe/Paris', false)).rejects.toMatchObject({ code: 'queue_full' });
    expect(await Promise.all(made)).toHaveLength(3);
    await own.destroy();
  });

  test('reports why there is no certificate, and keeps working', async () => {
    const { verification } = orderOf();
    const refused = { verification: { ...verification, verdict: 'untrusted' as const } };
    await expect(workers.create(orderOf(refused), never)).rejects.toMatchObject({ code: 'not_verified' });
    await expect(workers.create(orderOf({ timeZone: 'x' }), never)).rejects.toMatchObject({
      code: 'unknown_time_zone',
    });
    await expect(workers.create(orderOf({ proof: '{}' }), never)).rejects.toThrow();
    expect((await workers.create(orderOf(), never)).length).toBeGreaterThan(10_000);
  });
});
