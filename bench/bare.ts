// The baseline: a bare HTTP server that reads the body and answers a fixed reply.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => response.end('{"code":0}'));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
