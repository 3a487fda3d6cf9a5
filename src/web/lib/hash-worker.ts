import { type HashRequest, hashServer } from './hash-slices.js';

const serve = hashServer((message) => {
  postMessage(message);
});
addEventListener('message', (event: MessageEvent<HashRequest>) => {
  serve(event.data);
});
