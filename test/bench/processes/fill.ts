// Fills a chain, and tells its log's key.
import { fillChain } from '../harness/fill-chain.js';

const input = JSON.parse(process.argv[2] ?? '') as { url: string; dataDir: string; entries: number };
const key = await fillChain(input);
console.log(JSON.stringify({ key }));
