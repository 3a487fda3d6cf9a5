/** Mistakes that are shown in full; more are only counted. */
const SHOWN = 10;
const SHOWN_INPUT = 600;

/** What a run has found. */
export class Report {
  readonly name: string;
  cases = 0;
  mistakes = 0;
  readonly statuses = new Map<string, number>();
  #worst = { milliseconds: 0, input: '' };

  constructor(name: string) {
    this.name = name;
  }

  /** How long one input kept the event loop busy. */
  took(milliseconds: number, input: string): void {
    this.cases++;
    if (milliseconds > this.#worst.milliseconds) this.#worst = { milliseconds, input };
  }

  answered(status: number, code: string): void {
    const key = `${status} ${code}`;
    this.statuses.set(key, (this.statuses.get(key) ?? 0) + 1);
  }

  disagreement(what: string, input: string): void {
    this.#mistake(what, input);
  }

  crash(error: unknown, input: string): void {
    this.#mistake(error instanceof Error ? (error.stack ?? error.message) : String(error), input);
  }

  #mistake(what: string, input: string): void {
    if (this.mistakes++ >= SHOWN) return;
    console.log(`${this.name}: ${what}\n    ${JSON.stringify(input.slice(0, SHOWN_INPUT))}`);
  }

  print(): void {
    const { milliseconds, input } = this.#worst;
    console.log(
      `${this.name}: ${this.cases} inputs, ${this.mistakes} mistakes, at most ${milliseconds.toFixed(1)} ms of the event loop`,
    );
    if (milliseconds > 20)
      console.log(`    for ${JSON.stringify(input.slice(0, 200))}, ${input.length} characters`);
    const statuses = [...this.statuses].sort(([a], [b]) => (a < b ? -1 : 1));
    if (statuses.length > 0)
      console.log(`    ${statuses.map(([key, count]) => `${key}: ${count}`).join(', ')}`);
  }
}
