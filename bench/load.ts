/**
 * A load generator as small as can be, in a process of its own: raw sockets, one request under way on each, answers read by
 * their content-length. It must cost less than any server it measures.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  port: number;
  connections: number;
  seconds: number;
  /** Whole requests, head and body; each connection takes the next one in turn, and begins again at the end. */
  requests: string[];
  /** The status every answer must have. */
  status: number;
}

export interface LoadResult {
  perSecond: number;
  /** Milliseconds. */
  median: number;
  p99: number;
  wrong: number;
}

function run({ port, connections, seconds, requests, status }: Load): Promise<LoadResult> {
  const expected = Buffer.from(`HTTP/1.1 ${status} `);
  const bytes = requests.map((request) => Buffer.from(request));
  const times: number[] = [];
  let next = 0;
  let wrong = 0;
  const begin = performance.now();
  const end = begin + seconds * 1000;

  function drive(socket: Socket, done: () => void): void {
    let sent = 0;
    let missing = -1;
    let head = '';
    const send = () => {
      sent = performance.now();
      if (sent >= end) {
        socket.destroy();
        done();
        return;
      }
      missing = -1;
      head = '';
      socket.write(bytes[next++ % bytes.length]!);
    };
    socket.on('connect', send);
    socket.on('data', (chunk: Buffer) => {
      if (missing < 0) {
        if (head === '' && !chunk.subarray(0, expected.length).equals(expected)) wrong++;
        head += chunk.toString('latin1', 0, Math.min(chunk.length, 2048));
        const headEnd = head.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const length = /\r\ncontent-length: (\d+)/i.exec(head);
        missing = (length === null ? 0 : Number(length[1])) - (chunk.length - (headEnd + 4));
      } else {
        missing -= chunk.length;
      }
      if (missing > 0) return;
      times.push(performance.now() - sent);
      send();
    });
    socket.on('error', () => {
      wrong++;
      done();
    });
  }

  // The loop never sleeps: else a server that answers slower than the load asks also pays for waking it, at each answer.
  let isOver = false;
  const spin = () => {
    if (!isOver) setImmediate(spin);
  };
  spin();

  return new Promise((resolve) => {
    let open = connections;
    for (let i = 0; i < connections; i++) {
      drive(connect({ port, host: '127.0.0.1', noDelay: true }), () => {
        if (--open > 0) return;
        isOver = true;
        const took = (performance.now() - begin) / 1000;
        times.sort((one, other) => one - other);
        const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
        resolve({ perSecond: times.length / took, median: at(0.5), p99: at(0.99), wrong });
      });
    }
  });
}

process.on('message', async (load: Load) => {
  process.send!(await run(load));
});
