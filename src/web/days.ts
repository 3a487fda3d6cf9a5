/**
 * When a day of the reader's calendar begins.
 * @param day YYYY-MM-DD, as inputs of dates have it
 * @param daysLater 1: when it ends
 */
export function midnight(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
