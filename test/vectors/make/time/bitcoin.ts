// Headers of Bitcoin's block chain, and what is known of them.

export interface BitcoinVectors {
  readonly headers: Record<string, { readonly header: string; readonly height: number; readonly hash: string; readonly merkleRoot: string; readonly time: number; readonly bits: string; readonly work: number }>;
  /** Of whole headers: their targets have no compact form. */
  readonly malformed: Record<string, { readonly about: string; readonly header: string }>;
  readonly targets: readonly { readonly bits: string; readonly target: string }[];
  readonly retargets: readonly { readonly source: string; readonly bits: string; readonly first: number; readonly last: number; readonly next: string }[];
}

const FIRST = [
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
  '010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299',
  '010000004860eb18bf1b1620e37e9490fc8a427514416fd75159ab86688e9a8300000000d5fdcc541e25de1c7a5addedf24858b8bb665c9f36ef744ee42c316022c90f9bb0bc6649ffff001d08d2bd61',
  '01000000bddd99ccfda39da1b108ce1a5d70038d0a967bacb68b6b63065f626a0000000044f672226090d85db9a9f2fbfe5f0f9609b387af7be5b7fbb7a1767c831c9e995dbe6649ffff001d05e0ed6d',
  '010000004944469562ae1c2c74d9a535e00b6f3e40ffbad4f2fda3895501b582000000007a06ea98cd40ba2e3288262b28638cec5337c1456aaf5eedc8e9e5a20f062bdf8cc16649ffff001d2bfee0a9',
  '0100000085144a84488ea88d221c8bd6c059da090e88f8a2c99690ee55dbba4e00000000e11c48fecdd9e72510ca84f023370c9a38bf91ac5cae88019bee94d24528526344c36649ffff001d1d03e477',
];
const BLOCK_556415 = '00000020bc7d388bea14dab9caa937b909caecd6ece36e3c6589200000000000000000007c0900cf1a9b40411141859b98bf95fb9d414f49044e08acff21fa54506022a4e6492a5cf41e3717d2864679';
const BLOCK_556416 = '00000020120b3264562d49df59c400a0f276448db2a9aa4bf6f4080000000000000000005cb4b52150fe7dec217b74db424e442ef8b24105c244ebaeb59f638db9c48ef3c94f2a5ca5183217b412a530';
const BLOCK_562463 = '00000020a46d4a919e723eee2c269a3ad7a1f48184670e33e0580d000000000000000000d0df74c5c0ca4ee2c0f0a93e173d5ea68788413febe3d572f573bf2ef2a906673457605c35683017deaa6854';
const BLOCK_562464 = '00000020ae55d7640b738e1c16091cc73666526e7fa12af66c0419000000000000000000f7825fe0714275fe54521f66e898cf743ed43dd93f185cb628df995823e4ee2d7d58605c886f2e176d085a4c';

