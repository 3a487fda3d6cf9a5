// node test/vectors/make.mjs: writes test/vectors/{proof,tokens}/ anew. Vite, which is here for the tests, runs the TypeScript.
import { runnerImport } from 'vite';

const options = { configFile: false, logLevel: 'error' };
for (const file of [new URL('make.ts', import.meta.url), new URL('make-tokens.ts', import.meta.url)]) {
  const { module } = await runnerImport(file.pathname, options);
  module.writeVectors();
}
