import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { toHex } from '../../../proof/bytes.js';
import { Field, FieldState, Form } from '../../components/fields.js';
import { Time } from '../../components/time.js';
import * as api from '../../lib/api.js';
import { announce } from '../../lib/announce.js';
import { counted, formatNumber } from '../../lib/format.js';
import { blockLink } from '../../lib/links.js';
import { type Pasted, readPasted } from '../../lib/pasted.js';
import { messages } from '../../messages/explorer.js';

type Sought = { readonly height: number } | Pasted;

/** Reads what to find: the number of a block, or what names a notarization. */
function readSought(typed: string): Sought | 'elsewhere' | null {
  if (/^(0|[1-9][0-9]{0,14})$/.test(typed)) return { height: Number(typed) };
  return readPasted(typed, new URL('./', document.baseURI).href);
}

interface Found {
  readonly sha256: string;
  readonly notarizations: readonly api.Notarization[];
  readonly more: boolean;
}

/** What was found, unless it is one entry of one block, to which the search leads at once. */
const found = signal<Found | null>(null);

async function find(sought: Sought): Promise<void> {
  found.value = null;
  if ('height' in sought) {
    location.hash = blockLink(sought.height);
    return;
  }
  const answer = await lookUp(sought);
  const [first] = answer.notarizations;
  if (answer.notarizations.length === 1 && first?.block !== undefined) {
    location.hash = linkOf(first.block);
    return;
  }
  found.value = answer;
  announce(sentenceOf(answer));
}

async function lookUp({ id, sha256 }: Pasted): Promise<Found> {
  if (id !== null) {
    const notarization = await api.notarization(id);
    return { sha256: notarization.sha256, notarizations: [notarization], more: false };
  }
  const digest = toHex(sha256 ?? new Uint8Array());
  return { ...(await api.lookUp(digest)), sha256: digest };
}

const linkOf = ({ height, index }: { readonly height: number; readonly index: number }) =>
  blockLink(height, index + 1);

function sentenceOf({ notarizations, more }: Found): string {
  const t = messages();
  const { length } = notarizations;
  if (length === 0) return t.foundNothing;
  return more ? t.foundFirst(counted(length)) : t.found(counted(length));
}

/** Leads to a block by its number, and to the entry of a notarization by its id, its fingerprint or a link. */
export function Search() {
  const t = messages();
  const field = useMemo(() => {
    const check = (typed: string) => {
      const sought = readSought(typed);
      return sought === 'elsewhere'
        ? messages().findElsewhere
        : sought === null
          ? messages().findWrong
          : null;
    };
    return new FieldState({ name: 'find', check });
  }, []);
  return (
    <div role="search" class="find">
      <Form
        name="find"
        fields={[field]}
        submit={t.find}
        secondary
        inLine
        own={() => ({ notarization_not_found: messages().notFound })}
        send={async () => {
          const sought = readSought(field.value);
          if (sought !== null && sought !== 'elsewhere') await find(sought);
        }}
      >
        <Field of={field} label={t.findLabel} hint={t.findHint} />
      </Form>
      {found.value === null ? null : <FoundList of={found.value} />}
    </div>
  );
}

function FoundList({ of }: { readonly of: Found }) {
  const t = messages();
  return (
    <div class="found">
      <p>{sentenceOf(of)}</p>
      <ul>
        {of.notarizations.map(({ id, block, acceptedAt, sealedAt }) => (
          <li key={id}>
            {block === undefined ? (
              t.foundWaiting
            ) : (
              <a href={linkOf(block)}>
                {t.foundEntry(formatNumber(block.index + 1), formatNumber(block.height))}
              </a>
            )}{' '}
            <Time at={sealedAt ?? acceptedAt} />
          </li>
        ))}
      </ul>
      <p>
        <a href={`./verify.html#${of.sha256}`}>{t.foundVerify}</a>
      </p>
    </div>
  );
}
