import { z } from 'zod';
import { MAX_EVENT_LENGTH } from '../../proof/index.js';
import { SIGNING_STATUSES } from '../../signing/index.js';
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

export const NewSigningRequest = z.strictObject({
  title: line(300).describe('What the contract is called.'),
  message: LongText.exactOptional().describe('What the person is told, in your words.'),
  document: z.strictObject({
    sha256: Sha256,
    name: FileName.exactOptional(),
    size: z.int().min(0).exactOptional().describe('Length in bytes.'),
  }),
  name: Name.describe('What you call the person.'),
  email: MailAddress.exactOptional(),
  language: z.enum(['en', 'ko']).exactOptional().describe('Of e-mails; default `en`.'),
  expiresAt: Deadline.describe('Until when the person can answer; within a year.'),
});

const Status = z
  .enum(SIGNING_STATUSES)
  .describe(
    '`invited`: nobody has opened the link. `opened`. `key_given`: name the key in a contract. `to_sign`: the contract names it. `signed`, `declined`: by the contract, events that wait for their block included; before there is a contract, `declined` is what the person said. `delegated`: somebody else was asked. `closed`: the contract takes no answer from this key any more. `withdrawn`, `expired`, `erased`.',
  );

const Key = z.string().describe('The verifier key, `NAME+ID+KEY`.');

export const SigningRequest = z.strictObject({
  id: z.string(),
  status: Status,
  createdAt: Time,
  expiresAt: Time,
  openedAt: Time.nullable(),
  keyGivenAt: Time.nullable(),
  endedAt: Time.nullable(),
  mailedAt: Time.nullable().describe('When an e-mail was last ordered.'),
  mailFailedAt: Time.nullable().describe('The e-mail could not be delivered: send the link another way.'),
  title: z.string().nullable().describe('null: erased, as the other texts.'),
  message: z.string().nullable(),
  document: z.strictObject({ sha256: Hash, name: z.string().nullable(), size: Count.nullable() }),
  name: z.string().nullable(),
  email: z.string().nullable(),
  language: z.enum(['en', 'ko']),
  key: Key.nullable(),
  reason: z.string().nullable().describe('Why the person declined before there was a contract.'),
  record: RecordId.nullable().describe('The contract.'),
  party: Count.nullable().describe('The index of the key in the contract.'),
  predecessor: z.string().nullable().describe('Id of the request whose person has passed it on.'),
});
export type SigningRequest = z.infer<typeof SigningRequest>;

export const SigningRequests = z.strictObject({
  requests: z.array(SigningRequest).describe('Latest first.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

export const SigningRequestsQuery = z.strictObject({
  record: RecordId.exactOptional().describe('Only those for this contract.'),
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

const Other = z.strictObject({ name: z.string().nullable(), key: Key.nullable() });

export const AskedSigning = z.strictObject({
  id: z.string(),
  status: Status,
  origin: z.string().describe('Of the log, for what is signed.'),
  organization: OrganizationName,
  title: z.string().nullable(),
  message: z.string().nullable(),
  document: z.strictObject({
    sha256: Hash,
    name: z.string().nullable(),
    size: Count.nullable(),
    kept: z.boolean().describe('Whether the organization keeps the document here: `getSigningDocument`.'),
  }),
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
  successor: Other.nullable().describe('Who was named instead.'),
  handover: z
    .strictObject({ note: z.string().max(MAX_EVENT_LENGTH), body: AnyObject })
    .nullable()
    .describe(
      'The event with which your key takes the place of another, signed by that one: add your signature.',
    ),
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
