-- Outside evidence of time. An anchor is about the note of a checkpoint as the log signed it, and so about every
-- block that the checkpoint covers. Rows are only added: a complete Bitcoin anchor stands beside the pending
-- timestamp that it completes, and a renewal beside the tokens that it renews.
CREATE TABLE anchor (
  id          bigint  NOT NULL GENERATED ALWAYS AS IDENTITY,
  made_at     bigint  NOT NULL, -- milliseconds since the Unix epoch, by the clock of the service
  size        bigint,           -- of the checkpoint; NULL: a renewal
  valid_until bigint,           -- of a token: when the first certificate of its chain ends
  height      bigint,           -- of the Bitcoin block
  type        text    NOT NULL,
  source      text    NOT NULL, -- its name in the file of time sources
  data        bytea   NOT NULL, -- DER of the token, or an .ots file
  headers     bytea,            -- of Bitcoin: that of the block, and those built on it
  crls        bytea[] NOT NULL, -- SHA-256 of the revocation lists that belong to the token
  mac         bytea,            -- over the row and the MAC before it, by a key that is not in the database
  CONSTRAINT anchor_pkey PRIMARY KEY (id),
  CONSTRAINT anchor_type CHECK (
    CASE type
      WHEN 'rfc3161' THEN num_nonnulls(size, valid_until) = 2 AND num_nonnulls(height, headers) = 0
      WHEN 'renewal' THEN valid_until IS NOT NULL AND num_nonnulls(size, height, headers) = 0
      WHEN 'pending' THEN size IS NOT NULL AND num_nonnulls(valid_until, height, headers) = 0
      WHEN 'bitcoin' THEN num_nonnulls(size, height, headers) = 3 AND valid_until IS NULL
      ELSE false
    END
  ),
  CONSTRAINT anchor_range CHECK (
    made_at >= 0 AND size >= 1 AND valid_until >= 0 AND height >= 0
    AND octet_length(data) <= 65536 AND octet_length(headers) BETWEEN 80 AND 8000 AND octet_length(headers) % 80 = 0
  )
);

-- The earliest anchor of each source that covers a block, and the latest of each source.
CREATE INDEX anchor_of_source ON anchor (type, source, size);
-- What has to be renewed.
CREATE INDEX anchor_valid_until ON anchor (valid_until) WHERE valid_until IS NOT NULL;

-- Revocation lists, each once: many tokens share one.
CREATE TABLE revocation_list (
  digest bytea NOT NULL, -- SHA-256 of the list
  data   bytea NOT NULL, -- DER
  CONSTRAINT revocation_list_pkey PRIMARY KEY (digest),
  CONSTRAINT revocation_list_lengths CHECK (octet_length(digest) = 32 AND octet_length(data) <= 1048576)
);

-- The tokens that a renewal covers: the leaves of the tree whose root it stamps.
CREATE TABLE renewal_leaf (
  renewal bigint  NOT NULL, -- an anchor of type "renewal"
  renewed bigint  NOT NULL, -- the anchor whose token is the leaf
  index   integer NOT NULL,
  hash    bytea   NOT NULL, -- leaf hash of the token, its revocation lists and the newer ones
  crls    bytea[] NOT NULL, -- SHA-256 of the revocation lists about the token that are as old as the renewal
  CONSTRAINT renewal_leaf_pkey PRIMARY KEY (renewal, index),
  CONSTRAINT renewal_leaf_renewed UNIQUE (renewed),
  CONSTRAINT renewal_leaf_range CHECK (index >= 0 AND octet_length(hash) = 32)
);

CREATE TRIGGER anchor_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON anchor
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER revocation_list_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON revocation_list
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER renewal_leaf_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON renewal_leaf
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
