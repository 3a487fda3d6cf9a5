-- Webhooks: where organizations want to be told what happens to what is theirs. Nothing is written here when something
-- is accepted or sealed: each webhook has a place in the chain for each type of event, and reads on from there. Times
-- are milliseconds since the Unix epoch.

CREATE TABLE webhook (
  created_at          bigint  NOT NULL,
  secret_since        bigint  NOT NULL, -- when the present secret was made
  due_at              bigint  NOT NULL, -- nothing is sent before
  claimed_until       bigint  NOT NULL, -- a process works on it until then; 0: none does
  claim               bigint  NOT NULL, -- counts claims and changes: what has been changed meanwhile is not overwritten
  pending_place       bigint,           -- the message that is being sent: up to where it goes
  pending_sub         bigint,
  disabled_at         bigint,
  attempts            integer NOT NULL, -- of the message that is being sent
  secret              integer NOT NULL, -- counts the secrets that this webhook has had
  number              integer NOT NULL GENERATED ALWAYS AS IDENTITY, -- short form of the id, for tables with many rows
  organization_number integer NOT NULL,
  id                  text    NOT NULL,
  created_by          text    NOT NULL, -- person id, or 'cli'
  name                text    NOT NULL,
  url                 text    NOT NULL,
  pending_type        text,
  disabled_because    text,
  CONSTRAINT webhook_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_number UNIQUE (number),
  CONSTRAINT webhook_range CHECK (attempts >= 0 AND secret >= 1 AND claimed_until >= 0),
  CONSTRAINT webhook_pending CHECK (num_nonnulls(pending_place, pending_sub, pending_type) IN (0, 3)),
  CONSTRAINT webhook_disabled CHECK (
    num_nonnulls(disabled_at, disabled_because) IN (0, 2) AND disabled_because IN ('person', 'failed', 'gone')
  )
);

CREATE INDEX webhook_of_organization ON webhook (organization_number, created_at, id);
CREATE INDEX webhook_due ON webhook (due_at) WHERE disabled_at IS NULL;

-- How far a webhook has come. Of notarizations, `place` is the first position that is not told yet; of events of
-- records, height and id of the last one that is; of other events, the id of the last one.
CREATE TABLE webhook_cursor (
  place   bigint NOT NULL,
  sub     bigint NOT NULL,
  webhook text   NOT NULL,
  type    text   NOT NULL,
  CONSTRAINT webhook_cursor_pkey PRIMARY KEY (webhook, type),
  CONSTRAINT webhook_cursor_range CHECK (place >= -1 AND sub >= -1),
  CONSTRAINT webhook_cursor_webhook FOREIGN KEY (webhook) REFERENCES webhook (id) ON DELETE CASCADE
);

-- What was sent, and how it ended; for 30 days. Nothing of what the receiver said but its status.
CREATE TABLE webhook_attempt (
  id             bigint   NOT NULL GENERATED ALWAYS AS IDENTITY,
  at             bigint   NOT NULL,
  ms             integer  NOT NULL, -- how long it took
  webhook_number integer  NOT NULL,
  attempt        smallint NOT NULL,
  status         smallint,          -- of HTTP; NULL: there was no answer
  message        bytea    NOT NULL, -- webhook-id, without its beginning
  type           text     NOT NULL,
  outcome        text     NOT NULL,
  CONSTRAINT webhook_attempt_pkey PRIMARY KEY (webhook_number, id),
  CONSTRAINT webhook_attempt_range CHECK (ms >= 0 AND attempt >= 1),
  CONSTRAINT webhook_attempt_webhook FOREIGN KEY (webhook_number) REFERENCES webhook (number) ON DELETE CASCADE
);

-- Rows are added in the order of their times.
CREATE INDEX webhook_attempt_at ON webhook_attempt USING brin (at);

-- E-mails to owners that wait, because a webhook was disabled after its receiver failed. They are written together with
-- that, and removed when the mail server has them; before it sends one, a process puts `due_at` off. `id` is a part of
-- its Message-ID. Neither text nor address is here.
CREATE TABLE webhook_mail (
  id       bigint  NOT NULL GENERATED ALWAYS AS IDENTITY,
  due_at   bigint  NOT NULL,
  attempts integer NOT NULL,
  webhook  text    NOT NULL,
  person   text    NOT NULL,
  CONSTRAINT webhook_mail_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_mail_range CHECK (attempts >= 0),
  CONSTRAINT webhook_mail_webhook FOREIGN KEY (webhook) REFERENCES webhook (id) ON DELETE CASCADE
);

CREATE INDEX webhook_mail_due ON webhook_mail (due_at);
CREATE INDEX webhook_mail_of_webhook ON webhook_mail (webhook);

-- What happened that the chain does not say; for 30 days. Rows are added under a lock, so that their ids follow the
-- order of commits: a webhook that has read one will find no earlier one later.
CREATE TABLE webhook_event (
  id                  bigint  NOT NULL GENERATED ALWAYS AS IDENTITY,
  at                  bigint  NOT NULL,
  organization_number integer,          -- NULL: it concerns the whole log
  type                text    NOT NULL,
  data                text    NOT NULL, -- JSON
  CONSTRAINT webhook_event_pkey PRIMARY KEY (id)
);

CREATE INDEX webhook_event_of_type ON webhook_event (type, id);
CREATE INDEX webhook_event_at ON webhook_event (at);
-- Of each deadline that is near an organization is told once.
CREATE UNIQUE INDEX webhook_event_deadline ON webhook_event (organization_number, data) WHERE type = 'contract.deadline_near';

-- Events of records in the order in which blocks made them take effect.
CREATE INDEX event_height ON event (height, id) WHERE height IS NOT NULL;
