import { LOCAL } from '../auth/policy.js';
import { Background } from '../background/index.js';
import { CosignedView } from '../log/index.js';
import { type NewWebhookAttempt, type Webhook, WEBHOOK_TYPES, type WebhookType } from '../store/index.js';
import { AddressRules, Messages, Sender, Webhooks, WebhookSecrets } from '../webhooks/index.js';
import {
  type Administration,
  defineAdminCommand,
  findOrganization,
  HERE,
  printRows,
  REQUIRED_ORGANIZATION,
  timeOrNull,
  type Work,
} from './admin-command.js';
import { closest, parseCount, parseMoment } from './arguments.js';
import { defineGroup } from './command.js';
import { usageError } from './failure.js';
import { printFields } from './fields.js';
import { type Column, EXIT, formatTime, type Io, isoTime, printJson, printLine, printNote } from './io.js';
import { webhookMessages } from './messages/webhooks.js';
import { SUMMARIES } from './summaries.js';

const DEFAULT_ATTEMPTS = 50;
const MOST_ATTEMPTS = 1000;

const ONE = {
  min: 1,
  max: 1,
  missing: {
    en: 'missing WEBHOOK; "ingam webhook list --organization ID" shows the ids',
    ko: 'WEBHOOK을 지정하세요. "ingam webhook list --organization ID"로 볼 수 있습니다',
  },
} as const;

const TYPE_OPTION = {
  type: {
    type: 'string',
    multiple: true,
    value: 'TYPE',
    help: {
      en: `what it is told, such as notarization.sealed; may be repeated`,
      ko: '알릴 이벤트. 예: notarization.sealed. 여러 번 쓸 수 있습니다',
    },
  },
} as const;

const stateOf = ({ disabledAt, attempts }: Webhook) =>
  disabledAt !== null ? 'disabled' : attempts > 0 ? 'retrying' : 'enabled';

function columns(): Column<Webhook>[] {
  const { columns: c, states } = webhookMessages();
  return [
    { title: c.id, cell: ({ id }) => id },
    { title: c.name, cell: ({ name }) => name },
    { title: c.state, cell: (webhook) => states[stateOf(webhook)] },
    { title: c.url, cell: ({ url }) => url },
    { title: c.types, cell: ({ cursors }) => [...cursors.keys()].join(',') },
  ];
}

function attemptColumns(): Column<NewWebhookAttempt>[] {
  const { columns: c, outcomes } = webhookMessages();
  return [
    { title: c.at, cell: ({ at }) => formatTime(at) },
    { title: c.messageId, cell: ({ message }) => message },
    { title: c.type, cell: ({ type }) => type },
    { title: c.attempt, right: true, cell: ({ attempt }) => String(attempt) },
    { title: c.ms, right: true, cell: ({ ms }) => String(ms) },
    {
      title: c.outcome,
      cell: ({ outcome, status }) => `${outcomes[outcome]}${status === null ? '' : ` (${status})`}`,
    },
  ];
}

function webhookJson(webhook: Webhook, webhooks: Webhooks) {
  const { id, name, url, cursors, disabledBecause, attempts } = webhook;
  return {
    ...{ id, name, url, types: [...cursors.keys()], status: stateOf(webhook), disabledBecause },
    disabledAt: timeOrNull(webhook.disabledAt),
    failedAttempts: attempts,
    publicKey: webhooks.publicKeyOf(webhook),
    formerSecretUntil: timeOrNull(webhooks.formerSecretUntil(webhook)),
    createdAt: isoTime(webhook.createdAt),
  };
}

const attemptJson = ({ message, type, attempt, at, ms, status, outcome }: NewWebhookAttempt) => ({
  ...{ message, type, attempt, at: isoTime(at), ms, status, outcome },
});

/** As the service has them. What is to be sent is sent by the service, within a second. */
async function withWebhooks<T>(
  { database: store, secret, place: { config } }: Administration,
  work: (webhooks: Webhooks) => Promise<T>,
): Promise<T> {
  const background = new Background();
  const cosigned = config.members === null ? null : new CosignedView(store, config.members, background);
  const rules = new AddressRules(config.webhookPrivate);
  const sender = new Sender({ rules });
  try {
    await cosigned?.ready;
    return await work(
      new Webhooks({
        ...{ store, rules, sender, secrets: new WebhookSecrets(secret), onChange: () => undefined },
        messages: new Messages({ store, cosigned }),
      }),
    );
  } finally {
    sender.close();
    await cosigned?.close();
  }
}

