-- Records: things with a history on the chain. Their events are accepted like documents; the sealer applies them
-- to the records, and keeps the map of all records' values. Times are milliseconds since the Unix epoch.

-- The state of each record after the latest block. Only the sealer writes here, in the transaction that commits
-- the block, so a row follows from the events; the audit recomputes it.
CREATE TABLE record (
  sequence bigint NOT NULL, -- of the last event
  height   bigint NOT NULL, -- of the block that changed it last
  id       bytea  NOT NULL, -- SHA-256 of its first note
  value    bytea  NOT NULL, -- in the map
  kind     text   NOT NULL,
  status   text   NOT NULL,
  holder   text   NOT NULL, -- a verifier key
  parties  text[] NOT NULL, -- the verifier keys that have a role in it, that of the holder too
  state    text   NOT NULL, -- what the rules made of the events, in JSON
  CONSTRAINT record_pkey PRIMARY KEY (id),
  CONSTRAINT record_range CHECK (
    sequence >= 0 AND height >= 0 AND octet_length(id) = 32 AND octet_length(value) = 32
    AND kind IN ('document', 'work', 'item', 'contract')
  )
) WITH (fillfactor = 80); -- rows change: their new versions stay on their pages

CREATE INDEX record_kind ON record (kind, status);
CREATE INDEX record_parties ON record USING gin (parties);

-- Events of records. A signed one has the position of its entry, and is here from its acceptance on; the block that
-- seals it gives it its height, and says whether it is void. An automatic one is added by the block that makes it.
-- The bodies are in the table details.
CREATE TABLE event (
  id       bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  sequence bigint NOT NULL,
  position bigint,         -- NULL: automatic
  height   bigint,         -- NULL: no block holds it yet
  record   bytea  NOT NULL,
  before   bytea  NOT NULL, -- the record's value before, zero for its first event
  value    bytea  NOT NULL, -- its value after the event, unless that is void
  type     text   NOT NULL,
  note     text   NOT NULL, -- the signed note, or the text of an automatic event
  void     text,           -- why the sealed event changes nothing: a code of the rules
  CONSTRAINT event_pkey PRIMARY KEY (id),
  CONSTRAINT event_range CHECK (
    sequence >= 0 AND position >= 0 AND height >= 0
    AND octet_length(record) = 32 AND octet_length(before) = 32 AND octet_length(value) = 32
  ),
  CONSTRAINT event_automatic CHECK (position IS NOT NULL OR (height IS NOT NULL AND void IS NULL)),
  CONSTRAINT event_void_when_sealed CHECK (void IS NULL OR height IS NOT NULL)
);

-- Of two signed events that follow the same one, one is refused, whoever accepts them. An automatic event can come
-- before one that waits, which becomes void then.
CREATE UNIQUE INDEX event_sequence ON event (record, sequence) WHERE void IS NULL AND position IS NOT NULL;
CREATE UNIQUE INDEX event_applied ON event (record, sequence) WHERE void IS NULL AND height IS NOT NULL;
CREATE UNIQUE INDEX event_position ON event (position);
CREATE INDEX event_void ON event (record) WHERE void IS NOT NULL;

-- When the rules must be asked again what a record does by itself.
CREATE TABLE record_watch (
  id     bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  at     bigint, -- a time
  record bytea NOT NULL,
  key    bytea,  -- a digest that may be notarized, or the id of another record
  kind   text  NOT NULL,
  CONSTRAINT record_watch_pkey PRIMARY KEY (id),
  CONSTRAINT record_watch_kind CHECK (
    CASE kind
      WHEN 'time' THEN at >= 0 AND key IS NULL
      WHEN 'digest' THEN at IS NULL AND octet_length(key) = 32
      WHEN 'record' THEN at IS NULL AND octet_length(key) = 32
      ELSE false
    END
  ),
  CONSTRAINT record_watch_record CHECK (octet_length(record) = 32)
);

CREATE INDEX record_watch_of ON record_watch (record);
CREATE INDEX record_watch_at ON record_watch (at) WHERE kind = 'time';
CREATE INDEX record_watch_key ON record_watch (kind, key) WHERE kind <> 'time';

-- The organizations that may read a record: each has submitted an event of it.
CREATE TABLE record_reader (
  position            bigint  NOT NULL, -- of the first of these events
  organization_number integer NOT NULL,
  record              bytea   NOT NULL,
  CONSTRAINT record_reader_pkey PRIMARY KEY (organization_number, record),
  CONSTRAINT record_reader_record CHECK (position >= 0 AND octet_length(record) = 32)
);

CREATE INDEX record_reader_position ON record_reader (organization_number, position);
CREATE INDEX record_reader_of ON record_reader (record);

