-- Organizations, people, and what they may do. Times are milliseconds since the Unix epoch. Secrets (API
-- keys, refresh tokens, invitations) are 256 random bits, of which only the SHA-256 is stored. Passwords are
-- stored as argon2id.

CREATE TABLE organization (
  id                  text    NOT NULL,
  number              integer NOT NULL GENERATED ALWAYS AS IDENTITY, -- short form of the id, for tables with many rows
  name                text    NOT NULL,
  created_at          bigint  NOT NULL,
  disabled_at         bigint,
  requests_per_minute integer, -- limits; NULL: unlimited
  digests_per_day     bigint,
  bytes_per_day       bigint,
  requires_passkey    boolean NOT NULL DEFAULT false, -- of people who act for it
  CONSTRAINT organization_pkey PRIMARY KEY (id),
  CONSTRAINT organization_number UNIQUE (number),
  CONSTRAINT organization_limits CHECK (requests_per_minute >= 0 AND digests_per_day >= 0 AND bytes_per_day >= 0)
);

CREATE TABLE person (
  id            text    NOT NULL,
  email         text    NOT NULL, -- normalised
  name          text    NOT NULL,
  password_hash text,             -- NULL: invited, and has not set one yet
  needs_passkey boolean NOT NULL DEFAULT false, -- the password alone does not sign in
  operator      boolean NOT NULL DEFAULT false, -- set by an operator's own invitation, or "--trust-existing"
  created_at    bigint  NOT NULL,
  disabled_at   bigint,
  CONSTRAINT person_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX person_email ON person (email);
CREATE INDEX person_operator ON person (id) WHERE operator;

-- A person's role in an organization.
CREATE TABLE organization_user (
  organization_id text   NOT NULL,
  person_id       text   NOT NULL,
  role            text   NOT NULL,
  name            text   NOT NULL, -- what those who invited the person call them; not shown once the person has joined
  created_at      bigint NOT NULL,
  -- NULL: invited. A person acts for an organization only after accepting that organization's own invitation,
  -- because another one that invited the same address earlier may control the password. Only "ingam user add
  -- --trust-existing" sets it without an invitation.
  accepted_at     bigint,
  CONSTRAINT organization_user_pkey PRIMARY KEY (organization_id, person_id),
  CONSTRAINT organization_user_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT organization_user_person FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT organization_user_role CHECK (role IN ('owner', 'notary', 'auditor'))
);

CREATE INDEX organization_user_of_person ON organization_user (person_id);

CREATE TABLE invitation (
  secret_hash     bytea   NOT NULL,
  person_id       text,             -- NULL: the first to use it becomes the first operator
  organization_id text,             -- the organization that the person joins; NULL: none
  operator        boolean NOT NULL, -- the person becomes an operator
  sets_password   boolean NOT NULL, -- made on the server itself: it can replace any password of the person
  created_at      bigint  NOT NULL,
  expires_at      bigint  NOT NULL,
  CONSTRAINT invitation_pkey PRIMARY KEY (secret_hash),
  CONSTRAINT invitation_person FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT invitation_organization FOREIGN KEY (organization_id) REFERENCES organization (id)
);

CREATE INDEX invitation_of_person ON invitation (person_id);

-- A passkey with which a person signs in (WebAuthn). It always verifies its user.
CREATE TABLE passkey (
  id            text   NOT NULL,
  person_id     text   NOT NULL,
  name          text   NOT NULL,
  rp_id         text   NOT NULL, -- the host name that it works for
  credential_id bytea  NOT NULL, -- how the authenticator calls it
  public_key    bytea  NOT NULL, -- SubjectPublicKeyInfo
  counter       bigint NOT NULL, -- of its signatures; 0: it does not count
  created_at    bigint NOT NULL,
  last_used_at  bigint,
  CONSTRAINT passkey_pkey PRIMARY KEY (id),
  CONSTRAINT passkey_person FOREIGN KEY (person_id) REFERENCES person (id)
);

CREATE UNIQUE INDEX passkey_credential ON passkey (credential_id);
CREATE INDEX passkey_of_person ON passkey (person_id);

-- Challenges that were answered: each works once. The others need no row: the service knows what it has issued.
CREATE TABLE spent_challenge (
  hash       bytea  NOT NULL,
  expires_at bigint NOT NULL,
  CONSTRAINT spent_challenge_pkey PRIMARY KEY (hash)
);

-- A session is one of a person, or of somebody whom the company's identity provider has signed in: they have no
-- other row, and what the provider said of them at that moment is all that is known.
CREATE TABLE session (
  id              text   NOT NULL,
  person_id       text,
  organization_id text,            -- the organization that the session acts for; NULL: none
  created_at      bigint NOT NULL,
  last_used_at    bigint NOT NULL,
  expires_at      bigint NOT NULL,
  ended_at        bigint,
  address         text   NOT NULL,
  network         text   NOT NULL, -- of the address
  agent           text   NOT NULL,
  provider_issuer text,            -- of the identity provider; the next ones are what it said
  provider_subject text,           -- its name for them
  provider_name   text,
  provider_email  text,            -- NULL: it did not say
  provider_role   text,            -- in the organization
  with_passkey    boolean NOT NULL DEFAULT false, -- the person used a passkey, or added one
  CONSTRAINT session_pkey PRIMARY KEY (id),
  CONSTRAINT session_person FOREIGN KEY (person_id) REFERENCES person (id),
  CONSTRAINT session_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT session_of_one CHECK (
    (person_id IS NULL) = (provider_subject IS NOT NULL)
    AND num_nonnulls(provider_issuer, provider_subject, provider_name, provider_role) IN (0, 4)
    AND (person_id IS NOT NULL OR organization_id IS NOT NULL)
  ),
  CONSTRAINT session_provider_role CHECK (provider_role IN ('owner', 'notary', 'auditor'))
);

CREATE INDEX session_of_person ON session (person_id);
CREATE INDEX session_of_subject ON session (provider_subject) WHERE provider_subject IS NOT NULL;
CREATE INDEX session_of_network ON session (network, person_id);
CREATE INDEX session_expires_at ON session (expires_at);
CREATE INDEX session_ended_at ON session (ended_at) WHERE ended_at IS NOT NULL;

-- Used tokens are kept while their session lives: a second use means that the token was stolen.
CREATE TABLE refresh_token (
  secret_hash bytea  NOT NULL,
  session_id  text   NOT NULL,
  issued_at   bigint NOT NULL,
  used_at     bigint,
  CONSTRAINT refresh_token_pkey PRIMARY KEY (secret_hash),
  CONSTRAINT refresh_token_session FOREIGN KEY (session_id) REFERENCES session (id) ON DELETE CASCADE
);

CREATE INDEX refresh_token_of_session ON refresh_token (session_id);

-- Keys that sign access tokens. The private key is encrypted with a secret that is not in the database.
CREATE TABLE signing_key (
  id          text   NOT NULL,
  public_key  bytea  NOT NULL,
  private_key bytea  NOT NULL,
  created_at  bigint NOT NULL,
  retired_at  bigint, -- from then on it only verifies the tokens that it has signed
  CONSTRAINT signing_key_pkey PRIMARY KEY (id)
);

CREATE TABLE api_key (
  id                  text   NOT NULL,
  organization_id     text   NOT NULL,
  name                text   NOT NULL,
  secret_hash         bytea  NOT NULL,
  scopes              text[] NOT NULL,
  networks            text[] NOT NULL, -- CIDR; empty: any address
  created_at          bigint NOT NULL,
  created_by          text   NOT NULL,
  expires_at          bigint,
  revoked_at          bigint,
  last_used_at        bigint,
  requests_per_minute integer, -- limits; NULL: those of the organization alone
  digests_per_day     bigint,
  bytes_per_day       bigint,
  CONSTRAINT api_key_pkey PRIMARY KEY (id),
  CONSTRAINT api_key_organization FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT api_key_scopes CHECK (scopes <@ ARRAY['notarize', 'read'] AND cardinality(scopes) > 0),
  CONSTRAINT api_key_limits CHECK (requests_per_minute >= 0 AND digests_per_day >= 0 AND bytes_per_day >= 0)
);

CREATE INDEX api_key_of_organization ON api_key (organization_id, created_at);

-- Tokens consumed of each limit in its current window.
CREATE TABLE rate_limit (
  key       text   NOT NULL,
  used      bigint NOT NULL,
  resets_at bigint NOT NULL, -- end of the window
  CONSTRAINT rate_limit_pkey PRIMARY KEY (key)
) WITH (fillfactor = 50); -- rows are updated all the time: their versions stay on their page

-- Consumes tokens of all these limits, or none when one of them has too few left. The windows are those of
-- the server's clock, so all instances of the service count together. Returns the state of each limit after
-- that. Keys come sorted, and each once: two callers never wait for each other.
CREATE FUNCTION consume_tokens(keys text[], tokens bigint[], limits bigint[], windows_ms bigint[])
RETURNS TABLE (granted boolean, now_ms bigint, used bigint, resets_at bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  fits boolean;
  at_ms bigint;
  locked bigint;
BEGIN
  -- Repeated only when a row is deleted between the insert and the lock.
  LOOP
    INSERT INTO rate_limit (key, used, resets_at)
    SELECT item.key, 0, 0 FROM unnest(keys) AS item (key) ON CONFLICT DO NOTHING;
    PERFORM FROM rate_limit WHERE key = ANY (keys) ORDER BY key FOR UPDATE;
    GET DIAGNOSTICS locked = ROW_COUNT;
    EXIT WHEN locked = cardinality(keys);
  END LOOP;
  -- After the wait for the rows: a window that ended during it counts as ended.
  at_ms := floor(extract(epoch FROM clock_timestamp()) * 1000);
  SELECT bool_and(item.tokens <= item.most - CASE WHEN held.resets_at <= at_ms THEN 0 ELSE held.used END) INTO fits
  FROM unnest(keys, tokens, limits) AS item (key, tokens, most) JOIN rate_limit AS held USING (key);
  IF fits THEN
    UPDATE rate_limit AS held
    SET used = item.tokens + CASE WHEN held.resets_at <= at_ms THEN 0 ELSE held.used END,
        resets_at = CASE WHEN held.resets_at <= at_ms THEN at_ms + item.window_ms ELSE held.resets_at END
    FROM unnest(keys, tokens, windows_ms) AS item (key, tokens, window_ms)
    WHERE held.key = item.key;
  END IF;
  -- For this transaction alone: nobody waits for the disk, and a crash of the server may forget the last
  -- moments.
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY
  SELECT fits, at_ms, CASE WHEN held.resets_at <= at_ms THEN 0 ELSE held.used END, held.resets_at
  FROM unnest(keys) WITH ORDINALITY AS item (key, ordinal) JOIN rate_limit AS held USING (key) ORDER BY item.ordinal;
END
$$;

-- Failed attempts to sign in, and until when the next one is refused.
CREATE TABLE throttle (
  key           text    NOT NULL,
  failures      integer NOT NULL,
  blocked_until bigint  NOT NULL,
  forgotten_at  bigint  NOT NULL, -- when the failures no longer count
  CONSTRAINT throttle_pkey PRIMARY KEY (key)
);

-- The access log: every change is written together with its event.
CREATE TABLE access_event (
  id              bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  at              bigint NOT NULL,
  kind            text   NOT NULL,
  organization_id text,
  person_id       text, -- who did it; with the prefix 'oidc:' a name of the external issuer
  key_id          text,
  address         text, -- of the client; NULL: on the server itself
  detail          text   NOT NULL, -- JSON
  mac             bytea,           -- over the event and the MAC before it, by a key that is not in the database
  CONSTRAINT access_event_pkey PRIMARY KEY (id)
);

-- Read latest first. Events are few compared to notarizations: an index for each filter costs little.
CREATE INDEX access_event_at ON access_event (at, id);
CREATE INDEX access_event_of_organization ON access_event (organization_id, at, id);
CREATE INDEX access_event_of_person ON access_event (person_id, at, id) WHERE person_id IS NOT NULL;
CREATE INDEX access_event_of_kind ON access_event (kind, at, id);

-- What happened to one notarization.
CREATE INDEX access_event_of_position ON access_event ((substring(detail FROM '"position":([0-9]+)')), at, id)
  WHERE substring(detail FROM '"position":([0-9]+)') IS NOT NULL;

CREATE TRIGGER access_event_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON access_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
