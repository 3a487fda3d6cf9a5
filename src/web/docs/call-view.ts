import { element, type Child } from '../dom.js';
import { words } from '../messages/docs.js';
import { copyableBlock } from '../parts/copyable.js';
import { curlCommand, needsKey } from './curl.js';
import type { Call, Content, OpenApi, Parameter } from './openapi.js';
import { prose } from './prose.js';
import { member, members, typeLine } from './schema-view.js';

export const callId = ({ operationId }: Pick<Call, 'operationId'>): string => `call-${operationId}`;

/** One call, folded; what it needs and answers is built when it is opened for the first time. */
export function callView(api: OpenApi, call: Call, base: string): HTMLDetailsElement {
  const body = element('div', { class: 'call-body' });
  const details = element(
    'details',
    {
      class: 'call',
      id: callId(call),
      ontoggle: () => {
        if (details.open && body.childElementCount === 0) body.append(...parts(api, call, base));
      },
    },
    element(
      'summary',
      {},
      element('span', { class: 'method', 'data-method': call.method }, call.method),
      element('code', { class: 'call-path' }, call.path),
      element('span', { class: 'call-summary', lang: 'en' }, call.summary),
    ),
    body,
  );
  return details;
}

function parts(api: OpenApi, call: Call, base: string): Node[] {
  const t = words();
  const content = call.requestBody?.content ?? {};
  const types = Object.keys(content);
  const commands = (types.length === 0 ? [null] : types).map((type) =>
    copyableBlock(type === null ? t.example : t.exampleAs(type), curlCommand(api, call, base, type)),
  );
  const shown: Child[] = [
    call.description === undefined ? null : prose(call.description),
    element('p', { class: 'access' }, accessSentence(call)),
    ...commands,
    ...parameterParts(call.parameters ?? []),
    ...(types.length === 0 ? [] : [element('h3', {}, t.body), ...contentParts(content)]),
    element('h3', {}, t.answers),
    element('dl', { class: 'answers' }, ...Object.entries(call.responses).map(answer)),
  ];
  return shown.filter((part) => part instanceof Node);
}

function accessSentence(call: Call): string {
  const t = words();
  if (call.security.length === 0) return t.accessOpen;
  return needsKey(call) ? t.accessKey : t.accessAnyone;
}

function parameterParts(parameters: readonly Parameter[]): HTMLElement[] {
  const t = words();
  return (['path', 'query', 'header'] as const).flatMap((place) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    if (here.length === 0) return [];
    const rows = here.map(({ name, schema, required, description }) =>
      member(name, { ...schema, description }, required),
    );
    return [element('h3', {}, t.parameters[place]), element('dl', { class: 'members' }, ...rows)];
  });
}

function contentParts(content: Content): HTMLElement[] {
  return Object.entries(content).map(([type, { schema }]) =>
    element(
      'div',
      { class: 'content-type' },
      element(
        'p',
        { lang: 'en' },
        element('code', {}, type),
        ': ',
        ...typeLine(schema).filter((part) => part !== null),
      ),
      members(schema),
    ),
  );
}

function answer([status, { description, content = {} }]: [string, Call['responses'][string]]): HTMLElement {
  // Each code of an error on a line of its own, as the description lists them in one.
  const sentences = description.startsWith('`') ? description.split(/(?<=\.) (?=`)/) : [description];
  const types = Object.keys(content).some((type) => type !== 'application/problem+json')
    ? contentParts(content)
    : [];
  return element(
    'div',
    { 'data-class': status.slice(0, 1) },
    element('dt', {}, element('code', {}, status)),
    element('dd', {}, ...sentences.map(prose), ...types),
  );
}
