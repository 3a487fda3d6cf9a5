import { isObject, type Json, type JsonObject } from '../../proof/index.js';
import { defineCommand, defineGroup } from '../command.js';
import { type Fields, printFields } from '../fields.js';
import { type Column, EXIT, type Io, printJson, printLine, printNote, printTable } from '../io.js';
import { signingMessages } from '../messages/signing.js';
import { parseRecord, word } from '../record/service.js';
import { KEY_OPTION, openService, SERVER_OPTIONS, type ServiceClient } from '../service-client.js';
import { SUMMARIES } from '../summaries.js';
import { askCommand } from './ask.js';
import { linkOf, printLink, sendJson } from './requests.js';

const OPTIONS = { ...SERVER_OPTIONS, ...KEY_OPTION } as const;
const JSON_OPTION = { json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } } } as const;
const ONE = { min: 1, max: 1, missing: { en: 'missing REQUEST', ko: 'REQUEST를 지정하세요' } } as const;

const pathOf = (id: string, rest = '') => `v1/signing-requests/${encodeURIComponent(id)}${rest}`;

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly until: string;
  readonly title: string;
}

function columns(): Column<Row>[] {
  const { columns: c } = signingMessages();
  return [
    { title: c.request, cell: ({ id }) => id },
    { title: c.kind, cell: ({ kind }) => kind },
    { title: c.name, cell: ({ name }) => name },
    { title: c.status, cell: ({ status }) => status },
    { title: c.until, cell: ({ until }) => until },
    { title: c.title, cell: ({ title }) => title },
  ];
}

const PAGE = 200;

async function allRequests(client: ServiceClient, record: string | undefined): Promise<JsonObject[]> {
  if (record !== undefined) parseRecord(record);
  const all: JsonObject[] = [];
  let cursor: Json = null;
  do {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (record !== undefined) query.set('record', record);
    if (typeof cursor === 'string') query.set('cursor', cursor);
    const answer: JsonObject = client.object(await client.request(`v1/signing-requests?${query.toString()}`));
    const requests = answer['requests'] ?? null;
    if (!Array.isArray(requests)) throw client.unexpected('its list of requests is none');
    all.push(...(requests as readonly Json[]).filter(isObject));
    cursor = answer['next'] ?? null;
  } while (typeof cursor === 'string');
  return all;
}

const listCommand = defineCommand({
  name: 'signing list',
  summary: { en: 'list the requests of your organization', ko: '조직의 서명 요청 목록을 보여 줍니다' },
  usage: '[--record RECORD]',
  text: {
    en: `Lists whom your organization has asked to sign, the latest first, and where each request has come to. At
key_given, make the contract with that key ("ingam signing show" prints it), and name it with "ingam signing
contract REQUEST RECORD". Or offer the item, assign the work or grant the licence to that key ("ingam record").`,
    ko: `조직에서 서명을 요청한 사람들과 진행 상태를 최근 것부터 보여 줍니다. key_given이면 그 키("ingam signing show"로
봅니다)로 계약을 만들어 지정하세요: ingam signing contract REQUEST RECORD
물품이나 저작물이면 그 키로 양도를 제안하거나 이용을 허락하세요("ingam record").`,
  },
  options: {
    record: {
      type: 'string',
      value: 'RECORD',
      help: { en: 'only those for this record', ko: '이 기록의 요청만' },
    },
    ...OPTIONS,
    ...JSON_OPTION,
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const requests = await allRequests(await openService(values, io), values.record);
    if (values.json) printJson(io.stdout, { requests });
    else if (requests.length === 0) printNote(io, signingMessages().none);
    else {
      const rows = requests.map(({ id, kind, name, status, expiresAt, title }) => ({
        ...{
          id: word(id),
          kind: word(kind),
          name: word(name),
          status: word(status),
          until: word(expiresAt),
          title: word(title),
        },
      }));
      printTable(io.stdout, columns(), rows);
    }
    return EXIT.ok;
  },
});

const showCommand = defineCommand({
  name: 'signing show',
  summary: { en: 'show a request, with the key that was given', ko: '서명 요청과 등록된 키를 보여 줍니다' },
  usage: 'REQUEST',
  text: {
    en: 'Shows where a request has come to, and the key that the person has given.',
    ko: '서명 요청의 진행 상태와 그 사람이 등록한 키를 보여 줍니다.',
  },
  options: { ...OPTIONS, ...JSON_OPTION },
  positionals: ONE,
  async run({ values, positionals: [id = ''] }, io) {
    const client = await openService(values, io);
    const request = client.object(await client.request(pathOf(id)));
    if (values.json) printJson(io.stdout, request);
    else printFields(withoutNothing(request), io.stdout);
    return EXIT.ok;
  },
});

const withoutNothing = (request: JsonObject): Fields =>
  Object.fromEntries<Json>(Object.entries(request).filter(([, value]) => value !== null));

