// Read by `vite build --config src/web/vite.config.ts` at the root of the project. Without the types of Vite,
// which would bring the types of Node into browser code.
import { singleFile, type Emitted } from './single-file.js';

interface Builder {
  readonly environments: Readonly<Record<'client' | 'offline', object>>;
  build(environment: object): Promise<unknown>;
}

/** What the head of every page begins with, after its character set. */
const HEAD = `
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="theme-color" content="#f6f3ec" media="(prefers-color-scheme: light)" />
    <meta name="theme-color" content="#14171a" media="(prefers-color-scheme: dark)" />`;
const STYLE = '<link rel="stylesheet" href="./style.css" />';
const LINK = /<link rel="stylesheet"[^>]*>/g;
/** The offline file requests nothing. */
const ICON = '<link rel="icon" href="./seal.svg" type="image/svg+xml" />';

export default {
  root: 'public',
  // Relative addresses: the service may be mounted below another path.
  base: './',
  publicDir: false,
  build: {
    outDir: '../dist/public',
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // Chromium allows no module workers on pages opened from disk.
  worker: { format: 'iife' },
  environments: {
    client: {
      build: {
        emptyOutDir: true,
        // data: addresses would need an exception in the content security policy.
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
            'public/records.html',
            'public/sign.html',
            'public/record.html',
            'public/404.html',
            'public/404.ko.html',
          ],
        },
      },
    },
    // The offline verifier in one file.
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
      name: 'ingam-head',
      transformIndexHtml: {
        order: 'pre',
        handler: (html: string, { filename }: { readonly filename: string }): string =>
          html
            .replace(/<meta charset="utf-8" \/>/, (charset) => charset + HEAD)
            .replace(
              '</title>',
              () => `</title>\n    ${filename.endsWith('offline.html') ? '' : ICON}\n    ${STYLE}`,
            ),
      },
    },
    {
      name: 'ingam-links',
      transformIndexHtml: {
        order: 'post',
        handler: (
          html: string,
          { bundle = {} }: { readonly bundle?: Readonly<Record<string, Emitted>> },
        ): string => {
          // The bundler may put the style sheet of all pages after that of one page, which overrides it.
          const shared = Object.values(bundle).find(
            (file) => file.type === 'asset' && /\.site-header\b.*\.switch\b/s.test(String(file.source)),
          );
          const isLater = (link: string) => Number(!link.includes(shared?.fileName ?? ''));
          const links = html.match(LINK) ?? [];
          const ordered = [...links].sort((a, b) => isLater(a) - isLater(b)).values();
          return (
            html
              .replace(LINK, (link) => ordered.next().value ?? link)
              // Otherwise the page would be seen in the system's colors before it is in the chosen ones.
              .replace('<script type="module"', '<script type="module" blocking="render"')
          );
        },
      },
    },
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
