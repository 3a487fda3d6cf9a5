// Rounds that the League of Entropy has published, and what is wrong with others.

export interface DrandVectors {
  readonly chains: Record<string, { readonly publicKey: string; readonly genesis: number; readonly period: number; readonly seed: string; readonly id: string; readonly hash: string }>;
  /** Parameters that are refused: each changes one member of quicknet's. */
  readonly malformedChains: Record<string, Record<string, string | number>>;
  /** Of quicknet. `time`: milliseconds since the Unix epoch. */
  readonly rounds: readonly { readonly round: number; readonly signature: string; readonly randomness: string; readonly time: number }[];
  /** Signatures that quicknet has not made for the round. */
  readonly forged: Record<string, { readonly round: number; readonly signature: string }>;
  /** Answers of a server that are refused as they are. */
  readonly malformed: Record<string, string>;
}

const GENESIS = 1692803367;
const ROUND_1000 = 'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39';
const RANDOMNESS_1000 = 'fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd';
const ROUND_1001 = 'b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41';
const QUICKNET_KEY = '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a';

export function drandVectors(): DrandVectors {
  const at = (round: number) => (GENESIS + 3 * (round - 1)) * 1000;
  const answer = (round: unknown, signature: unknown, more: Record<string, unknown> = {}) => JSON.stringify({ round, signature, ...more });
  return {
    chains: {
      quicknet: { publicKey: QUICKNET_KEY, genesis: GENESIS, period: 3, seed: 'f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e', id: 'quicknet', hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971' },
      fastnet: { publicKey: 'a0b862a7527fee3a731bcb59280ab6abd62d5c0b6ea03dc4ddf6612fdfc9d01f01c31542541771903475eb1ec6615f8d0df0b8b6dce385811d6dcf8cbefb8759e5e616a3dfd054c928940766d9a5b9db91e3b697e5d70a975181e007f87fca5e', genesis: 1677685200, period: 3, seed: 'a81e9d63f614ccdb144b8ff79fbd4d5a2d22055c0bfe4ee9a8092003dab1c6c0', id: 'fastnet', hash: 'dbd506d6ef76e5f386f41c651dcb808c5bcbd75471cc4eafa3f4df7ad4e4c493' },
    },
    malformedChains: {
      'key-empty': { publicKey: '' },
      'key-cut': { publicKey: QUICKNET_KEY.slice(0, -2) },
      'key-of-g1': { publicKey: '868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31' },
      'key-infinity': { publicKey: `c0${'00'.repeat(95)}` },
      'key-not-on-the-curve': { publicKey: `${QUICKNET_KEY.slice(0, -2)}5b` },
      'key-outside-the-subgroup': { publicKey: `80${'00'.repeat(94)}02` },
      'key-zero': { publicKey: '00'.repeat(96) },
      'period-0': { period: 0 },
      'period-half': { period: 1.5 },
      'period-an-hour': { period: 3600 },
      'genesis-0': { genesis: 0 },
      'genesis-in-milliseconds': { genesis: GENESIS * 1000 },
      'seed-cut': { seed: 'f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d' },
      'seed-of-another-chain': { seed: 'a81e9d63f614ccdb144b8ff79fbd4d5a2d22055c0bfe4ee9a8092003dab1c6c0' },
      'genesis-of-another-chain': { genesis: 1677685200 },
      'period-of-another-chain': { period: 30 },
      'id-of-another-chain': { id: 'quicknet-t' },
      'id-default': { id: 'default' },
      'id-empty': { id: '' },
      'id-with-space': { id: 'quick net' },
    },
    rounds: [
      { round: 123, signature: 'b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92', randomness: 'fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc', time: at(123) },
      { round: 1000, signature: ROUND_1000, randomness: RANDOMNESS_1000, time: 1692806364000 },
      { round: 1001, signature: ROUND_1001, randomness: 'b0a591ad1b9002cfc372ac6e30abd3da8d3088d4caae026961743474fb94235f', time: at(1001) },
      { round: 1002, signature: 'ab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e', randomness: '339d3f0e702ed27d36966c6ee85a2bc762a24e178e7e5c835d9b5a7509cb920c', time: at(1002) },
      { round: 657413, signature: 'b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b', randomness: 'fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587', time: at(657413) },
    ],
    forged: {
      'round-before': { round: 999, signature: ROUND_1000 },
      'round-after': { round: 1001, signature: ROUND_1000 },
      'round-0': { round: 0, signature: ROUND_1000 },
      'round-plus-2-32': { round: 1000 + 2 ** 32, signature: ROUND_1000 },
      'signature-negated': { round: 1000, signature: `94${ROUND_1000.slice(2)}` },
      'signature-of-the-next': { round: 1000, signature: ROUND_1001 },
      'signature-not-on-the-curve': { round: 1000, signature: `${ROUND_1000.slice(0, -2)}3a` },
      'signature-infinity': { round: 1000, signature: `c0${'00'.repeat(47)}` },
      'signature-outside-the-subgroup': { round: 1000, signature: `80${'00'.repeat(46)}04` },
      'signature-uncompressed-flag': { round: 1000, signature: `34${ROUND_1000.slice(2)}` },
      'signature-zero': { round: 1000, signature: '00'.repeat(48) },
      'signature-ones': { round: 1000, signature: 'ff'.repeat(48) },
      'signature-cut': { round: 1000, signature: ROUND_1000.slice(0, -2) },
      'signature-empty': { round: 1000, signature: '' },
      'signature-twice': { round: 1000, signature: ROUND_1000 + ROUND_1000 },
    },
    malformed: {
      empty: '',
      'not-json': 'too early',
      'an-array': '[]',
      null: 'null',
      'no-round': JSON.stringify({ signature: ROUND_1000 }),
      'no-signature': JSON.stringify({ round: 1000 }),
      'round-0': answer(0, ROUND_1000),
      'round-negative': answer(-1, ROUND_1000),
      'round-too-large': answer(2 ** 32, ROUND_1000),
      'round-fraction': answer(1000.5, ROUND_1000),
      'round-exponent': `{"round":1e3,"signature":"${ROUND_1000}"}`,
      'round-string': answer('1000', ROUND_1000),
      'round-twice': `{"round":1000,"round":1001,"signature":"${ROUND_1000}"}`,
      'signature-upper-case': answer(1000, ROUND_1000.toUpperCase()),
      'signature-cut': answer(1000, ROUND_1000.slice(0, -2)),
      'signature-longer': answer(1000, `${ROUND_1000}00`),
      'signature-prefix': answer(1000, `0x${ROUND_1000.slice(2)}`),
      'signature-number': answer(1000, 5),
      'randomness-wrong': answer(1000, ROUND_1000, { randomness: 'ff'.repeat(32) }),
      'randomness-null': answer(1000, ROUND_1000, { randomness: null }),
      'previous-signature': answer(1000, ROUND_1000, { randomness: RANDOMNESS_1000, previous_signature: ROUND_1001 }),
      'unknown-member': answer(1000, ROUND_1000, { time: 0 }),
      long: `${answer(1000, ROUND_1000)}${' '.repeat(1024)}`,
      deep: '['.repeat(500),
    },
  };
}
