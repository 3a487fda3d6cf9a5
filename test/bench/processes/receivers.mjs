// A receiver of webhooks that takes everything: POST /NAME. GET / says how many messages each name got, and how many
// notarizations they named. Prints its address.
import { createServer } from 'node:http';

const counts = {};

const server = createServer((req, res) => {
  if (req.method === 'GET') {
    res.end(JSON.stringify(counts));
    return;
  }
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const count = (counts[req.url.slice(1)] ??= { messages: 0, notarizations: 0 });
    count.messages++;
    count.notarizations += JSON.parse(Buffer.concat(chunks).toString()).data.notarizations.length;
    res.writeHead(204).end();
  });
}).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
