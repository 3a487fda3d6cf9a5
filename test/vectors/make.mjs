// node test/vectors/make.mjs: writes test/vectors/{proof,tokens}/ anew. Vite, which is here for the tests, runs the TypeScript.
import { runnerImport } from 'vite';

for (const file of ['make.ts', 'make-tokens.ts']) {
  const { module } = await runnerImport(new URL(file, import.meta.url).pathname, {
    configFile: false,
    logLevel: 'error',
  });
  module.writeVectors();
}
