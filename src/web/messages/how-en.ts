import type { HowMessages } from './how.js';

export const en: HowMessages = {
  title: 'How it works · Ingam',
  heading: 'How it works',
  lead: 'Four ideas, each to be tried out: a hash, a tree, a block, a proof. Nothing here is a drawing of the real thing: it is computed in your browser by the code that verifies proofs.',

  hashHeading: 'A hash stands for a document',
  hashText: [
    'SHA-256 turns any file, of any length, into 256 bits. The same file always gives the same bits; another file gives others. Nobody has ever found two files with the same.',
    'So the hash can be recorded in place of the document: it names exactly these bytes and does not show them. Change one letter and look.',
  ],
  hashField: 'Type something',
  hashSample: 'The buyer pays 1,000 on delivery.',
  hashName: 'Its SHA-256',
  bitsLabel: 'The 256 bits of the hash as squares; those that changed with the last edit are marked',
  bitsChanged: (changed) => `${changed.text} of 256 bits changed with your last edit.`,
  bitsHint: 'Each square is a bit. Whatever you change, about half of them change.',

  treeHeading: 'A tree joins many documents in one hash',
  treeText: [
    'Each document is hashed. Pairs of hashes are hashed together, and again, until one is left: the root. It stands for all the documents and their order.',
    'Change a document, and every hash above it changes, up to the root.',
  ],
  documentField: (number) => `Document ${number}`,
  samples: [
    'The lease of 1 March',
    'The minutes of the meeting',
    'Invoice 4711',
    'The source code of version 2',
  ],
  treeLabel: (changed) =>
    changed.n === 0
      ? 'Merkle tree over the four documents'
      : `Merkle tree over the four documents, ${changed.text} of its 7 hashes changed`,
  treeSame: 'All seven hashes are as at the beginning.',
  treeChanged: (changed) =>
    `${changed.text} of the 7 hashes are no longer what they were, the root among them.`,
  reset: 'As at the beginning',
  documentName: (number) => `Document ${number}`,

  blockHeading: 'A block seals the root',
  blockText: [
    'A block is a header of 102 bytes: the root of its tree, the hash of the block before, the time, and a number called the nonce. Mining tries one nonce after the other until the header’s hash begins with enough zero bits.',
    'Each further bit doubles the tries it takes to find one, while a single hash is enough to see it. This gives the blocks an order and rewriting them a cost. It does not protect against whoever runs the service: they can mine as long as they like.',
  ],
  difficulty: 'Difficulty',
  difficultySays: (bits, tries) => `${bits.text} zero ${bits.n === 1 ? 'bit' : 'bits'}: about ${tries} tries`,
  mine: 'Mine the block',
  stop: 'Stop',
  notMined: 'Not mined yet: with nonce 0 the hash is just any hash.',
  mining: (tries) => `Mining, ${tries} tries so far`,
  mined: (tries, bits) =>
    `Mined after ${tries.text} ${tries.n === 1 ? 'try' : 'tries'}: the hash begins with ${bits.text} zero ${bits.n === 1 ? 'bit' : 'bits'}.`,
  outdated: (found, asked) =>
    `The block no longer holds: with what you changed, its hash begins with ${found.text} zero ${found.n === 1 ? 'bit' : 'bits'} where ${asked.text} are asked for. Mine it again.`,
  blockHash: 'Hash of the block',
  nonce: 'Nonce',
  headerBytes: 'The 102 bytes of the header',

  proofHeading: 'A proof is the way from a document to the root',
  proofText: [
    'To show that a document is in a block, nobody needs the other documents, only the hashes beside its way up. In a tree of four these are two; in one of a million, twenty.',
    'Take the steps that every verification takes.',
  ],
  chooseDocument: 'The document to be proven',
  tamper: 'Change one letter of it first',
  next: 'Next step',
  again: 'Start over',
  proofLabel: (document, done, all) => `The way of document ${document} to the root, step ${done} of ${all}`,
  stepLeaf: (document) => `Hash document ${document}, as it lies before you.`,
  stepLeft: 'Put the given hash on the left of it, and hash both together.',
  stepRight: 'Put the given hash on the right of it, and hash both together.',
  reached: (document) =>
    `This is the root in the block’s header: document ${document}, exactly as it is here, is in the block.`,
  missed:
    'This is not the root in the block’s header: the document that was sealed is another than this one.',
  given: 'Given by the proof',
  computed: 'Computed',

  chainHeading: 'A signed chain keeps the blocks in place',
  chainText: [
    'Each block carries the hash of the one before it, so the last one stands for all of them. The service signs the head of the chain, and a proof holds this signature: checked with the service’s public key, it needs no server and no network.',
    'Members, partners who keep a copy of the chain and check every block, can sign the same head. Then nobody, the operator included, can rewrite what they signed without leaving evidence.',
  ],
  seeChain: 'See the chain of this service',

  limitsHeading: 'What is proven, and what is not',
  limitsText: 'A notarization is evidence of a certain kind. It helps to know which.',
  proves: 'It proves',
  provesNot: 'It does not prove',
  limits: [
    ['these very bytes were registered, unchanged since', 'that what the document says is true'],
    [
      'when: between acceptance and sealing, as the service’s signed chain states',
      'who wrote it, or that nobody had it earlier',
    ],
    [
      'the place in a chain that cannot be reordered without showing',
      'a time against an operator who lies from the start, unless members or anchors witness the chain',
    ],
  ],
  trustHeading: 'Who could do what',
  who: 'Who',
  can: 'Can',
  cannot: 'Cannot',
  trust: [
    [
      'someone with your proof',
      'see the document’s digest, times and place in the chain, and the details you left in it; test guesses of details you took out, as the proof holds the salt',
      'learn anything of other documents: sibling hashes are salted',
    ],
    [
      'someone who can write to the database',
      'stop the service; damage rows, which ingam audit names',
      'make a changed document verify: every proof ends in a signed checkpoint, and the last one is also kept outside the database',
    ],
    [
      'someone who restores an old backup',
      'stop the service: it refuses to sign a second history over the same heights',
      'go unnoticed, while the data directory or any later proof exists',
    ],
    [
      'someone with a stolen API key or access token',
      'act as its owner, within its scopes, until it is revoked; with a token for 15 minutes at most',
      'reach what belongs to another organization',
    ],
    [
      'someone with the log key',
      'sign a false chain, which contradicts every checkpoint signed before',
      'change what old proofs say',
    ],
    [
      'the operator, where members cosign',
      'refuse to serve; leave documents out; lie about the time of acceptance within what the members’ times allow',
      'rewrite what the quorum has cosigned, without its own signature convicting it',
    ],
    [
      'the operator',
      'lie about the time of acceptance within what the checkpoints that others hold allow; refuse to serve',
      'withdraw or alter what was sealed: proofs need no server',
    ],
    [
      'proof of work',
      'show an order and a cost to rewriting',
      'protect against the operator, who can mine as long as they like',
    ],
  ],
  apiLink: 'API for developers',
  verifyLink: 'Verify a document',
};
