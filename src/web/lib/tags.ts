/** Tags as they are typed, with commas between them: without duplicates, in their order. */
export function partTags(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}
