export function digestBytes(index: number): Uint8Array;
export function digestOf(index: number): string;