export function bitcoinVectors(): BitcoinVectors {
  const [genesis = '', one = '', two = '', three = '', four = '', five = ''] = FIRST;
  const withBits = (about: string, bits: string) => ({ about, header: genesis.slice(0, 144) + bits + genesis.slice(152) });
  return {
    headers: {
      genesis: { header: genesis, height: 0, hash: '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f', merkleRoot: '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b', time: 1231006505, bits: '1d00ffff', work: 32 },
      'block-1': { header: one, height: 1, hash: '00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048', merkleRoot: '0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098', time: 1231469665, bits: '1d00ffff', work: 32 },
      'block-2': { header: two, height: 2, hash: '000000006a625f06636b8bb6ac7b960a8d03705d1ace08b1a19da3fdcc99ddbd', merkleRoot: '9b0fc92260312ce44e74ef369f5c66bbb85848f2eddd5a7a1cde251e54ccfdd5', time: 1231469744, bits: '1d00ffff', work: 32 },
      'block-3': { header: three, height: 3, hash: '0000000082b5015589a3fdf2d4baff403e6f0be035a5d9742c1cae6295464449', merkleRoot: '999e1c837c76a1b7fbb7e57baf87b309960f5ffefbf2a9b95dd890602272f644', time: 1231470173, bits: '1d00ffff', work: 32 },
      'block-4': { header: four, height: 4, hash: '000000004ebadb55ee9096c9a2f8880e09da59c0d68b1c228da88e48844a1485', merkleRoot: 'df2b060fa2e5e9c8ed5eaf6a45c13753ec8c63282b2688322eba40cd98ea067a', time: 1231470988, bits: '1d00ffff', work: 32 },
      'block-5': { header: five, height: 5, hash: '000000009b7262315dbf071787ad3656097b892abffd1f95a1a022f896f533fc', merkleRoot: '63522845d294ee9b0188ae5cac91bf389a0c3723f084ca1025e7d9cdfe481ce1', time: 1231471428, bits: '1d00ffff', work: 32 },
      'block-556415': { header: BLOCK_556415, height: 556415, hash: '00000000000000000008f4f64baaa9b28d4476f2a000c459df492d5664320b12', merkleRoot: 'a422605054fa21ffac084e04494f419dfb95bf989b85411141409b1acf00097c', time: 1546275302, bits: '17371ef4', work: 74 },
      'block-556416': { header: BLOCK_556416, height: 556416, hash: '0000000000000000002a531985d49cdb5adcd1db0578845a233a3a2cfdefdf8f', merkleRoot: 'f38ec4b98d639fb5aeeb44c20541b2f82e444e42db747b21ec7dfe5021b5b45c', time: 1546276809, bits: '173218a5', work: 74 },
      'block-562463': { header: BLOCK_562463, height: 562463, hash: '00000000000000000019046cf62aa17f6e526636c71c09161c8e730b64d755ae', merkleRoot: '6706a9f22ebf73f572d5e3eb3f418887a65e3d173ea9f0c0e24ecac0c574dfd0', time: 1549817652, bits: '17306835', work: 74 },
      'block-562464': { header: BLOCK_562464, height: 562464, hash: '0000000000000000000db7442b5662bbd980d7c2db1aef2ca925917ae392df11', merkleRoot: '2deee4235899df28b65c183fd93dd43e74cf98e8661f5254fe754271e05f82f7', time: 1549817981, bits: '172e6f88', work: 74 },
    },
    malformed: {
      empty: { about: 'nothing', header: '' },
      'byte-missing': { about: '79 bytes', header: genesis.slice(0, -2) },
      'byte-too-many': { about: '81 bytes', header: `${genesis}00` },
      'two-headers': { about: 'two headers', header: genesis + one },
      'target-zero': withBits('a target of zero', '00000000'),
      'target-zero-mantissa': withBits('a mantissa of zero', '0000001d'),
      'target-negative': withBits('a negative target', 'ffff801d'),
      'target-not-shortest': withBits('a target with a byte too many', 'ff00001e'),
      'target-too-long': withBits('a target of 33 bytes', 'ffff0021'),
      'target-huge': withBits('a target of 255 bytes', 'ffff7fff'),
      'target-too-short': withBits('a target of two bytes', '00ffff02'),
      'target-ones': withBits('all bits set', 'ffffffff'),
    },
    targets: [
      { bits: '1d00ffff', target: `ffff${'00'.repeat(26)}` },
      { bits: '207fffff', target: `7fffff${'00'.repeat(29)}` },
      { bits: '17371ef4', target: `371ef4${'00'.repeat(20)}` },
      { bits: '1b0404cb', target: `0404cb${'00'.repeat(24)}` },
      { bits: '03008000', target: '8000' },
    ],
    retargets: [
      { source: 'blocks 30240 to 32256', bits: '1d00ffff', first: 1261130161, last: 1262152739, next: '1d00d86a' },
      { source: 'blocks 0 to 2016: no easier than allowed', bits: '1d00ffff', first: 1231006505, last: 1233061996, next: '1d00ffff' },
      { source: 'blocks 66528 to 68544: a quarter at least', bits: '1c05a3f4', first: 1279008237, last: 1279297671, next: '1c0168fd' },
      { source: 'no real blocks: four times at most', bits: '1c387f6f', first: 1263163443, last: 1269211443, next: '1d00e1fd' },
      { source: 'blocks 554400 to 556416', bits: '17371ef4', first: 1545175965, last: 1546275302, next: '173218a5' },
      { source: 'blocks 556416 to 558432', bits: '173218a5', first: 1546276809, last: 1547431851, next: '172fd633' },
      { source: 'blocks 558432 to 560448', bits: '172fd633', first: 1547432394, last: 1548656416, next: '17306835' },
      { source: 'blocks 560448 to 562464', bits: '17306835', first: 1548657313, last: 1549817652, next: '172e6f88' },
      { source: 'blocks 564480 to 566496', bits: '172e5b50', first: 1551026038, last: 1552236227, next: '172e6117' },
    ],
  };
}
