import { z } from 'zod';
import { MAX_EVENT_LENGTH, PUBLISHABLE } from '../../proof/index.js';
import { AnyObject, decimal } from './documents.js';
import { Count, Hash, Receipt, ResultError, Step, Time, TimeReport } from './resources.js';

/** Records: docs/records.md specifies notes, bodies and states. */

export const RecordId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
  .meta({ examples: ['5d9e458d1582a2bae250b8fad32a7825681dbe63ca5ed1677db015ff1b989996'] })
  .describe('Id of the record: the SHA-256 of its first note.');

/** In characters: of any key that signs events. */
const MAX_PUBLICATION_LENGTH = 16_384;

export const EventInput = z.strictObject({
  note: z
    .string()
    .min(1)
    .max(MAX_EVENT_LENGTH)
    .describe('The event note, signed with all keys that the rules ask for.'),
  body: AnyObject.describe('The body whose digest the note names.'),
});
export type EventInput = z.infer<typeof EventInput>;

const EventStatus = z
  .enum(['accepted', 'applied', 'void'])
  .describe(
    '`accepted`: it waits for its block. `applied`: its block changed the record. `void`: it changed nothing, because the record was another one at its turn.',
  );

export const EventSequence = decimal(0, Number.MAX_SAFE_INTEGER).describe('Number of the event, from 0.');

const Sequence = Count.describe('Number of the event in its record, from 0.');
const Value = Hash.describe('The record’s value after the event.');

export const EventLinks = z.strictObject({
  record: z.string(),
  events: z.string(),
  history: z.string(),
  notarization: z.string(),
  proof: z.string(),
});

const AcceptedEventFields = z.strictObject({
  record: RecordId,
  sequence: Sequence,
  type: z.string(),
  value: Value,
  status: EventStatus,
  reason: z.string().optional().describe('Why the event is void: a code of the rules.'),
  notarization: z.string().describe('Id of the event’s notarization.'),
  position: Count.describe('Position in the chain.'),
  acceptedAt: Time,
  height: Count.optional().describe('Of the block that holds the event.'),
  sealedAt: Time.optional(),
  entry: z.string().describe('The 114 bytes that the receipt and the block commit to, in base64.'),
  receipt: Receipt.optional().describe('Absent when a repeated request finds the event sealed.'),
  links: EventLinks,
});

export const AcceptedEvent = AcceptedEventFields;
export type AcceptedEvent = z.infer<typeof AcceptedEvent>;

export const EventResultLine = z
  .union([AcceptedEventFields.extend({ line: z.int().min(1) }), ResultError])
  .describe('One for each line of the request, in the same order.');

export type EventResultLine = z.infer<typeof EventResultLine>;

export const RecordEvent = z.strictObject({
  sequence: Sequence,
  type: z.string(),
  status: EventStatus,
  reason: z.string().optional().describe('Why the event is void: a code of the rules.'),
  before: Hash.describe('The record’s value before the event; zeros before the first.'),
  value: Value,
  note: z.string().optional().describe('The signed note. Absent for automatic events.'),
  automatic: z.string().optional().describe('The text of an event that happened by itself.'),
  body: AnyObject.optional().describe('Absent for automatic events, and when it was erased.'),
  erased: z.literal(true).optional().describe('The body was erased.'),
  notarization: z.string().optional().describe('Id of its notarization. Absent for automatic events.'),
  position: Count.optional(),
  acceptedAt: Time.optional(),
  height: Count.optional().describe('Of the block that holds the event.'),
  sealedAt: Time.optional(),
});
export type RecordEvent = z.infer<typeof RecordEvent>;

