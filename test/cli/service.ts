import { access, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { parseProof } from '../../src/proof/index.js';
import { startService, type TestService } from '../support/service.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

/** The service that the tests of a file share. */
export let service: TestService;
/** The working directory of a test. */
export let folder: TestFolder;

/** Starts a service for the tests of this file, and creates a folder for each test. */
export function useService(options: Parameters<typeof startService>[0] = {}): void {
  beforeAll(async () => {
    service = await startService(options);
  });
  afterAll(() => service[Symbol.asyncDispose]());
  beforeEach(async () => {
    folder = await createFolder();
  });
  afterEach(() => folder[Symbol.asyncDispose]());
}

/** Runs a command in the folder against the service. */
export const ingam = (...argv: string[]) =>
  invoke(argv, {
    cwd: folder.path,
    env: { INGAM_SERVER: service.url, XDG_CONFIG_HOME: folder.at('config') },
  });

export const proofOf = async (...names: string[]) => parseProof(await readFile(folder.at(...names)));

export async function exists(...names: string[]): Promise<boolean> {
  return access(folder.at(...names)).then(
    () => true,
    () => false,
  );
}
