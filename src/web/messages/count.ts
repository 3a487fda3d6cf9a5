/** A number as such, for the grammar, and as it is written. */
export interface Count {
  readonly n: number;
  readonly text: string;
}
