import { signal } from '@preact/signals';
import { equal } from '../../../proof/bytes.js';
import { Button } from '../../components/button.js';
import { Choice, Choices } from '../../components/fields.js';
import { Panel } from '../../components/panel.js';
import { Picture } from '../../components/picture.js';
import {
  descent,
  drawTree,
  holds,
  type NodeHashes,
  nodeKey,
  PathSteps,
  type TreeNode,
} from '../../components/tree.js';
import { announce } from '../../lib/announce.js';
import { formatNumber } from '../../lib/format.js';
import { messages } from '../../messages/how.js';
import { documents, edits, root, SHAPE, treeHashes } from './model.js';

/** What the reader verifies: a document, or a changed one, and how far they are. */
const verification = signal({ index: 2, tampered: false, done: 0 });

function set(change: Partial<typeof verification.value>): void {
  verification.value = { ...verification.peek(), done: 0, ...change };
}

edits.subscribe(() => {
  // Other documents: from the beginning.
  set({});
});

/** The nodes of the path, from the leaf up, and all hashes of the tree with the document as the reader has it. */
function path() {
  const { index, tampered, done } = verification.value;
  const mine = documents.value.map((text, i) => (tampered && i === index ? `${text}!` : text));
  const hashes = treeHashes(mine);
  const up = descent(SHAPE, index).reverse();
  const reached = hashes.get(nodeKey(SHAPE));
  return {
    index,
    done,
    up,
    hashes,
    isOver: done >= up.length,
    holds: reached !== undefined && equal(reached, root.value),
  };
}

const nameOf = (index: number) => formatNumber(index + 1);

/** Explains the step that joins a hash with its sibling. */
const joining = (side: 'left' | 'right') => messages()[side === 'left' ? 'stepLeft' : 'stepRight'];

/** What came out; empty while it is not over. */
function outcome(): string {
  const { index, isOver, holds } = path();
  if (!isOver) return '';
  return holds ? messages().reached(nameOf(index)) : messages().missed;
}

function goOn(): void {
  set({ done: verification.peek().done + 1 });
  const { index, done, up } = path();
  const sibling = up[done - 2]?.sibling ?? null;
  const step =
    sibling === null ? messages().stepLeaf(nameOf(index)) : joining(sibling.start > index ? 'right' : 'left');
  announce(`${step} ${outcome()}`.trim());
}

export function ProofPart() {
  const t = messages();
  const { index, done, up, hashes, isOver, holds: good } = path();
  const { tampered } = verification.value;
  return (
    <Panel class="proof-panel" heading={t.proofHeading} prose={t.proofText}>
      <Choices legend={t.chooseDocument}>
        {documents.value.map((_, i) => (
          <Choice
            key={i}
            type="radio"
            name="proven"
            label={t.documentName(nameOf(i))}
            checked={i === index}
            onChange={() => {
              set({ index: i });
            }}
          />
        ))}
      </Choices>
      <Choice
        type="checkbox"
        name="tamper"
        label={t.tamper}
        checked={tampered}
        onChange={(checked) => {
          set({ tampered: checked });
        }}
      />
      <div class="form-actions">
        {isOver ? null : (
          <Button key="next" tone="primary" onPress={goOn}>
            {t.next}
          </Button>
        )}
        {done === 0 ? null : (
          <Button
            key="again"
            onPress={() => {
              set({});
            }}
          >
            {t.again}
          </Button>
        )}
      </div>
      <Picture
        role="img"
        draw={(width) => {
          const shown = shownHashes(up, hashes, done);
          return drawTree(width, {
            label: t.proofLabel(nameOf(index), formatNumber(done), formatNumber(up.length)),
            root: SHAPE,
            hashes: shown,
            index,
            mark: (node) => {
              if (!shown.has(nodeKey(node))) return null;
              return holds(node, index) ? 'path' : 'given';
            },
            caption: ({ end }) => formatNumber(end),
          });
        }}
      />
      <PathSteps
        root={SHAPE}
        index={index}
        hashes={hashes}
        start={t.stepLeaf(nameOf(index))}
        join={joining}
        given={t.given}
        computed={t.computed}
        done={done}
      />
      <p class={`outcome ${good ? 'is-good' : 'is-bad'}`}>{outcome()}</p>
    </Panel>
  );
}

/** Only hashes that are computed by now, or given by the proof. */
function shownHashes(up: ReturnType<typeof descent>, hashes: NodeHashes, done: number): NodeHashes {
  const shown = up.flatMap(({ node, sibling }, i): (TreeNode | null)[] => [i < done ? node : null, sibling]);
  return new Map(
    shown.flatMap((node) => {
      const hash = node === null ? undefined : hashes.get(nodeKey(node));
      return node === null || hash === undefined ? [] : [[nodeKey(node), hash]];
    }),
  );
}
