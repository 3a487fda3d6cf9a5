import { useSignal } from '@preact/signals';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { Modal } from '../../components/modal.js';
import { announce } from '../../lib/announce.js';
import { counted } from '../../lib/format.js';
import { proofLink } from '../../lib/links.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';
import type { Item } from './item.js';

/**
 * The links to the proofs of documents: of one, the link alone; of several, a line for each with its name, which
 * spreadsheets take for two columns. They have the public part of the id, which does not show the details of an anonymous
 * notarization.
 */
export function linksOf(items: readonly Pick<Item, 'path' | 'proven' | 'sha256'>[], base: string): string {
  const links = items.flatMap(({ path, proven, sha256 }) => {
    if (proven === null || sha256 === null) return [];
    const id = proven.id.split('-').slice(0, 2).join('-');
    return [{ path, link: new URL(proofLink(id, sha256), base).href }];
  });
  const [only, ...others] = links;
  if (only !== undefined && others.length === 0) return only.link;
  return links.map(({ path, link }) => `${path}\t${link}`).join('\n');
}

/** Copies the links to the proofs of all documents, or shows them where the browser does not let pages copy. */
export function CopyLinks({ items, count }: { readonly items: readonly Item[]; readonly count: number }) {
  const t = messages();
  const shown = useSignal<string | null>(null);
  /** What was copied last. */
  const copied = useSignal<string | null>(null);
  const isCopied = copied.value === linksOf(items, document.baseURI);
  const copy = async () => {
    const text = linksOf(items, document.baseURI);
    try {
      await navigator.clipboard.writeText(text);
      copied.value = text;
      announce(messages().linksCopied);
    } catch {
      // Not allowed, or the page was not served over TLS.
      shown.value = text;
    }
  };
  return (
    <>
      <Button tone="quiet" onPress={() => void copy()}>
        {isCopied ? t.linksCopied : t.copyLinks(counted(count))}
      </Button>
      {shown.value === null ? null : (
        <Modal heading={t.copyLinks(counted(count))} onClose={() => (shown.value = null)}>
          {(close) => (
            <>
              <Copyable as="block" label={t.links} value={shown.value ?? ''} />
              <div class="form-actions">
                <Button onPress={close}>{common().close}</Button>
              </div>
            </>
          )}
        </Modal>
      )}
    </>
  );
}
