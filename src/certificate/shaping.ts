import { create, type Font, type GlyphRun } from 'fontkit';
import { type Face, fontData } from './fonts.js';

/** Of a font: the texts of the certificate itself, and some more. */
const MAX_RUNS = 2048;
/** Of a line. Longer texts are hardly ever shaped twice. */
const MAX_LENGTH = 200;

const shapers = new Map<Face, Font>();

/**
 * The font of a face for the PDF library. It is parsed once, and what most certificates say is shaped once: both take
 * longer than all else of a certificate. What is shaped does not depend on what was shaped before.
 */
export function shaperOf(face: Face): Font {
  const known = shapers.get(face);
  if (known !== undefined) return known;
  const font = create(fontData(face));
  if (!('layout' in font)) throw new Error(`the file of ${face} must contain one font`);
  const made = remembering(font);
  shapers.set(face, made);
  return made;
}

/** What the PDF library takes of a run. */
interface Shaped {
  readonly glyphs: readonly {
    readonly id: number;
    readonly advanceWidth: number;
    readonly codePoints: number[];
  }[];
  readonly positions: readonly { readonly xAdvance: number }[];
}

type Layout = Font['layout'];

function remembering(font: Font): Font {
  const runs = new Map<string, Shaped>();
  const layout = (text: string, features?: Parameters<Layout>[1]) => {
    const key = `${JSON.stringify(features ?? null)} ${text}`;
    let run = runs.get(key);
    if (run === undefined) {
      run = shape(font, text, features);
      if (runs.size >= MAX_RUNS) runs.clear();
      if (text.length <= MAX_LENGTH) runs.set(key, run);
    }
    return new Run(run);
  };
  return Object.create(font, { layout: { value: layout } }) as Font;
}

function shape(font: Font, text: string, features: Parameters<Layout>[1]): Shaped {
  // The font keeps each glyph with the characters for which it was made first: a space with those of a no-break space.
  Object.assign(font, { _glyphs: {} });
  const { glyphs, positions }: Pick<GlyphRun, 'glyphs' | 'positions'> = font.layout(text, features);
  return {
    glyphs: glyphs.map(({ id, advanceWidth, codePoints }) => ({ id, advanceWidth, codePoints })),
    positions,
  };
}

class Run implements Shaped {
  readonly glyphs: Shaped['glyphs'];
  readonly positions: Shaped['positions'];

  constructor({ glyphs, positions }: Shaped) {
    this.glyphs = glyphs;
    // The PDF library scales them in place.
    this.positions = positions.map((position) => ({ ...position }));
  }

  get advanceWidth(): number {
    return this.positions.reduce((width, { xAdvance }) => width + xAdvance, 0);
  }
}
