// A fast callback endpoint that knows what it got: how many receipts, how many twice without a cause, and how long after the
// time that their text states. `GET /` tells, `DELETE /` forgets. Four paths misbehave: /hole never answers, /fault answers
// 500, /reset breaks the connection, /trickle answers a byte a second. To /marked, whoever calls, an event is known by what its text says.
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { percentile } from './measure.ts';

let seen = new Set<string>();
let receipts = 0;
let unexplained = 0;
let latencies: number[] = [];
/** The third part of a mark counts the runs of a bed. */
let newestRun = 0;
let endedRun = 0;

const server = createServer((request, response) => {
  const at = Date.now();
  if (request.method === 'GET') {
    latencies.sort((a, b) => a - b);
    response.end(
      JSON.stringify({
        receipts,
        distinct: seen.size,
        unexplained,
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
      }),
    );
    return;
  }
  if (request.method === 'DELETE') {
    seen = new Set();
    receipts = 0;
    unexplained = 0;
    latencies = [];
    endedRun = newestRun;
    response.end();
    return;
  }
  switch (request.url) {
    case '/hole':
      return;
    case '/fault':
      response.writeHead(500).end();
      return;
    case '/reset':
      request.socket.resetAndDestroy();
      return;
    case '/trickle':
      trickle(response);
      return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.end('{"code":0}');
    const text = Buffer.concat(chunks).toString();
    const [, sentAt, mark] = /"(?:Message|TaskId|body)": ?"at (\d+)(?: (\S+) x*)?"/.exec(text) ?? [];
    const isMarked = request.url === '/marked';
    if (isMarked && isLate(mark)) return;
    const id = isMarked ? mark : request.headers['webhook-id'];
    receipts += 1;
    if (typeof id !== 'string') return;
    if (seen.has(id) && request.headers['chasqui-repeat-cause'] === undefined) unexplained += 1;
    seen.add(id);
    if (sentAt !== undefined) latencies.push(at - Number(sentAt));
  });
});

/** Whether it is of a run that was forgotten, where it counts as lost. */
function isLate(mark = ''): boolean {
  const run = Number(mark.split('.')[2] ?? 0);
  newestRun = Math.max(newestRun, run);
  return run <= endedRun;
}

function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 1000);
  response.on('close', () => clearInterval(timer));
}

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
