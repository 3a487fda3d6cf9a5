import { z } from 'zod';
import { SIGNING_KINDS, SIGNING_STATUSES } from '../../messages/signing.js';
import { MAX_EVENT_LENGTH } from '../../proof/index.js';
import { AnyObject, decimal, FileName, line, longTextFault, Sha256 } from './documents.js';
import { OrganizationName } from './auth.js';
import { Id, Name, Secret } from './inputs.js';
import { AcceptedEvent, EventInput, RecordId } from './records.js';
import { Count, Hash, Time } from './resources.js';

/** Requests to sign: docs/signing.md. */

const LongText = z
  .string()
  .min(1)
  .max(2000)
  .superRefine((text, context) => {
    const fault = longTextFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: `must not contain ${fault}` });
  });

const MailAddress = z
  .string()
  .min(3)
  .max(254)
  .describe('ASCII, of the form NAME@HOST. Without a mail server it is only kept for you to read.');

const Deadline = z.iso
  .datetime({ offset: true, error: 'must be a time as RFC 3339 writes it: 2026-01-31T12:00:00Z' })
  .transform((text) => Date.parse(text));

const Kind = z
  .enum(SIGNING_KINDS)
  .describe(
    '`contract`: sign a contract for a document. `transfer`: accept an item, or the rights to a work. `licence`: give the key to which a licence of a work is then granted. `claim`: sign the claim of a work.',
  );

export const NewSigningRequest = z.strictObject({
  kind: Kind.exactOptional().describe('Default: `contract`.'),
  title: line(300)
    .exactOptional()
    .describe(
      'What the contract is called: needed for a contract. By default what the item or work is called.',
    ),
  message: LongText.exactOptional().describe('What the person is told, in your words.'),
  document: z
    .strictObject({
      sha256: Sha256,
      name: FileName.exactOptional(),
      size: z.int().min(0).exactOptional().describe('Length in bytes.'),
    })
    .exactOptional()
    .describe('Of the contract: needed for a contract.'),
  record: RecordId.exactOptional().describe(
    'The item or work that is transferred or licensed: needed for these. Whoever has the link reads what its first event states.',
  ),
  claim: AnyObject.exactOptional().describe(
    'What the claim shall state, as the body of `work.claim` without `nonce` and `holder`: needed for a claim.',
  ),
  name: Name.describe('What you call the person.'),
  email: MailAddress.exactOptional(),
  language: z.enum(['en', 'ko']).exactOptional().describe('Of e-mails; default `en`.'),
  expiresAt: Deadline.describe('Until when the person can answer; within a year.'),
});

const Status = z
  .enum(SIGNING_STATUSES)
  .describe(
    '`invited`: nobody has opened the link. `opened`. `key_given`: name the key in a contract, an offer or a licence. `to_sign`: the contract or offer names it, or the claim waits for its signature. `signed`, `declined`: by the record, events that wait for their block included; where there is no contract, `declined` is what the person said. `granted`: a licence names the key. `delegated`: somebody else was asked. `closed`: the record takes no answer from this key any more. `withdrawn`, `expired`, `erased`.',
  );

const Key = z.string().describe('The verifier key, `NAME+ID+KEY`.');

const Closed = z
  .enum(['holder_changed', 'taken', 'over'])
  .nullable()
  .describe(
    'Why the item or work cannot be had any more, if the status is `closed`: another key holds it than when the request was made, somebody else has accepted it, or it is destroyed or withdrawn.',
  );

export const SigningRequest = z.strictObject({
  id: z.string(),
  kind: Kind,
  status: Status,
  closedBy: Closed,
  createdAt: Time,
  expiresAt: Time,
  openedAt: Time.nullable(),
  keyGivenAt: Time.nullable(),
  endedAt: Time.nullable(),
  mailedAt: Time.nullable().describe('When an e-mail was last ordered.'),
  mailFailedAt: Time.nullable().describe('The e-mail could not be delivered: send the link another way.'),
  title: z.string().nullable().describe('null: erased, as the other texts.'),
  message: z.string().nullable(),
  document: z
    .strictObject({ sha256: Hash, name: z.string().nullable(), size: Count.nullable() })
    .nullable()
    .describe('Of a contract.'),
  claim: AnyObject.nullable().describe('What the claim shall state.'),
  name: z.string().nullable(),
  email: z.string().nullable(),
  language: z.enum(['en', 'ko']),
  key: Key.nullable(),
  reason: z.string().nullable().describe('Why the person declined where there was no contract.'),
  record: RecordId.nullable().describe('The contract, the item or the work.'),
  party: Count.nullable().describe('The index of the key in the contract.'),
  predecessor: z.string().nullable().describe('Id of the request whose person has passed it on.'),
});
export type SigningRequest = z.infer<typeof SigningRequest>;

