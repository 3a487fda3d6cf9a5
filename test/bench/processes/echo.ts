// The minimum work of an Express 5 server for a JSON body: read it, parse it, send it back.
import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express();
app.post('/v1/notarizations', express.json(), (req, res) => {
  res.json(req.body);
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
