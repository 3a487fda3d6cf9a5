import { useSignal } from '@preact/signals';
import { Fragment, type ComponentChildren } from 'preact';
import { Copyable } from '../../components/copy.js';
import { formatNumber } from '../../lib/format.js';
import { address } from '../../lib/request.js';
import { messages } from '../../messages/docs.js';
import {
  type Content,
  curlCommand,
  type Endpoint,
  needsKey,
  type OpenApi,
  type Parameter,
  referencedName,
  type Schema,
} from './openapi.js';

/** Text of the description, which is always English; text in backticks is code. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <p lang="en">
      {text.split(/`([^`]*)`/).map((part, i) => (i % 2 === 0 ? part : <code key={i}>{part}</code>))}
    </p>
  );
}

/** Maximum depth of inline schemas. */
const MAX_DEPTH = 6;

const schemaId = (name: string): string => `schema-${name}`;
export const endpointId = ({ operationId }: Pick<Endpoint, 'operationId'>): string =>
  `endpoint-${operationId}`;

/** A value's type and limits in one line, or a link to its schema. */
function TypeLine({ of: schema }: { readonly of: Schema }) {
  const name = referencedName(schema);
  if (name !== null) return <a href={`#${schemaId(name)}`}>{name}</a>;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined)
    return (
      <Alternatives
        of={alternatives.map((each) => (
          <TypeLine of={each} />
        ))}
      />
    );
  if ('const' in schema) return <code>{JSON.stringify(schema.const)}</code>;
  if (schema.enum !== undefined)
    return (
      <Alternatives
        of={schema.enum.map((value) => (
          <code>{JSON.stringify(value)}</code>
        ))}
      />
    );
  if (schema.type === 'array') {
    return (
      <>
        list of <TypeLine of={schema.items ?? {}} />
        {limits(schema.minItems, schema.maxItems, '')}
      </>
    );
  }
  const type = typeof schema.type === 'string' ? schema.type : 'any value';
  return (
    <>
      {schema.format === undefined ? type : `${type} (${schema.format})`}
      {limits(schema.minLength, schema.maxLength, ' characters')}
      {limits(schema.minimum, schema.maximum, '')}
      {schema.pattern === undefined ? null : (
        <>
          {' '}
          <code>{schema.pattern}</code>
        </>
      )}
    </>
  );
}

function Alternatives({ of }: { readonly of: readonly ComponentChildren[] }) {
  return (
    <>
      {of.map((each, i) => (
        <Fragment key={i}>
          {i === 0 ? '' : ' or '}
          {each}
        </Fragment>
      ))}
    </>
  );
}

/** Bounds that only state the range of JSON numbers are omitted. */
function limits(least: number | undefined, most: number | undefined, unit: string): string {
  const from = least === undefined || least <= 0 ? null : formatNumber(least);
  const to = most === undefined || most >= Number.MAX_SAFE_INTEGER ? null : formatNumber(most);
  if (to === null) return from === null || from === '1' ? '' : `, at least ${from}${unit}`;
  return from === null ? `, at most ${to}${unit}` : `, ${from} to ${to}${unit}`;
}

/** Whether a schema has members to list: of an object, of a list's items, or of an alternative. */
function hasMembers(schema: Schema): boolean {
  if (referencedName(schema) !== null) return false;
  if (schema.items !== undefined) return hasMembers(schema.items);
  return schema.properties !== undefined || (schema.anyOf ?? schema.oneOf ?? []).some(hasMembers);
}

interface MembersProps {
  readonly of: Schema;
  readonly depth?: number;
}

function Members({ of: schema, depth = 0 }: MembersProps) {
  if (depth > MAX_DEPTH || !hasMembers(schema)) return null;
  if (schema.items !== undefined) return <Members of={schema.items} depth={depth} />;
  const alternatives = (schema.anyOf ?? schema.oneOf ?? []).filter(hasMembers);
  if (alternatives.length > 0) {
    return (
      <div class="ways">
        {alternatives.map((each, i) => (
          <Members key={i} of={each} depth={depth} />
        ))}
      </div>
    );
  }
  const required = new Set(schema.required);
  return (
    <dl class="members">
      {Object.entries(schema.properties ?? {}).map(([name, each]) => (
        <Member key={name} name={name} schema={each} required={required.has(name)} depth={depth} />
      ))}
    </dl>
  );
}

interface MemberProps {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly depth?: number;
}