export const SigningRequests = z.strictObject({
  requests: z.array(SigningRequest).describe('Latest first.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

export const SigningRequestsQuery = z.strictObject({
  record: RecordId.exactOptional().describe('Only those for this record.'),
  limit: decimal(1, 200).exactOptional().describe('Page size; default 50.'),
  cursor: Id.exactOptional().describe('`next` of the previous page.'),
});

export const LinkToSign = z.strictObject({
  token: z
    .string()
    .describe(
      'The link is `sign.html#token=` and this. Whoever has it can answer for the person: deliver it privately.',
    ),
  mailed: z.boolean().describe('Whether it is sent by e-mail.'),
});

export const NewSigningResult = z.strictObject({ request: SigningRequest, link: LinkToSign });
export const SigningLink = z.strictObject({ link: LinkToSign });
export const SigningReminder = z.strictObject({
  newLink: z
    .boolean()
    .exactOptional()
    .describe(
      'true: a new link, for example when the first went to a wrong address. Earlier ones open nothing.',
    ),
});
export const SigningContract = z.strictObject({ record: RecordId });

const Token = Secret.describe('From the link. It is in the body, because URLs are logged.');

export const OpenSigning = z.strictObject({ token: Token });

export const GiveKey = z.strictObject({
  token: Token,
  key: z.string().min(1).max(4096).describe('The verifier key, `NAME+ID+KEY`.'),
  offer: z
    .string()
    .min(1)
    .max(16_384)
    .describe('A note of the lines `ingam/key/v1`, log, request and document, signed with the key.'),
});

export const DeclineSigning = z.strictObject({ token: Token, reason: LongText.exactOptional() });

export const DelegateSigning = z.strictObject({
  token: Token,
  name: Name,
  email: MailAddress.exactOptional(),
});

export const AnswerSigning = z.strictObject({ token: Token, ...EventInput.shape });

export const AskedSigning = z.strictObject({
  id: z.string(),
  kind: Kind,
  status: Status,
  closedBy: Closed,
  origin: z.string().describe('Of the log, for what is signed.'),
  organization: OrganizationName,
  title: z.string().nullable(),
  message: z.string().nullable(),
  document: z
    .strictObject({
      sha256: Hash,
      name: z.string().nullable(),
      size: Count.nullable(),
      kept: z.boolean().describe('Whether the organization keeps the document here: `getSigningDocument`.'),
    })
    .nullable()
    .describe('Of a contract.'),
  name: z.string().nullable(),
  createdAt: Time,
  expiresAt: Time,
  key: Key.nullable(),
  keyGivenAt: Time.nullable(),
  passkeyDomain: z
    .string()
    .nullable()
    .describe('For which a passkey can be made here; null: at this address there are none.'),
  replaces: z
    .strictObject({ key: Key })
    .nullable()
    .describe('The key that the contract names until yours takes its place.'),
  successor: z
    .strictObject({
      name: z.string().nullable(),
      key: Key.nullable(),
      handedOver: z
        .boolean()
        .describe(
          'Whether you have signed that this key takes the place of yours, as the contract is now. It counts when the one who was named signs too.',
        ),
    })
    .nullable()
    .describe('Who was named instead.'),
  handover: z
    .strictObject({ note: z.string().max(MAX_EVENT_LENGTH), body: AnyObject })
    .nullable()
    .describe(
      'The event with which your key takes the place of another, signed by that one: add your signature.',
    ),
  subject: z
    .strictObject({
      record: z
        .strictObject({
          id: RecordId,
          kind: z.enum(['document', 'work', 'item']),
          status: z.string(),
          sequence: Count,
          value: Hash,
          holder: Key,
        })
        .nullable()
        .describe('null: the work is not claimed yet.'),
      body: AnyObject.nullable().describe('What its first event states, or shall state; null: erased.'),
      offer: z
        .strictObject({
          until: Time.nullable(),
          on: AnyObject.nullable().describe('The condition; null: the item or work is yours at once.'),
        })
        .nullable()
        .describe('To your key; null: there is none.'),
      licence: AnyObject.nullable().describe('What the event states that granted it; null: none, or erased.'),
    })
    .nullable()
    .describe('What is transferred, licensed or claimed; null: a contract.'),
  contract: z
    .strictObject({
      record: RecordId,
      sequence: Count,
      value: Hash,
      status: z.string(),
      deadline: Time.nullable(),
      party: Count.nullable(),
      replaces: Count.nullable(),
      turn: z.boolean().describe('Whether those who come first have answered.'),
      parties: z.array(
        z.strictObject({
          name: z.string().nullable().describe('What the contract calls the party; null: erased.'),
          key: Key,
          order: Count,
          answer: z.enum(['signed', 'declined']).nullable(),
        }),
      ),
      terms: AnyObject.nullable().describe('As proposed or last amended; null: erased.'),
    })
    .nullable(),
});
export type AskedSigning = z.infer<typeof AskedSigning>;

export const DelegatedSigning = z.strictObject({
  asked: AskedSigning,
  link: LinkToSign.nullable().describe(
    'For the person who was named; null: it is sent by e-mail to them alone.',
  ),
});

export const AnsweredSigning = z.strictObject({
  asked: AskedSigning,
  event: AcceptedEvent.nullable().describe('null: the other person has to sign as well.'),
});
