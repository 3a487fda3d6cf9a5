import { signal } from '@preact/signals';
import type { Language } from '../../../messages/language.js';
import { toHex } from '../../../proof/bytes.js';
import { blockHash, hasProofOfWork, leadingZeroBits } from '../../../proof/header.js';
import { Button } from '../../components/button.js';
import { Panel } from '../../components/panel.js';
import { Hash } from '../../components/picture.js';
import { Values } from '../../components/values.js';
import { announce } from '../../lib/announce.js';
import { counted, formatNumber, spacedHex } from '../../lib/format.js';
import { language } from '../../lib/language.js';
import { messages } from '../../messages/how.js';
import { mine, root, toyHeader } from './model.js';

/** A million tries on average, which takes seconds. Each further bit doubles that. */
const HARDEST = 20;

/** The mined block, with the difficulty chosen at that time. */
interface Seal {
  readonly nonce: number;
  readonly difficulty: number;
  /** Another language has other sample documents. */
  readonly language: Language;
}

const sealedAt = Date.now();
const difficulty = signal(12);
const seal = signal<Seal | null>(null);
/** The tries so far and the way to stop; null: it is not mining. */
const mining = signal<{ readonly tries: number; readonly stop: AbortController } | null>(null);

root.subscribe(() => {
  // The documents have changed under the block that is being mined.
  mining.peek()?.stop.abort();
});

/** The block as it is now. */
function current() {
  const t = messages();
  const found = seal.value?.language === language() ? seal.value : null;
  const required = found?.difficulty ?? difficulty.value;
  const header = toyHeader(root.value, required, sealedAt, BigInt(found?.nonce ?? 0));
  const hash = blockHash(header);
  const zeros = counted(leadingZeroBits(hash));
  if (found === null) return { header, hash, nonce: 0, tone: '', sentence: t.notMined };
  const { nonce } = found;
  return hasProofOfWork(hash, required)
    ? { header, hash, nonce, tone: ' is-good', sentence: t.mined(counted(nonce + 1), zeros) }
    : { header, hash, nonce, tone: ' is-bad', sentence: t.outdated(zeros, counted(required)) };
}

async function start(): Promise<void> {
  const stop = new AbortController();
  const wanted = difficulty.value;
  const report = (tries: number) => (mining.value = { tries, stop });
  report(0);
  const nonce = await mine(toyHeader(root.value, wanted, sealedAt, 0n), wanted, report, stop.signal);
  mining.value = null;
  if (nonce === null) return;
  seal.value = { nonce, difficulty: wanted, language: language() };
  announce(current().sentence);
}

export function BlockPart() {
  const t = messages();
  const { header, hash, nonce, tone, sentence } = current();
  const running = mining.value;
  const bits = difficulty.value;
  return (
    <Panel class="block-panel" heading={t.blockHeading} prose={t.blockText}>
      <div class="field slider">
        <label for="difficulty">{t.difficulty}</label>
        <input
          id="difficulty"
          type="range"
          min={1}
          max={HARDEST}
          value={bits}
          aria-describedby="difficulty-explained"
          onInput={({ currentTarget }) => (difficulty.value = Number(currentTarget.value))}
        />
        <p id="difficulty-explained" class="hint">
          {t.difficultyExplained(counted(bits), formatNumber(2 ** bits))}
        </p>
      </div>
      <div class="form-actions mine">
        <Button
          tone="primary"
          onPress={() => {
            if (running === null) void start();
            else running.stop.abort();
          }}
        >
          {running === null ? t.mine : t.stop}
        </Button>
      </div>
      {running === null ? (
        <p class={`outcome${tone}`}>{sentence}</p>
      ) : (
        <p class="outcome">{t.mining(formatNumber(running.tries))}</p>
      )}
      <div>
        <p class="hint">{t.blockHash}</p>
        <p class="big-hash">
          <Hash of={hash} />
        </p>
      </div>
      <Values
        of={[
          [t.nonce, formatNumber(nonce)],
          [t.headerBytes, <code>{spacedHex(toHex(header))}</code>],
        ]}
      />
    </Panel>
  );
}
