/** The limit: a bare node:http server that sends the same bytes from memory. Told the answer by its parent. */
import { createServer } from 'node:http';

let answer = { status: 200, body: Buffer.alloc(0) };

const server = createServer((request, response) => {
  const send = () => {
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': answer.body.length,
    });
    response.end(answer.body);
  };
  if (request.method === 'GET') {
    send();
    return;
  }
  request.resume();
  request.on('end', send);
});

process.on('message', ({ status, body }: { status: number; body: string }) => {
  answer = { status, body: Buffer.from(body) };
  process.send!('ready');
});

server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as { port: number }).port }));
