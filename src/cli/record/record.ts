import { defineGroup } from '../command.js';
import { checkCommand } from './check.js';
import { addCommand, newCommand, signCommand, submitCommand } from './events.js';
import { historyCommand, listCommand, showCommand } from './show.js';

export const recordCommand = defineGroup({
  name: 'record',
  summary: 'documents, works, items and contracts with a provable history',
  text: `A record is a thing with a history: a document and its versions, a work and its author, an item and its owner, a
contract and its parties. Each event is signed by those whose step it is, with keys from "ingam keygen --kind holder".
docs/records.md has the rules, docs/examples/ whole courses to follow.`,
  commands: {
    new: newCommand,
    add: addCommand,
    sign: signCommand,
    submit: submitCommand,
    show: showCommand,
    list: listCommand,
    history: historyCommand,
    check: checkCommand,
  },
});
