/** The strokes of each icon, in a square of 24 units. */
export const ICONS = {
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  dash: 'M6 12h12',
  clock: 'M12 7v5l3.5 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  question: 'M9 9.2a3 3 0 1 1 4.4 2.7c-1 .5-1.4 1.1-1.4 2.1M12 17.4v.2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  warning: 'M12 4L2.8 19.5h18.4L12 4zM12 10v4.5M12 17v.2',
  file: 'M7 3.5h7l4 4v13H7zM14 3.5v4h4',
  proof: 'M12 3.5l7 2.5v5.5c0 4.3-2.9 7.6-7 9-4.1-1.4-7-4.7-7-9V6zM8.7 12l2.4 2.4 4.2-4.4',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0',
  drop: 'M12 15.5V4.5M7.5 9L12 4.5 16.5 9M4 15v4.5h16V15',
} as const;
export type IconName = keyof typeof ICONS;
