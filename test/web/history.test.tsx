// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest';
import { parseHistory, parsePolicy, utf8 } from '../../src/proof/index.js';
import { type TimelineEvent, verifyHistory } from '../../src/proof/records/history.js';
import { Values } from '../../src/web/components/values.js';
import { setLanguage } from '../../src/web/lib/language.js';
import type { CheckedHistory } from '../../src/web/pages/verify/check.js';
import { Details, factsOf } from '../../src/web/pages/verify/history.js';
import { loadHistories } from '../vectors/load.js';
import { TRUST } from '../vectors/make/keys.js';
import { show } from './view.js';

afterEach(() => {
  setLanguage('en');
});

function checked(name: string): CheckedHistory {
  const vector = loadHistories().find((each) => each.name === name) ?? expect.fail();
  const history = parseHistory(utf8(JSON.stringify(vector.history)));
  const policy = parsePolicy(TRUST);
  const trust = { source: 'service', policy, receiptKeys: [], waives: false } as const;
  return {
    history,
    verification: verifyHistory({ history, policy }),
    trust,
    naming: null,
    views: { factsOf, Details },
  };
}

const textsOf = (place: Element, selector: string) =>
  [...place.querySelectorAll(selector)].map(({ textContent }) => textContent);

it('says what a record is called, of what kind it is, and who signs what can come next', async () => {
  const place = await show(<Values of={factsOf(checked('open-contract'))} />);
  const facts = new Map(textsOf(place, 'dt').map((name, i) => [name, textsOf(place, 'dd')[i]]));
  expect(facts.get('Title')).toBe('Sale of a stone');
  expect(facts.get('Kind')).toBe('Contract');
  expect(facts.get('What can come next')).toMatch(
    /Signed by a party’s key \(to be signed with bob\S*\+[0-9a-f]{8}\)/,
  );
  setLanguage('ko');
  const korean = await show(<Values of={factsOf(checked('open-contract'))} />);
  expect(textsOf(korean, 'dd').join('\n')).toMatch(/당사자의 키로 서명\(서명할 키: bob/);
});

it('names the condition that is fulfilled, and no block of an event that cannot be read', async () => {
  const given = checked('contract-executed');
  const { verification } = given;
  const [first = expect.fail()] = verification.timeline;
  const timeline: readonly TimelineEvent[] = [
    { ...first, type: 'contract.fulfil', body: { name: 'handed over' } },
    { ...first, sequence: 1, type: null, automatic: true, height: null, sealedAt: null, body: null },
  ];
  const place = await show(<Details of={{ ...given, verification: { ...verification, timeline } }} />);
  const [fulfilled, unreadable] = textsOf(place, '.timeline-event');
  expect(fulfilled).toContain('Condition stated as fulfilled: handed over');
  expect(fulfilled).toContain('in block 1');
  expect(unreadable).toContain('An event that cannot be read');
  expect(unreadable).not.toContain('block');
});
