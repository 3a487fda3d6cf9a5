/** Characters that Windows does not allow in names, or that could lead out of the folder, hide or reorder text. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}/\\:*?"<>|]/gu;
/** Names of devices in Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
/** In bytes of UTF-8: file systems take 255, and some programs that unpack add to the name. */
const MAX_NAME = 200;

/** A name that every file system takes, as close to the given one as may be. In NFC: macOS decomposes Hangul. */
export function safeName(name: string): string {
  const clean = name
    .replaceAll(FORBIDDEN, '_')
    .normalize('NFC')
    .replace(/^\s+/u, '')
    .replace(/[.\s]+$/u, '');
  const named = /^\.*$/.test(clean) ? 'document' : clean;
  return shortened(RESERVED.test(named) ? `_${named}` : named);
}

/** Cuts the middle, so that the extension stays. */
function shortened(name: string): string {
  const length = (text: string) => new TextEncoder().encode(text).length;
  if (length(name) <= MAX_NAME) return name;
  const extension = /\.[^.]{1,20}$/u.exec(name)?.[0] ?? '';
  const characters = Array.from(name.slice(0, name.length - extension.length));
  while (length(characters.join('') + extension) > MAX_NAME) characters.pop();
  return characters.join('') + extension;
}
