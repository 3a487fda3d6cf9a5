/** The languages of what people read. */
export type Language = 'en' | 'ko';
export const LANGUAGES = ['en', 'ko'] as const satisfies readonly Language[];
