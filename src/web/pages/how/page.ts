import { mountFrame } from '../../components/dom-page.js';
import { announce, ideaSection, table } from '../../components/section.js';
import { element } from '../../lib/dom.js';
import { blockPart, stopMining } from './block.js';
import { hashPart, treePart } from './hash-tree.js';
import { SampleDocuments } from './model.js';
import { proofPart } from './proof.js';
import { messages } from '../../messages/how.js';
import { common } from '../../messages/common.js';

function chainPart(): HTMLElement {
  const t = messages();
  return ideaSection(
    'chain',
    t.chainHeading,
    t.chainText,
    element('p', {}, element('a', { href: './explorer.html' }, t.seeChain)),
  );
}

/** The tables of the README, in the reader's language. */
function limitsPart(): HTMLElement {
  const t = messages();
  return ideaSection(
    'limits',
    t.limitsHeading,
    [],
    stacked('limits', [t.proves, t.provesNot], t.limits),
    element('h3', {}, t.trustHeading),
    stacked('trust', [t.who, t.can, t.cannot], t.trust),
    element(
      'p',
      { class: 'form-actions' },
      element('a', { class: 'button', href: './verify.html' }, t.verifyLink),
      element('a', { class: 'button', href: './docs' }, common().docs),
    ),
  );
}

/** On a phone each cell is below its own heading. */
function stacked(name: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const isTitled = heads.length > 2;
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...row.map((cell, i) =>
        isTitled && i === 0
          ? element('th', { scope: 'row' }, cell)
          : element('td', { 'data-head': heads[i] ?? '' }, cell),
      ),
    ),
  );
  return table(`stacked is-${name}`, heads, element('tbody', {}, ...body));
}

const samples = new SampleDocuments();

mountFrame('how', () => {
  const t = messages();
  samples.forgetListeners();
  stopMining();
  // The last announcement may be in another language.
  announce('');
  const content = element(
    'div',
    { class: 'page how' },
    element('h1', {}, common().how),
    element('p', { class: 'lead' }, t.lead),
    hashPart(),
    treePart(samples),
    blockPart(samples),
    proofPart(samples),
    chainPart(),
    limitsPart(),
  );
  return { title: common().how, content };
});