const contractCommand = defineCommand({
  name: 'signing contract',
  summary: {
    en: 'name the contract, and ask for the signature',
    ko: '계약을 지정하고 서명을 요청합니다',
  },
  usage: 'REQUEST RECORD',
  text: {
    en: `Asks for the signature of a contract that names the key which the person has given. The person signs under the link
that they have; with a mail server they get an e-mail when it is their turn.`,
    ko: `그 사람이 등록한 키가 들어 있는 계약의 서명을 요청합니다. 그 사람은 가지고 있는 링크에서 서명합니다. 메일 서버가
있으면 차례가 되었을 때 메일을 받습니다.`,
  },
  options: OPTIONS,
  positionals: {
    min: 2,
    max: 2,
    missing: { en: 'missing REQUEST or RECORD', ko: 'REQUEST와 RECORD를 지정하세요' },
  },
  async run({ values, positionals: [id = '', record = ''] }, io) {
    parseRecord(record);
    const client = await openService(values, io);
    const request = client.object(await sendJson(client, pathOf(id, '/contract'), { record }));
    printLine(io.stdout, word(request['status']));
    return EXIT.ok;
  },
});

const remindCommand = defineCommand({
  name: 'signing remind',
  summary: { en: 'print the link again, and send it by e-mail', ko: '링크를 다시 출력하고 메일로 보냅니다' },
  usage: 'REQUEST [--new-link]',
  text: {
    en: `Prints the link of a request. If the service sends e-mails and the request has an address, the person gets it
again, at most once an hour. With --new-link earlier links open nothing any more: for one that went to the wrong
person.`,
    ko: `서명 요청의 링크를 출력합니다. 서비스가 메일을 보내고 요청에 주소가 있으면 그 사람에게 다시 보냅니다(한 시간에 한
번까지). --new-link를 쓰면 이전 링크는 열리지 않습니다: 링크가 다른 사람에게 갔을 때 씁니다.`,
  },
  options: {
    'new-link': { type: 'boolean', help: { en: 'replace the link', ko: '링크를 새로 만듦' } },
    ...OPTIONS,
  },
  positionals: ONE,
  async run({ values, positionals: [id = ''] }, io) {
    const client = await openService(values, io);
    const body = values['new-link'] ? { newLink: true } : {};
    const answer = client.object(await sendJson(client, pathOf(id, '/reminder'), body));
    printLink(io, linkOf(client, answer));
    return EXIT.ok;
  },
});

/** Commands that end a request, and print nothing. */
function ending(
  name: string,
  summary: { readonly en: string; readonly ko: string },
  text: { readonly en: string; readonly ko: string },
  end: (client: ServiceClient, id: string) => Promise<unknown>,
) {
  return defineCommand({
    name: `signing ${name}`,
    ...{ summary, usage: 'REQUEST', text, options: OPTIONS, positionals: ONE },
    async run({ values, positionals: [id = ''] }, io: Io) {
      await end(await openService(values, io), id);
      return EXIT.ok;
    },
  });
}

const withdrawCommand = ending(
  'withdraw',
  { en: 'take a request back', ko: '서명 요청을 철회합니다' },
  {
    en: 'Nobody can answer under the link any more. A record that names the key stays as it is.',
    ko: '그 링크로는 더 회신할 수 없습니다. 키가 들어 있는 기록은 그대로입니다.',
  },
  (client, id) => client.request(pathOf(id, '/withdrawal'), { method: 'POST' }),
);

const eraseCommand = ending(
  'erase',
  { en: 'erase what a request tells of the person', ko: '서명 요청에 있는 개인 정보를 삭제합니다' },
  {
    en: 'Erases name, address, message and link of a request for good. What a record says stays in it.',
    ko: '서명 요청의 이름, 주소, 메시지, 링크를 완전히 삭제합니다. 기록의 내용은 그대로 남습니다.',
  },
  (client, id) => client.request(pathOf(id), { method: 'DELETE' }),
);

export const signingCommand = defineGroup({
  name: 'signing',
  summary: SUMMARIES.signing,
  text: {
    en: `Asks people who have no account: each gets a link, gives a key under it, and signs the contract that names the
key, accepts an item or a work, takes a licence, or signs the claim of a work. docs/signing.md explains it. The
commands need an API key with "notarize" and "read".`,
    ko: `계정이 없는 사람에게 요청합니다. 각자 링크를 받아 키를 등록하고, 그 키가 들어 있는 계약에 서명하거나, 물품이나 저작물을
받거나, 이용 허락을 받거나, 저작물 등록에 서명합니다. 자세한
내용은 docs/signing.md에 있습니다. "notarize"와 "read" 권한이 있는 API 키가 필요합니다.`,
  },
  commands: {
    ask: askCommand,
    list: listCommand,
    show: showCommand,
    contract: contractCommand,
    remind: remindCommand,
    withdraw: withdrawCommand,
    erase: eraseCommand,
  },
});
