-- Who may do what, and whose notarizations are whose. Times are milliseconds since the Unix epoch. Secrets (API keys,
-- refresh tokens, invitations) are 256 random bits and kept as SHA-256; passwords as argon2id.

CREATE TABLE organization (
  id                  text    NOT NULL,
  -- Stands for the organization in rows that are many.
  number              integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  name                text    NOT NULL,
  created_at          bigint  NOT NULL,
  disabled_at         bigint,
  requests_per_minute integer,
  digests_per_day     bigint,
  bytes_per_day       bigint,
  CONSTRAINT organization_pkey PRIMARY KEY (id),
  CONSTRAINT organization_number UNIQUE (number),
  CONSTRAINT organization_limits CHECK (requests_per_minute >= 0 AND digests_per_day >= 0 AND bytes_per_day >= 0)
);

CREATE TABLE person (
  id            text    NOT NULL,
  email         text    NOT NULL, -- normalised
  name          text    NOT NULL,
  password_hash text, -- NULL: invited, and not yet come
  operator      boolean NOT NULL DEFAULT false,
  created_at    bigint  NOT NULL,
  disabled_at   bigint,
  CONSTRAINT person_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX person_email ON person (email);
CREATE INDEX person_operator ON person (id) WHERE operator;

-- A person in an organization: a user.
CREATE TABLE organization_user (
  organization_id  text   NOT NULL,
  person_id   text   NOT NULL,
  role        text   NOT NULL,
  created_at  bigint NOT NULL,
  -- NULL: invited. Nobody acts for an organization before having come with its own invitation: whoever else invited the same
  -- e-mail address earlier may have taken it for themselves.
  accepted_at bigint,
  CONSTRAINT organization_user_pkey PRIMARY KEY (organization_id, person_id),
  CONSTRAINT organization_user_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT organization_user_person FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT organization_user_role CHECK (role IN ('owner', 'notary', 'auditor'))
);

CREATE INDEX organization_user_of_person ON organization_user (person_id);

-- NULL person_id: whoever comes first with it becomes the first operator.
CREATE TABLE invitation (
  secret_hash bytea  NOT NULL,
  person_id   text,
  organization_id  text, -- into which organization, on whose owners' word; NULL: on the word of the machine or of an operator
  created_at  bigint NOT NULL,
  expires_at  bigint NOT NULL,
  CONSTRAINT invitation_pkey PRIMARY KEY (secret_hash),
  CONSTRAINT invitation_person FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT invitation_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE INDEX invitation_of_person ON invitation (person_id);

CREATE TABLE session (
  id           text   NOT NULL,
  person_id    text   NOT NULL,
  organization_id   text, -- on whose behalf this session acts; NULL: on nobody's
  created_at   bigint NOT NULL,
  last_used_at bigint NOT NULL,
  expires_at   bigint NOT NULL,
  ended_at     bigint,
  address      text   NOT NULL,
  agent        text   NOT NULL,
  CONSTRAINT session_pkey PRIMARY KEY (id),
  CONSTRAINT session_person FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT session_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE INDEX session_of_person ON session (person_id);
CREATE INDEX session_expires_at ON session (expires_at);
CREATE INDEX session_ended_at ON session (ended_at) WHERE ended_at IS NOT NULL;

-- Used ones are kept while their session lives: one that comes a second time is stolen.
CREATE TABLE refresh_token (
  secret_hash bytea  NOT NULL,
  session_id  text   NOT NULL,
  issued_at   bigint NOT NULL,
  used_at     bigint,
  CONSTRAINT refresh_token_pkey PRIMARY KEY (secret_hash),
  CONSTRAINT refresh_token_session FOREIGN KEY (session_id) REFERENCES session (id) ON DELETE CASCADE
);

CREATE INDEX refresh_token_of_session ON refresh_token (session_id);

-- Keys that access tokens are signed with. The private half is encrypted with a secret that is not in the database.
CREATE TABLE signing_key (
  id          text   NOT NULL,
  public_key  bytea  NOT NULL,
  private_key bytea  NOT NULL,
  created_at  bigint NOT NULL,
  retired_at  bigint, -- signs no more; verifies while tokens that it signed can live
  CONSTRAINT signing_key_pkey PRIMARY KEY (id)
);

CREATE TABLE api_key (
  id                  text   NOT NULL,
  organization_id          text   NOT NULL,
  name                text   NOT NULL,
  secret_hash         bytea  NOT NULL,
  scopes              text[] NOT NULL,
  networks            text[] NOT NULL, -- CIDR; empty: from anywhere
  created_at          bigint NOT NULL,
  created_by          text   NOT NULL,
  expires_at          bigint,
  revoked_at          bigint,
  last_used_at        bigint,
  requests_per_minute integer,
  digests_per_day     bigint,
  bytes_per_day       bigint,
  CONSTRAINT api_key_pkey PRIMARY KEY (id),
  CONSTRAINT api_key_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT api_key_scopes CHECK (scopes <@ ARRAY['notarize', 'read'] AND cardinality(scopes) > 0),
  CONSTRAINT api_key_limits CHECK (requests_per_minute >= 0 AND digests_per_day >= 0 AND bytes_per_day >= 0)
);

CREATE INDEX api_key_of_organization ON api_key (organization_id, created_at);

-- How much of a limit has been used up in the window that ends then.
CREATE TABLE rate_limit (
  key       text   NOT NULL,
  points    bigint NOT NULL,
  resets_at bigint NOT NULL,
  CONSTRAINT rate_limit_pkey PRIMARY KEY (key)
) WITH (fillfactor = 50); -- room for the many versions of a row to stay on its page

-- All of it or nothing, by the server's clock: several instances of the service count as one. Answers what stands there then.
-- Keys come sorted and each once, so that two callers never wait for one another crosswise.
CREATE FUNCTION take_points(keys text[], wanted bigint[], limits bigint[], windows_ms bigint[])
RETURNS TABLE (taken boolean, now_ms bigint, points bigint, resets_at bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  fits boolean;
  at_ms bigint;
  locked bigint;
BEGIN
  -- A second time only when a row that was there is cleared away before it can be locked.
  LOOP
    INSERT INTO rate_limit (key, points, resets_at)
    SELECT item.key, 0, 0 FROM unnest(keys) AS item (key) ON CONFLICT DO NOTHING;
    PERFORM FROM rate_limit WHERE key = ANY (keys) ORDER BY key FOR UPDATE;
    GET DIAGNOSTICS locked = ROW_COUNT;
    EXIT WHEN locked = cardinality(keys);
  END LOOP;
  -- After the wait for the rows: windows that ended meanwhile count as ended.
  at_ms := floor(extract(epoch FROM clock_timestamp()) * 1000);
  SELECT bool_and(item.wanted <= item.most - CASE WHEN held.resets_at <= at_ms THEN 0 ELSE held.points END) INTO fits
  FROM unnest(keys, wanted, limits) AS item (key, wanted, most) JOIN rate_limit AS held USING (key);
  IF fits THEN
    UPDATE rate_limit AS held
    SET points = item.wanted + CASE WHEN held.resets_at <= at_ms THEN 0 ELSE held.points END,
        resets_at = CASE WHEN held.resets_at <= at_ms THEN at_ms + item.window_ms ELSE held.resets_at END
    FROM unnest(keys, wanted, windows_ms) AS item (key, wanted, window_ms)
    WHERE held.key = item.key;
  END IF;
  -- For this transaction alone: a crash of the server may forget what was used in its last moments, and nobody waits for the disk.
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY
  SELECT fits, at_ms, CASE WHEN held.resets_at <= at_ms THEN 0 ELSE held.points END, held.resets_at
  FROM unnest(keys) WITH ORDINALITY AS item (key, ordinal) JOIN rate_limit AS held USING (key) ORDER BY item.ordinal;
END
$$;

-- Failed attempts, and until when the next one has to wait.
CREATE TABLE throttle (
  key           text    NOT NULL,
  failures      integer NOT NULL,
  blocked_until bigint  NOT NULL,
  forgotten_at  bigint  NOT NULL,
  CONSTRAINT throttle_pkey PRIMARY KEY (key)
);

CREATE TABLE access_event (
  id         bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  at         bigint NOT NULL,
  kind       text   NOT NULL,
  organization_id text,
  person_id  text, -- who did it; as an external issuer names it when it begins with 'oidc:'
  key_id     text,
  address    text, -- of the client; NULL: on the machine itself
  detail     text   NOT NULL, -- JSON
  CONSTRAINT access_event_pkey PRIMARY KEY (id)
);

-- Read latest first. Events are few beside notarizations: an index for each thing they are looked for by costs little.
CREATE INDEX access_event_at ON access_event (at, id);
CREATE INDEX access_event_of_organization ON access_event (organization_id, at, id);
CREATE INDEX access_event_of_person ON access_event (person_id, at, id) WHERE person_id IS NOT NULL;
CREATE INDEX access_event_of_kind ON access_event (kind, at, id);

CREATE FUNCTION refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = format('%s on table "%s" is refused: rows are added to it and stay as they are', TG_OP, TG_TABLE_NAME);
END
$$;

CREATE TRIGGER access_event_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON access_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- Whose the entries are: one row for a run of positions that were accepted together. Written in the statement that accepts
-- them; each entry's account tag says the same, so the register can be checked against the chain.
CREATE TABLE register_run (
  organization_number integer NOT NULL,
  first_position bigint  NOT NULL,
  accepted_at    bigint  NOT NULL,
  entry_count    integer NOT NULL,
  submitted_by   text    NOT NULL, -- 'key:<id>' or 'person:<id>'
  CONSTRAINT register_run_pkey PRIMARY KEY (first_position),
  CONSTRAINT register_run_range CHECK (first_position >= 0 AND entry_count >= 1)
);

CREATE INDEX register_run_of_organization ON register_run (organization_number, first_position);
CREATE INDEX register_run_time ON register_run (organization_number, accepted_at);

CREATE TRIGGER register_run_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON register_run
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- Words of an organization's details, each behind the organization's number so that one organization's search never walks another's words.
CREATE TABLE details_words (
  position bigint   NOT NULL,
  words    tsvector NOT NULL,
  CONSTRAINT details_words_pkey PRIMARY KEY (position)
);

-- New words wait in a list and are sorted into the index together; whoever fills the list does that work. At 256 KiB it takes some
-- milliseconds, at the default of 4 MiB some hundred, during which nobody else is accepted.
CREATE INDEX details_words_words ON details_words USING gin (words) WITH (gin_pending_list_limit = 256);

-- For a search by a digest's beginning, which is at least these 4 bytes; latest last. Anonymous entries are not searched so, and do
-- not pay for it.
CREATE INDEX entry_organization_digest ON entry (substring(digest FROM 1 FOR 4), position) WHERE account_tag IS NOT NULL;

-- Notarizations whose owner shows their details to everyone.
CREATE TABLE publication (
  position     bigint NOT NULL,
  published_at bigint NOT NULL,
  CONSTRAINT publication_pkey PRIMARY KEY (position)
);

-- As before, and what has come to hold something of a notarization since.
CREATE OR REPLACE FUNCTION erase_notarization(at_position bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM entry WHERE entry.position = at_position) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG003',
      MESSAGE = format('there is no notarization at position %s', at_position);
  END IF;
  IF NOT COALESCE((
    SELECT at_position < block.first_position + block.entry_count
    FROM block WHERE block.first_position <= at_position
    ORDER BY block.first_position DESC LIMIT 1
  ), false) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG002',
      MESSAGE = format('the notarization at position %s is not sealed yet', at_position),
      HINT = 'Wait until a block holds it: its leaf hash must be kept before its content can go.';
  END IF;
  INSERT INTO erasure (position) VALUES (at_position) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- Nothing is left that no hash vouches for any more.
  UPDATE entry
  SET digest = NULL, salt = NULL, size = NULL, account_tag = NULL, details_digest = NULL, accepted_at = 0, kind = 0
  WHERE entry.position = at_position;
  DELETE FROM details WHERE details.position = at_position;
  DELETE FROM details_words WHERE details_words.position = at_position;
  DELETE FROM publication WHERE publication.position = at_position;
  RETURN true;
END
$$;
