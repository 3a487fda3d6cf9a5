/** One notarization as a service acknowledged it. */
export interface Acknowledged {
  readonly sha256: string;
  readonly id: string;
  readonly position: number;
  /** The entry's bytes, base64. */
  readonly entry: string;
}

/** A receipt, and the entries that it was given for. */
export interface Receipted {
  readonly note: string;
  readonly index: number;
  readonly path: readonly string[];
  /** base64 */
  readonly entries: readonly string[];
}

export interface Answered {
  readonly items: readonly Acknowledged[];
  readonly receipts: readonly Receipted[];
}

/** Everything that services have responded to their clients, and can therefore be held to. */
export class Ledger {
  readonly acknowledged = new Map<number, Acknowledged>();
  readonly receipts: Receipted[] = [];
  /**
   * Digests that were sent. Each may be in the chain only once: it was sent once, or always with the same
   * key.
   */
  readonly sent = new Set<string>();
  /** Digests that a service reported as not accepted. */
  readonly refused = new Set<string>();
  /** Responses that no service may give. */
  readonly wrong: string[] = [];
  /** How many responses there were of each kind. */
  readonly responses = new Map<string, number>();

  count(response: string): void {
    this.responses.set(response, (this.responses.get(response) ?? 0) + 1);
  }

  accept({ items, receipts }: Answered): void {
    for (const item of items) {
      const before = this.acknowledged.get(item.position);
      if (before !== undefined && (before.id !== item.id || before.entry !== item.entry)) {
        this.wrong.push(`position ${item.position} was assigned to ${before.sha256} and to ${item.sha256}`);
      }
      if (!this.sent.has(item.sha256)) this.wrong.push(`${item.sha256} was acknowledged, but never sent`);
      this.acknowledged.set(item.position, item);
    }
    this.receipts.push(...receipts);
  }

  summary(): string {
    const responses = [...this.responses].map(([answer, count]) => `${count} × ${answer}`);
    return `${this.acknowledged.size} acknowledged, ${this.sent.size} sent; responses: ${responses.join(', ')}`;
  }
}
