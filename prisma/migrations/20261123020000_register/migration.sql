-- The registers of the organizations: which entries are theirs, and how they are found.

-- One row for a run of positions that were accepted together for one organization, written by the statement
-- that accepts them. The account tag of each entry says the same, so the register can be checked against the
-- chain.
CREATE TABLE register_run (
  organization_number integer NOT NULL,
  first_position      bigint  NOT NULL,
  accepted_at         bigint  NOT NULL,
  entry_count         integer NOT NULL,
  submitted_by        text    NOT NULL, -- 'key:<id>' or 'person:<id>'
  mac                 bytea,            -- over the row and its first leaf hash, by a key that is not in the database
  CONSTRAINT register_run_pkey PRIMARY KEY (first_position),
  CONSTRAINT register_run_range CHECK (first_position >= 0 AND entry_count >= 1)
);

CREATE INDEX register_run_of_organization ON register_run (organization_number, first_position);
CREATE INDEX register_run_time ON register_run (organization_number, accepted_at);
CREATE INDEX register_run_submitter ON register_run (organization_number, submitted_by, first_position);

CREATE FUNCTION refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = format('%s on table "%s" is refused: rows can only be added to it', TG_OP, TG_TABLE_NAME);
END
$$;

CREATE TRIGGER register_run_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON register_run
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- Words of an entry's details and of the tags that it was given since, each with the organization's number as prefix: a search never reads another
-- organization's words.
CREATE TABLE details_words (
  position bigint   NOT NULL,
  words    tsvector NOT NULL,
  CONSTRAINT details_words_pkey PRIMARY KEY (position)
);

-- New words are kept in a list and sorted into the index together, by the statement that fills the list. A
-- short list keeps that statement short: nobody else is accepted while it runs.
CREATE INDEX details_words_words ON details_words USING gin (words) WITH (gin_pending_list_limit = 256);

-- The same for details that are encrypted. In no backup, write-ahead log or replica: after a crash of PostgreSQL the
-- table is empty, and the service fills it again from the details. It has a row of position -1 when it is complete.
CREATE UNLOGGED TABLE unlogged_words (
  position bigint   NOT NULL,
  words    tsvector NOT NULL,
  CONSTRAINT unlogged_words_pkey PRIMARY KEY (position)
);

CREATE INDEX unlogged_words_words ON unlogged_words USING gin (words) WITH (gin_pending_list_limit = 256);

-- For searches by the beginning of a digest, which are at least these 4 bytes. Anonymous entries are in no
-- register.
CREATE INDEX entry_organization_digest ON entry (substring(digest FROM 1 FOR 4), position) WHERE account_tag IS NOT NULL;

-- Notarizations whose details everybody may read.
CREATE TABLE publication (
  position     bigint NOT NULL,
  published_at bigint NOT NULL,
  CONSTRAINT publication_pkey PRIMARY KEY (position)
);

-- Tags that the organization has given since. They are not notarized, and erased with the details.
CREATE TABLE notarization_tag (
  position bigint NOT NULL,
  tag      text   NOT NULL,
  added_at bigint NOT NULL,
  added_by text   NOT NULL, -- person id
  CONSTRAINT notarization_tag_pkey PRIMARY KEY (position, tag)
);

-- A legal hold: what must not be erased, and why. It is lifted by two people.
CREATE TABLE legal_hold (
  id                  text    NOT NULL,
  organization_number integer NOT NULL,
  reason              text    NOT NULL,
  placed_at           bigint  NOT NULL,
  placed_by           text    NOT NULL, -- person id, as in the others
  notarizations       integer NOT NULL, -- how many it keeps
  lift_requested_at   bigint,           -- NULL: nobody wants to lift it
  lift_requested_by   text,
  lift_email          text,             -- of who requested it, until it is lifted; NULL: unknown
  lift_reason         text,
  lifted_at           bigint,           -- NULL: in force
  lifted_by           text,
  CONSTRAINT legal_hold_pkey PRIMARY KEY (id),
  CONSTRAINT legal_hold_request CHECK (num_nonnulls(lift_requested_at, lift_requested_by, lift_reason) IN (0, 3)),
  CONSTRAINT legal_hold_lifting CHECK (num_nonnulls(lifted_at, lifted_by) IN (0, 2)),
  CONSTRAINT legal_hold_two_people CHECK (
    lifted_by IS NULL OR (lift_requested_by IS NOT NULL AND lift_requested_by <> lifted_by)
  )
);

