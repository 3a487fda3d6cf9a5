import { BlockList, isIP } from 'node:net';
import { foldAddress } from '../auth/index.js';
import { WebhookError } from './errors.js';

/*
 * Where webhooks may lead. Whoever may make one must not reach through the service what only the service can reach: the
 * machines of its network, itself, or the metadata of its cloud.
 */

/** Which private networks webhooks may lead to, in CIDR form; null: none. */
export type PrivateNetworks = readonly string[] | null;

const MAX_URL_LENGTH = 2000;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
/** Below it are the servers of other protocols, such as mail and remote shells. */
const FIRST_FREE_PORT = 1024;

/** IANA's registries of special-purpose addresses, without those that are global. */
const REFUSED_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
/** The only addresses of IPv6 that are assigned to networks of the Internet. */
const GLOBAL_V6 = '2000::/3';
/** In them, what leads elsewhere or nowhere: Teredo and other protocols, documentation, 6to4. */
const REFUSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const refusedV4 = networks(REFUSED_V4);
const globalV6 = networks([GLOBAL_V6]);
const refusedV6 = networks(REFUSED_V6);

/** @param cidrs of one family or both */
function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [base = '', length = ''] = cidr.split('/');
    list.addSubnet(base, Number(length), isIP(base) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Judges addresses by the setting of the operator. */
export class AddressRules {
  readonly #v4: BlockList;
  readonly #v6: BlockList;
  /** The operator allows private networks: within them, HTTP without TLS is allowed too. */
  readonly allowsPrivate: boolean;

  constructor(allowed: PrivateNetworks) {
    this.allowsPrivate = allowed !== null;
    const ofFamily = (family: 4 | 6) =>
      networks((allowed ?? []).filter((cidr) => isIP(cidr.split('/')[0] ?? '') === family));
    // A list with networks of both families would find 192.0.2.1 in ::/0.
    this.#v4 = ofFamily(4);
    this.#v6 = ofFamily(6);
  }

  /** Whether the operator has allowed this private address. */
  isAllowedPrivate(address: string): boolean {
    const folded = foldAddress(address);
    switch (isIP(folded)) {
      case 4:
        return this.#v4.check(folded, 'ipv4');
      case 6:
        return this.#v6.check(folded, 'ipv6');
      default:
        return false;
    }
  }

  /** Whether a webhook may connect to this address. IPv4-mapped addresses are judged as IPv4. */
  mayReach(address: string): boolean {
    if (this.isAllowedPrivate(address)) return true;
    const folded = foldAddress(address);
    switch (isIP(folded)) {
      case 4:
        return !refusedV4.check(folded, 'ipv4');
      case 6:
        return globalV6.check(folded, 'ipv6') && !refusedV6.check(folded, 'ipv6');
      default:
        return false;
    }
  }

  /**
   * The address of a webhook as it is kept. A name is judged by its addresses, each time it is connected to.
   * @throws {WebhookError} invalid_webhook_url
   */
  parseUrl(text: string): string {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || text.length > MAX_URL_LENGTH || /[\s\p{C}]/u.test(text)) {
      throw invalid(`the address must be a URL of at most ${MAX_URL_LENGTH} characters`);
    }
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && this.allowsPrivate)) {
      throw invalid('the address must begin with https://');
    }
    if (url.username !== '' || url.password !== '') {
      throw invalid(
        'the address must have no user name and no password: the receiver knows the service by the signature',
      );
    }
    if (url.hash !== '') throw invalid('the address must have no fragment: it would not be sent');
    const port = portOf(url);
    if (port < FIRST_FREE_PORT && !Object.values(DEFAULT_PORTS).includes(port)) {
      throw invalid('the port must be 443, 80, or one from 1024 on');
    }
    const host = hostOf(url);
    if (isIP(host) !== 0 && !this.mayReach(host)) {
      throw invalid('webhooks do not lead to private addresses, unless INGAM_WEBHOOK_PRIVATE allows them');
    }
    return url.href;
  }
}

/** Without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port);
}

function invalid(message: string): WebhookError {
  return new WebhookError('invalid_webhook_url', message);
}
