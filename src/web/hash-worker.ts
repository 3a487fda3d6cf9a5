import type { HashRequest } from './hash-protocol.js';
import { hashServer } from './hash-slices.js';

const serve = hashServer((message) => {
  postMessage(message);
});
addEventListener('message', (event: MessageEvent<HashRequest>) => {
  serve(event.data);
});
