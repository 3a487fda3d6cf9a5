/** One notarization as a service acknowledged it. */
export interface Acknowledged {
  readonly sha256: string;
  readonly id: string;
  readonly position: number;
  /** The entry's bytes, base64. */
  readonly entry: string;
}

export interface Answered {
  readonly items: readonly Acknowledged[];
  readonly receipts: readonly string[];
}

/** Everything that services have said to their clients, which is everything that they can be held to. */
export class Ledger {
  readonly acknowledged = new Map<number, Acknowledged>();
  readonly receipts = new Set<string>();
  /** Digests that were ever sent. Each may stand in the chain once: it was sent once, or always with one key. */
  readonly sent = new Set<string>();
  /** Digests of which a service said that they were not accepted. */
  readonly refused = new Set<string>();
  /** Answers that no service may give. */
  readonly wrong: string[] = [];
  /** How many answers of each kind there were. */
  readonly answers = new Map<string, number>();

  count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  accept({ items, receipts }: Answered): void {
    for (const item of items) {
      const before = this.acknowledged.get(item.position);
      if (before !== undefined && (before.id !== item.id || before.entry !== item.entry)) {
        this.wrong.push(`position ${item.position} was given to ${before.sha256} and to ${item.sha256}`);
      }
      if (!this.sent.has(item.sha256)) this.wrong.push(`${item.sha256} was acknowledged, but never sent`);
      this.acknowledged.set(item.position, item);
    }
    for (const receipt of receipts) this.receipts.add(receipt);
  }

  summary(): string {
    const answers = [...this.answers].map(([answer, count]) => `${count} × ${answer}`);
    return `${this.acknowledged.size} acknowledged, ${this.sent.size} sent; answers: ${answers.join(', ')}`;
  }
}
