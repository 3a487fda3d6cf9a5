// Judges one time-stamp token repeatedly, as browsers do: the first judgement, while nothing is optimized yet,
// and the mean of the others.
import { fromBase64 } from '../../../src/proof/index.js';
import { parseCertificate, verifyToken, type TokenInput } from '../../../src/proof/time/rfc3161.js';

interface Input {
  /** Base64 of DER. */
  readonly token: string;
  readonly root: string;
  readonly message: string;
  readonly count: number;
}

const { token, root, message, count } = JSON.parse(process.argv[2] ?? '') as Input;
const bytes = { token: fromBase64(token), root: fromBase64(root), message: fromBase64(message) };

const first = judge();
let rest = 0;
for (let i = 0; i < count; i++) rest += judge();
console.log(JSON.stringify({ first, each: rest / count }));

/** @returns milliseconds */
function judge(): number {
  const started = performance.now();
  const input: TokenInput = {
    token: bytes.token,
    stamped: { message: bytes.message },
    roots: [parseCertificate(bytes.root)],
  };
  if (!verifyToken(input).counts) throw new Error('the token does not count');
  return performance.now() - started;
}
