import { describe, expect, it } from 'vitest';
import { isMailAddress } from '../../src/messages/mail-address.js';

describe('an e-mail address', () => {
  it.each(['a@b', 'kim.minji+lease@mail.example.com', "o'neil@example.co.kr", `${'a'.repeat(64)}@b.de`])(
    'may be %s',
    (text) => {
      expect(isMailAddress(text)).toBe(true);
    },
  );

  it.each([
    ...['', '@', 'a@', '@b', 'a@b@c', '.a@b', 'a.@b', 'a..b@c', 'a@-b', 'a@b-', 'a@b..c', 'a@b.'],
    ...['a b@c', '"a"@b', '<a@b>', 'a@b,c@d', 'a@b;c@d', 'a(x)@b', 'a@[127.0.0.1]', 'ä@b', 'a@bücher.de'],
    ...['a@b\n', '\na@b', 'a@b\r\nRCPT TO:<c@d>', 'a@b\0', 'a\u00a0@b', 'a@b '],
    ...[`${'a'.repeat(65)}@b`, `a@${'b'.repeat(64)}`, `a@${Array<string>(64).fill('bbb').join('.')}`],
  ])('must not be %j', (text) => {
    expect(isMailAddress(text)).toBe(false);
  });
});
