/** The bundler gives an imported picture's address. */
declare module '*.svg' {
  const address: string;
  export default address;
}

/** The bundler puts the worker's program into the page; it becomes a blob: address when the worker is made. */
declare module '*?worker&inline' {
  const InlineWorker: new () => Worker;
  export default InlineWorker;
}
