import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOKEN_FOLDERS, TOKEN_VECTORS, type TokenFolder, type TokenVector } from './load-tokens.js';
import { countedTokens } from './make/tokens/counted.js';
import { refusedChains } from './make/tokens/refused-chain.js';
import { refusedForms } from './make/tokens/refused-form.js';
import { refusedSigners } from './make/tokens/refused-signer.js';

/** All vectors of time-stamp tokens, by path below tokens/. Fixed keys and times: the same on every machine and every day. */
export function makeTokenVectors(): Map<string, string> {
  const cases: Record<TokenFolder, Record<string, TokenVector>> = {
    counted: countedTokens(),
    refused: { ...refusedForms(), ...refusedSigners(), ...refusedChains() },
  };
  const files = new Map<string, string>();
  for (const folder of TOKEN_FOLDERS) {
    for (const [name, vector] of Object.entries(cases[folder])) {
      files.set(`${folder}/${name}.json`, `${JSON.stringify(vector, null, 2)}\n`);
    }
  }
  return files;
}

export function writeVectors(): void {
  for (const folder of TOKEN_FOLDERS) {
    rmSync(join(TOKEN_VECTORS, folder), { recursive: true, force: true });
    mkdirSync(join(TOKEN_VECTORS, folder), { recursive: true });
  }
  for (const [path, text] of makeTokenVectors()) writeFileSync(join(TOKEN_VECTORS, path), text);
}
