import { isObject, type JsonObject } from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { bodyFields, type Fields, printFields } from '../fields.js';
import { EXIT, formatTime, grouped, printJson, printLine, printNote } from '../io.js';
import { LANG_OPTION } from '../language.js';
import { registerMessages } from '../messages/register.js';
import { KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { findNotarizations, type Notarization } from './notarizations.js';

export const showCommand = defineCommand({
  name: 'show',
  summary: 'show a notarization, or those of a document',
  usage: 'ID|DIGEST|FILE [--all]',
  text: `Shows what the service states about a notarization: its id, or the digest or the file of its document. Of a file, only
the digest is sent. Of several notarizations the earliest sealed one is shown, or with --all every one.

Details are shown to the organization that notarized, to everybody if they are published, and of an anonymous
notarization by the id from its submission. Exit code: 0 found, 1 not found.`,
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    all: { type: 'boolean', help: 'every notarization of the document' },
    ...LANG_OPTION,
    json: { type: 'boolean', help: 'print JSON, as the API gives it' },
  },
  positionals: { min: 1, max: 1, missing: 'missing ID, DIGEST or FILE' },
  async run({ values, positionals: [word = ''] }, io) {
    const t = registerMessages();
    const service = await openService(values, io);
    const { notarizations } = await findNotarizations(service, word, io);
    const shown = values.all ? notarizations : notarizations.slice(0, 1);
    if (values.json) {
      printJson(io.stdout, { notarizations: shown.map(({ json }) => json) });
      return EXIT.ok;
    }
    for (const [i, notarization] of shown.entries()) {
      if (i > 0) printLine(io.stdout);
      printFields(fieldsOf(notarization), io.stdout);
    }
    if (shown.length < notarizations.length) {
      printNote(io, t.severalFound(word, grouped(notarizations.length)));
    }
    printNote(io, `${t.notVerified} ${word}`);
    return EXIT.ok;
  },
});

function fieldsOf(notarization: Notarization): Fields {
  const { fields: f, statuses, ...t } = registerMessages();
  const { id, sha256, size, status, acceptedAt, sealedAt, position, details, json } = notarization;
  const { block, cosigned, published, submittedBy } = json;
  const time = (text: string) => formatTime(Date.parse(text));
  const memberOf = (value: unknown, name: string) =>
    isObject((value ?? null) as never) ? (value as JsonObject)[name] : undefined;
  const height = memberOf(block, 'height');
  const [signed, of] = ['signed', 'of'].map((name) => memberOf(cosigned, name));
  return {
    [f.id]: id,
    [f.status]: Object.hasOwn(statuses, status) ? statuses[status as keyof typeof statuses] : status,
    [f.accepted]: time(acceptedAt),
    ...(sealedAt === null ? {} : { [f.sealed]: time(sealedAt) }),
    ...(typeof height === 'number' ? { [f.block]: height } : {}),
    [f.position]: position,
    ...(typeof signed === 'number' && typeof of === 'number'
      ? { [f.cosigned]: t.cosignedBy(String(signed), String(of)) }
      : {}),
    [f.sha256]: sha256,
    [f.size]: size === null ? t.unknown : t.bytes(grouped(size)),
    ...(details === null ? {} : { [f.details]: bodyFields(details) }),
    ...(typeof published === 'boolean' ? { [f.published]: published ? t.yes : t.no } : {}),
    ...(typeof submittedBy === 'string' ? { [f.submittedBy]: submittedBy } : {}),
  };
}
