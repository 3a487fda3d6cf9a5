import { HeaderChain, type BitcoinNetwork } from '../proof/time/bitcoin.js';
import { reading, requestFrom, SourceError, type Limits } from './request.js';
import type { BitcoinNode } from './sources.js';

/** Asking a Bitcoin node for headers. */

const MAX_RPC_ANSWER = 65_536;

/** Height of the latest block. @throws {SourceError} */
export async function tipOf(node: BitcoinNode, limits: Limits): Promise<number> {
  const count = await rpc(node, 'getblockcount', [], limits);
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw wrongAnswer(node, 'states no number of blocks');
}

/**
 * Headers from a height on, one behind the other, with the work that they must have.
 * @throws {SourceError}
 */
export async function headersOf(
  node: BitcoinNode,
  height: number,
  count: number,
  limits: Limits,
): Promise<Uint8Array[]> {
  const headers: Uint8Array[] = [];
  const chain = new HeaderChain(height, node.network);
  for (let at = height; at < height + count; at++) {
    const hash = await rpc(node, 'getblockhash', [at], limits);
    const hex = await rpc(node, 'getblockheader', [hash, false], limits);
    if (typeof hex !== 'string' || !/^[0-9a-f]{160}$/.test(hex)) throw wrongAnswer(node, 'gives no header');
    const header = new Uint8Array(Buffer.from(hex, 'hex'));
    const fault = reading(() => chain.add(header));
    if (fault !== null) throw wrongAnswer(node, `gives a header at height ${at} that is not valid: ${fault}`);
    headers.push(header);
  }
  return headers;
}

function wrongAnswer({ network }: { readonly network: BitcoinNetwork }, what: string): SourceError {
  return new SourceError('wrong_answer', `the Bitcoin node (${network.name}) ${what}`);
}

/** JSON-RPC 1.0, as bitcoind and btcd speak it: an error may come with status 500. */
async function rpc(
  node: BitcoinNode,
  method: string,
  params: readonly unknown[],
  limits: Limits,
): Promise<unknown> {
  const { credentials } = node;
  const { body } = await requestFrom(
    node.url,
    {
      body: JSON.stringify({ jsonrpc: '1.0', id: 'ingam', method, params }),
      headers: {
        'content-type': 'application/json',
        ...(credentials === null
          ? {}
          : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
      },
      limit: MAX_RPC_ANSWER,
      ...limits,
    },
    [200, 500],
  );
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw wrongAnswer(node, 'does not answer in JSON');
  }
  if (typeof answer === 'object' && answer !== null && 'result' in answer && answer.result !== null)
    return answer.result;
  const error =
    typeof answer === 'object' && answer !== null && 'error' in answer ? JSON.stringify(answer.error) : '';
  throw new SourceError('refused', `the Bitcoin node refuses ${method}: ${error.slice(0, 200)}`);
}
