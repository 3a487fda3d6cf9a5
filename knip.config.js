/** What `npm run lint` looks for with knip: files, exports and packages that nothing uses. */
export default {
  entry: [
    // Started as threads and processes by their address.
    'src/**/{worker,*-worker,prepare}.ts',
    'src/web/vite.config.ts',
    'public/*.html',
    'test/**/*.{test,long,interop}.{ts,tsx}',
    'test/**/{processes,scripts}/*.{ts,mjs}',
    'test/support/write-access-table.ts',
    'test/support/write-client-types.ts',
    // Run by the Dockerfile.
    'scripts/package.mjs',
    // In place of packages: test/vitest.config.ts.
    'test/support/{cheap-argon2,kept-threads,kept-metrics}.ts',
    'test/support/kept-plans.mjs',
    'test/vectors/make.mjs',
    // The packages for integrators.
    'packages/*/src/index.ts',
  ],
  project: [
    'src/**/*.{ts,tsx}',
    'packages/*/src/**/*.ts',
    'scripts/**/*.mjs',
    'test/**/*.{ts,tsx,mjs}',
    'public/*.html',
  ],
  vitest: { config: ['test/vitest*.config.ts'] },
  prisma: false,
  compilers: {
    // A page names its module in a script element.
    html: (text) =>
      [...text.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, source]) => `import '${source}';`).join('\n'),
  },
  // A type that the signature of an exported function names may be exported beside it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Every export of these files is used: they are read as a whole, with `import *` and a spread.
  ignoreIssues: {
    'src/http/schemas/*.ts': ['exports'],
    'test/support/isolation-*-calls.ts': ['exports'],
    // Called by name in a thread.
    'src/certificate/certificate.ts': ['exports'],
    'src/member/tile-roots.ts': ['exports'],
  },
  ignoreDependencies: [
    // Resolved at run time.
    'axe-core',
  ],
  ignoreBinaries: ['apt-get', 'flock', 'openssl', 'patroni', 'promtool', 'schemathesis', 'unshare'],
};