CREATE INDEX legal_hold_of_organization ON legal_hold (organization_number, placed_at);

-- The notarizations that a hold keeps.
CREATE TABLE held_notarization (
  position bigint NOT NULL,
  hold     text   NOT NULL,
  CONSTRAINT held_notarization_pkey PRIMARY KEY (position, hold),
  CONSTRAINT held_notarization_hold FOREIGN KEY (hold) REFERENCES legal_hold (id)
);

CREATE INDEX held_notarization_of_hold ON held_notarization (hold, position);

-- Lets a hold only be lifted, in steps; a lifted one stays as it is.
CREATE FUNCTION refuse_hold_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = 'UPDATE on table "legal_hold" is refused: a hold can only be lifted';
END
$$;

CREATE TRIGGER legal_hold_keep BEFORE DELETE OR TRUNCATE ON legal_hold
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER legal_hold_lift_only BEFORE UPDATE ON legal_hold FOR EACH ROW
  WHEN (
    OLD.lifted_at IS NOT NULL
    OR (OLD.id, OLD.organization_number, OLD.reason, OLD.placed_at, OLD.placed_by, OLD.notarizations)
      IS DISTINCT FROM (NEW.id, NEW.organization_number, NEW.reason, NEW.placed_at, NEW.placed_by, NEW.notarizations)
  )
  EXECUTE FUNCTION refuse_hold_change();
