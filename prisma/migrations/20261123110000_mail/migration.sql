-- E-mails to people with an account. Times are milliseconds since the Unix epoch.

-- Links for a new password that somebody asked for, until they expire. There is a row for an address of nobody too: what
-- is done, and how long it takes, must not depend on that. The link follows from the id and a secret that is not here.
CREATE TABLE password_reset (
  asked_at    bigint  NOT NULL,
  expires_at  bigint  NOT NULL,
  due_at      bigint,           -- when the e-mail is sent, or tried again; NULL: it was sent, or is not sent
  attempts    integer NOT NULL,
  id          text    NOT NULL, -- also of the e-mail
  email       text    NOT NULL, -- normalised
  language    text,             -- of the e-mail; NULL: not known
  secret_hash bytea   NOT NULL, -- SHA-256 of what the link has
  CONSTRAINT password_reset_pkey PRIMARY KEY (id),
  CONSTRAINT password_reset_range CHECK (
    attempts >= 0 AND octet_length(secret_hash) = 32 AND language IN ('en', 'ko')
  )
);

CREATE UNIQUE INDEX password_reset_secret ON password_reset (secret_hash);
CREATE INDEX password_reset_due ON password_reset (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX password_reset_email ON password_reset (email);
CREATE INDEX password_reset_expires ON password_reset (expires_at);

-- Other e-mails to people that wait: invitations, and alarms to operators. They are written together with what causes
-- them, and removed when the mail server has them; before it sends one, a process puts `due_at` off.
CREATE TABLE account_mail (
  id       bigint  NOT NULL GENERATED ALWAYS AS IDENTITY, -- a part of the Message-ID
  due_at   bigint  NOT NULL,
  until    bigint,           -- nobody needs it after that
  attempts integer NOT NULL,
  person   text    NOT NULL,
  kind     text    NOT NULL,
  language text,             -- NULL: not known
  data     text    NOT NULL, -- JSON; of an invitation what its link follows from, by a secret that is not here
  CONSTRAINT account_mail_pkey PRIMARY KEY (id),
  CONSTRAINT account_mail_person FOREIGN KEY (person) REFERENCES person (id),
  CONSTRAINT account_mail_range CHECK (
    attempts >= 0 AND kind IN ('invitation', 'anchor.late', 'member.alarm') AND language IN ('en', 'ko')
  )
);

CREATE INDEX account_mail_due ON account_mail (due_at);
CREATE INDEX account_mail_of_person ON account_mail (person);

-- What people want to be told by e-mail of an organization. Nothing is written here when something is accepted or sealed: each
-- digest has a place in the chain, and reads on from there.
CREATE TABLE digest (
  place               bigint  NOT NULL, -- the first position that is not told yet
  told_at             bigint  NOT NULL, -- what began to wait before is told
  pending_place       bigint,           -- up to where the e-mail that is being sent goes
  pending_at          bigint,
  due_at              bigint  NOT NULL, -- nothing is sent before
  attempts            integer NOT NULL, -- of the e-mail that is being sent
  organization_number integer NOT NULL,
  id                  text    NOT NULL, -- new with each choice: a link that ends an earlier one ends this one not
  person              text    NOT NULL,
  every               text    NOT NULL,
  language            text    NOT NULL,
  CONSTRAINT digest_pkey PRIMARY KEY (id),
  CONSTRAINT digest_person FOREIGN KEY (person) REFERENCES person (id),
  CONSTRAINT digest_range CHECK (
    place >= 0 AND attempts >= 0 AND every IN ('at_once', 'hourly', 'daily') AND language IN ('en', 'ko')
  ),
  CONSTRAINT digest_pending CHECK (num_nonnulls(pending_place, pending_at) IN (0, 2))
);

CREATE UNIQUE INDEX digest_of_person ON digest (person, organization_number);
CREATE INDEX digest_due ON digest (due_at);
