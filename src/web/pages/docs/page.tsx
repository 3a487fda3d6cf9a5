import { useEffect } from 'preact/hooks';
import { mountPage } from '../../components/frame.js';
import { Icon } from '../../components/icon.js';
import { Load } from '../../components/load.js';
import { readJson, request } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/docs.js';
import { endpointsByTag, type OpenApi } from './openapi.js';
import { endpointId, EndpointView, Prose, SchemaView } from './reference.js';

const description = new Resource(async () => (await readJson(await request('openapi.json', {}))) as OpenApi);

function Page() {
  const t = messages();
  return (
    <div class="page docs">
      <h1>{t.heading}</h1>
      <p class="lead">{t.lead}</p>
      <div class="docs-links">
        <a class="button" href="./openapi.json" download="">
          <Icon name="download" />
          {t.download}
        </a>
      </div>
      <p>
        {t.keys} <a href="./account.html">{t.createKey}</a>
      </p>
      <p>{t.errors}</p>
      <Load of={description}>{(api) => <Reference api={api} />}</Load>
    </div>
  );
}

const groupId = (tag: string): string => `endpoints-${tag.toLowerCase().replaceAll(' ', '-')}`;

function Reference({ api }: { readonly api: OpenApi }) {
  const t = messages();
  const tags: Readonly<Record<string, string>> = t.tags;
  const groups = [...endpointsByTag(api)];
  const schemas = Object.entries(api.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  useEffect(openTarget, []);
  return (
    <div class="reference">
      <Prose text={api.info.description} />
      <nav class="contents" aria-label={t.contents}>
        {groups.map(([tag, endpoints]) => (
          <div key={tag}>
            <a class="contents-tag" href={`#${groupId(tag)}`}>
              {tags[tag] ?? tag}
            </a>
            <ul>
              {endpoints.map((endpoint) => (
                <li key={endpoint.operationId}>
                  <a href={`#${endpointId(endpoint)}`}>
                    <code>{`${endpoint.method} ${endpoint.path}`}</code>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      {groups.map(([tag, endpoints]) => [
        <h2 key={tag} id={groupId(tag)}>
          {tags[tag] ?? tag}
        </h2>,
        <div key={`${tag} endpoints`} class="endpoints">
          {endpoints.map((endpoint) => (
            <EndpointView key={endpoint.operationId} api={api} endpoint={endpoint} />
          ))}
        </div>,
      ])}
      <h2 id="schemas">{t.schemas}</h2>
      <p class="hint">{t.schemasExplained}</p>
      <div class="endpoints">
        {schemas.map(([name, schema]) => (
          <SchemaView key={name} name={name} schema={schema} />
        ))}
      </div>
    </div>
  );
}

/** Opens the operation or schema that the address links to. */
function openTarget(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
  target.querySelector('summary')?.focus();
}

mountPage('docs', () => messages().heading, <Page />);
window.addEventListener('hashchange', openTarget);
void description.load();
