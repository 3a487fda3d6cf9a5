import { loadMemberSettings, type MemberValues } from '../service/member-config.js';

/** The options that stand for settings of a member's node. */
export const MEMBER_OPTIONS = {
  upstream: {
    type: 'string',
    value: 'URL',
    help: {
      en: 'service to follow (default: $INGAM_MEMBER_UPSTREAM)',
      ko: '따라갈 서비스(기본값: $INGAM_MEMBER_UPSTREAM)',
    },
  },
  key: {
    type: 'string',
    value: 'VKEY',
    help: {
      en: 'log key of the service (default: $INGAM_MEMBER_UPSTREAM_KEY)',
      ko: '서비스의 로그 키(기본값: $INGAM_MEMBER_UPSTREAM_KEY)',
    },
  },
} as const;

export interface MemberOptions {
  readonly upstream: string | undefined;
  readonly key: string | undefined;
}

/** From the environment, but for what the options give. @throws {ConfigError} */
export function memberSettings(
  { upstream, key }: MemberOptions,
  env: Readonly<Record<string, string | undefined>>,
): MemberValues {
  return loadMemberSettings({
    ...env,
    ...(upstream === undefined ? {} : { INGAM_MEMBER_UPSTREAM: upstream }),
    ...(key === undefined ? {} : { INGAM_MEMBER_UPSTREAM_KEY: key }),
  });
}
