/** A proxy in front of a real server that does to requests what networks do. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

export type Fault =
  /** The connection breaks before the server has seen the request. */
  | 'cut before'
  /** The server carries the request out, and the connection breaks before a byte of the answer. */
  | 'cut after'
  /** The answer breaks off in the middle. */
  | 'cut midway'
  /** An answer of the proxy's own, with these headers. */
  | { status: number; headers?: Record<string, string> }
  /** The server is asked only after so many milliseconds. */
  | { delay: number };

export interface Seen {
  method: string;
  /** Without the query. */
  path: string;
  headers: IncomingMessage['headers'];
  fault: Fault | undefined;
}

export interface FlakyProxy {
  readonly url: string;
  /** Every request, in order. */
  readonly seen: Seen[];
  /** Decides what happens to a request; undefined lets it through. */
  judge: (seen: Omit<Seen, 'fault'>, index: number) => Fault | undefined;
  /** What the next requests suffer, one after the other. */
  suffer(...faults: (Fault | undefined)[]): void;
  /** Headers that it adds to what the server answers. */
  added: Record<string, string>;
  /** How many bulk calls are on their way now, and the most there were. */
  readonly load: { now: number; most: number };
  /** Answers for itself what the server does not have. */
  own: (path: string) => { type: string; body: string } | undefined;
}

export async function startProxy(target: () => string): Promise<FlakyProxy> {
  const proxy: FlakyProxy = {
    url: '',
    seen: [],
    judge: () => undefined,
    suffer,
    added: {},
    load: { now: 0, most: 0 },
    own: () => undefined,
  };

  function suffer(...faults: (Fault | undefined)[]): void {
    const first = proxy.seen.length;
    proxy.judge = (_, index) => faults[index - first];
  }

  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const path = url.split('?', 1)[0]!;
    const own = proxy.own(path);
    if (own !== undefined) {
      outgoing.writeHead(200, { 'content-type': own.type }).end(own.body);
      return;
    }
    const fault = proxy.judge({ method, path, headers }, proxy.seen.length);
    proxy.seen.push({ method, path, headers, fault });
    if (path.endsWith('/bulk')) {
      proxy.load.most = Math.max(proxy.load.most, ++proxy.load.now);
      outgoing.once('close', () => proxy.load.now--);
    }
    if (fault === 'cut before') incoming.socket.destroy();
    else if (typeof fault === 'object' && 'status' in fault) {
      incoming.resume();
      outgoing.writeHead(fault.status, fault.headers).end('<h1>a proxy’s own words</h1>');
    } else if (typeof fault === 'object') setTimeout(() => forward(incoming, outgoing, undefined), fault.delay);
    else forward(incoming, outgoing, fault);
  });

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, fault: 'cut after' | 'cut midway' | undefined) {
    const { method, url, headers } = incoming;
    const onward = request(target() + url, { method, headers: { ...headers, connection: 'close' } });
    onward.on('error', () => outgoing.destroy());
    onward.on('response', async (answer) => {
      if (fault === undefined) {
        outgoing.writeHead(answer.statusCode!, { ...answer.headers, ...proxy.added });
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
        outgoing.on('close', () => answer.destroy());
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      if (fault === 'cut midway') {
        outgoing.writeHead(answer.statusCode!, { ...answer.headers, 'content-length': body.length });
        outgoing.write(body.subarray(0, body.length / 2), () => incoming.socket.destroy());
      } else incoming.socket.destroy();
    });
    incoming.pipe(onward);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
