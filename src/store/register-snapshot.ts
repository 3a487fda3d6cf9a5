/** As `accountTagOf` (proof): the first 16 bytes of SHA-256(0x03 ‖ salt ‖ account id). */
const TAG = String.raw`substring(sha256('\x03'::bytea || entry.salt || convert_to(account.id, 'UTF8')) FROM 1 FOR 16)`;

/** $1: above which position, $2: how many. */
export const REGISTERED_RUNS = `
SELECT run.first_position, run.entry_count, run.account_number, account.id AS account_id, seen.*
FROM (
  SELECT * FROM register_run WHERE first_position > $1 ORDER BY first_position LIMIT $2
) AS run
LEFT JOIN account ON account.number = run.account_number
CROSS JOIN LATERAL (
  SELECT count(*)::integer AS entries, count(entry.account_tag)::integer AS tagged,
    min(entry.position) FILTER (WHERE entry.digest IS NOT NULL AND entry.account_tag IS DISTINCT FROM ${TAG}) AS foreign_at,
    min(entry.position) FILTER (WHERE entry.digest IS NOT NULL AND entry.accepted_at <> run.accepted_at) AS other_time_at
  FROM entry WHERE entry.position >= run.first_position AND entry.position < run.first_position + run.entry_count
) AS seen
ORDER BY run.first_position`;

/** By the index that holds tagged entries only. */
export const TAGGED_ENTRIES = `SELECT count(*) AS count FROM entry WHERE account_tag IS NOT NULL`;

/** $1: how many. */
export const UNREGISTERED = `
SELECT entry.position FROM entry
LEFT JOIN LATERAL (
  SELECT first_position + entry_count AS beyond FROM register_run
  WHERE first_position <= entry.position ORDER BY first_position DESC LIMIT 1
) AS run ON true
WHERE entry.account_tag IS NOT NULL AND (run.beyond IS NULL OR run.beyond <= entry.position)
ORDER BY entry.position LIMIT $1`;
