import type { Access } from '../../src/auth/index.js';

/** Every password and token that was passed to Access or returned by it. */
export type Secrets = Set<string>;

const SECRET_NAMES = /^(password|current|next|token|secret|accessToken|refreshToken|csrfToken)$/;
/** Methods whose first argument is a secret. */
const TAKES_SECRET = /^(refresh|inspect|redeem)$/;
const SHORTEST = 8;

/** The same Access, whose parts record the secrets that pass through them. */
export function recording(access: Access, secrets: Secrets): Access {
  return recorded(access, secrets);
}

function recorded<T extends object>(object: T, secrets: Secrets): T {
  const parts = new Map<PropertyKey, unknown>();
  return new Proxy(object, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value === 'object' && value !== null) {
        if (!parts.has(name)) parts.set(name, recorded(value, secrets));
        return parts.get(name);
      }
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        if (typeof name === 'string' && TAKES_SECRET.test(name)) note(given[0], secrets, true);
        note(given, secrets);
        const result: unknown = Reflect.apply(value, target, given);
        if (!(result instanceof Promise)) return result;
        return result.then((answer: unknown) => {
          note(answer, secrets, name === 'setUpLink');
          return answer;
        });
      };
    },
  });
}

function note(value: unknown, secrets: Secrets, secret = false): void {
  if (typeof value === 'string') {
    // Empty and very short strings occur everywhere.
    if (secret && value.length >= SHORTEST) secrets.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) note(member, secrets, SECRET_NAMES.test(name));
  }
}
