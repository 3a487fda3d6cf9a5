import { PENDING_FORMAT, type Policy } from '../../proof/index.js';
import { type Failure, failedLine, failureJson } from '../failure.js';
import { shownPath } from '../find-files.js';
import { grouped, type Io, jsonText, printLine, printNote } from '../io.js';
import { notarizeMessages } from '../messages/notarize.js';
import { watchMessages } from '../messages/watch.js';
import { resultJson, warnOfTrust } from '../notarize/notarize.js';
import type { DocumentResult } from '../notarize/submit.js';
import type { ServiceClient } from '../service-client.js';

interface ReportOptions {
  /** For results and failures. */
  readonly io: Io;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly policy: Policy | null;
}

/** What a watch says, of all its sources, and its figures. */
export class Report {
  sealed = 0;
  present = 0;
  waiting = 0;
  failures = 0;
  stillChanging = 0;
  #origin: string | null = null;
  #warned = false;
  /** What was said of each document that failed, so that it is not said in each round. */
  readonly #said = new Map<string, string>();
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** Asks the service for its name, once. @throws {Failure} as `request` */
  async meet(service: ServiceClient): Promise<void> {
    if (this.#origin !== null) return;
    const chain = service.object(await service.request('v1/chain'));
    this.#origin = typeof chain['origin'] === 'string' ? chain['origin'] : service.url.href;
  }

  result(result: DocumentResult): void {
    const { io, json, policy } = this.#options;
    const { found, status, keptAs, lateReceipt, proof } = result;
    if (this.#said.delete(found.shown)) this.failures--;
    if (status === 'present') this.present++;
    if (status === 'sealed') this.sealed++;
    if (json) {
      if (status !== 'present') printLine(io.stdout, jsonText(resultJson(result)));
      return;
    }
    const t = notarizeMessages();
    if (lateReceipt !== undefined)
      this.#warn(t.late(shownPath(found.proofPath, io.cwd), shownPath(lateReceipt, io.cwd)));
    if (keptAs !== undefined) this.#say(t.changed(found.shown, shownPath(keptAs, io.cwd)));
    if (status !== 'sealed') return;
    printLine(io.stdout, shownPath(found.proofPath, io.cwd));
    if (this.#warned || proof === undefined || proof.format === PENDING_FORMAT) return;
    this.#warned = true;
    const say = (text: string) => {
      this.#say(text);
    };
    const warn = (text: string) => {
      this.#warn(text);
    };
    warnOfTrust({ results: [result], policy, origin: this.#origin ?? '' }, say, warn);
  }

  /** Said once for each document, until it succeeds or fails otherwise. */
  failed(shown: string, failure: Failure): void {
    if (this.#said.get(shown) === failure.message) return;
    if (!this.#said.has(shown)) this.failures++;
    this.#said.set(shown, failure.message);
    const { io, json } = this.#options;
    if (json) printLine(io.stdout, jsonText({ file: shown, status: 'failed', error: failureJson(failure) }));
    else {
      this.#warn(failedLine(shown, failure));
      if (failure.hint !== null) this.#warn(failure.hint);
    }
  }

  changing(shown: string): void {
    this.stillChanging++;
    this.#warn(watchMessages().stillChanging(shown));
  }

  watching(sources: readonly string[], seconds: string): void {
    for (const each of sources) this.#say(watchMessages().watching(each, seconds));
  }

  outage(failure: Failure): void {
    this.#warn(watchMessages().outage(failure.message));
    if (failure.hint !== null) this.#warn(failure.hint);
  }

  recovered(shown: string): void {
    this.#warn(watchMessages().recovered(shown));
  }

  summary(): void {
    const t = notarizeMessages();
    if (this.#origin === null) return;
    if (this.sealed > 0) this.#say(t.sealed(grouped(this.sealed), this.#origin));
    if (this.waiting > 0) this.#say(watchMessages().waiting(grouped(this.waiting)));
    if (this.present > 0) this.#say(t.present(grouped(this.present)));
    if (this.failures > 0) this.#say(watchMessages().failures(grouped(this.failures)));
    if (this.sealed + this.waiting + this.present + this.failures + this.stillChanging === 0)
      this.#say(t.nothing);
  }

  #warn(text: string): void {
    printNote(this.#options.io, text);
  }

  #say(text: string): void {
    if (!this.#options.quiet) this.#warn(text);
  }
}
