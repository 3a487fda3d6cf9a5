/** What Windows does not take in a name, and what would lead out of the folder that a zip is unpacked in. */
const FORBIDDEN = /[\u0000-\u001f\u007f\\:*?"<>|]/g;

/**
 * Names for the proofs of documents, in their order: each its document's own path, so that a proof unpacked beside the documents
 * stands beside its own. Composed (NFC), as macOS alone takes Hangul apart. Where two would be one, also on disks that
 * do not tell upper from lower case, the later is numbered.
 */
export function zipNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const base = safePath(path);
    for (let number = 1; ; number++) {
      const name = `${number === 1 ? base : `${base} (${number})`}.ingam.json`;
      const key = name.toLowerCase();
      if (taken.has(key)) continue;
      taken.add(key);
      return name;
    }
  });
}

function safePath(path: string): string {
  const parts = path
    .normalize('NFC')
    .split('/')
    .filter((part) => !['', '.', '..'].includes(part))
    .map((part) => part.replaceAll(FORBIDDEN, '_').replace(/[. ]+$/, '_'));
  return parts.length === 0 ? 'document' : parts.join('/');
}
