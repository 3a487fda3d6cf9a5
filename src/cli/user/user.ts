import { defineGroup } from '../command.js';
import { SUMMARIES } from '../summaries.js';
import { disable, enable, operator } from './people.js';
import { add, invite, list, remove, role } from './users.js';

export const userCommand = defineGroup({
  name: 'user',
  summary: SUMMARIES.user,
  text: {
    en: `Works directly on the database of a service on this machine. The service may be running.
docs/access.md explains what users and operators may do.`,
    ko: `이 컴퓨터에 있는 서비스의 데이터베이스에서 바로 처리합니다. 서비스가 실행 중이어도 됩니다.
사용자와 관리자가 할 수 있는 일은 docs/access.md에 있습니다.`,
  },
  commands: { add, list, role, remove, invite, operator, disable, enable },
});
