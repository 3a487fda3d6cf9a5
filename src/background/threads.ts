/**
 * Arguments of Node for threads. Piscina loads a thread's module with `require` where Node allows that, and a
 * thread that ends while it does so ends the whole process ("IsGraphAsync must be used on an instantiated
 * module"). Without it, Piscina imports the module.
 * Nothing is passed on from the process: Node rejects for a thread what concerns the whole process, as
 * `--max-old-space-size` does.
 */
export const THREAD_ARGUMENTS: readonly string[] = ['--no-experimental-require-module'];