export const RecordEvents = z.strictObject({
  events: z.array(RecordEvent).describe('In their order, void ones included.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

const KIND = z.enum(['document', 'work', 'item', 'contract']);

/** The state of a record, which docs/records.md specifies. */
export const RecordState = z.looseObject({ kind: KIND, status: z.string(), holder: z.string() });

export const NextStep = z.strictObject({
  type: z.string(),
  signers: z.array(z.string()).describe('All of these keys sign it, and those that its body names.'),
  party: Count.nullable(),
  condition: z
    .string()
    .nullable()
    .describe('Name of the condition that it fulfils; SHA-256 of the name when the body was erased.'),
});
const NextSteps = z.array(NextStep).describe('The events that the record takes next.');

export const RecordResource = z.strictObject({
  id: RecordId,
  kind: KIND,
  status: z.string(),
  title: z
    .string()
    .nullable()
    .describe('From the body that gave it last. null: it gave none, or was erased.'),
  holder: z.string().describe('Verifier key of the holder.'),
  sequence: Count.describe('Of the last event.'),
  value: Hash.describe('What the next event must name as the value before.'),
  state: RecordState.describe('What the rules make of all events, also those that wait for their block.'),
  waiting: Count.describe('How many events wait for their block.'),
  sealed: z
    .strictObject({ height: Count, sequence: Count, value: Hash })
    .nullable()
    .describe('After the latest block that changed the record; null: no block has an event of it yet.'),
  next: NextSteps,
  links: z.strictObject({ self: z.string(), events: z.string(), history: z.string(), state: z.string() }),
});
export type RecordResource = z.infer<typeof RecordResource>;

export const Records = z.strictObject({
  records: z.array(RecordResource).describe('Those that came to the organization last first.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

export const RecordsQuery = z.strictObject({
  kind: KIND.exactOptional(),
  status: z
    .string()
    .regex(/^[a-z]{1,32}$/, 'must be a word of small letters')
    .exactOptional()
    .describe('Such as `current`, `offered` or `executed`: after the latest block.'),
  key: z
    .string()
    .regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/, 'must be a verifier key: NAME+ID+KEY')
    .max(2048)
    .exactOptional()
    .describe(
      'A verifier key: only records in which it has a role, such as that of the holder or of a party, after the latest block.',
    ),
  q: z
    .string()
    .min(1)
    .max(500)
    .exactOptional()
    .describe(
      'Words or parts of words, of at least three letters, or beginnings of words in the bodies of events that the organization submitted; all must match.',
    ),
  limit: decimal(1, 200).default(50).describe('Page size.'),
  cursor: decimal(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('`next` of the previous page.'),
});

export const RecordEventsQuery = z.strictObject({
  limit: decimal(1, 1000).default(100).describe('Page size.'),
  cursor: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,14})$/, 'must be `next` of the previous page')
    .transform((text) => {
      const [sequence = 0, id = 0] = text.split('.').map(Number);
      return { sequence, id };
    })
    .exactOptional()
    .describe('`next` of the previous page.'),
});

export const LastEventId = z
  .string()
  .regex(/^(|0|[1-9][0-9]{0,14})$/, 'must be the id of an event of the stream')
  .transform((text) => (text === '' ? -1 : Number(text)))
  .describe(
    'Of a stream: the id of the last event that the client has. Default: it begins with the first event.',
  );

export const AsOfQuery = z.strictObject({
  at: decimal(0, Number.MAX_SAFE_INTEGER)
    .exactOptional()
    .describe('Height of a block. Default: the latest that a published checkpoint covers.'),
});

export const AsOf = z
  .strictObject({ height: Count, sealedAt: Time })
  .describe('After this block, and no later.');

export const RecordStateResource = z.strictObject({
  record: RecordId,
  asOf: AsOf,
  sequence: Count.describe('Of the last event until then.'),
  value: Hash,
  state: RecordState.nullable().describe(
    'null: the body of an event was erased, so it cannot be told any more.',
  ),
  links: z.strictObject({ map: z.string(), history: z.string() }),
});
export type RecordStateResource = z.infer<typeof RecordStateResource>;

const Chosen = z
  .array(z.enum([...new Set(Object.values(PUBLISHABLE).flat())]))
  .describe(
    `What the holder shows, in this order. Of a work: ${PUBLISHABLE.work.join(', ')}. Of an item: ${PUBLISHABLE.item.join(', ')}. \`history\`: the history file, with all that was ever signed. \`search\`: search engines may list the page.`,
  );

export const NewPublication = z.strictObject({
  note: z
    .string()
    .min(1)
    .max(MAX_PUBLICATION_LENGTH)
    .describe(
      'A note with the lines `ingam/publish/v1`, the log’s origin, the record’s id, what is shown (words of the list with commas between them) and the time in milliseconds since 1970, at most 300 seconds from now; signed with the key of the holder.',
    ),
});

export const RecordPublication = z.strictObject({
  record: RecordId,
  shows: Chosen,
  signedAt: Time.describe('The time in the note.'),
  links: z.strictObject({ page: z.string(), publication: z.string() }),
});
export type RecordPublication = z.infer<typeof RecordPublication>;

export const PublishedKey = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  kind: z.enum(['ed25519', 'ml-dsa-44', 'passkey']).nullable().describe('null: unknown.'),
  name: z
    .string()
    .nullable()
    .describe('What whoever made the key called it. null: the holder does not show the names of keys.'),
});
export type PublishedKey = z.infer<typeof PublishedKey>;

export const PublishedEvent = z.strictObject({
  sequence: Sequence,
  type: z.string(),
  automatic: z.boolean().describe('It happened by itself: nobody signed it.'),
  signers: z.array(PublishedKey).describe('The keys that signed it.'),
  body: AnyObject.optional().describe('What the holder shows of its body. Absent: nothing.'),
  erased: z.literal(true).optional().describe('The body was erased.'),
  height: Count.describe('Of the block that holds the event.'),
  sealedAt: Time,
});
export type PublishedEvent = z.infer<typeof PublishedEvent>;

export const PublishedRecord = z.strictObject({
  record: RecordId,
  kind: z.enum(['work', 'item']),
  status: z.string(),
  title: z.string().nullable().describe('null: the holder does not show it, or it was erased.'),
  holder: PublishedKey,
  shows: Chosen,
  signedAt: Time.describe('When the holder chose this, as their device says.'),
  note: z.string().describe('The note that the holder has signed.'),
  sequence: Count.describe('Of the last event.'),
  asOf: AsOf,
  events: z.array(PublishedEvent).describe('In their order; those that change nothing are left out.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
  links: z.strictObject({
    page: z.string(),
    history: z.string().nullable().describe('null: the holder does not show it.'),
    map: z.string().describe('Proves the value of the record in the map of all records.'),
  }),
});
export type PublishedRecord = z.infer<typeof PublishedRecord>;

/** A history file, which docs/record-files.md specifies. */
export const HistoryFile = z.looseObject({ format: z.literal('ingam-history-v1') });

const HistoryStep = Step.extend({
  at: z
    .strictObject({
      block: Count.optional(),
      event: Count.optional().describe('Its sequence.'),
      record: RecordId.optional().describe('Another record than the one that the history is about.'),
      document: Hash.optional(),
    })
    .optional()
    .describe('Where the step failed.'),
});

const MissingPart = z
  .strictObject({
    what: z.enum(['body', 'record', 'record_before', 'document']),
    message: z.string(),
    event: Count.optional(),
    record: RecordId.optional(),
    block: Count.optional(),
    document: Hash.optional(),
  })
  .describe('What is not in the file, and would be needed to check the rules further.');

const TimelineEvent = z.strictObject({
  sequence: Count,
  type: z.string().nullable().describe('null: the event cannot be read.'),
  automatic: z.boolean().describe('It happened by itself: nobody signed it.'),
  facts: z.array(z.string()).describe('What an automatic event rests on.'),
  signers: z
    .array(z.string())
    .nullable()
    .describe('The keys that signed it. null: it is automatic, or not signed as the rules ask for.'),
  body: AnyObject.nullable().describe('null: there is none, or it is not in the file.'),
  height: Count.nullable().describe('Of its block; null: it is an automatic event that cannot be read.'),
  sealedAt: z.string().nullable().describe('null: its block is not in the file.'),
  time: TimeReport.omit({ anchors: true })
    .nullable()
    .describe('What the anchors of its block show of the time of registration.'),
});

/** `historyReport`, whose text a thread makes. */
export const HistoryVerification = z.strictObject({
  verdict: z
    .enum(['verified', 'invalid', 'untrusted', 'incomplete'])
    .describe(
      '`incomplete`: nothing in the file is wrong, but what `missing` lists is not in it, so the rules cannot be checked further.',
    ),
  record: RecordId,
  asOf: z
    .strictObject({ height: Count, sealedAt: z.string() })
    .nullable()
    .describe('Nothing later happened up to this block. null: the file does not show it.'),
  state: RecordState.nullable().describe('What the events make of the record; null: unknown.'),
  title: z.string().nullable(),
  next: NextSteps,
  timeline: z.array(TimelineEvent),
  missing: z.array(MissingPart),
  cosignatures: z
    .array(z.strictObject({ witness: z.string(), before: z.string() }))
    .describe('Members that cosigned the checkpoint, and before when.'),
  steps: z.array(HistoryStep).describe('What was checked; the codes are those of every verifier.'),
});
export type HistoryVerification = z.infer<typeof HistoryVerification>;
