import { contracts } from './rules/contracts.js';
import { documents } from './rules/documents.js';
import { items } from './rules/items.js';
import { ID, type RuleVectors } from './rules/rule-vector.js';
import { works } from './rules/works.js';

/** The text of the file: a case on each line. */
export function ruleVectors(): string {
  const parts = [documents, works, items, contracts];
  const states = parts.flatMap((part) => Object.entries(part.states));
  const vectors: Record<keyof RuleVectors, string> = {
    id: JSON.stringify(ID),
    states: `{\n${states.map(([name, state]) => `${JSON.stringify(name)}: ${JSON.stringify(state)}`).join(',\n')}\n}`,
    events: lines(parts.flatMap(({ events }) => events)),
    automatic: lines(parts.flatMap(({ automatic }) => automatic)),
  };
  return `{\n${Object.entries(vectors).map(([member, text]) => `"${member}": ${text}`).join(',\n')}\n}\n`;
}

const lines = (cases: readonly object[]) => `[\n${cases.map((each) => JSON.stringify(each)).join(',\n')}\n]`;
