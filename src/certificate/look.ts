/** Measures in points, colours as on the web pages in the light. */

export const PAGE = { width: 595.28, height: 841.89, left: 62, right: 62, top: 54, bottom: 50 } as const;
export const COLUMN = PAGE.width - PAGE.left - PAGE.right;
/** Where the text of a row begins, after its label. */
export const LABEL = 96;

export const COLOUR = {
  ink: '#1f2328',
  soft: '#585d63',
  line: '#ddd7ca',
  sunken: '#f6f3ec',
  seal: '#b8321f',
  sealInk: '#fff8ee',
} as const;

export const SIZE = {
  title: 25,
  name: 14,
  digest: 13.5,
  lead: 10.5,
  heading: 10,
  body: 9,
  small: 7.5,
} as const;