CREATE TRIGGER held_notarization_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON held_notarization
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- Refuses to erase what a hold keeps.
CREATE FUNCTION refuse_if_held(at_position bigint) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  -- Waits for a hold that is being placed on the entry.
  PERFORM FROM entry WHERE entry.position = at_position FOR UPDATE;
  IF EXISTS (
    SELECT FROM held_notarization JOIN legal_hold ON legal_hold.id = held_notarization.hold
    WHERE held_notarization.position = at_position AND legal_hold.lifted_at IS NULL
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG005',
      MESSAGE = format('the notarization at position %s is under a legal hold', at_position),
      HINT = 'Two owners of its organization can lift the hold.';
  END IF;
END
$$;

-- The signed certificate of each erasure that the service made, and what tells its former id.
CREATE TABLE erasure_certificate (
  position            bigint  NOT NULL,
  erased_at           bigint  NOT NULL,
  organization_number integer,          -- whose register the notarization was in; NULL: anonymous
  erased_by           text    NOT NULL, -- person id
  id_check            bytea   NOT NULL, -- 4 bytes of a hash of the id: too few to learn the salt from
  digest              bytea   NOT NULL, -- of the note; the log notarizes it as a document
  note                text    NOT NULL,
  CONSTRAINT erasure_certificate_pkey PRIMARY KEY (position),
  CONSTRAINT erasure_certificate_range CHECK (position >= 0 AND erased_at >= 0),
  CONSTRAINT erasure_certificate_lengths CHECK (octet_length(id_check) = 4 AND octet_length(digest) = 32)
);

CREATE UNIQUE INDEX erasure_certificate_digest ON erasure_certificate (digest);
CREATE INDEX erasure_certificate_of_organization ON erasure_certificate (organization_number, erased_at, position);

-- Lets a certificate only get further signatures, and only until it is notarized: the keys of the log may have changed
-- since it was signed.
CREATE FUNCTION refuse_unless_countersigning() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF (NEW.position, NEW.erased_at, NEW.organization_number, NEW.erased_by, NEW.id_check)
      IS NOT DISTINCT FROM (OLD.position, OLD.erased_at, OLD.organization_number, OLD.erased_by, OLD.id_check)
    AND starts_with(NEW.note, OLD.note)
    AND NOT EXISTS (SELECT FROM entry WHERE entry.digest = OLD.digest) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = 'UPDATE on table "erasure_certificate" is refused: a certificate can only get signatures until it is notarized';
END
$$;

CREATE TRIGGER erasure_certificate_keep BEFORE DELETE OR TRUNCATE ON erasure_certificate
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER erasure_certificate_countersign BEFORE UPDATE ON erasure_certificate
  FOR EACH ROW EXECUTE FUNCTION refuse_unless_countersigning();

-- Erases the content of a sealed notarization: the only way to remove anything from the chain. The entry's
-- leaf hash stays in its block's tile, so every other proof stays valid; without the salt, neither digest nor
-- organization can be guessed from it. Returns true when this call erased, false when an earlier one did.
CREATE FUNCTION erase_notarization(at_position bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  kept bytea;
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
      HINT = 'Wait until a block holds it: its leaf hash must be stored before its content can be erased.';
  END IF;
  IF EXISTS (SELECT FROM entry WHERE entry.position = at_position AND entry.kind = 1) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG004',
      MESSAGE = format('the notarization at position %s is an event of a record', at_position),
      HINT = 'Erase its body with erase_event_body(position): what came after it needs the rest.';
  END IF;
  IF EXISTS (SELECT FROM log_key_statement WHERE log_key_statement.position = at_position)
    OR EXISTS (
      SELECT FROM entry JOIN erasure_certificate ON erasure_certificate.digest = entry.digest
      WHERE entry.position = at_position
    ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG006',
      MESSAGE = format('the log itself needs the notarization at position %s', at_position),
      HINT = 'Statements of log keys and certificates of erasures stay; they hold nobody''s content.';
  END IF;
  PERFORM refuse_if_held(at_position);
  INSERT INTO erasure (position) VALUES (at_position) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- First the key of the document's bytes (migration "vault").
  DELETE FROM kept_document WHERE kept_document.position = at_position RETURNING kept_document.object INTO kept;
  PERFORM remove_vault_object(kept) WHERE kept IS NOT NULL;
  -- A fingerprint would confirm a guess of the document. Without it, a repeated request is told of the erasure;
  -- the scope of an anonymous one contains it, so that such a request counts as new.
  DELETE FROM idempotency USING entry
  WHERE entry.position = at_position AND entry.account_tag IS NULL AND idempotency.created_at = entry.accepted_at
    AND at_position >= idempotency.first_position
    AND at_position < idempotency.first_position + idempotency.entry_count;
  UPDATE idempotency SET fingerprint = ''
  FROM entry
  WHERE entry.position = at_position AND idempotency.created_at = entry.accepted_at
    AND at_position >= idempotency.first_position
    AND at_position < idempotency.first_position + idempotency.entry_count;
  INSERT INTO key_destruction (reference)
  SELECT entry.salt FROM entry WHERE entry.position = at_position AND entry.kind = 256 ON CONFLICT DO NOTHING;
  -- Time and kind too: no hash would vouch for them any more.
  UPDATE entry
  SET digest = NULL, salt = NULL, size = NULL, account_tag = NULL, details_digest = NULL, accepted_at = 0, kind = 0
  WHERE entry.position = at_position;
  DELETE FROM details WHERE details.position = at_position;
  DELETE FROM details_words WHERE details_words.position = at_position;
  DELETE FROM notarization_tag WHERE notarization_tag.position = at_position;
  DELETE FROM unlogged_words WHERE unlogged_words.position = at_position;
  DELETE FROM publication WHERE publication.position = at_position;
  RETURN true;
END
$$;
