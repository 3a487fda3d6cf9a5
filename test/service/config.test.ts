import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/service/config.js';

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('reports every mistake at once, and names that are no settings', () => {
    const mistakes = mistakesOf({
      PORT: '70000',
      INGAM_SEAL_INTERVAL_MS: 'soon',
      INGAM_ANONYMUS: 'off',
      INGAM_TRUST_PROXY: '10.0.0.0/8, proxy.local',
      INGAM_OIDC_ROLES: 'legal=judge@org_1',
    });
    expect(mistakes).toEqual([
      'PORT must be from 0 to 65535',
      'INGAM_SEAL_INTERVAL_MS must be a whole number',
      'INGAM_TRUST_PROXY must be a number of proxies, or addresses and networks: "proxy.local" is neither',
      'INGAM_OIDC_ROLES must read VALUE=ROLE@ORGANIZATION, separated by spaces; got "legal=judge@org_1"',
      'INGAM_ANONYMUS is not a setting',
    ]);
  });

  it('says what has to be set together', () => {
    expect(
      mistakesOf({ INGAM_OPERATOR_EMAIL: 'op@example.com', INGAM_OIDC_ISSUER: 'https://id.example.com' }),
    ).toEqual([
      'INGAM_OPERATOR_PASSWORD must be set as well: INGAM_OPERATOR_EMAIL, INGAM_OPERATOR_PASSWORD go together',
      'INGAM_OIDC_AUDIENCE, INGAM_OIDC_JWKS_URL must be set as well: INGAM_OIDC_ISSUER, INGAM_OIDC_AUDIENCE, INGAM_OIDC_JWKS_URL go together',
    ]);
  });

  it.each([
    ['nothing', {}, true],
    ['every address', { HOST: '0.0.0.0' }, false],
    ['another address', { HOST: '192.168.1.5' }, false],
    ['IPv6 loopback', { HOST: '::1' }, true],
    ['a loopback address', { HOST: '127.8.0.1' }, true],
    ['a proxy in front of loopback', { INGAM_TRUST_PROXY: '1' }, false],
    ['every address, switched on', { HOST: '0.0.0.0', INGAM_ANONYMOUS: 'on' }, true],
    ['loopback, switched off', { INGAM_ANONYMOUS: 'off' }, false],
  ])('strangers may notarize with %s configured: %j → %s', (_, env, expected) => {
    expect(loadConfig(env).access.anonymousSubmission).toBe(expected);
  });

  it('reads proxies, the public address and roles of an identity provider', () => {
    const { access } = loadConfig({
      INGAM_TRUST_PROXY: 'loopback, 10.0.0.0/8 fd00::/8',
      INGAM_PUBLIC_URL: 'https://notary.example.com/',
      INGAM_VERIFICATION: 'private',
      INGAM_OIDC_ISSUER: 'https://id.example.com',
      INGAM_OIDC_AUDIENCE: 'ingam',
      INGAM_OIDC_JWKS_URL: 'https://id.example.com/jwks',
      INGAM_OIDC_ROLES: 'legal=notary@org_1 heads=owner@org_1',
    });
    expect(access.trustProxy).toEqual(['loopback', '10.0.0.0/8', 'fd00::/8']);
    expect(access.publicUrl?.host).toBe('notary.example.com');
    expect(access.privateVerification).toBe(true);
    expect(access.oidc).toMatchObject({
      issuer: 'https://id.example.com',
      roleClaim: 'roles',
      roles: [
        { claimValue: 'legal', role: 'notary', organizationId: 'org_1' },
        { claimValue: 'heads', role: 'owner', organizationId: 'org_1' },
      ],
    });
  });
});