function parseTypes(texts: readonly string[]): WebhookType[] {
  return texts.map((text) => {
    const type = WEBHOOK_TYPES.find((each) => each === text);
    if (type !== undefined) return type;
    const t = webhookMessages();
    const near = closest(text, WEBHOOK_TYPES);
    throw usageError(
      t.unknownType(text),
      near === null ? t.types(WEBHOOK_TYPES.join(', ')) : t.meantType(near),
    );
  });
}

/** A command about one webhook. */
function about(
  organizationId: string,
  work: (webhooks: Webhooks, organization: { readonly id: string; readonly name: string }) => Promise<void>,
): Work {
  return async (administration) => {
    const organization = await findOrganization(administration, organizationId);
    await withWebhooks(administration, (webhooks) => work(webhooks, organization));
    return EXIT.ok;
  };
}

const create = defineAdminCommand({
  name: 'webhook create',
  summary: { en: 'make a webhook for an organization', ko: '조직의 웹훅을 만듭니다' },
  usage: 'URL --organization ID --name NAME --type TYPE…',
  text: {
    en: `The service posts what happens from now on to the address. Only the secret is written to standard output: the receiver
checks messages with it. It is not shown again.`,
    ko: `이제부터 일어나는 일을 서비스가 이 주소로 보냅니다. 표준 출력에는 비밀 키만 씁니다. 받는 쪽은 이 키로 메시지를 확인하며,
다시 보여 주지 않습니다.`,
  },
  options: {
    ...REQUIRED_ORGANIZATION,
    name: {
      type: 'string',
      value: 'NAME',
      required: true,
      help: { en: 'name of the webhook, such as its receiver', ko: '웹훅의 이름. 예: 받는 곳' },
    },
    ...TYPE_OPTION,
  },
  needsSecret: true,
  positionals: { min: 1, max: 1, missing: { en: 'missing URL', ko: 'URL을 지정하세요' } },
  plan({ values, positionals: [url = ''] }, io) {
    const types = parseTypes(values.type);
    return about(values.organization, async (webhooks, { id, name }) => {
      const made = await webhooks.create(LOCAL, id, { name: values.name, url, types }, HERE);
      if (values.json) {
        printJson(io.stdout, { webhook: webhookJson(made.webhook, webhooks), secret: made.secret });
        return;
      }
      printLine(io.stdout, made.secret);
      printNote(io, webhookMessages().made(made.webhook.id, name));
    });
  },
});

const list = defineAdminCommand({
  name: 'webhook list',
  summary: { en: 'list the webhooks of an organization', ko: '조직의 웹훅 목록을 보여 줍니다' },
  usage: '--organization ID',
  text: { en: 'Earliest first.', ko: '먼저 만든 것부터 보여 줍니다.' },
  options: REQUIRED_ORGANIZATION,
  needsSecret: true,
  positionals: { min: 0, max: 0 },
  plan: ({ values }, io) =>
    about(values.organization, async (webhooks, { id, name }) => {
      const none = webhookMessages().none(name);
      const toJson = (webhook: Webhook) => webhookJson(webhook, webhooks);
      const all = await webhooks.list(LOCAL, id);
      printRows(all, { name: 'webhooks', toJson, columns: columns(), none }, values.json, io);
    }),
});

function show(webhook: Webhook, webhooks: Webhooks, json: boolean, io: Io): void {
  const shown = webhookJson(webhook, webhooks);
  if (json) printJson(io.stdout, shown);
  else printFields(shown, io.stdout);
}

const showCommand = defineAdminCommand({
  name: 'webhook show',
  summary: { en: 'show a webhook', ko: '웹훅 하나를 보여 줍니다' },
  usage: 'WEBHOOK --organization ID',
  text: { en: 'Shows everything but the secret.', ko: '비밀 키를 뺀 모든 값을 보여 줍니다.' },
  options: REQUIRED_ORGANIZATION,
  needsSecret: true,
  positionals: ONE,
  plan: ({ values, positionals: [webhook = ''] }, io) =>
    about(values.organization, async (webhooks, { id }) => {
      show(await webhooks.find(LOCAL, id, webhook), webhooks, values.json, io);
    }),
});

