import { defineGroup } from '../command.js';
import { checkCommand } from './check.js';
import { addCommand, newCommand, signCommand, submitCommand } from './events.js';
import { publishCommand, unpublishCommand } from './publication.js';
import { historyCommand, listCommand, showCommand } from './show.js';
import { SUMMARIES } from '../summaries.js';

export const recordCommand = defineGroup({
  name: 'record',
  summary: SUMMARIES.record,
  text: {
    en: `A record is a thing with a history: a document and its versions, a work and its author, an item and its owner, a
contract and its parties. Each event is signed by those whose step it is, with keys from "ingam keygen --kind holder".
docs/records.md has the rules, docs/examples/ whole courses to follow.`,
    ko: `기록은 이력이 있는 것입니다: 문서와 버전, 저작물과 저작자, 물품과 소유자, 계약과 당사자. 이벤트마다 차례가 된 사람이
"ingam keygen --kind holder"로 만든 키로 서명합니다. 규칙은 docs/records.md에, 따라 할 수 있는 전체 과정은
docs/examples/에 있습니다.`,
  },
  commands: {
    new: newCommand,
    add: addCommand,
    sign: signCommand,
    submit: submitCommand,
    show: showCommand,
    list: listCommand,
    history: historyCommand,
    publish: publishCommand,
    unpublish: unpublishCommand,
    check: checkCommand,
  },
});
