import type { StatedTime } from '../vectors/load.js';

/** Why an anchor does not count is for people: the format only says whether it does. */
export function withoutReasons<T extends { time?: StatedTime }>(ours: T) {
  if (ours.time === undefined) return ours;
  const anchors = ours.time.anchors.map((each) => ('fault' in each ? { ...each, fault: true } : each));
  return { ...ours, time: { ...ours.time, anchors } };
}
