import type { TestProject } from 'vitest/node';
import { launchSharedChromium } from './chromium.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** WebSocket address of the browser that all files of a run share. */
    chromiumEndpoint: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await launchSharedChromium();
  project.provide('chromiumEndpoint', server.wsEndpoint());
  return () => server.close();
}
