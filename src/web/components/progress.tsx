/** @param value from 0 to 1 */
export function Progress({ value, label }: { readonly value: number; readonly label: string }) {
  return <progress max={1} value={value} aria-label={label} />;
}
