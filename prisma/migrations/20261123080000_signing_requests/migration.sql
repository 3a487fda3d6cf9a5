-- Requests to sign: people without an account whom an organization asks for a key, and then for a signature. What a
-- record says of them is in the record; what is here is what the organization says. Times are milliseconds since
-- the Unix epoch.

CREATE TABLE signing_request (
  created_at          bigint  NOT NULL,
  expires_at          bigint  NOT NULL,
  document_size       bigint,
  opened_at           bigint, -- the first time
  key_given_at        bigint,
  ended_at            bigint,
  mailed_at           bigint, -- when an e-mail was last ordered
  mail_failed_at      bigint, -- when the last e-mail was given up
  erased_at           bigint,
  since               bigint, -- sequence of the item or work when the request was made
  answered            bigint, -- sequence of the event that answered, unless it is of a contract
  organization_number integer NOT NULL,
  link                integer NOT NULL, -- counts the links that this request has had
  changes             integer NOT NULL, -- counts what whoever held a link has changed
  id                  text    NOT NULL,
  created_by          text    NOT NULL, -- `key:<id>` or `person:<id>`
  language            text    NOT NULL,
  kind                text    NOT NULL, -- what is asked
  title               text,    -- NULL: erased, as the texts below
  message             text,
  document_name       text,
  name                text,    -- what the organization calls the person
  email               text,
  key                 text,    -- the verifier key that the person gave
  ended               text,    -- why, unless the record says it
  reason              text,
  predecessor         text,    -- the request whose person has passed it on
  predecessor_key     text,    -- the key that the contract names until this one takes its place
  handover            text,    -- the event for that, signed by the key before: {"note", "body"}
  secret_hash         bytea,   -- SHA-256 of what opens the link; NULL: nothing does
  claim               text,    -- what the claim of a work shall state, without nonce and holder: JSON
  holder              text,    -- the verifier key that held the item or work when the request was made
  document            bytea,   -- of a contract: SHA-256
  record              bytea,   -- the contract, the item or the work
  CONSTRAINT signing_request_pkey PRIMARY KEY (id),
  CONSTRAINT signing_request_range CHECK (
    octet_length(document) = 32 AND octet_length(record) = 32 AND octet_length(secret_hash) = 32
    AND document_size >= 0 AND link > 0 AND language IN ('en', 'ko') AND changes >= 0 AND since >= 0 AND answered >= 0
    AND ended IN ('declined', 'delegated', 'withdrawn')
  ),
  CONSTRAINT signing_request_kind CHECK (
    CASE kind
      WHEN 'contract' THEN document IS NOT NULL AND num_nonnulls(claim, holder, since, answered) = 0
      WHEN 'claim' THEN num_nonnulls(document, holder, since) = 0 AND (erased_at IS NOT NULL OR claim IS NOT NULL)
      ELSE kind IN ('transfer', 'licence') AND num_nonnulls(document, claim) = 0
        AND num_nonnulls(record, since) = 2 AND (erased_at IS NOT NULL OR holder IS NOT NULL)
    END
  ),
  CONSTRAINT signing_request_ended CHECK (num_nonnulls(ended, ended_at) IN (0, 2)),
  CONSTRAINT signing_request_key CHECK (erased_at IS NOT NULL OR num_nonnulls(key, key_given_at) IN (0, 2)),
  CONSTRAINT signing_request_erased CHECK (
    erased_at IS NULL
    OR num_nonnulls(title, message, document_name, name, email, key, reason, handover, secret_hash, predecessor_key, claim, holder)
      = 0
  ),
  CONSTRAINT signing_request_predecessor FOREIGN KEY (predecessor) REFERENCES signing_request (id)
);

CREATE UNIQUE INDEX signing_request_secret ON signing_request (secret_hash);
CREATE UNIQUE INDEX signing_request_successor ON signing_request (predecessor) WHERE ended IS NULL;
CREATE INDEX signing_request_of_organization ON signing_request (organization_number, created_at, id);
CREATE INDEX signing_request_key_given ON signing_request (organization_number, key_given_at)
  WHERE key_given_at IS NOT NULL AND ended IS NULL;
CREATE INDEX signing_request_of_record ON signing_request (record) WHERE record IS NOT NULL;

-- E-mails that wait to be sent. A process claims one until `due_at`, and deletes it when the mail server has it: after a
-- crash another process sends it, at worst once more. Neither text nor link is here: both follow from the request.
-- One that waits for its record to go on is due when the sealed record is past `seen`, or at `due_at`.
CREATE TABLE signing_mail (
  id       bigint  NOT NULL GENERATED ALWAYS AS IDENTITY,
  due_at   bigint  NOT NULL,
  seen     bigint,           -- sequence of the record that it was judged by; -1: no block had it
  attempts integer NOT NULL,
  request  text    NOT NULL,
  kind     text    NOT NULL,
  CONSTRAINT signing_mail_pkey PRIMARY KEY (id),
  CONSTRAINT signing_mail_kind CHECK (
    kind IN ('invite', 'remind', 'sign', 'hand_over', 'take_over', 'ended') AND attempts >= 0 AND seen >= -1
  ),
  CONSTRAINT signing_mail_request FOREIGN KEY (request) REFERENCES signing_request (id)
);

CREATE INDEX signing_mail_due ON signing_mail (due_at);
CREATE INDEX signing_mail_of_request ON signing_mail (request);
