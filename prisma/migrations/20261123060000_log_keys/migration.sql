-- What the log has said in its own chain of the keys that sign it. On the sealing side a row is written together with its entry; on
-- a member's side after the block that holds it was checked. Empty for a log that still has its first key.
CREATE TABLE log_key_statement (
  ordinal  integer NOT NULL, -- 0, 1, …: of two who state something at once, one is refused
  position bigint  NOT NULL,
  entry    bytea   NOT NULL, -- as its leaf in the block's tree is made of it
  note     text    NOT NULL, -- the document whose SHA-256 the entry records
  CONSTRAINT log_key_statement_pkey PRIMARY KEY (ordinal),
  CONSTRAINT log_key_statement_position UNIQUE (position),
  CONSTRAINT log_key_statement_range CHECK (ordinal >= 0 AND position >= 0 AND octet_length(entry) = 114)
);

CREATE TRIGGER log_key_statement_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON log_key_statement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
