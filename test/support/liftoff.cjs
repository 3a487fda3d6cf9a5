// `node --require`: V8 would optimize the WebAssembly of Prisma's compiler in threads, which costs as much as the rest of a start
// and serves processes that live longer than those of tests. Given on the command line, the flags would cost Node the code that
// it keeps of its own modules: the first module of WebAssembly is soon enough.
const { setFlagsFromString } = process.getBuiltinModule('node:v8');

WebAssembly.Module = new Proxy(WebAssembly.Module, {
  construct(Module, args) {
    for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'])
      setFlagsFromString(flag);
    return Reflect.construct(Module, args);
  },
});
