import { element } from '../dom.js';
import { announcer, mountFrame } from '../frame.js';
import { words } from '../messages/how.js';
import { blockPart, stopMining } from './block-part.js';
import { hashPart } from './hash-part.js';
import { chainPart, limitsPart } from './limits-part.js';
import { proofPart } from './proof-part.js';
import { Toy } from './toy.js';
import { treePart } from './tree-part.js';

const { node: live, say } = announcer();
const toy = new Toy();

mountFrame('how', () => {
  const t = words();
  toy.forgetListeners();
  stopMining();
  // What was spoken last was said in the language of then.
  say('');
  const content = element(
    'div',
    { class: 'page how' },
    element('h1', {}, t.heading),
    element('p', { class: 'lead' }, t.lead),
    hashPart(say),
    treePart(toy, say),
    blockPart(toy, say),
    proofPart(toy, say),
    chainPart(),
    limitsPart(),
    live,
  );
  return { title: t.title, content };
});
