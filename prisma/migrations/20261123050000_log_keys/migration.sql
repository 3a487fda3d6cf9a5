-- Statements of the log about the keys that sign it, which are entries of its own chain. On the log's side a
-- row is written with its entry; on a member's side after the block that holds it was checked. Empty while
-- the log has its first key.
CREATE TABLE log_key_statement (
  ordinal  integer NOT NULL, -- 0, 1, …: of two concurrent statements one is refused
  position bigint  NOT NULL,
  entry    bytea   NOT NULL, -- the encoded entry, of which the leaf hash is made
  note     text    NOT NULL, -- the document whose SHA-256 the entry records
  CONSTRAINT log_key_statement_pkey PRIMARY KEY (ordinal),
  CONSTRAINT log_key_statement_position UNIQUE (position),
  CONSTRAINT log_key_statement_range CHECK (ordinal >= 0 AND position >= 0 AND octet_length(entry) = 114)
);

CREATE TRIGGER log_key_statement_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON log_key_statement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
