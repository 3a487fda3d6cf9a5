import { signal } from '@preact/signals';
import { Button } from '../../components/button.js';
import { Panel } from '../../components/panel.js';
import { type Drawing, fine, Hash, Picture } from '../../components/picture.js';
import { drawTree, nodeKey } from '../../components/tree.js';
import { announce } from '../../lib/announce.js';
import { counted, formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/how.js';
import {
  announceSoon,
  bitsOf,
  changed,
  changedBits,
  digestOf,
  documents,
  edits,
  hashes,
  SHAPE,
} from './model.js';

const COLUMNS = 32;
const WIDEST = 560;

/** null: the sample. */
const typed = signal<string | null>(null);
/** The hash before the last edit. */
const before = signal<Uint8Array | null>(null);

export function HashPart() {
  const t = messages();
  const text = typed.value ?? t.hashSample;
  const now = digestOf(text);
  const bits = before.value === null ? null : changedBits(before.value, now);
  return (
    <Panel class="hash-panel" heading={t.hashHeading} prose={t.hashText}>
      <div class="field">
        <label for="hash-text">{t.hashField}</label>
        <textarea
          id="hash-text"
          class="is-prose"
          rows={2}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget: { value } }) => {
            const changes = changedBits(now, digestOf(value)).filter(Boolean).length;
            before.value = now;
            typed.value = value;
            announceSoon(() => messages().bitsChanged(counted(changes)));
          }}
        />
      </div>
      <div>
        <p class="hint">{t.hashName}</p>
        <p class="big-hash">
          <Hash of={now} />
        </p>
      </div>
      <Picture role="img" draw={(width) => drawBits(now, bits, width)} />
      <p class="outcome">
        {bits === null ? t.bitsHint : t.bitsChanged(counted(bits.filter(Boolean).length))}
      </p>
    </Panel>
  );
}

function drawBits(hash: Uint8Array, changes: readonly boolean[] | null, width: number): Drawing {
  const step = Math.min(WIDEST, width) / COLUMNS;
  return {
    label: messages().bitsLabel,
    height: fine((256 / COLUMNS) * step),
    parts: bitsOf(hash).map((bit, i) => (
      <rect
        key={i}
        x={fine((i % COLUMNS) * step + 1)}
        y={fine(Math.floor(i / COLUMNS) * step + 1)}
        width={fine(step - 2)}
        height={fine(step - 2)}
        rx={1.5}
        class={`bit${bit === 1 ? ' is-one' : ''}${changes?.[i] === true ? ' is-changed' : ''}`}
      />
    )),
  };
}

export function TreePart() {
  const t = messages();
  const { size } = changed.value;
  return (
    <Panel class="tree-panel" heading={t.treeHeading} prose={t.treeText}>
      <div class="documents-row">
        {documents.value.map((text, i) => (
          <div key={i} class="field">
            <label for={`document-${i + 1}`}>{t.documentName(formatNumber(i + 1))}</label>
            <input
              id={`document-${i + 1}`}
              class="input"
              autocomplete="off"
              value={text}
              onInput={({ currentTarget: { value } }) => {
                edits.value = edits.value.map((edit, at) => (at === i ? value : edit));
                announceSoon(treeSentence);
              }}
            />
          </div>
        ))}
      </div>
      <Picture
        role="img"
        draw={(width) =>
          drawTree(width, {
            label: t.treeLabel(counted(size)),
            root: SHAPE,
            hashes: hashes.value,
            index: null,
            mark: (node) => (changed.value.has(nodeKey(node)) ? 'changed' : null),
            caption: ({ end }) => formatNumber(end),
          })
        }
      />
      <p class="outcome">{treeSentence()}</p>
      <div class="form-actions">
        <Button
          held={size === 0}
          onPress={() => {
            edits.value = edits.value.map(() => null);
            announce(treeSentence());
          }}
        >
          {t.reset}
        </Button>
      </div>
    </Panel>
  );
}

function treeSentence(): string {
  const { size } = changed.value;
  return size === 0 ? messages().treeSame : messages().treeChanged(counted(size));
}
