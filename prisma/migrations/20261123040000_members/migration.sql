-- Cosignatures, and the tables of a member's node, which follows a log and cosigns it.

-- On the log's side: cosignatures of its checkpoints.
CREATE TABLE cosignature (
  size      bigint NOT NULL, -- of the checkpoint
  signed_at bigint NOT NULL, -- seconds since the Unix epoch, as the member states it
  witness   text   NOT NULL, -- name of the member's key
  key_id    bytea  NOT NULL,
  signature bytea  NOT NULL, -- Ed25519
  CONSTRAINT cosignature_pkey PRIMARY KEY (witness, key_id, size),
  CONSTRAINT cosignature_range CHECK (size >= 1 AND signed_at >= 0),
  CONSTRAINT cosignature_lengths CHECK (octet_length(key_id) = 4 AND octet_length(signature) = 64)
);

CREATE INDEX cosignature_size ON cosignature (size);

-- On the member's side: the last checkpoint of each log that it has cosigned. It only goes forward: a
-- cosignature of an older or a different checkpoint would vouch for a second history.
CREATE TABLE witnessed (
  size        bigint NOT NULL,
  origin      text   NOT NULL,
  note        text   NOT NULL, -- as the log signed it
  cosignature text   NOT NULL, -- the member's signature line
  root        bytea  NOT NULL,
  CONSTRAINT witnessed_pkey PRIMARY KEY (origin),
  CONSTRAINT witnessed_range CHECK (size >= 0 AND octet_length(root) = 32)
);

-- Documents that prove why the member refused to cosign.
CREATE TABLE evidence (
  found_at bigint NOT NULL, -- milliseconds since the Unix epoch
  digest   bytea  NOT NULL, -- SHA-256 of the document
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
    MESSAGE = 'UPDATE on table "witnessed" is refused: a cosigned checkpoint is only replaced by a larger one',
    HINT = 'If a backup was restored over newer data, restore the newest backup as a whole instead.';
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
