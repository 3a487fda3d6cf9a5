import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * The arguments of a script. Ends the process with what the script takes: with `--help` on standard output, and with exit code 2
 * when they are not understood.
 */
export function argumentsOf<const T extends ParseArgsConfig>(usage: string, config: T) {
  if (process.argv.slice(2).includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    return misused(usage, (error as Error).message);
  }
}

/** Ends the process: it says what is wrong, and what the script takes. */
export function misused(usage: string, mistake: string): never {
  console.error(`${mistake}\n${usage}`);
  process.exit(2);
}
