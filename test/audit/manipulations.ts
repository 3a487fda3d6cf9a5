/** What somebody with every right on the server does to a database, and where the audit must name it. */
export interface Manipulation {
  readonly name: string;
  /** Statements of a superuser with triggers switched off. `$OTHER` is a role that each case gets for itself. */
  readonly sql: string;
  /** `chain` and `database` are the two parts of the result; `note` is what the second part says without a finding. */
  readonly part: 'chain' | 'database' | 'note';
  /** Must match one finding of that part, as `table problem: message`; or one note, as `about: message`. */
  readonly says: RegExp;
}

type Case = readonly [name: string, sql: string, says: RegExp];

const chain: readonly Case[] = [
  [
    'another digest',
    `UPDATE entry SET digest = sha256('x') WHERE position = 0`,
    /^entry leaf_mismatch: .*position 0/,
  ],
  ['another size', 'UPDATE entry SET size = 5 WHERE position = 1', /^entry leaf_mismatch: .*position 1/],
  [
    'another time of acceptance',
    'UPDATE entry SET accepted_at = accepted_at - 1000 WHERE position = 2',
    /^entry \w+: .*position 2/,
  ],
  ['another kind', 'UPDATE entry SET kind = 7 WHERE position = 1', /^entry \w+: .*position 1/],
  [
    'another salt',
    `UPDATE entry SET salt = substring(sha256('x') FROM 1 FOR 16) WHERE position = 1`,
    /^entry leaf_mismatch: .*position 1/,
  ],
  [
    'an entry without its organization',
    'UPDATE entry SET account_tag = NULL WHERE position = 5',
    /^entry leaf_mismatch: .*position 5/,
  ],
  ['an entry removed', 'DELETE FROM entry WHERE position = 3', /^entry missing: .*3/],
  [
    'an entry added at the end',
    `INSERT INTO entry SELECT 100, accepted_at, size, kind, digest, substring(sha256('new') FROM 1 FOR 16), account_tag, details_digest FROM entry WHERE position = 1`,
    /^entry extra: .*100/,
  ],
  [
    'details changed',
    `UPDATE details SET json = replace(json, 'lease', 'lorry') WHERE position = 0`,
    /^details details_mismatch: .*position 0/,
  ],
  ['details removed', 'DELETE FROM details WHERE position = 2', /^details missing: .*position 2/],
  ['details added', `INSERT INTO details VALUES (1, '{"name":"x"}')`, /^details extra: .*position 1/],
  [
    'an erasure that is not recorded',
    `UPDATE entry SET digest = NULL, salt = NULL, size = NULL, account_tag = NULL, details_digest = NULL, accepted_at = 0, kind = 0 WHERE position = 5`,
    /^erasure missing: .*position 5/,
  ],
  [
    'an erasure recorded and not made',
    'INSERT INTO erasure VALUES (5)',
    /^erasure erasure_mismatch: Position 5/,
  ],
  ['the record of an erasure removed', 'DELETE FROM erasure', /^erasure missing: .*position 6/],
  [
    'another time of sealing',
    'UPDATE block SET sealed_at = sealed_at - 1 WHERE height = 1',
    /^block \w+: .*block 1|^block \w+: .*Block 1/,
  ],
  ['another nonce', 'UPDATE block SET nonce = nonce + 1 WHERE height = 1', /^block \w+/],
  ['another previous hash', `UPDATE block SET previous_hash = sha256('x') WHERE height = 1`, /^block \w+/],
  ['another Merkle root', `UPDATE block SET merkle_root = sha256('x') WHERE height = 1`, /^block \w+/],
  [
    'another state',
    `UPDATE block SET state = sha256('x') WHERE height = 1`,
    /^block header_mismatch: .*state of block 1/,
  ],
  ['another block hash', `UPDATE block SET hash = sha256('x') WHERE height = 1`, /^block \w+/],
  [
    'another state statement',
    `UPDATE state_statement SET statement = replace(statement, '"round":', '"round":1') WHERE height = (SELECT max(height) FROM state_statement)`,
    /^state_statement state_mismatch: The state statement of block \d+ is not the one/,
  ],
  [
    'a state statement removed',
    'DELETE FROM state_statement',
    /^state_statement missing: The state statement of block/,
  ],
  [
    'a state statement of no block',
    'INSERT INTO state_statement SELECT 5000, statement FROM state_statement LIMIT 1',
    /^state_statement extra: .*block 5000/,
  ],
  ['another difficulty', 'UPDATE block SET difficulty = difficulty - 1 WHERE height = 1', /^block \w+/],
  ['a block removed', 'DELETE FROM block WHERE height = 1', /^block missing/],
  ['another tile', `UPDATE block_tile SET hashes = sha256('x') WHERE height = 1`, /^block_tile \w+/],
  ['a tile removed', 'DELETE FROM block_tile WHERE height = 2', /^block_tile missing/],
  [
    'a tile of the log that cannot be',
    `INSERT INTO log_tile VALUES (0, 0, decode(repeat('00', 8192), 'hex'), sha256('x'))`,
    /^log_tile extra/,
  ],
  [
    'another root in a checkpoint',
    `UPDATE checkpoint SET root = sha256('x') WHERE size = 2`,
    /^checkpoint root_mismatch/,
  ],
  [
    'another signature under a checkpoint',
    `UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 1) WHERE size = 2`,
    /^checkpoint note_mismatch/,
  ],
  ['a checkpoint removed', 'DELETE FROM checkpoint WHERE size = 2', /^checkpoint missing/],
  ['the next position', 'UPDATE head SET next_position = next_position + 5', /^head head_mismatch/],
  ['the latest time', 'UPDATE head SET latest_time = latest_time + 5000', /^head head_mismatch/],
  ['the head removed', 'DELETE FROM head', /^head missing/],
  [
    'a key statement added',
    `INSERT INTO log_key_statement VALUES (0, 1, decode(repeat('00', 114), 'hex'), 'x')`,
    /^log_key_statement key_statement/,
  ],
  [
    'a run of another organization',
    'UPDATE register_run SET organization_number = 3 - organization_number WHERE first_position = 5',
    /^register_run register_mismatch/,
  ],
  ['a run removed', 'DELETE FROM register_run WHERE first_position = 5', /^register_run missing/],
  [
    'a run at another time',
    'UPDATE register_run SET accepted_at = accepted_at + 1 WHERE first_position = 5',
    /^register_run register_mismatch/,
  ],
  ['a receipt of no group', `INSERT INTO receipt VALUES (100, 1, 'x')`, /^receipt extra/],
  [
    'a table dropped',
    'DROP TABLE block_tile',
    /^schema missing: The table block_tile is missing: the chain was not checked/,
  ],
  ['a column dropped', 'ALTER TABLE entry DROP COLUMN salt', /^schema missing: The column entry.salt/],
];