const change = defineAdminCommand({
  name: 'webhook change',
  summary: {
    en: 'change a webhook, disable or enable it',
    ko: '웹훅을 변경하고, 중지하거나 다시 사용합니다',
  },
  usage: 'WEBHOOK --organization ID [--name NAME] [--url URL] [--type TYPE]… [--enable | --disable]',
  text: {
    en: 'The types that are given replace the former ones. A webhook that is enabled goes on where it was.',
    ko: '지정한 종류가 이전 종류를 대신합니다. 다시 사용하면 멈춘 곳부터 이어서 보냅니다.',
  },
  options: {
    ...REQUIRED_ORGANIZATION,
    name: { type: 'string', value: 'NAME', help: { en: 'another name', ko: '새 이름' } },
    url: { type: 'string', value: 'URL', help: { en: 'another address', ko: '새 주소' } },
    ...TYPE_OPTION,
    enable: { type: 'boolean', help: { en: 'go on sending', ko: '다시 보내기' } },
    disable: { type: 'boolean', help: { en: 'send nothing', ko: '보내지 않기' } },
  },
  needsSecret: true,
  positionals: ONE,
  plan({ values, positionals: [webhook = ''] }, io) {
    const types = parseTypes(values.type);
    if (values.enable && values.disable) throw usageError(webhookMessages().oneOf('--enable, --disable'));
    const input = {
      ...(values.name === undefined ? {} : { name: values.name }),
      ...(values.url === undefined ? {} : { url: values.url }),
      ...(types.length === 0 ? {} : { types }),
      ...(values.enable || values.disable ? { enabled: values.enable } : {}),
    };
    if (Object.keys(input).length === 0) throw usageError(webhookMessages().nothingToChange);
    return about(values.organization, async (webhooks, { id }) => {
      show(await webhooks.change(LOCAL, id, webhook, input, HERE), webhooks, values.json, io);
    });
  },
});

const remove = defineAdminCommand({
  name: 'webhook delete',
  summary: { en: 'delete a webhook', ko: '웹훅을 삭제합니다' },
  usage: 'WEBHOOK --organization ID',
  text: {
    en: 'Nothing more is sent to it. The list of its attempts is deleted too.',
    ko: '더 보내지 않습니다. 전송 내역도 함께 삭제합니다.',
  },
  options: REQUIRED_ORGANIZATION,
  needsSecret: true,
  positionals: ONE,
  plan: ({ values, positionals: [webhook = ''] }, io) =>
    about(values.organization, async (webhooks, { id }) => {
      await webhooks.remove(LOCAL, id, webhook, HERE);
      if (values.json) printJson(io.stdout, { deleted: webhook });
    }),
});

const testCommand = defineAdminCommand({
  name: 'webhook test',
  summary: { en: 'send a test message now', ko: '시험 메시지를 지금 보냅니다' },
  usage: 'WEBHOOK --organization ID',
  text: {
    en: 'Sends a message of the type webhook.test, once. Exit code 1: it was not taken.',
    ko: 'webhook.test 메시지를 한 번 보냅니다. 종료 코드 1: 전송되지 않음.',
  },
  options: REQUIRED_ORGANIZATION,
  needsSecret: true,
  positionals: ONE,
  plan:
    ({ values, positionals: [webhook = ''] }, io) =>
    async (administration) => {
      const { id } = await findOrganization(administration, values.organization);
      const attempt = await withWebhooks(administration, (webhooks) => webhooks.test(LOCAL, id, webhook));
      printRows(
        [attempt],
        { name: 'attempts', toJson: attemptJson, columns: attemptColumns(), none: '' },
        values.json,
        io,
      );
      return attempt.outcome === 'delivered' ? EXIT.ok : EXIT.failed;
    },
});

const secret = defineAdminCommand({
  name: 'webhook secret',
  summary: { en: 'replace the secret of a webhook', ko: '웹훅의 비밀 키를 교체합니다' },
  usage: 'WEBHOOK --organization ID',
  text: {
    en: 'Writes the new secret to standard output. For 24 hours, messages are signed with the one before as well.',
    ko: '새 비밀 키를 표준 출력에 씁니다. 24시간 동안 이전 비밀 키로도 함께 서명합니다.',
  },
  options: REQUIRED_ORGANIZATION,
  needsSecret: true,
  positionals: ONE,
  plan: ({ values, positionals: [webhook = ''] }, io) =>
    about(values.organization, async (webhooks, { id }) => {
      const made = await webhooks.rotate(LOCAL, id, webhook, HERE);
      if (values.json) {
        printJson(io.stdout, { webhook: webhookJson(made.webhook, webhooks), secret: made.secret });
        return;
      }
      printLine(io.stdout, made.secret);
      printNote(io, webhookMessages().replaced);
    }),
});

