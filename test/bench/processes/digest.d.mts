export function digestOf(index: number): string;
