/**
 * Content-Disposition for a download (RFC 6266): the name in ASCII for everyone, and in UTF-8 (RFC 8187) for those who read
 * it. Quotes, backslashes and percent signs are what old clients read differently, so the ASCII form has none.
 */
export function attachment(fileName: string): string {
  const ascii = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  if (ascii === fileName) return `attachment; filename="${ascii}"`;
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
