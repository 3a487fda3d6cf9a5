import { element, icon } from '../../lib/dom.js';
import { mountFrame } from '../../components/dom-page.js';
import { Loaded } from '../../components/loaded.js';
import { address, readJson, request } from '../../lib/request.js';
import { endpointId, endpointView, prose, members, schemaId, typeLine } from './reference.js';
import { endpointsByTag, type Endpoint, type OpenApi } from './openapi.js';
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
  const groups = [...endpointsByTag(api)];
  const schemas = Object.entries(api.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  const t = messages();
  const tags: Readonly<Record<string, string>> = t.tags;
  const view = element(
    'div',
    { class: 'reference' },
    prose(api.info.description),
    element('nav', { class: 'contents', 'aria-label': t.contents }, ...groups.map(contents)),
    ...groups.flatMap(([tag, endpoints]) => [
      element('h2', { id: groupId(tag) }, tags[tag] ?? tag),
      element(
        'div',
        { class: 'endpoints' },
        ...endpoints.map((endpoint) => endpointView(api, endpoint, address('.'))),
      ),
    ]),
    element('h2', { id: 'schemas' }, t.schemas),
    element('p', { class: 'hint' }, t.schemasExplained),
    element(
      'div',
      { class: 'endpoints' },
      ...schemas.map(([name, schema]) =>
        element(
          'details',
          { class: 'endpoint', id: schemaId(name) },
          element('summary', {}, element('code', { class: 'endpoint-path' }, name)),
          element(
            'div',
            { class: 'endpoint-body' },
            schema.description === undefined ? null : prose(schema.description),
            members(schema) ??
              element('p', { lang: 'en' }, ...typeLine(schema).filter((part) => part !== null)),
          ),
        ),
      ),
    ),
  );
  for (const details of view.querySelectorAll<HTMLDetailsElement>('details.endpoint')) {
    details.open = open.has(details.id);
    details.addEventListener('toggle', () => {
      if (details.open) open.add(details.id);
      else open.delete(details.id);
    });
  }
  return view;
}

function contents([tag, endpoints]: [string, readonly Endpoint[]]): HTMLElement {
  const links = endpoints.map((endpoint) =>
    element(
      'li',
      {},
      element(
        'a',
        { href: `#${endpointId(endpoint)}` },
        element('code', {}, `${endpoint.method} ${endpoint.path}`),
      ),
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
  return `endpoints-${tag.toLowerCase().replaceAll(' ', '-')}`;
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
