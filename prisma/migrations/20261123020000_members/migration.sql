-- What makes the chain stand beyond its operator's word: cosignatures, and the rows of a node that gives them.

-- On the sealing side: what witnesses have signed under this log's checkpoints.
CREATE TABLE cosignature (
  size      bigint NOT NULL,
  signed_at bigint NOT NULL, -- seconds since the Unix epoch, as the witness states it
  witness   text   NOT NULL, -- name of the witness's key
  key_id    bytea  NOT NULL,
  signature bytea  NOT NULL, -- Ed25519
  CONSTRAINT cosignature_pkey PRIMARY KEY (witness, key_id, size),
  CONSTRAINT cosignature_range CHECK (size >= 1 AND signed_at >= 0),
  CONSTRAINT cosignature_lengths CHECK (octet_length(key_id) = 4 AND octet_length(signature) = 64)
);

CREATE INDEX cosignature_size ON cosignature (size);

-- On the witness's side: the one checkpoint of each log that was cosigned last. Signing another behind it would be to vouch
-- for two histories, so a row only goes forward.
CREATE TABLE witnessed (
  size        bigint NOT NULL,
  origin      text   NOT NULL,
  note        text   NOT NULL, -- as the log signed it
  cosignature text   NOT NULL, -- this node's signature line
  root        bytea  NOT NULL,
  CONSTRAINT witnessed_pkey PRIMARY KEY (origin),
  CONSTRAINT witnessed_range CHECK (size >= 0 AND octet_length(root) = 32)
);

-- What was refused, with what shows that it had to be: one row for each different thing.
CREATE TABLE evidence (
  found_at bigint NOT NULL, -- milliseconds since the Unix epoch
  digest   bytea  NOT NULL,
  reason   text   NOT NULL,
  document text   NOT NULL,
  CONSTRAINT evidence_pkey PRIMARY KEY (digest),
  CONSTRAINT evidence_range CHECK (found_at >= 0 AND octet_length(digest) = 32)
);

CREATE INDEX evidence_found_at ON evidence (found_at);

CREATE FUNCTION refuse_witnessed_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = 'UPDATE on table "witnessed" is refused: what was cosigned only goes forward',
    HINT = 'If a backup was restored over newer data, restore the newest copy whole instead.';
END
$$;

CREATE TRIGGER cosignature_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER witnessed_keep BEFORE DELETE OR TRUNCATE ON witnessed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER witnessed_forward BEFORE UPDATE ON witnessed FOR EACH ROW
  WHEN (NEW.origin <> OLD.origin OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root))
  EXECUTE FUNCTION refuse_witnessed_change();
CREATE TRIGGER evidence_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
