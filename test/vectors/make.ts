import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDERS, HISTORY_VECTORS, PROOF_VECTORS, type Folder, type Vector, VECTORS } from './load.js';
import { timeCases } from './make/anchors.js';
import { invalidCases } from './make/invalid.js';
import { malformedCases } from './make/malformed.js';
import { pendingCases } from './make/pending.js';
import { pendingPostQuantumCases } from './make/post-quantum.js';
import { bitcoinVectors } from './make/time/bitcoin.js';
import { drandVectors } from './make/time/drand.js';
import { mapVectors } from './make/time/map.js';
import { otsVectors } from './make/time/ots.js';
import { stateVectors } from './make/time/state.js';
import { historyVectors } from './make/records/histories.js';
import { keyOfferVectors } from './make/records/key-offers.js';
import { publicationVectors } from './make/records/publications.js';
import { passkeyVectors } from './make/records/passkeys.js';
import { ruleVectors } from './make/records/rules.js';
import { validCases } from './make/valid.js';

/** All vectors, by path below proof/. Fixed keys, salts and times: the same on every machine and every day. */
export function makeVectors(): Map<string, string> {
  const cases: Record<Folder, () => Record<string, Vector>> = {
    valid: validCases,
    invalid: invalidCases,
    malformed: malformedCases,
    pending: () => ({ ...pendingCases(), ...pendingPostQuantumCases() }),
    time: timeCases,
  };
  const files = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const [name, vector] of Object.entries(cases[folder]())) {
      files.set(`${folder}/${name}.json`, `${JSON.stringify(vector, null, 2)}\n`);
    }
  }
  return files;
}

export function writeVectors(): void {
  for (const folder of FOLDERS) {
    rmSync(join(PROOF_VECTORS, folder), { recursive: true, force: true });
    mkdirSync(join(PROOF_VECTORS, folder), { recursive: true });
  }
  rmSync(join(VECTORS, HISTORY_VECTORS), { recursive: true, force: true });
  mkdirSync(join(VECTORS, HISTORY_VECTORS), { recursive: true });
  for (const [path, text] of makeVectors()) writeFileSync(join(PROOF_VECTORS, path), text);
  for (const [path, text] of [...makeTimeVectors(), ...makeRecordVectors()]) writeFileSync(join(VECTORS, path), text);
}

/** The vectors of evidence of time and of the map, by path below vectors/. */
export function makeTimeVectors(): Map<string, string> {
  const files = { ots: otsVectors(), bitcoin: bitcoinVectors(), drand: drandVectors(), state: stateVectors(), map: mapVectors() };
  return new Map(Object.entries(files).map(([name, vectors]) => [`time/${name}.json`, `${JSON.stringify(vectors, null, 1)}\n`]));
}

/** The vectors of records, by path below vectors/. */
export function makeRecordVectors(): Map<string, string> {
  const files = { passkeys: passkeyVectors(), 'key-offers': keyOfferVectors(), publications: publicationVectors() };
  const texts = Object.entries(files).map(([name, vectors]) => [`records/${name}.json`, `${JSON.stringify(vectors, null, 1)}\n`] as const);
  const histories = Object.entries(historyVectors()).map(
    ([name, vector]) => [`${HISTORY_VECTORS}/${name}.json`, `${JSON.stringify(vector, null, 1)}\n`] as const,
  );
  return new Map([...texts, ['records/rules.json', ruleVectors()], ...histories]);
}
