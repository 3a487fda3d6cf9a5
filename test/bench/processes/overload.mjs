// Clients that each keep one connection busy with POSTs of one new digest, and report the outcomes. A
// rejected client retries after the time in Retry-After (polite), or at once. The first request of each
// connection is reported separately: all of them connect at the same time, and how long the server takes to
// accept them says nothing about the load that follows.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const { url, clients, seconds, polite } = JSON.parse(process.argv[2]);
const { hostname, port } = new URL(url);

let accepted = 0;
/** Milliseconds, for requests on connections that have had a response before. */
const acceptedAfter = [];
const refused = [];
const others = new Map();
let unasked = 0;
/** Milliseconds from the start to the first response of each connection. */
const firstAnswers = [];
const start = performance.now();
const end = start + seconds * 1000;

function request() {
  const body = `{"documents":[{"sha256":"${randomBytes(32).toString('hex')}"}]}`;
  return `POST /v1/notarizations HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function client() {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let began = 0;
    let isNew = true;
    let text = '';
    const send = () => {
      if (performance.now() >= end) {
        socket.destroy();
        resolve();
        return;
      }
      began = performance.now();
      socket.write(request());
    };
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      text += chunk;
      const head = text.indexOf('\r\n\r\n');
      const length = head === -1 ? NaN : Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1]);
      if (!(text.length >= head + 4 + length)) return;
      const now = performance.now();
      const ms = now - began;
      const status = Number(text.slice(9, 12));
      const retry = Number(/retry-after: (\d+)/i.exec(text.slice(0, head))?.[1] ?? NaN);
      text = '';
      let pause = 0;
      if (status === 201) {
        accepted++;
        if (!isNew) acceptedAfter.push(ms);
      } else if ((status === 503 || status === 429) && retry > 0) {
        refused.push(ms);
        if (polite) pause = retry * 1000;
      } else others.set(status, (others.get(status) ?? 0) + 1);
      if (isNew) firstAnswers.push(now - start);
      isNew = false;
      if (pause > 0) setTimeout(send, Math.min(pause, Math.max(0, end - performance.now())));
      else send();
    });
    socket.on('error', () => {
      unasked++;
      resolve();
    });
    socket.on('close', () => resolve());
  });
}

const quantile = (samples, q) => samples.sort((a, b) => a - b)[Math.floor((samples.length - 1) * q)] ?? 0;

await Promise.all(Array.from({ length: clients }, client));
console.log(
  JSON.stringify({
    accepted,
    acceptedP50: quantile(acceptedAfter, 0.5),
    acceptedP99: quantile(acceptedAfter, 0.99),
    halfAnsweredAfter: quantile(firstAnswers, 0.5),
    allAnsweredAfter: quantile(firstAnswers, 1),
    refused: refused.length,
    refusedP50: quantile(refused, 0.5),
    refusedP99: quantile(refused, 0.99),
    wrong: unasked + [...others.values()].reduce((sum, count) => sum + count, 0),
    others: Object.fromEntries(others),
  }),
);
