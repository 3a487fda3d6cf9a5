import { deserialize, serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/service/config.js';
import { receivedConfig, sentConfig } from '../../src/service/messages.js';
import { generateKey } from '../../src/crypto/keys.js';
import { COSIGNATURE, formatVerifierKey } from '../../src/proof/index.js';

test('sends a worker the whole configuration, with addresses and the policy of members', () => {
  const member = formatVerifierKey(generateKey('member.example', COSIGNATURE).key);
  const config = {
    ...loadConfig({
      INGAM_PUBLIC_URL: 'https://notary.example.com/main',
      INGAM_TRUST_PROXY: 'loopback',
      INGAM_OIDC_ISSUER: 'https://id.example.com',
      INGAM_OIDC_AUDIENCE: 'ingam',
      INGAM_OIDC_JWKS_URL: 'https://id.example.com/jwks',
      INGAM_OIDC_ROLES: 'legal=notary@org_1',
      INGAM_OIDC_CLIENT_ID: 'notary',
      INGAM_MEMBERS: `witness one ${member} https://member.example\nquorum one\n`,
    }),
    databaseUrl: 'postgres://localhost/ingam',
  };
  // What `fork` does with messages under its advanced serialization.
  const arrived = receivedConfig(deserialize(serialize(sentConfig(config))) as ReturnType<typeof sentConfig>);
  expect(arrived).toEqual(config);
  expect(arrived.access.oidc?.tokens?.jwksUrl.href).toBe('https://id.example.com/jwks');
});
