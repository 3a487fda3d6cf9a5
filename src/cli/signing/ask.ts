import { basename, resolve } from 'node:path';
import { type JsonObject, toHex } from '../../proof/index.js';
import { parseMoment } from '../arguments.js';
import { defineCommand } from '../command.js';
import { usageError } from '../failure.js';
import { hashDocument, readObject } from '../files.js';
import { EXIT, type Io, printJson, printNote } from '../io.js';
import { signingMessages } from '../messages/signing.js';
import { isText } from '../paths.js';
import { parseRecord, word } from '../record/service.js';
import { KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { linkOf, printLink, sendJson } from './requests.js';

export const askCommand = defineCommand({
  name: 'signing ask',
  summary: {
    en: 'ask a person for a key, and later for a signature',
    ko: '키를 요청하고, 나중에 서명을 요청합니다',
  },
  usage: '(DOCUMENT | --transfer RECORD | --licence RECORD | --claim FILE) --name NAME --until TIME',
  text: {
    en: `Makes a request to sign a contract for this document, to accept an item or the rights to a work, to take a
licence, or to sign the claim of a work, and prints its link. Of a document only SHA-256, size and name go to the
service. Whoever has the link can answer for the person: deliver it privately. Your organization vouches that it
reached this person.`,
    ko: `이 문서의 계약에 서명하거나, 물품이나 저작물의 권리를 받거나, 이용 허락을 받거나, 저작물 등록에 서명해 달라는 요청을
만들고 링크를 출력합니다. 문서는 SHA-256, 크기, 이름만 서비스에 보냅니다. 링크를 가진 사람은 누구나 회신할 수 있으니
본인에게만 전하세요. 링크가 그 사람에게 전해졌다는 것은 조직이 보증합니다.`,
  },
  options: {
    transfer: {
      type: 'string',
      value: 'RECORD',
      help: {
        en: 'the item or work to accept: offer or assign it when the key is\ngiven',
        ko: '넘겨줄 물품이나 저작물. 키가 등록되면 양도를 제안하세요',
      },
    },
    licence: {
      type: 'string',
      value: 'RECORD',
      help: {
        en: 'the work to license: grant the licence when the key is given',
        ko: '이용을 허락할 저작물. 키가 등록되면 이용 허락에 서명하세요',
      },
    },
    claim: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'JSON file with what the claim states, without holder: the person\nsigns it and holds the work',
        ko: '저작물 등록 내용이 든 JSON 파일(보유자의 키 제외). 그 사람이\n서명하고 보유자가 됩니다',
      },
    },
    name: { type: 'string', value: 'NAME', help: { en: 'what you call the person', ko: '그 사람의 이름' } },
    title: {
      type: 'string',
      value: 'TITLE',
      help: {
        en: 'what the contract is called; else by default the title of the record',
        ko: '계약의 이름. 계약이 아니면 기본값은 기록의 제목',
      },
    },
    until: {
      type: 'string',
      value: 'TIME',
      help: {
        en: 'until when: 7d, 12h, or 2027-01-31T09:00:00+09:00;\nwithin a year',
        ko: '기한: 7d, 12h 또는 2027-01-31T09:00:00+09:00\n1년 이내',
      },
    },
    email: {
      type: 'string',
      value: 'ADDRESS',
      help: {
        en: 'where the link is sent, if the service sends e-mails',
        ko: '서비스가 메일을 보낸다면 링크를 받을 주소',
      },
    },
    message: {
      type: 'string',
      value: 'TEXT',
      help: { en: 'what the person is told, in your words', ko: '그 사람에게 전할 말' },
    },
    language: {
      type: 'string',
      value: 'en|ko',
      help: { en: 'of e-mails (default: en)', ko: '메일의 언어(기본값: en)' },
    },
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } },
  },
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [document] }, io) {
    const asked = await askedOf(values, document, io);
    const given = { name: values.name, until: values.until };
    for (const [option, value] of Object.entries(given)) {
      if (value === undefined)
        throw usageError(signingMessages().missingOption(option), signingMessages().askExample);
    }
    const { language, email, message } = values;
    if (language !== undefined && language !== 'en' && language !== 'ko')
      throw usageError(signingMessages().languages, signingMessages().askExample);
    const expiresAt = new Date(parseMoment('--until', given.until ?? '', 'from now')).toISOString();
    const body: JsonObject = {
      ...asked,
      ...(values.title === undefined ? {} : { title: values.title }),
      ...{ name: given.name ?? '', expiresAt },
      ...(email === undefined ? {} : { email }),
      ...(message === undefined ? {} : { message }),
      ...(language === undefined ? {} : { language }),
    };
    const client = await openService(values, io);
    const answer = client.object(await sendJson(client, 'v1/signing-requests', body));
    const link = linkOf(client, answer);
    const { request = null } = answer;
    if (values.json) {
      printJson(io.stdout, { request, link: { address: link.address, mailed: link.mailed } });
      return EXIT.ok;
    }
    printLink(io, link);
    printNote(io, signingMessages().made(word((request as JsonObject | null)?.['id'])));
    return EXIT.ok;
  },
});

interface AskValues {
  readonly title: string | undefined;
  readonly transfer: string | undefined;
  readonly licence: string | undefined;
  readonly claim: string | undefined;
}

/** What is asked, of which there is one thing. @throws {Failure} usage, unreadable, malformed */
async function askedOf(
  { title, transfer, licence, claim }: AskValues,
  document: string | undefined,
  io: Io,
): Promise<JsonObject> {
  const given = [document, transfer, licence, claim].filter((each) => each !== undefined);
  if (given.length !== 1) throw usageError(signingMessages().oneSubject, signingMessages().askExample);
  if (claim !== undefined) return { kind: 'claim', claim: await readObject(resolve(io.cwd, claim), claim) };
  const record = transfer ?? licence;
  if (record !== undefined) {
    parseRecord(record);
    return { kind: transfer === undefined ? 'licence' : 'transfer', record };
  }
  if (title === undefined)
    throw usageError(signingMessages().missingOption('title'), signingMessages().askExample);
  const path = document ?? '';
  const { sha256, size } = await hashDocument(resolve(io.cwd, path), path, io);
  const name = basename(path);
  return { document: { sha256: toHex(sha256), size, ...(isText(name) ? { name } : {}) } };
}
