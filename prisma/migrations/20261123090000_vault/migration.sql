-- The vault: documents whose bytes the service keeps, because their owner asked for it (docs/vault.md). The bytes are in
-- a folder or a bucket, encrypted under a key for each; here are these keys, under a key that is not in the database.
-- Times are milliseconds since the Unix epoch.

-- Each object in the storage: its row is there before it, so that whatever an interrupted upload leaves is found.
CREATE TABLE vault_object (
  touched_at          bigint  NOT NULL, -- the last sign of life of an upload
  size                bigint,           -- of the document; NULL: it is being written
  organization_number integer NOT NULL,
  id                  bytea   NOT NULL, -- random: it tells nothing of the document
  key_reference       bytea,            -- the data key over wrapped_key (INGAM_ERASURE_KEYS); NULL: none
  wrapped_key         text,             -- base64, or encrypted under that data key
  wrapped_by          text,             -- which key of INGAM_VAULT_KEY
  CONSTRAINT vault_object_pkey PRIMARY KEY (id),
  CONSTRAINT vault_object_id CHECK (octet_length(id) = 16),
  CONSTRAINT vault_object_size CHECK (size >= 0),
  CONSTRAINT vault_object_whole CHECK (num_nonnulls(size, wrapped_key, wrapped_by) IN (0, 3)),
  CONSTRAINT vault_object_reference CHECK (
    key_reference IS NULL OR (octet_length(key_reference) = 16 AND wrapped_key IS NOT NULL)
  )
);

CREATE INDEX vault_object_of_organization ON vault_object (organization_number);
CREATE INDEX vault_object_touched ON vault_object (touched_at);

-- The notarizations whose document is kept. Several of one document share an object.
CREATE TABLE kept_document (
  position bigint NOT NULL,
  object   bytea  NOT NULL,
  CONSTRAINT kept_document_pkey PRIMARY KEY (position),
  CONSTRAINT kept_document_object FOREIGN KEY (object) REFERENCES vault_object (id)
);

CREATE INDEX kept_document_of_object ON kept_document (object);

-- Objects whose key is destroyed, until the storage has removed their bytes.
CREATE TABLE vault_removal (
  id bytea NOT NULL,
  CONSTRAINT vault_removal_pkey PRIMARY KEY (id),
  CONSTRAINT vault_removal_id CHECK (octet_length(id) = 16)
);

-- Destroys the key of an object that no notarization needs any more, and has its bytes removed. Called by
-- erase_notarization in the transaction that erases. Returns whether it did.
CREATE FUNCTION remove_vault_object(object_id bytea) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  -- Waits for a notarization that begins to share the object: the statements behind this one see it.
  PERFORM FROM vault_object WHERE vault_object.id = object_id FOR UPDATE;
  IF NOT FOUND OR EXISTS (SELECT FROM kept_document WHERE kept_document.object = object_id) THEN
    RETURN false;
  END IF;
  INSERT INTO key_destruction (reference)
  SELECT vault_object.key_reference FROM vault_object
  WHERE vault_object.id = object_id AND vault_object.key_reference IS NOT NULL ON CONFLICT DO NOTHING;
  INSERT INTO vault_removal (id) VALUES (object_id) ON CONFLICT DO NOTHING;
  DELETE FROM vault_object WHERE vault_object.id = object_id;
  RETURN true;
END
$$;
