// In place of Prisma's compiler of queries: the same compiler, kept with its plans for every client with the same schema. Each client
// has plans of its own, which it makes on first use; tests open a client with every service, and use most queries once.
import { QueryCompiler as Compiler } from '../../node_modules/@prisma/client/runtime/query_compiler_small_bg.postgresql.mjs';

export * from '../../node_modules/@prisma/client/runtime/query_compiler_small_bg.postgresql.mjs';

const MOST_PLANS = 10_000;
const kept = new Map();

export class QueryCompiler {
  #compiler;
  #plans;

  constructor(options) {
    const schema = JSON.stringify(options);
    if (!kept.has(schema)) kept.set(schema, { compiler: new Compiler(options), plans: new Map() });
    ({ compiler: this.#compiler, plans: this.#plans } = kept.get(schema));
  }

  compile(query) {
    return this.#plan(query, () => this.#compiler.compile(query));
  }

  compileBatch(queries) {
    return this.#plan(queries, () => this.#compiler.compileBatch(queries));
  }

  free() {
    // Others use it.
  }

  #plan(key, make) {
    const found = this.#plans.get(key);
    if (found !== undefined) return found;
    const plan = make();
    if (this.#plans.size < MOST_PLANS) this.#plans.set(key, plan);
    return plan;
  }
}
