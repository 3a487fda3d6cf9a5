import type { Access } from '../../src/auth/index.js';

/** Every password and token that went into a façade or came out of one. */
export type Secrets = Set<string>;

const SECRET_NAMES = /^(password|current|next|token|secret|accessToken|refreshToken|csrfToken)$/;
/** Calls whose first argument is one. */
const TAKES_SECRET = /^(refresh|invitation|redeem)$/;
const SHORTEST = 8;

/** The same façade, which notes the secrets on their way through. */
export function recording(access: Access, secrets: Secrets): Access {
  return new Proxy(access, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        if (typeof name === 'string' && TAKES_SECRET.test(name)) note(given[0], secrets, true);
        note(given, secrets);
        const result: unknown = Reflect.apply(value, target, given);
        if (!(result instanceof Promise)) return result;
        return result.then((answer: unknown) => {
          note(answer, secrets, name === 'firstStartToken');
          return answer;
        });
      };
    },
  });
}

function note(value: unknown, secrets: Secrets, secret = false): void {
  if (typeof value === 'string') {
    // The empty and the very short are found everywhere, and are nobody's.
    if (secret && value.length >= SHORTEST) secrets.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) note(member, secrets, SECRET_NAMES.test(name));
  }
}
