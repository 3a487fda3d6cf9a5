// Read by `vite build --config src/web/vite.config.ts`, run at the top of the project. A plain object: the types of Vite would
// bring those of Node with them, and code for browsers must not compile against Node.
export default {
  root: 'public',
  // Relative addresses: the service may live under a path of some other server.
  base: './',
  publicDir: false,
  build: {
    outDir: '../dist/public',
    emptyOutDir: true,
    target: 'es2022',
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: [
        'public/index.html',
        'public/verify.html',
        'public/register.html',
        'public/explorer.html',
        'public/how.html',
        'public/account.html',
      ],
    },
  },
  worker: { format: 'es' },
};
