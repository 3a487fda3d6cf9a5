/**
 * Arguments of Node for threads. Piscina loads a thread's module with `require` where Node allows that, and a
 * thread that ends while it does so ends the whole process ("IsGraphAsync must be used on an instantiated
 * module"). Without it, Piscina imports the module.
 */
export const THREAD_ARGUMENTS: readonly string[] = [...process.execArgv, '--no-experimental-require-module'];
