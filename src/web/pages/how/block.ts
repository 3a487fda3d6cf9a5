import { announce, ideaSection } from '../../components/section.js';
import { equal, toHex } from '../../../proof/bytes.js';
import { blockHash, hasProofOfWork, leadingZeroBits } from '../../../proof/header.js';
import { button, element, setText } from '../../lib/dom.js';
import { formatNumber, counted } from '../../lib/format.js';
import { hashView } from '../../components/picture.js';
import { Miner, toyHeader, type SampleDocuments } from './model.js';
import { messages } from '../../messages/how.js';

/** A million tries on average, which takes seconds. Each further bit doubles that. */
const HARDEST = 20;

/** The mined block, with the difficulty chosen at that time. */
interface Seal {
  readonly nonce: bigint;
  readonly difficulty: number;
  readonly tries: number;
  /** The root that was sealed. */
  readonly root: Uint8Array;
}

let difficulty = 12;
let seal: Seal | null = null;
const sealedAt = Date.now();
const miner = new Miner();

export function blockPart(samples: SampleDocuments): HTMLElement {
  const t = messages();
  // Another language has other sample documents.
  if (seal !== null && !equal(seal.root, samples.root)) seal = null;
  const slider = element('input', {
    id: 'difficulty',
    type: 'range',
    min: 1,
    max: HARDEST,
    value: difficulty,
    'aria-describedby': 'difficulty-explained',
  });
  const explanation = element('p', { id: 'difficulty-explained', class: 'hint' });
  const sentence = element('p', { class: 'outcome' });
  const hash = element('p', { class: 'big-hash' });
  const nonce = element('dd', {});
  const header = element('code', {});
  const act = button(t.mine, () => void mine(), { class: 'button is-primary mine' });

  const show = () => {
    const required = seal?.difficulty ?? difficulty;
    const bytes = toyHeader(samples.root, required, sealedAt, seal?.nonce ?? 0n);
    const found = blockHash(bytes);
    const holds = seal !== null && hasProofOfWork(found, required);
    const zeros = counted(leadingZeroBits(found));
    const outcome =
      seal === null
        ? t.notMined
        : holds
          ? t.mined(counted(seal.tries), zeros)
          : t.outdated(zeros, counted(required));
    setText(explanation, t.difficultyExplained(counted(difficulty), formatNumber(2 ** difficulty)));
    setText(sentence, outcome);
    sentence.className = `outcome${seal === null ? '' : holds ? ' is-good' : ' is-bad'}`;
    hash.replaceChildren(hashView(found));
    setText(nonce, formatNumber(Number(seal?.nonce ?? 0n)));
    setText(header, toHex(bytes).replace(/(..)(?=.)/g, '$1 '));
    setText(act, t.mine);
    return outcome;
  };
  const mine = async () => {
    if (miner.running) {
      miner.stop();
      return;
    }
    const wanted = difficulty;
    const { root } = samples;
    setText(act, t.stop);
    const found = await miner.mine(toyHeader(root, wanted, sealedAt, 0n), wanted, (tries) => {
      sentence.className = 'outcome';
      setText(sentence, t.mining(formatNumber(tries)));
    });
    if (found !== null) seal = { nonce: BigInt(found), difficulty: wanted, tries: found + 1, root };
    const outcome = show();
    if (found !== null) announce(outcome);
  };
  slider.addEventListener('input', () => {
    difficulty = Number(slider.value);
    setText(explanation, t.difficultyExplained(counted(difficulty), formatNumber(2 ** difficulty)));
  });
  samples.onChange(() => {
    // The documents have changed under the block that is being mined.
    miner.stop();
    show();
  });
  show();
  return ideaSection(
    'block',
    t.blockHeading,
    t.blockText,
    element(
      'div',
      { class: 'field slider' },
      element('label', { for: 'difficulty' }, t.difficulty),
      slider,
      explanation,
    ),
    element('div', { class: 'form-actions' }, act),
    sentence,
    element('div', {}, element('p', { class: 'hint' }, t.blockHash), hash),
    element(
      'dl',
      { class: 'values' },
      element('div', {}, element('dt', {}, t.nonce), nonce),
      element('div', {}, element('dt', {}, t.headerBytes), element('dd', {}, header)),
    ),
  );
}

/** The page is about to be rebuilt. */
export function stopMining(): void {
  miner.stop();
}
