/** A file of the bundler's output. */
export type Emitted =
  | { readonly type: 'chunk'; readonly fileName: string; readonly code: string }
  | { readonly type: 'asset'; readonly fileName: string; source: string | Uint8Array };

/**
 * Inlines the only script and style sheet of a build into its only page, with a content security policy that
 * allows these two by their hashes and nothing else: no other script or style, and no requests. The page is
 * written as browsers write theirs (HTML, "Serializing HTML fragments"), so that it can save itself unchanged.
 */
export async function singleFile(bundle: Record<string, Emitted>): Promise<void> {
  const files = Object.values(bundle);
  const page = only(files, '.html');
  const script = closed(textOf(only(files, '.js')), 'script');
  const style = closed(textOf(only(files, '.css')), 'style');
  if (page.type !== 'asset') throw new Error('the page is not an asset');
  const policy = [
    "default-src 'none'",
    `script-src '${await integrity(script)}'`,
    `style-src '${await integrity(style)}'`,
    'img-src data:',
    'worker-src blob:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const bare = serialized(textOf(page))
    .replaceAll(/\n\s*<script type="module"[^>]*><\/script>/g, '')
    .replaceAll(/\n\s*<link rel="stylesheet"[^>]*>/g, '');
  // The policy comes first, because it does not apply to anything before it. The replacements are functions,
  // so that `$` has no special meaning.
  page.source = bare
    .replace(/<meta charset="utf-8" ?\/?>/, (charset) => {
      return `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`;
    })
    .replace('</head>', () => `  <style>${style}</style>\n  </head>`)
    .replace('</body>', () => `  <script type="module">${script}</script>\n  </body>`);
  for (const { fileName } of files) if (fileName !== page.fileName) Reflect.deleteProperty(bundle, fileName);
}

/** As far as our page needs it: white space that parsing drops or moves, and empty elements. */
function serialized(html: string): string {
  return html
    .replace(/<!doctype html>\s*(<html[^>]*>)\s*<head>/i, '<!doctype html>$1<head>')
    .replace(/\s*<\/body>\s*<\/html>\s*$/, '\n  </body></html>')
    .replaceAll(/ ?\/>/g, '>');
}

function only(files: readonly Emitted[], ending: string): Emitted {
  const [found, ...more] = files.filter(({ fileName }) => fileName.endsWith(ending));
  if (found === undefined || more.length > 0) throw new Error(`the build must have one file ${ending}`);
  return found;
}

function textOf(file: Emitted): string {
  const source = file.type === 'chunk' ? file.code : file.source;
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}

/** @throws if the text would end its element or begin a comment */
function closed(text: string, tag: string): string {
  const trimmed = `\n${text.trim()}\n`;
  if (new RegExp(`</${tag}|<!--`, 'i').test(trimmed)) throw new Error(`the ${tag} cannot stand in a page`);
  return trimmed;
}

async function integrity(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