-- Works and items that everybody may see, as their holders have chosen. The note is read with the key of the present
-- holder, so one that somebody else has put here shows nothing.
CREATE TABLE record_publication (
  signed_at           bigint  NOT NULL, -- the time in the newest note: neither it nor an older one is accepted again
  organization_number integer NOT NULL, -- of whoever has published it
  record              bytea   NOT NULL,
  note                text,             -- NULL: withdrawn, or the record has another holder now
  CONSTRAINT record_publication_pkey PRIMARY KEY (record),
  CONSTRAINT record_publication_range CHECK (signed_at >= 0 AND octet_length(record) = 32)
);

-- The map: pages of four levels of the tree, as they were after the block of that height. A page that changes gets
-- a new row, so every past map can be read. Members have these two tables as well.
CREATE TABLE map_page (
  height bigint NOT NULL,
  prefix text   NOT NULL, -- the first bits of all keys below, four a hexadecimal digit
  page   bytea  NOT NULL,
  CONSTRAINT map_page_pkey PRIMARY KEY (prefix, height),
  CONSTRAINT map_page_range CHECK (height >= 0 AND length(prefix) < 64 AND octet_length(page) BETWEEN 1 AND 2048)
);

-- Hashes do not compress: EXTERNAL saves the attempt.
ALTER TABLE map_page ALTER COLUMN page SET STORAGE EXTERNAL;

-- The change list of each block that changes records.
CREATE TABLE map_change (
  height bigint NOT NULL,
  list   bytea  NOT NULL,
  CONSTRAINT map_change_pkey PRIMARY KEY (height),
  CONSTRAINT map_change_range CHECK (height >= 0 AND octet_length(list) >= 69)
);

-- An event that no block holds yet may be sealed, once.
CREATE FUNCTION refuse_unless_sealing() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.height IS NULL AND NEW.height IS NOT NULL AND OLD.void IS NULL
    AND (NEW.id, NEW.sequence, NEW.position, NEW.record, NEW.before, NEW.value, NEW.type, NEW.note)
      IS NOT DISTINCT FROM (OLD.id, OLD.sequence, OLD.position, OLD.record, OLD.before, OLD.value, OLD.type, OLD.note) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = format('%s on table "%s" is refused: the chain is append-only', TG_OP, TG_TABLE_NAME),
    HINT = 'If a backup was restored over newer data, restore the newest backup as a whole instead.';
END
$$;

CREATE FUNCTION refuse_older_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'IG001',
    MESSAGE = 'UPDATE on table "record" is refused: a record is only changed by a later event',
    HINT = 'If a backup was restored over newer data, restore the newest backup as a whole instead.';
END
$$;

CREATE FUNCTION end_publication() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE record_publication SET note = NULL WHERE record_publication.record = NEW.id;
  RETURN NULL;
END
$$;

CREATE TRIGGER record_keep BEFORE DELETE OR TRUNCATE ON record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_forward BEFORE UPDATE ON record FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.sequence <= OLD.sequence OR NEW.height < OLD.height)
  EXECUTE FUNCTION refuse_older_record();
CREATE TRIGGER record_other_holder AFTER UPDATE ON record FOR EACH ROW
  WHEN (NEW.holder <> OLD.holder) EXECUTE FUNCTION end_publication();
CREATE TRIGGER event_keep BEFORE DELETE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_seal_only BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION refuse_unless_sealing();
CREATE TRIGGER record_watch_keep BEFORE UPDATE OR TRUNCATE ON record_watch
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_reader_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON record_reader
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER map_page_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON map_page
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER map_change_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON map_change
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Erases the body of a sealed event. The entry and the note stay, so every proof stays valid; without the nonce
-- in the body, it cannot be guessed from its digest. Returns true when this call erased, false when an earlier one
-- did.
CREATE FUNCTION erase_event_body(at_position bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  sealed boolean;
BEGIN
  SELECT event.height IS NOT NULL INTO sealed FROM event WHERE event.position = at_position;
  IF sealed IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG003',
      MESSAGE = format('there is no event at position %s', at_position);
  ELSIF NOT sealed THEN
    RAISE EXCEPTION USING
      ERRCODE = 'IG002',
      MESSAGE = format('the event at position %s is not sealed yet', at_position),
      HINT = 'Wait until a block holds it: the rules read its body then.';
  END IF;
  PERFORM refuse_if_held(at_position);
  INSERT INTO body_erasure (position) VALUES (at_position) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM details WHERE details.position = at_position;
  DELETE FROM details_words WHERE details_words.position = at_position;
  DELETE FROM notarization_tag WHERE notarization_tag.position = at_position;
  DELETE FROM publication WHERE publication.position = at_position;
  RETURN true;
END
$$;
