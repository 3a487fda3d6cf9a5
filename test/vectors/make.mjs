// node test/vectors/make.mjs: writes test/vectors/proof/ anew. Vite, which is here for the tests, runs the TypeScript.
import { runnerImport } from 'vite';

const { module } = await runnerImport(new URL('make.ts', import.meta.url).pathname, {
  configFile: false,
  logLevel: 'error',
});
module.writeVectors();
