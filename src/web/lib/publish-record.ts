import { fromHex } from '../../proof/bytes.js';
import { HASH_LENGTH } from '../../proof/hash.js';
import { formatNote } from '../../proof/note.js';
import { formatPublication } from '../../proof/records/publication.js';
import type { Shown } from '../../proof/records/publishable.js';
import { chain } from './api.js';
import type { RecordSigner } from './record-keys.js';
import { jsonRequest } from './request.js';
import { sessionRequest } from './session.js';

/** How holders publish, which takes their keys: those who read the page load nothing of it. */

/** @param after the time of the note before, in milliseconds since the Unix epoch: the new one must be later */
export async function publish(
  id: string,
  shows: readonly Shown[],
  signer: RecordSigner,
  after: number,
): Promise<void> {
  const { origin } = await chain();
  const record = fromHex(id, HASH_LENGTH);
  const text = formatPublication({ origin, record, shows, time: Math.max(Date.now(), after + 1) });
  const note = formatNote({ text, signatures: [await signer.sign(text)] });
  await sessionRequest(`v1/records/${id}/publication`, jsonRequest('PUT', { note }));
}

export async function withdraw(id: string): Promise<void> {
  await sessionRequest(`v1/records/${id}/publication`, { method: 'DELETE' });
}
