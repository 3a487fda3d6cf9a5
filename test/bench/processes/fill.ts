// Fills a chain, and prints its log's key.
import { fillChain, type Filling } from '../harness/fill-chain.js';

const input = JSON.parse(process.argv[2] ?? '') as Omit<Filling, 'onBlock'>;
const key = await fillChain(input);
console.log(JSON.stringify({ key }));