/** A member or parameter: name, type, whether it is required, and description. */
function Member({ name, schema, required, depth = 0 }: MemberProps) {
  return (
    <div>
      <dt>
        <code>{name}</code>
        {required ? <span class="needed">{messages().required}</span> : null}
      </dt>
      <dd>
        <span class="type" lang="en">
          <TypeLine of={schema} />
        </span>
        {schema.description === undefined ? null : <Prose text={schema.description} />}
        <Members of={schema} depth={depth + 1} />
      </dd>
    </div>
  );
}

interface FoldedProps {
  readonly id: string;
  readonly summary: ComponentChildren;
  readonly children: () => ComponentChildren;
}

/** A part that opens. Its content is made when it is first opened. */
function Folded({ id, summary, children }: FoldedProps) {
  const opened = useSignal(false);
  return (
    <details
      class="endpoint"
      id={id}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) opened.value = true;
      }}
    >
      <summary>{summary}</summary>
      <div class="endpoint-body">{opened.value ? children() : null}</div>
    </details>
  );
}

export function SchemaView({ name, schema }: { readonly name: string; readonly schema: Schema }) {
  return (
    <Folded id={schemaId(name)} summary={<code class="endpoint-path">{name}</code>}>
      {() => (
        <>
          {schema.description === undefined ? null : <Prose text={schema.description} />}
          {hasMembers(schema) ? (
            <Members of={schema} />
          ) : (
            <p lang="en">
              <TypeLine of={schema} />
            </p>
          )}
        </>
      )}
    </Folded>
  );
}

interface EndpointViewProps {
  readonly api: OpenApi;
  readonly endpoint: Endpoint;
}

export function EndpointView({ api, endpoint }: EndpointViewProps) {
  return (
    <Folded
      id={endpointId(endpoint)}
      summary={
        <>
          <span class="method" data-method={endpoint.method}>
            {endpoint.method}
          </span>
          <code class="endpoint-path">{endpoint.path}</code>
          <span class="endpoint-summary" lang="en">
            {endpoint.summary}
          </span>
        </>
      }
    >
      {() => <EndpointBody api={api} endpoint={endpoint} />}
    </Folded>
  );
}

function EndpointBody({ api, endpoint }: EndpointViewProps) {
  const t = messages();
  const { description, security, parameters = [], requestBody, responses } = endpoint;
  const types = Object.keys(requestBody?.content ?? {});
  return (
    <>
      {description === undefined ? null : <Prose text={description} />}
      <p class="access">
        {security.length === 0 ? t.accessOpen : needsKey(endpoint) ? t.accessKey : t.accessAnyone}
      </p>
      {(types.length === 0 ? [null] : types).map((type) => (
        <Copyable
          key={type}
          as="block"
          label={type === null ? t.example : t.exampleAs(type)}
          value={curlCommand(api, endpoint, address('.'), type)}
        />
      ))}
      {(['path', 'query', 'header'] as const).map((place) => (
        <Parameters
          key={place}
          heading={t.parameters[place]}
          of={parameters.filter((each) => each.in === place)}
        />
      ))}
      {requestBody === undefined ? null : (
        <>
          <h3>{t.body}</h3>
          <ContentTypes of={requestBody.content} />
        </>
      )}
      <h3>{t.responses}</h3>
      <dl class="responses">
        {Object.entries(responses).map(([status, response]) => (
          <Response key={status} status={status} {...response} />
        ))}
      </dl>
    </>
  );
}

function Parameters({ heading, of }: { readonly heading: string; readonly of: readonly Parameter[] }) {
  if (of.length === 0) return null;
  return (
    <>
      <h3>{heading}</h3>
      <dl class="members">
        {of.map(({ name, schema, required, description }) => (
          <Member key={name} name={name} schema={{ ...schema, description }} required={required} />
        ))}
      </dl>
    </>
  );
}

function ContentTypes({ of }: { readonly of: Content }) {
  return (
    <>
      {Object.entries(of).map(([type, { schema }]) => (
        <div key={type} class="content-type">
          <p lang="en">
            <code>{type}</code>: <TypeLine of={schema} />
          </p>
          <Members of={schema} />
        </div>
      ))}
    </>
  );
}

interface ResponseProps {
  readonly status: string;
  readonly description: string;
  readonly content?: Content;
}

function Response({ status, description, content = {} }: ResponseProps) {
  // Put each error code of the description on its own line.
  const sentences = description.startsWith('`') ? description.split(/(?<=\.) (?=`)/) : [description];
  const isProblem = Object.keys(content).every((type) => type === 'application/problem+json');
  return (
    <div data-class={status.slice(0, 1)}>
      <dt>
        <code>{status}</code>
      </dt>
      <dd>
        {sentences.map((sentence) => (
          <Prose key={sentence} text={sentence} />
        ))}
        {isProblem ? null : <ContentTypes of={content} />}
      </dd>
    </div>
  );
}
