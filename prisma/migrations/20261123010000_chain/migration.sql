-- The chain: what was accepted, and the blocks that hold it. Times are milliseconds since the Unix epoch.
-- Hashes are raw SHA-256. The widest columns come first, so that no row carries alignment padding.

-- One row: the next position, and the latest time of acceptance.
CREATE TABLE head (
  id            boolean NOT NULL DEFAULT true,
  next_position bigint  NOT NULL,
  latest_time   bigint  NOT NULL,
  CONSTRAINT head_pkey PRIMARY KEY (id),
  CONSTRAINT head_one_row CHECK (id),
  CONSTRAINT head_range CHECK (next_position >= 0 AND latest_time >= 0)
) WITH (fillfactor = 10); -- the row is updated all the time: its versions stay on one page

INSERT INTO head (id, next_position, latest_time) VALUES (true, 0, 0);

CREATE TABLE entry (
  position       bigint   NOT NULL,
  accepted_at    bigint   NOT NULL, -- 0 after an erasure
  size           bigint,            -- of the document; NULL: only its digest was submitted
  kind           smallint NOT NULL, -- 0 after an erasure; 256: a document whose salt follows from a data key
  digest         bytea,             -- NULL after an erasure
  salt           bytea,             -- NULL after an erasure; with kind 256, the reference of the data key
  account_tag    bytea,             -- NULL: anonymous
  details_digest bytea,             -- NULL: without details
  CONSTRAINT entry_pkey PRIMARY KEY (position),
  CONSTRAINT entry_range CHECK (position >= 0 AND accepted_at >= 0 AND size >= 0 AND kind BETWEEN 0 AND 256),
  CONSTRAINT entry_lengths CHECK (
    octet_length(digest) = 32 AND octet_length(salt) = 16
    AND octet_length(account_tag) = 16 AND octet_length(details_digest) = 32
  ),
  CONSTRAINT entry_whole_or_erased CHECK (
    CASE WHEN digest IS NULL
      THEN num_nonnulls(salt, size, account_tag, details_digest) = 0 AND accepted_at = 0 AND kind = 0
      ELSE salt IS NOT NULL
    END
  )
) WITH (
  -- Only an erasure leaves a dead row: the next autovacuum run removes it, whatever the size of the table.
  autovacuum_vacuum_threshold = 0,
  autovacuum_vacuum_scale_factor = 0
);

-- Finds a document's notarizations, and keeps an entry from being inserted again: salts are random. Six bytes of a digest tell
-- documents apart; with the others, the index would be almost twice as large.
CREATE UNIQUE INDEX entry_digest_salt ON entry (substring(digest FROM 1 FOR 6), salt);

-- The signed receipt of each group of entries, from its commit until a block holds the group. The sealer seals
-- nothing else: who can write rows, but has no key, can neither add an entry nor change one that waits.
CREATE TABLE receipt (
  first_position bigint  NOT NULL,
  entry_count    integer NOT NULL,
  note           text    NOT NULL, -- the signed note
  CONSTRAINT receipt_pkey PRIMARY KEY (first_position),
  CONSTRAINT receipt_range CHECK (first_position >= 0 AND entry_count >= 1)
) WITH (
  -- Rows live for a second or so. The dead ones are removed often, so that the table stays small.
  autovacuum_vacuum_threshold = 10000,
  autovacuum_vacuum_scale_factor = 0
);

-- The exact text that was hashed: a re-serialised JSON value would not match the details digest. With kind 256, it is
-- encrypted under the data key.
CREATE TABLE details (
  position bigint NOT NULL,
  json     text   NOT NULL,
  CONSTRAINT details_pkey PRIMARY KEY (position)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

-- Positions whose content was erased.
CREATE TABLE erasure (
  position bigint NOT NULL,
  CONSTRAINT erasure_pkey PRIMARY KEY (position)
);

-- Of these, the ones that nobody erased: the entry was lost with a database, and its leaf hash taken back from a member.
-- A proof can bring it back, and the row goes then.
CREATE TABLE lost_entry (
  position bigint NOT NULL,
  CONSTRAINT lost_entry_pkey PRIMARY KEY (position)
);

-- The trees of data keys (INGAM_ERASURE_KEYS) that entries of kind 256 refer to. The keys are not in the database.
CREATE TABLE key_tree (
  id    bytea  NOT NULL,
  since bigint NOT NULL,
  CONSTRAINT key_tree_pkey PRIMARY KEY (id),
  CONSTRAINT key_tree_range CHECK (octet_length(id) = 8 AND since >= 0)
);

-- References of the data keys of what was erased, until the service has destroyed them.
CREATE TABLE key_destruction (
  reference bytea NOT NULL,
  CONSTRAINT key_destruction_pkey PRIMARY KEY (reference),
  CONSTRAINT key_destruction_length CHECK (octet_length(reference) = 16)
);

-- Positions of events (migration "records") whose body was erased: only their details.
CREATE TABLE body_erasure (
  position bigint NOT NULL,
  CONSTRAINT body_erasure_pkey PRIMARY KEY (position)
);

-- A block holds the positions [first_position, first_position + entry_count).
CREATE TABLE block (
  height         bigint   NOT NULL,
  first_position bigint   NOT NULL,
  sealed_at      bigint   NOT NULL,
  nonce          bigint   NOT NULL, -- unsigned 64 bits, in two's complement
  entry_count    integer  NOT NULL,
  difficulty     smallint NOT NULL,
  previous_hash  bytea    NOT NULL,
  merkle_root    bytea    NOT NULL,
  state          bytea    NOT NULL, -- of the block's state statement; zero when it has none
  hash           bytea    NOT NULL,
  CONSTRAINT block_pkey PRIMARY KEY (height),
  CONSTRAINT block_range CHECK (
    height >= 0 AND first_position >= 0 AND sealed_at >= 0 AND entry_count >= 1 AND difficulty BETWEEN 0 AND 255
  ),
  CONSTRAINT block_lengths CHECK (
    octet_length(previous_hash) = 32 AND octet_length(merkle_root) = 32 AND octet_length(state) = 32
    AND octet_length(hash) = 32
  )
);

-- With the primary key, these make a fork impossible, whoever writes.
CREATE UNIQUE INDEX block_first_position ON block (first_position);
CREATE UNIQUE INDEX block_previous_hash ON block (previous_hash);
CREATE UNIQUE INDEX block_hash ON block (hash);

-- What a block says besides its entries; its SHA-256 is the block's state. A table of its own: headers are read by
-- the thousand.
CREATE TABLE state_statement (
  height    bigint NOT NULL,
  statement text   NOT NULL,
  CONSTRAINT state_statement_pkey PRIMARY KEY (height),
  CONSTRAINT state_statement_range CHECK (height >= 0 AND octet_length(statement) BETWEEN 1 AND 4096)
);

-- Hashes of a block's tree, 256 in a row; the last row of a level may hold fewer.
CREATE TABLE block_tile (
  height bigint   NOT NULL,
  index  integer  NOT NULL,
  level  smallint NOT NULL,
  hashes bytea    NOT NULL,
  CONSTRAINT block_tile_pkey PRIMARY KEY (height, level, index),
  CONSTRAINT block_tile_range CHECK (height >= 0 AND level BETWEEN 0 AND 63 AND index >= 0),
  CONSTRAINT block_tile_lengths CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0)
);

