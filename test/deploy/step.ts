import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What `npm run test:deploy` is made of: steps that need tools, and say by name which are missing. */

export const ROOT = join(import.meta.dirname, '../..');
export const DEPLOY = join(ROOT, 'deploy');

/** A tool that this machine lacks. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

/** @throws {Missing} */
export async function tool(name: string, how: string): Promise<string> {
  // Servers are in folders that only root has in its PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  throw new Missing(`${name} is not installed (${how})`);
}

/** Runs a program to its end. @throws {Error} with its output, when it fails */
export async function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<string> {
  const child = spawn(file, args, { cwd: options.cwd ?? ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0)
    throw new Error(`"${[file, ...args].join(' ')}" failed (${String(code)}):\n${out}${errors}`);
  return out + errors;
}

export interface Step {
  readonly name: string;
  /** @returns what to report. @throws {Missing} @throws {Error} it failed */
  run(): Promise<string>;
}

/** @returns whether none failed */
export async function perform(steps: readonly Step[]): Promise<boolean> {
  const counts = { ok: 0, missing: 0, failed: 0 };
  for (const step of steps) {
    try {
      const said = await step.run();
      counts.ok++;
      console.log(`ok       ${step.name}: ${said}`);
    } catch (error) {
      if (error instanceof Missing) {
        counts.missing++;
        console.log(`missing  ${step.name}: ${error.message}`);
      } else {
        counts.failed++;
        console.log(
          `FAILED   ${step.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
    }
  }
  console.log(`${counts.ok} passed, ${counts.failed} failed; ${counts.missing} not run for want of a tool`);
  return counts.failed === 0;
}
