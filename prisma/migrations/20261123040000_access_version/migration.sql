-- Counts the changes of organizations and API keys. Who remembers what a key may do has the statement that writes on its behalf compare
-- this number, and so needs no query of its own.
CREATE TABLE access_version (
  version bigint  NOT NULL,
  the_one boolean NOT NULL DEFAULT true,
  CONSTRAINT access_version_pkey PRIMARY KEY (the_one),
  CONSTRAINT access_version_one CHECK (the_one)
);

INSERT INTO access_version (version) VALUES (0);

CREATE FUNCTION count_access_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE access_version SET version = version + 1;
  RETURN NULL;
END
$$;

CREATE TRIGGER organization_change
  AFTER UPDATE OR DELETE ON organization
  FOR EACH STATEMENT EXECUTE FUNCTION count_access_change();

-- Not for last_used_at, which is written all the time and decides nothing.
CREATE TRIGGER api_key_change
  AFTER UPDATE OF organization_id, secret_hash, scopes, networks, expires_at, revoked_at,
    requests_per_minute, digests_per_day, bytes_per_day
    OR DELETE ON api_key
  FOR EACH STATEMENT EXECUTE FUNCTION count_access_change();
