import { basename, resolve } from 'node:path';
import { type JsonObject, toHex } from '../../proof/index.js';
import { parseMoment } from '../arguments.js';
import { defineCommand } from '../command.js';
import { usageError } from '../failure.js';
import { hashDocument } from '../files.js';
import { EXIT, printJson, printNote } from '../io.js';
import { signingMessages } from '../messages/signing.js';
import { isText } from '../paths.js';
import { word } from '../record/service.js';
import { KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { linkOf, printLink, sendJson } from './requests.js';

export const askCommand = defineCommand({
  name: 'signing ask',
  summary: {
    en: 'ask a person for a key, and later for a signature',
    ko: '키를 요청하고, 나중에 서명을 요청합니다',
  },
  usage: 'DOCUMENT --name NAME --title TITLE --until TIME [--email ADDRESS]',
  text: {
    en: `Makes a request to sign a contract for this document, and prints its link. Only the document's SHA-256, size and name go
to the service. Whoever has the link can answer for the person: deliver it privately. Your organization vouches that it
reached this person.`,
    ko: `이 문서의 계약에 서명해 달라는 요청을 만들고 링크를 출력합니다. 서비스에는 문서의 SHA-256, 크기, 이름만 보냅니다. 링크를
가진 사람은 누구나 회신할 수 있으니 본인에게만 전하세요. 링크가 그 사람에게 전해졌다는 것은 조직이 보증합니다.`,
  },
  options: {
    name: { type: 'string', value: 'NAME', help: { en: 'what you call the person', ko: '그 사람의 이름' } },
    title: {
      type: 'string',
      value: 'TITLE',
      help: { en: 'what the contract is called', ko: '계약의 이름' },
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
  positionals: { min: 1, max: 1, missing: { en: 'missing DOCUMENT', ko: 'DOCUMENT를 지정하세요' } },
  async run({ values, positionals: [document = ''] }, io) {
    const given = { name: values.name, title: values.title, until: values.until };
    for (const [option, value] of Object.entries(given)) {
      if (value === undefined)
        throw usageError(signingMessages().missingOption(option), signingMessages().askExample);
    }
    const { language, email, message } = values;
    if (language !== undefined && language !== 'en' && language !== 'ko')
      throw usageError(signingMessages().languages, signingMessages().askExample);
    const expiresAt = new Date(parseMoment('--until', given.until ?? '', 'from now')).toISOString();
    const { sha256, size } = await hashDocument(resolve(io.cwd, document), document, io);
    const name = basename(document);
    const body: JsonObject = {
      ...{ title: given.title ?? '', name: given.name ?? '', expiresAt },
      document: { sha256: toHex(sha256), size, ...(isText(name) ? { name } : {}) },
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
