-- Cosignatures, and the tables of a member's node, which follows a log and cosigns it.

-- On the log's side: cosignatures of its checkpoints.
CREATE TABLE cosignature (
  size      bigint NOT NULL, -- of the checkpoint
  signed_at bigint NOT NULL, -- seconds since the Unix epoch, as the member states it
  witness   text   NOT NULL, -- name of the member's key
  key_id    bytea  NOT NULL,
  signature bytea  NOT NULL, -- Ed25519 or ML-DSA-44
  CONSTRAINT cosignature_pkey PRIMARY KEY (witness, key_id, size),
  CONSTRAINT cosignature_range CHECK (size >= 1 AND signed_at >= 0),
  CONSTRAINT cosignature_lengths CHECK (octet_length(key_id) = 4 AND octet_length(signature) IN (64, 2420))
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
  ordinal  bigint  NOT NULL GENERATED ALWAYS AS IDENTITY,
  found_at bigint  NOT NULL, -- milliseconds since the Unix epoch
  digest   bytea   NOT NULL, -- SHA-256 of the document
  reason   text    NOT NULL,
  proven   boolean NOT NULL, -- the document proves to others that the log is at fault
  document text    NOT NULL,
  CONSTRAINT evidence_pkey PRIMARY KEY (digest),
  CONSTRAINT evidence_ordinal UNIQUE (ordinal),
  CONSTRAINT evidence_range CHECK (found_at >= 0 AND octet_length(digest) = 32)
);

CREATE INDEX evidence_of_reason ON evidence (reason, proven, ordinal);

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
CREATE TRIGGER evidence_keep BEFORE UPDATE OR TRUNCATE ON evidence
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A log that cheats can raise any number of refusals. The first 100 of each reason are kept for ever.
CREATE FUNCTION refuse_first_evidence() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF 100 <= (
    SELECT count(*) FROM (
      SELECT FROM evidence
      WHERE evidence.reason = OLD.reason AND evidence.proven = OLD.proven AND evidence.ordinal < OLD.ordinal LIMIT 100
    ) AS earlier
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = 'DELETE on table "evidence" is refused: the first 100 documents of each reason are kept';
END
$$;

CREATE TRIGGER evidence_keep_first BEFORE DELETE ON evidence
  FOR EACH ROW EXECUTE FUNCTION refuse_first_evidence();
