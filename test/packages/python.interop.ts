import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../support/service.js';
import { runWholeProgram } from './python-program.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({ webhookPrivate: ['127.0.0.0/8'] });
});
afterAll(() => service[Symbol.asyncDispose]());

test('the whole program of its page runs where pip has installed the client', async () => {
  const python = process.env['INGAM_TEST_PYTHON'] ?? expect.fail('run npm run test:interop');
  await runWholeProgram(python, { PATH: process.env['PATH'] }, service);
});
