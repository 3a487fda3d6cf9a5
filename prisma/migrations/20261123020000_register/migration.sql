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

-- Words of an entry's details, each with the organization's number as prefix: a search never reads another
-- organization's words.
CREATE TABLE details_words (
  position bigint   NOT NULL,
  words    tsvector NOT NULL,
  CONSTRAINT details_words_pkey PRIMARY KEY (position)
);

-- New words are kept in a list and sorted into the index together, by the statement that fills the list. A
-- short list keeps that statement short: nobody else is accepted while it runs.
CREATE INDEX details_words_words ON details_words USING gin (words) WITH (gin_pending_list_limit = 256);

-- For searches by the beginning of a digest, which are at least these 4 bytes. Anonymous entries are in no
-- register.
CREATE INDEX entry_organization_digest ON entry (substring(digest FROM 1 FOR 4), position) WHERE account_tag IS NOT NULL;

-- Notarizations whose details everybody may read.
CREATE TABLE publication (
  position     bigint NOT NULL,
  published_at bigint NOT NULL,
  CONSTRAINT publication_pkey PRIMARY KEY (position)
);

-- Erases the content of a sealed notarization: the only way to remove anything from the chain. The entry's
-- leaf hash stays in its block's tile, so every other proof stays valid; without the salt, neither digest nor
-- organization can be guessed from it. Returns true when this call erased, false when an earlier one did.
CREATE FUNCTION erase_notarization(at_position bigint) RETURNS boolean
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
      HINT = 'Wait until a block holds it: its leaf hash must be stored before its content can be erased.';
  END IF;
  IF EXISTS (SELECT FROM entry WHERE entry.position = at_position AND entry.kind = 1) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG004',
      MESSAGE = format('the notarization at position %s is an event of a record', at_position),
      HINT = 'Erase its body with erase_event_body(position): what came after it needs the rest.';
  END IF;
  INSERT INTO erasure (position) VALUES (at_position) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- Time and kind too: no hash would vouch for them any more.
  UPDATE entry
  SET digest = NULL, salt = NULL, size = NULL, account_tag = NULL, details_digest = NULL, accepted_at = 0, kind = 0
  WHERE entry.position = at_position;
  DELETE FROM details WHERE details.position = at_position;
  DELETE FROM details_words WHERE details_words.position = at_position;
  DELETE FROM publication WHERE publication.position = at_position;
  RETURN true;
END
$$;