-- Hashes do not compress: EXTERNAL saves the attempt.
ALTER TABLE block_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Full tiles of the log only: a partial tile would have to change.
CREATE TABLE log_tile (
  index  bigint   NOT NULL,
  level  smallint NOT NULL,
  hashes bytea    NOT NULL,
  root   bytea    NOT NULL, -- over the 256 hashes
  CONSTRAINT log_tile_pkey PRIMARY KEY (level, index),
  CONSTRAINT log_tile_range CHECK (level BETWEEN 0 AND 63 AND index >= 0),
  CONSTRAINT log_tile_lengths CHECK (octet_length(hashes) = 8192 AND octet_length(root) = 32)
);

ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE checkpoint (
  size bigint NOT NULL, -- number of blocks
  root bytea  NOT NULL,
  note text   NOT NULL, -- the signed note
  CONSTRAINT checkpoint_pkey PRIMARY KEY (size),
  CONSTRAINT checkpoint_range CHECK (size >= 0 AND octet_length(root) = 32)
);

-- Written by the statement that accepts the entries. Not a part of the chain: rows expire.
CREATE TABLE idempotency (
  scope          text    NOT NULL,
  key            text    NOT NULL,
  fingerprint    bytea   NOT NULL,
  first_position bigint  NOT NULL,
  created_at     bigint  NOT NULL,
  entry_count    integer NOT NULL,
  CONSTRAINT idempotency_pkey PRIMARY KEY (scope, key)
);

CREATE INDEX idempotency_created_at ON idempotency (created_at);

-- The chain is append-only. A superuser can switch triggers off; the audit finds what is changed then.

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = format('%s on table "%s" is refused: the chain is append-only', TG_OP, TG_TABLE_NAME),
    HINT = 'To erase the content of one notarization, call erase_notarization(position). Nothing else can be changed.';
END
$$;

CREATE FUNCTION refuse_head_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = 'UPDATE on table "head" is refused: next_position and latest_time only grow',
    HINT = 'If a backup was restored over newer data, restore the newest backup as a whole instead.';
END
$$;

-- Allows nothing but the erasure of an entry that has a row in "erasure", and of its details alone if it has one
-- in "body_erasure".
CREATE FUNCTION refuse_unless_erased() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'details'
    AND EXISTS (SELECT FROM body_erasure WHERE body_erasure.position = OLD.position) THEN
    RETURN OLD;
  ELSIF EXISTS (SELECT FROM erasure WHERE erasure.position = OLD.position) THEN
    IF TG_OP = 'DELETE' THEN
      RETURN OLD;
    ELSIF NEW.position = OLD.position AND NEW.accepted_at = 0 AND NEW.kind = 0
      AND num_nonnulls(NEW.digest, NEW.salt, NEW.size, NEW.account_tag, NEW.details_digest) = 0 THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = format('%s on table "%s" is refused: the chain is append-only', TG_OP, TG_TABLE_NAME),
    HINT = 'To erase the content of one notarization, call erase_notarization(position). Nothing else can be changed.';
END
$$;

CREATE TRIGGER head_keep BEFORE DELETE OR TRUNCATE ON head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER head_forward BEFORE UPDATE ON head FOR EACH ROW
  WHEN (NEW.next_position < OLD.next_position OR NEW.latest_time < OLD.latest_time OR NEW.id <> OLD.id)
  EXECUTE FUNCTION refuse_head_change();

CREATE TRIGGER entry_keep BEFORE DELETE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_erase_only BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased();

CREATE TRIGGER receipt_keep BEFORE UPDATE OR TRUNCATE ON receipt
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER details_keep BEFORE UPDATE OR TRUNCATE ON details FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER details_erase_only BEFORE DELETE ON details FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased();

CREATE TRIGGER erasure_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON erasure
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER body_erasure_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON body_erasure
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER block_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON block
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER state_statement_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON state_statement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER block_tile_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON block_tile
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tile_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON log_tile
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
