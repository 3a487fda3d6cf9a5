// Read by `vite build --config src/web/vite.config.ts`, run at the top of the project. Plain objects: the types of Vite would
// bring those of Node with them, and code for browsers must not compile against Node.
import { singleFile, type Emitted } from './single-file.js';

interface Builder {
  readonly environments: Readonly<Record<'client' | 'offline', object>>;
  build(environment: object): Promise<unknown>;
}

export default {
  root: 'public',
  // Relative addresses: the service may live under a path of some other server.
  base: './',
  publicDir: false,
  build: {
    outDir: '../dist/public',
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // Chromium gives a page that was opened from disk no module workers.
  worker: { format: 'iife' },
  environments: {
    client: {
      build: {
        emptyOutDir: true,
        // A data: address would need a hole in the content security policy.
        assetsInlineLimit: 0,
        rolldownOptions: {
          input: [
            'public/index.html',
            'public/verify.html',
            'public/explorer.html',
            'public/how.html',
            'public/account.html',
            'public/docs.html',
            'public/register.html',
          ],
        },
      },
    },
    // The verifier in one file, which has everything in it.
    offline: {
      consumer: 'client',
      build: {
        emptyOutDir: false,
        assetsInlineLimit: Number.MAX_SAFE_INTEGER,
        cssCodeSplit: false,
        rolldownOptions: { input: ['public/verify-offline.html'] },
      },
    },
  },
  builder: {
    async buildApp(builder: Builder): Promise<void> {
      await builder.build(builder.environments.client);
      await builder.build(builder.environments.offline);
    },
  },
  plugins: [
    {
      name: 'ingam-single-file',
      enforce: 'post',
      applyToEnvironment: ({ name }: { readonly name: string }) => name === 'offline',
      async generateBundle(_: unknown, bundle: Record<string, Emitted>): Promise<void> {
        await singleFile(bundle);
      },
    },
  ],
};
