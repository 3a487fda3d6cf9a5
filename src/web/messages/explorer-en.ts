import type { Count } from '../lib/format.js';
import type { ExplorerMessages } from './explorer.js';

const count = ({ n, text }: Count, one: string, many: string) => `${text} ${n === 1 ? one : many}`;
const blocks = (given: Count) => count(given, 'block', 'blocks');
const entries = (given: Count) => count(given, 'entry', 'entries');
const zeroBits = (given: Count) => count(given, 'zero bit', 'zero bits');

export const en: ExplorerMessages = {
  title: (heading) => `${heading} · Ingam`,
  heading: 'The chain',
  lead: 'Every block that was ever sealed. All hashes on this page are computed in your browser, from the bytes that the service publishes.',
  loading: 'Asking the service',
  tryAgain: 'Try again',
  stateEmpty: 'No block has been sealed yet: the first one follows the first notarization.',
  state: (all, sealed, latest) =>
    `The chain has ${blocks(all)} with ${count(sealed, 'notarization', 'notarizations')}, and the latest was sealed on ${latest}.`,
  waiting: (documents) =>
    documents.n === 1
      ? 'One more is accepted and waits for its block.'
      : `${documents.text} more are accepted and wait for their block.`,
  cosignedAll: 'The members have cosigned all of it.',
  cosignedSome: (signed) =>
    `The members have cosigned the first ${signed.n === 1 ? 'block' : blocks(signed)}.`,
  cosignedNone: 'The members have not cosigned it yet.',
  live: 'Live: new blocks appear by themselves.',
  asOf: (time) => `Not connected. This is how the chain stood on ${time}; it goes on by itself.`,
  arrived: (sealed, latest) =>
    sealed.n === 1
      ? `Block ${latest} was sealed.`
      : `${blocks(sealed)} were sealed; the latest is block ${latest}.`,

  linksHeading: 'How the blocks hold together',
  linksExplained:
    'Each block carries the hash of the one before it. Whoever changes a block breaks every link that follows.',
  linksLabel: (from, to) => `Blocks ${from} to ${to}, each linked to the one before it`,
  linksBroken: (height) => `Block ${height} does not name the block that was published before it.`,
  boxHash: 'hash',
  boxPrevious: 'before',
  entries,

  chartsHeading: 'The latest blocks',
  entriesChart: 'Entries in each block',
  entriesLabel: (all, most) =>
    `Bar chart: entries in the latest ${blocks(all)}, at most ${most}. The table below has the values.`,
  intervalChart: 'Time from one block to the next',
  intervalLabel: (all, shortest, longest) =>
    `Dot chart: time before each of the latest ${blocks(all)}, from ${shortest} to ${longest}. The table below has the values.`,
  chartTable: 'The same as a table',
  bar: (height, sealed, time) => `Block ${height}: ${entries(sealed)}, sealed ${time}`,
  interval: (height, duration) => `Block ${height}: ${duration} after the one before`,

  listHeading: 'Blocks',
  block: 'Block',
  sealed: 'Sealed',
  entryCount: 'Entries',
  hash: 'Hash',
  since: 'After the block before',
  first: 'First block',
  newer: 'Newer blocks',
  older: 'Older blocks',
  pages: 'Pages of the list',
  goTo: 'Block number',
  go: 'Go to block',
  goToWrong: 'Enter the number of a block, from 0.',

  blockHeading: (height) => `Block ${height}`,
  allBlocks: 'All blocks',
  blockNavigation: 'Neighbouring blocks',
  previousBlock: (height) => `Block ${height} before it`,
  nextBlock: (height) => `Block ${height} after it`,
  blockSentence: (sealed, time) => `${entries(sealed)}, sealed on ${time}.`,
  noBlockYet: (height) => `There is no block ${height} yet`,
  noBlockYetExplained: 'It appears here by itself once it is sealed.',
  hashHeading: 'Its hash',
  hashSentence: (found, asked) =>
    `The SHA-256 of the header begins with ${zeroBits(found)}; its difficulty asks for ${asked}. Finding such a header takes many tries, seeing that it is one takes a single hash.`,
  hashBits: 'Its first bits',
  headerHeading: 'Its header, field by field',
  headerExplained:
    'These 102 bytes are all there is to a block. Hashed as they stand, they give the hash above.',
  field: 'Field',
  value: 'Value',
  bytes: 'Bytes',
  version: 'Version of the format',
  topOfTree: 'The top of the tree above',
  bytesAt: (from, to) => (from === to ? `byte ${from}` : `bytes ${from}–${to}`),
  rawHeader: 'Download the 102 bytes',

  checksHeading: 'Checked in this browser',
  checking: 'Checking',
  held: 'Held',
  failed: 'Failed',
  workTitle: 'The work',
  workHeld: (found, asked) =>
    `The hash begins with ${zeroBits(found)}, at least the ${asked} that the header asks for.`,
  workFailed: (found, asked) => `The hash begins with ${zeroBits(found)}, fewer than the ${asked} asked for.`,
  successionTitle: 'Its place',
  successionFirst: 'It is the first block, and begins with nothing before it.',
  successionHeld: (height) =>
    `It names the hash of block ${height}, goes on where that one ends, and is not older.`,
  successionFailed: (height) => `It does not follow from block ${height} as that one is published.`,
  rootTitle: 'The tree',
  rootHeld: (sealed) =>
    sealed.n === 1
      ? 'The hash of the only entry is the root in the header.'
      : `The published hashes of the ${sealed.text} entries lead to the root in the header.`,
  rootFailed: 'The published hashes of the tree do not lead to the root in the header.',

  treeHeading: 'Its Merkle tree',
  treeExplained:
    'Each entry is hashed, pairs of hashes are hashed together, and the last hash is the root in the header. The hashes show nothing of the documents.',
  treeLabel: (sealed) => `Merkle tree over ${entries(sealed)}`,
  pathLabel: (entry, sealed) => `The path of entry ${entry} through the Merkle tree over ${entries(sealed)}`,
  chooseEntry: 'Entry in this block',
  chooseWrong: (last) => `Enter a number from 1 to ${last}.`,
  show: 'Show its path',
  showAll: 'Whole tree',
  previousEntry: 'Entry before',
  nextEntry: 'Next entry',
  nodeEntry: (entry, hash) => `Entry ${entry}, hash ${hash}`,
  nodeEntries: (range, hash) => `Entries ${range}, hash ${hash}`,
  legendPath: 'computed on the way from the entry to the root',
  legendGiven: 'given: all that a proof needs from this tree',
  legendFolded: 'many entries under one hash',
  entryLeads: (entry, height, position) =>
    `The path of entry ${entry} leads to the root: it is in block ${height}, at position ${position} of the chain.`,
  entryFails: (entry) => `The path of entry ${entry} does not lead to the root in the header.`,
  onlyEntry: 'A block with a single entry: its hash is the root itself, and the path is empty.',
  foldHeading: (hashes) => `The path step by step, ${count(hashes, 'hash', 'hashes')}`,
  foldStart: (entry) => `The hash of entry ${entry}.`,
  foldLeft: (range) => `Joined with its left neighbour, over entries ${range}.`,
  foldRight: (range) => `Joined with its right neighbour, over entries ${range}.`,
  given: 'Neighbour',
  computed: 'Together',
};