const beside: readonly Case[] = [
  [
    'another submitter, of no key',
    `UPDATE register_run SET submitted_by = 'key:0000000000000000' WHERE first_position = 0`,
    /^register_run unexplained: .*position 0/,
  ],
  [
    'a submitter who is nobody',
    `UPDATE register_run SET submitted_by = '' WHERE first_position = 0`,
    /^register_run unexplained: .*position 0/,
  ],
  [
    'a key of another organization as submitter',
    `UPDATE register_run SET submitted_by = (SELECT submitted_by FROM register_run WHERE first_position = 5) WHERE first_position = 0`,
    /^register_run unexplained: .*position 0/,
  ],
  [
    'another submitter, whom the organization has',
    `UPDATE register_run SET submitted_by = (SELECT 'person:' || id FROM person WHERE email = 'auditor@example.com') WHERE first_position = 0`,
    /^register_run not_authentic: .*position 0/,
  ],
  [
    'the submitters of two runs swapped',
    `UPDATE register_run AS run SET submitted_by = other.submitted_by, mac = other.mac FROM register_run AS other
    WHERE run.first_position IN (0, 2) AND other.first_position = 2 - run.first_position`,
    /^register_run not_authentic: .*position 2/,
  ],
  [
    'a MAC removed',
    'UPDATE register_run SET mac = NULL WHERE first_position = 0',
    /^register_run not_authentic/,
  ],
  [
    'words emptied',
    `UPDATE details_words SET words = '' WHERE position = 0`,
    /^details_words words_mismatch: .*position 0/,
  ],
  [
    'words removed',
    'DELETE FROM details_words WHERE position = 0',
    /^details_words words_mismatch: .*position 0/,
  ],
  [
    'words added',
    `UPDATE details_words SET words = words || '1/fraud'::tsvector WHERE position = 0`,
    /^details_words words_mismatch: .*position 0/,
  ],
  [
    'words of an anonymous entry',
    `INSERT INTO details_words VALUES (1, '1/fraud')`,
    /^details_words extra: .*position 1/,
  ],
  [
    'words of an erased entry',
    `INSERT INTO details_words VALUES (6, '1/secret')`,
    /^details_words extra: .*position 6/,
  ],
  [
    'details made public',
    `INSERT INTO publication SELECT 5, published_at FROM publication`,
    /^publication unexplained: .*position 5/,
  ],
  [
    'details made public again',
    `INSERT INTO publication SELECT 8, published_at FROM publication`,
    /^publication unexplained: .*position 8/,
  ],
  [
    'an erased entry made public',
    `INSERT INTO publication SELECT 6, published_at FROM publication`,
    /^publication unexplained: .*position 6/,
  ],
  ['a publication removed', 'DELETE FROM publication', /^publication missing: .*position 7/],
  [
    'a publication at another time',
    'UPDATE publication SET published_at = published_at - 1',
    /^publication unexplained: .*position 7/,
  ],
  [
    'an idempotency key that leads to others',
    `UPDATE idempotency SET first_position = 5 WHERE key = 'first' AND first_position = 0`,
    /^idempotency unexplained/,
  ],
  [
    'an idempotency key of another scope',
    `UPDATE idempotency SET scope = 'nobody' WHERE key = 'second'`,
    /^idempotency unexplained/,
  ],
  [
    'an anonymous idempotency key of an organization',
    `UPDATE idempotency SET scope = (SELECT min(id) FROM organization) WHERE key = 'second'`,
    /^idempotency unexplained/,
  ],
  [
    'an idempotency key of more entries',
    `UPDATE idempotency SET entry_count = 500 WHERE key = 'second'`,
    /^idempotency unexplained/,
  ],
  [
    'an idempotency key at another time',
    `UPDATE idempotency SET created_at = created_at + 86400000 WHERE key = 'second'`,
    /^idempotency unexplained/,
  ],
  [
    'an idempotency key with another fingerprint',
    `UPDATE idempotency SET fingerprint = sha256('x') WHERE first_position = 0`,
    /^idempotency unexplained/,
  ],
  [
    'another cosignature',
    `UPDATE cosignature SET signature = decode(repeat('00', 64), 'hex') WHERE size = (SELECT max(size) FROM cosignature)`,
    /^cosignature bad_signature/,
  ],
  [
    'a cosignature at another time',
    'UPDATE cosignature SET signed_at = signed_at - 3600',
    /^cosignature bad_signature/,
  ],
  [
    'a cosignature of no checkpoint',
    'INSERT INTO cosignature SELECT 5000, signed_at, witness, key_id, signature FROM cosignature LIMIT 1',
    /^cosignature extra/,
  ],
  [
    'a token of another checkpoint',
    `UPDATE anchor SET size = size + 1 WHERE id = (SELECT min(id) FROM anchor WHERE type = 'rfc3161' AND size < (SELECT max(size) FROM checkpoint))`,
    /^anchor anchor_mismatch: Anchor \d+ is not about the note of its checkpoint/,
  ],
  [
    'a token that is none',
    `UPDATE anchor SET data = '\\x00' WHERE id = (SELECT min(id) FROM anchor WHERE type = 'rfc3161')`,
    /^anchor anchor_mismatch: Anchor \d+ cannot be read/,
  ],
  [
    'an anchor of no checkpoint',
    `UPDATE anchor SET size = 5000 WHERE type = 'pending'`,
    /^anchor extra: Anchor \d+ is of the checkpoint over 5000 blocks/,
  ],
  [
    'a timestamp with another Bitcoin header',
    `UPDATE anchor SET headers = substring(headers FROM 1 FOR 36) || sha256('x') || substring(headers FROM 69) WHERE type = 'bitcoin'`,
    /^anchor anchor_mismatch: Anchor \d+ does not lead to its Bitcoin header/,
  ],
  [
    'a timestamp at another height',
    `UPDATE anchor SET height = height + 1 WHERE type = 'bitcoin'`,
    /^anchor anchor_mismatch: Anchor \d+ does not lead to its Bitcoin header/,
  ],
  [
    'an anchor of another source',
    `UPDATE anchor SET source = 'x' WHERE type = 'rfc3161'`,
    /^anchor not_authentic/,
  ],
  ['an anchor at another time', 'UPDATE anchor SET made_at = made_at - 1', /^anchor not_authentic/],
  [
    'a token that is said to hold for longer',
    'UPDATE anchor SET valid_until = valid_until + 1 WHERE valid_until IS NOT NULL',
    /^anchor not_authentic/,
  ],
  [
    'headers built on a block removed',
    'UPDATE anchor SET headers = substring(headers FROM 1 FOR 80)',
    /^anchor not_authentic/,
  ],
  [
    'an anchor removed',
    'DELETE FROM anchor WHERE id = (SELECT min(id) FROM anchor)',
    /^anchor not_authentic: Anchor 2 .*was changed, added or removed/,
  ],
  [
    'an anchor beyond the sequence',
    `INSERT INTO anchor OVERRIDING SYSTEM VALUE SELECT 5000, made_at, size, valid_until, height, type, source, data, headers, crls, mac FROM anchor WHERE id = 1`,
    /^anchor extra: The anchors go up to number 5000/,
  ],
  [
    'a revocation list removed',
    'DELETE FROM revocation_list',
    /^anchor missing: A revocation list of anchor/,
  ],
  [
    'a revocation list changed',
    `UPDATE revocation_list SET data = '\\x00'`,
    /^revocation_list anchor_mismatch: The revocation list [0-9a-f]{64} is not the one/,
  ],
  [
    'a revocation list added',
    `INSERT INTO revocation_list VALUES (sha256('x'), 'x')`,
    /^revocation_list extra: .* belongs to no anchor/,
  ],
  [
    'a renewal of another token',
    'UPDATE renewal_leaf SET renewed = (SELECT max(id) FROM anchor) WHERE index = 0',
    /^renewal_leaf anchor_mismatch: Leaf 0 of renewal/,
  ],
  [
    'another leaf of a renewal',
    `UPDATE renewal_leaf SET hash = sha256('x') WHERE index = 0`,
    /^renewal_leaf anchor_mismatch: Renewal \d+ is not about the tokens/,
  ],
  [
    'the newer revocation list of a renewed token taken away',
    `UPDATE renewal_leaf SET crls = '{}' WHERE index = 0`,
    /^renewal_leaf anchor_mismatch: Leaf 0 of renewal \d+ is not the token that it names, with its revocation lists/,
  ],
  [
    'a leaf of a renewal removed',
    'DELETE FROM renewal_leaf WHERE index = 1',
    /^renewal_leaf anchor_mismatch: Renewal \d+ is not about the tokens/,
  ],
  [
    'a renewal removed',
    `DELETE FROM anchor WHERE type = 'renewal'`,
    /^renewal_leaf extra: There is no renewal/,
  ],
  [
    'an event of no kind',
    `UPDATE access_event SET kind = 'nothing' WHERE id = 1`,
    /^access_event implausible: Event 1/,
  ],
  [
    'an event that is no JSON',
    `UPDATE access_event SET detail = 'x' WHERE id = 1`,
    /^access_event implausible/,
  ],
  [
    'an event beyond the sequence',
    `INSERT INTO access_event OVERRIDING SYSTEM VALUE SELECT 5000, at, kind, organization_id, person_id, key_id, address, detail FROM access_event WHERE kind = 'sign_out' OR id = 1 LIMIT 1`,
    /^access_event extra/,
  ],
  [
    'an event rewritten',
    `UPDATE access_event SET address = '192.0.2.1' WHERE kind = 'key_revoked'`,
    /^access_event not_authentic/,
  ],
  [
    'an event dated back',
    'UPDATE access_event SET at = at - 86400000 WHERE id = 3',
    /^access_event not_authentic: Event 3/,
  ],
  ['an event removed', `DELETE FROM access_event WHERE kind = 'key_revoked'`, /^access_event not_authentic/],
  [
    'two events swapped',
    `CREATE TEMP TABLE two AS SELECT * FROM access_event WHERE id IN (3, 4); DELETE FROM access_event WHERE id IN (3, 4);
    INSERT INTO access_event OVERRIDING SYSTEM VALUE SELECT 7 - id, at, kind, organization_id, person_id, key_id, address, detail, mac FROM two`,
    /^access_event not_authentic: Event 3/,
  ],
  [
    'an event added that explains a publication',
    `INSERT INTO publication SELECT 5, published_at FROM publication;
    INSERT INTO access_event (at, kind, organization_id, person_id, detail)
    SELECT (SELECT published_at FROM publication WHERE position = 5), 'details_published', (SELECT id FROM organization WHERE number = 2), NULL, '{"position":5}'`,
    /^access_event not_authentic/,
  ],
  [
    'the creation of an organization removed',
    `DELETE FROM access_event WHERE kind = 'organization_created'`,
    /^organization unexplained/,
  ],
  [
    'the renaming of an organization',
    `UPDATE organization SET name = 'Mine'`,
    /^organization unexplained: The name/,
  ],
  [
    'an organization put back to work',
    `UPDATE organization SET disabled_at = 5`,
    /^organization unexplained: The disabled_at/,
  ],
  [
    'limits lifted',
    'UPDATE organization SET requests_per_minute = NULL',
    /^organization unexplained: The requests_per_minute/,
  ],
  [
    'an organization added',
    `INSERT INTO organization (id, name, created_at) VALUES ('org_x', 'x', 1)`,
    /^organization unexplained: No event/,
  ],
  [
    'scopes of a key widened',
    `UPDATE api_key SET scopes = ARRAY['notarize', 'read'] WHERE cardinality(scopes) = 1`,
    /^api_key unexplained: The scopes/,
  ],
  [
    'networks of a key lifted',
    `UPDATE api_key SET networks = '{}' WHERE cardinality(networks) = 1`,
    /^api_key unexplained: The networks/,
  ],
  [
    'a revoked key made valid',
    'UPDATE api_key SET revoked_at = NULL WHERE revoked_at IS NOT NULL',
    /^api_key unexplained: The revoked_at/,
  ],
  [
    'a key added',
    `INSERT INTO api_key (id, organization_id, name, secret_hash, scopes, networks, created_at, created_by)
    SELECT 'ffffffffffffffff', organization_id, name, sha256('x'), scopes, networks, created_at, created_by FROM api_key LIMIT 1`,
    /^api_key unexplained: No event/,
  ],
  [
    'a key removed',
    `DELETE FROM api_key WHERE revoked_at IS NOT NULL`,
    /^api_key unexplained: The access log tells of/,
  ],
  [
    'the key that somebody gave to sign with replaced',
    `UPDATE signing_request SET key = key || 'x' WHERE key IS NOT NULL`,
    /^signing_request unexplained: The key/,
  ],
  [
    'a contract named for a request to sign',
    `UPDATE signing_request SET record = sha256('x') WHERE key IS NOT NULL`,
    /^signing_request unexplained: The record/,
  ],
  [
    'a request to sign removed',
    `DELETE FROM signing_request`,
    /^signing_request unexplained: The access log tells of/,
  ],
  [
    'a role raised',
    `UPDATE organization_user SET role = 'owner' WHERE role = 'auditor'`,
    /^organization_user unexplained: The role/,
  ],
  [
    'a user added',
    `INSERT INTO organization_user SELECT max(organization_id), (SELECT id FROM person WHERE operator), 'owner', 1, 1 FROM organization_user`,
    /^organization_user unexplained: No event/,
  ],
  [
    'a user removed',
    `DELETE FROM organization_user WHERE role = 'notary'`,
    /^organization_user unexplained: The access log/,
  ],
  [
    'an operator made',
    `UPDATE person SET operator = true WHERE email = 'notary@example.com'`,
    /^person unexplained: No event/,
  ],
  ['an operator unmade', 'UPDATE person SET operator = false', /^person unexplained: The access log/],
  ['a person disabled', 'UPDATE person SET disabled_at = 1', /^person unexplained: The access log does not/],
  [
    'a password that is none',
    `UPDATE person SET password_hash = 'x' WHERE password_hash IS NOT NULL`,
    /^person implausible/,
  ],

  [
    'triggers switched off',
    'ALTER TABLE entry DISABLE TRIGGER ALL',
    /^schema schema_mismatch: The trigger entry\.entry_keep/,
  ],
  [
    'one trigger switched off',
    'ALTER TABLE access_event DISABLE TRIGGER access_event_keep',
    /^schema schema_mismatch: The trigger access_event/,
  ],
  [
    'a trigger for replicas only',
    'ALTER TABLE block ENABLE REPLICA TRIGGER block_keep',
    /^schema schema_mismatch: The trigger block\.block_keep/,
  ],
  [
    'foreign keys switched off',
    'ALTER TABLE session DISABLE TRIGGER ALL',
    /^schema schema_mismatch: The trigger session\./,
  ],
  [
    'a trigger dropped',
    'DROP TRIGGER checkpoint_keep ON checkpoint',
    /^schema missing: The trigger checkpoint\.checkpoint_keep/,
  ],
  [
    'a trigger with another condition',
    `DROP TRIGGER head_forward ON head; CREATE TRIGGER head_forward BEFORE UPDATE ON head FOR EACH ROW WHEN (NEW.next_position < 0) EXECUTE FUNCTION refuse_head_change()`,
    /^schema schema_mismatch: The trigger head\.head_forward/,
  ],
  [
    'a trigger added',
    `CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $q$ BEGIN RETURN NULL; END $q$; CREATE TRIGGER a BEFORE INSERT ON access_event FOR EACH ROW EXECUTE FUNCTION quiet()`,
    /^schema extra: The trigger access_event\.a/,
  ],
  [
    'refuse_change replaced',
    `CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $q$ BEGIN RETURN NULL; END $q$`,
    /^schema schema_mismatch: The function refuse_change/,
  ],
  [
    'consume_tokens replaced',
    `CREATE OR REPLACE FUNCTION consume_tokens(keys text[], tokens bigint[], limits bigint[], windows_ms bigint[])
    RETURNS TABLE (granted boolean, now_ms bigint, used bigint, resets_at bigint) LANGUAGE sql AS $q$ SELECT true, 0::bigint, 0::bigint, 0::bigint FROM unnest(keys) $q$`,
    /^schema schema_mismatch: The function consume_tokens/,
  ],
  [
    'erase_notarization replaced',
    `CREATE OR REPLACE FUNCTION erase_notarization(at_position bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    /^schema schema_mismatch: The function erase_notarization/,
  ],
  [
    'a function with another search_path',
    'ALTER FUNCTION erase_notarization(bigint) RESET search_path',
    /^schema schema_mismatch: The function erase_notarization/,
  ],
  [
    'a function that runs as its owner',
    'ALTER FUNCTION refuse_change() SECURITY DEFINER',
    /^schema schema_mismatch: The function refuse_change/,
  ],
  [
    'a function added',
    `CREATE FUNCTION sha256(text) RETURNS bytea LANGUAGE sql AS $q$ SELECT ''::bytea $q$`,
    /^schema extra: The function sha256/,
  ],
  [
    'an operator added',
    `CREATE FUNCTION same(bytea, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR = (LEFTARG = bytea, RIGHTARG = text, FUNCTION = same)`,
    /^schema extra: The operator =/,
  ],
  ['a cast added', 'CREATE CAST (bytea AS text) WITHOUT FUNCTION', /^schema extra: The cast bytea/],
  ['a table added', 'CREATE TABLE copies (position bigint)', /^schema extra: The table copies/],
  ['a child of a table', 'CREATE TABLE more () INHERITS (entry)', /^schema extra: The table more/],
  ['a view added', 'CREATE VIEW all_details AS SELECT * FROM details', /^schema extra: The view all_details/],
  [
    'a schema added',
    'CREATE SCHEMA evil; CREATE TABLE evil.entry (position bigint)',
    /^schema extra: The table evil\.entry/,
  ],
  ['a column added', 'ALTER TABLE entry ADD COLUMN who text', /^schema extra: The column entry\.who/],
  [
    'a column of another type',
    'ALTER TABLE details_words ALTER COLUMN position TYPE numeric',
    /^schema schema_mismatch: The column details_words\.position/,
  ],
  [
    'a default changed',
    'ALTER TABLE person ALTER COLUMN operator SET DEFAULT true',
    /^schema schema_mismatch: The column person\.operator/,
  ],
  [
    'a NOT NULL dropped',
    'ALTER TABLE register_run ALTER COLUMN submitted_by DROP NOT NULL',
    /^schema schema_mismatch: The column register_run\.submitted_by/,
  ],
  [
    'a check dropped',
    'ALTER TABLE entry DROP CONSTRAINT entry_whole_or_erased',
    /^schema missing: The constraint entry\.entry_whole_or_erased/,
  ],
  [
    'a check added',
    "ALTER TABLE access_event ADD CONSTRAINT quiet CHECK (kind <> 'sign_in') NOT VALID",
    /^schema extra: The constraint access_event\.quiet/,
  ],
  [
    'a foreign key dropped',
    'ALTER TABLE session DROP CONSTRAINT session_person',
    /^schema missing: The constraint session\.session_person/,
  ],
  [
    'a unique index dropped',
    'DROP INDEX block_previous_hash',
    /^schema missing: The index block\.(public\.)?block_previous_hash/,
  ],
  [
    'an index out of use',
    `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'entry_digest_salt'::regclass`,
    /^schema schema_mismatch: The index entry/,
  ],
  [
    'a rule added',
    'CREATE RULE quiet AS ON INSERT TO access_event DO INSTEAD NOTHING',
    /^schema extra: The rule access_event\.quiet/,
  ],
  [
    'row security',
    'ALTER TABLE entry ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON entry USING (position > 3)',
    /^schema extra: The policy entry\.few/,
  ],
  [
    'row security alone',
    'ALTER TABLE entry ENABLE ROW LEVEL SECURITY',
    /^schema schema_mismatch: The table entry/,
  ],
  [
    'a table without durability',
    'ALTER TABLE throttle SET UNLOGGED',
    /^schema schema_mismatch: The table throttle/,
  ],
  [
    'an event trigger',
    `CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $q$ BEGIN END $q$; CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch()`,
    /^schema extra: The event trigger watch/,
  ],
  [
    'an event trigger that stops the comparison',
    `CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $q$ BEGIN RAISE 'no'; END $q$; CREATE EVENT TRIGGER stop ON ddl_command_start EXECUTE FUNCTION stop()`,
    /^schema extra: The event trigger stop/,
  ],
  [
    'a publication for replication',
    'CREATE PUBLICATION everything FOR ALL TABLES',
    /^schema extra: The publication for replication everything/,
  ],
  [
    'a migration recorded that was not applied',
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99999999_evil', now())`,
    /^schema \w+: The migrations/,
  ],
  [
    'the checksum of a migration',
    `UPDATE _prisma_migrations SET checksum = 'x'`,
    /^schema \w+: The migrations/,
  ],
  ['the record of migrations dropped', 'DROP TABLE _prisma_migrations', /^schema \w+: The migrations/],

  [
    'a grant on a table',
    'CREATE ROLE $OTHER; GRANT INSERT, UPDATE ON entry TO $OTHER',
    /^schema extra: The privilege table entry for/,
  ],
  [
    'a grant on a column',
    'CREATE ROLE $OTHER; GRANT UPDATE (submitted_by) ON register_run TO $OTHER',
    /^schema extra: The privilege column register_run\.submitted_by/,
  ],
  [
    'a grant to everybody',
    'GRANT SELECT ON details TO PUBLIC',
    /^schema extra: The privilege table details for everybody/,
  ],
  [
    'the right to make tables',
    'CREATE ROLE $OTHER; GRANT CREATE ON SCHEMA public TO $OTHER',
    /^schema extra: The privilege schema public/,
  ],
  [
    'the right to make schemas',
    "CREATE ROLE $OTHER; DO $q$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO $OTHER', current_database()); END $q$",
    /^schema extra: The privilege database/,
  ],
  [
    'privileges by default',
    'CREATE ROLE $OTHER; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO $OTHER',
    /^schema extra: The default privilege/,
  ],
  [
    'another owner of a table',
    'CREATE ROLE $OTHER; ALTER TABLE checkpoint OWNER TO $OTHER',
    /^schema schema_mismatch: The owner table checkpoint/,
  ],
  [
    'another owner of a function',
    'CREATE ROLE $OTHER; ALTER FUNCTION refuse_change() OWNER TO $OTHER',
    /^schema schema_mismatch: The owner function refuse_change/,
  ],
  [
    'a member of the owner',
    "CREATE ROLE $OTHER; DO $q$ BEGIN EXECUTE format('GRANT %I TO $OTHER', current_user); END $q$",
    /^role unsafe: .* can act as/,
  ],
  [
    'a role that writes everything',
    'CREATE ROLE $OTHER; GRANT pg_write_all_data TO $OTHER',
    /^role unsafe: .*pg_write_all_data/,
  ],
  [
    'a search_path of the database',
    `DO $q$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = evil, public', current_database()); END $q$`,
    /^setting unsafe: .*search_path/,
  ],
  [
    'triggers off for every session',
    `DO $q$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database()); END $q$`,
    /^setting unsafe: .*session_replication_role/,
  ],
  [
    'a setting of a role in the database',
    `CREATE ROLE $OTHER; DO $q$ BEGIN EXECUTE format('ALTER ROLE $OTHER IN DATABASE %I SET synchronous_commit = off', current_database()); END $q$`,
    /^setting unsafe: .*synchronous_commit/,
  ],
];

const told: readonly Case[] = [
  [
    'the last event removed',
    'DELETE FROM access_event WHERE id = (SELECT max(id) FROM access_event)',
    /^access log: 1 event numbers are missing/,
  ],
  [
    'the last anchor removed',
    `DELETE FROM renewal_leaf; DELETE FROM anchor WHERE id = (SELECT max(id) FROM anchor)`,
    /^anchors: 1 numbers of anchors are missing/,
  ],
  [
    'an erasure of everything',
    'SELECT erase_notarization(position) FROM entry',
    /^erasures: erased at these positions: 0, 1, 2, 3/,
  ],
  ['a superuser', 'CREATE ROLE $OTHER SUPERUSER', /^roles: Superusers of this server: .*$OTHER/],
  [
    'a harmless setting',
    `DO $q$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()); END $q$`,
    /^setting work_mem/,
  ],
];

const of = (part: Manipulation['part'], cases: readonly Case[]): Manipulation[] =>
  cases.map(([name, sql, says]) => ({ name, sql, part, says }));

export const MANIPULATIONS: readonly Manipulation[] = [
  ...of('chain', chain),
  ...of('database', beside),
  ...of('note', told),
];
