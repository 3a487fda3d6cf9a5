import { element, icon } from '../../lib/dom.js';
import { mountFrame } from '../../components/frame.js';
import { Loaded } from '../../components/loaded.js';
import { address, readJson, request } from '../../lib/request.js';
import { callId, callView, prose, members, shapeId, typeLine } from './reference.js';
import { callsByTag, type Call, type OpenApi } from './openapi.js';
import { messages } from '../../messages/docs.js';

const description = new Loaded(
  async () => (await readJson(await request('openapi.json', {}))) as OpenApi,
  () => {
    frame.show();
    openTarget();
  },
);
/** Expanded parts stay expanded when the language changes. */
const open = new Set<string>();

const frame = mountFrame('docs', () => {
  const t = messages();
  const content = element(
    'div',
    { class: 'page docs' },
    element('h1', {}, t.heading),
    element('p', { class: 'lead' }, t.lead),
    element(
      'div',
      { class: 'docs-links' },
      element('a', { class: 'button', href: './openapi.json', download: '' }, icon('download'), t.download),
    ),
    element('p', {}, t.keys, ' ', element('a', { href: './account.html' }, t.createKey)),
    element('p', {}, t.errors),
    description.view(reference),
  );
  return { title: t.heading, content };
});

function reference(api: OpenApi): HTMLElement {
  const groups = [...callsByTag(api)];
  const shapes = Object.entries(api.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  const t = messages();
  const tags: Readonly<Record<string, string>> = t.tags;
  const view = element(
    'div',
    { class: 'reference' },
    prose(api.info.description),
    element('nav', { class: 'contents', 'aria-label': t.contents }, ...groups.map(contents)),
    ...groups.flatMap(([tag, calls]) => [
      element('h2', { id: groupId(tag) }, tags[tag] ?? tag),
      element('div', { class: 'calls' }, ...calls.map((call) => callView(api, call, address('.')))),
    ]),
    element('h2', { id: 'shapes' }, t.schemas),
    element('p', { class: 'hint' }, t.schemasExplained),
    element(
      'div',
      { class: 'calls' },
      ...shapes.map(([name, schema]) =>
        element(
          'details',
          { class: 'call', id: shapeId(name) },
          element('summary', {}, element('code', { class: 'call-path' }, name)),
          element(
            'div',
            { class: 'call-body' },
            schema.description === undefined ? null : prose(schema.description),
            members(schema) ??
              element('p', { lang: 'en' }, ...typeLine(schema).filter((part) => part !== null)),
          ),
        ),
      ),
    ),
  );
  for (const details of view.querySelectorAll<HTMLDetailsElement>('details.call')) {
    details.open = open.has(details.id);
    details.addEventListener('toggle', () => {
      if (details.open) open.add(details.id);
      else open.delete(details.id);
    });
  }
  return view;
}

function contents([tag, calls]: [string, readonly Call[]]): HTMLElement {
  const links = calls.map((call) =>
    element(
      'li',
      {},
      element('a', { href: `#${callId(call)}` }, element('code', {}, `${call.method} ${call.path}`)),
    ),
  );
  const tags: Readonly<Record<string, string>> = messages().tags;
  const name = tags[tag] ?? tag;
  return element(
    'div',
    {},
    element('a', { class: 'contents-tag', href: `#${groupId(tag)}` }, name),
    element('ul', {}, ...links),
  );
}

function groupId(tag: string): string {
  return `calls-${tag.toLowerCase().replaceAll(' ', '-')}`;
}

/** Expands the operation or schema that the address links to. */
function openTarget(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
  target.querySelector('summary')?.focus();
}

window.addEventListener('hashchange', openTarget);
void description.load();
