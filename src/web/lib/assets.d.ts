/** The bundler resolves an imported picture to its address. */
declare module '*.svg' {
  const address: string;
  export default address;
}

/** The bundler embeds the worker's program in the page. */
declare module '*?worker&inline' {
  const InlineWorker: new () => Worker;
  export default InlineWorker;
}