const replay = defineAdminCommand({
  name: 'webhook replay',
  summary: { en: 'tell a webhook again what happened since', ko: '지난 일부터 다시 보냅니다' },
  usage: 'WEBHOOK --organization ID (--position N | --since TIME)',
  text: {
    en: 'Everything in the chain since then is sent again. A later position leaves out what comes before it.',
    ko: '그때부터 체인에 있는 모든 것을 다시 보냅니다. 더 뒤의 위치를 지정하면 그 앞은 건너뜁니다.',
  },
  options: {
    ...REQUIRED_ORGANIZATION,
    position: {
      type: 'string',
      value: 'N',
      help: { en: 'position of a notarization in the chain', ko: '체인에 있는 등록의 위치' },
    },
    since: {
      type: 'string',
      value: 'TIME',
      help: {
        en: 'a time: 2026-01-31 (00:00 UTC), 2026-01-31T09:00:00+09:00, or 3d ago as 3d',
        ko: '시각: 2026-01-31(00:00 UTC), 2026-01-31T09:00:00+09:00, 또는 3일 전은 3d',
      },
    },
  },
  needsSecret: true,
  positionals: ONE,
  plan({ values, positionals: [webhook = ''] }, io) {
    const { position, since } = values;
    if ((position === undefined) === (since === undefined))
      throw usageError(webhookMessages().oneOf('--position, --since'));
    const from =
      position === undefined
        ? { time: parseMoment('--since', since ?? '', 'ago') }
        : { position: parseCount('--position', position) };
    return about(values.organization, async (webhooks, { id }) => {
      show(await webhooks.replay(LOCAL, id, webhook, from, HERE), webhooks, values.json, io);
    });
  },
});

const attempts = defineAdminCommand({
  name: 'webhook attempts',
  summary: { en: 'list what was sent, and how it ended', ko: '보낸 내역과 결과를 보여 줍니다' },
  usage: 'WEBHOOK --organization ID [--failed] [--limit N]',
  text: {
    en: 'Latest first, of the last 30 days. What receivers say is not kept but for the status.',
    ko: '최근 30일의 내역을 최근 것부터 보여 줍니다. 받는 쪽의 응답은 상태 코드만 남깁니다.',
  },
  options: {
    ...REQUIRED_ORGANIZATION,
    failed: { type: 'boolean', help: { en: 'only what was not delivered', ko: '전송되지 않은 것만' } },
    limit: {
      type: 'string',
      value: 'N',
      help: {
        en: `at most so many, up to ${MOST_ATTEMPTS} (default: ${DEFAULT_ATTEMPTS})`,
        ko: `최대 개수, ${MOST_ATTEMPTS}까지(기본값: ${DEFAULT_ATTEMPTS})`,
      },
    },
  },
  needsSecret: true,
  positionals: ONE,
  plan({ values, positionals: [webhook = ''] }, io) {
    const limit =
      values.limit === undefined ? DEFAULT_ATTEMPTS : parseCount('--limit', values.limit, 1, MOST_ATTEMPTS);
    return about(values.organization, async (webhooks, { id }) => {
      const rows = await webhooks.attempts(LOCAL, id, webhook, { limit, failed: values.failed });
      const none = webhookMessages().noAttempts;
      printRows(
        rows,
        { name: 'attempts', toJson: attemptJson, columns: attemptColumns(), none },
        values.json,
        io,
      );
    });
  },
});

export const webhookCommand = defineGroup({
  name: 'webhook',
  summary: SUMMARIES.webhook,
  text: {
    en: `Has the systems of an organization told what happens to what it has. docs/webhooks.md lists the events. Works directly
on the database of a service on this machine. The service may be running; it sends.`,
    ko: `조직의 등록과 기록에 일어나는 일을 받는 쪽에 알립니다. 이벤트 목록은 docs/webhooks.md에 있습니다. 이 컴퓨터에 있는
서비스의 데이터베이스에서 바로 처리하며, 전송은 실행 중인 서비스가 합니다.`,
  },
  commands: {
    create,
    list,
    show: showCommand,
    change,
    delete: remove,
    test: testCommand,
    secret,
    replay,
    attempts,
  },
});
