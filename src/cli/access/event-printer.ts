import type { AccessEvent, AccessStore } from '../../store/index.js';
import { printLine, type Io } from '../io.js';
import { displayWidth } from '../output/table.js';
import { formatTime, printable } from '../output/text.js';
import { eventJson } from './shown.js';

/** Wide enough for the longest kind and for ids; longer e-mail addresses push the rest to the right. */
const WIDTHS = { kind: 24, account: 25, who: 28, address: 15 } as const;

/** Events, a line each. */
export class EventPrinter {
  readonly #store: AccessStore;
  readonly #io: Io;
  readonly #json: boolean;
  /** E-mail addresses by person. */
  readonly #people = new Map<string, string>();

  constructor(store: AccessStore, io: Io, json: boolean) {
    this.#store = store;
    this.#io = io;
    this.#json = json;
  }

  async print(events: readonly AccessEvent[]): Promise<void> {
    for (const event of events) {
      printLine(this.#io.stdout, this.#json ? JSON.stringify(eventJson(event)) : await this.#line(event));
    }
  }

  async #line(event: AccessEvent): Promise<string> {
    const { at, kind, accountId, keyId, address, detail } = event;
    const facts = Object.entries(detail);
    const cells = [
      formatTime(at),
      kind.padEnd(WIDTHS.kind),
      (accountId ?? '-').padEnd(WIDTHS.account),
      padded(await this.#who(event), WIDTHS.who),
      (address ?? 'this machine').padEnd(WIDTHS.address),
      ...(keyId === null ? [] : [`key=${keyId}`]),
      ...facts.map(([name, value]) => `${name}=${value ?? 'none'}`),
    ];
    return printable(cells.join('  ')).trimEnd();
  }

  async #who({ personId }: AccessEvent): Promise<string> {
    if (personId === null) return '-';
    const known = this.#people.get(personId);
    if (known !== undefined) return known;
    const person = personId.startsWith('oidc:') ? null : await this.#store.person(personId);
    const who = person?.email ?? personId;
    this.#people.set(personId, who);
    return who;
  }
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}
