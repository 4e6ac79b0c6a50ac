/** A way to a server that a test can cut: everything passes until it says otherwise. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TestProxy {
  port: number;
  /**
   * Loses an answer of the server, though what was asked has arrived, and cuts all connections. Resolves when that has happened.
   * @param which the answer behind so many others, or one that holds a text.
   */
  loseAnswer(which: number | string): Promise<void>;
  /** Ends all connections, and lets the next ones pass. */
  cut(): void;
  /** Refuses connections, and ends those there are, until they are let pass. */
  block(isBlocked: boolean): void;
  close(): Promise<void>;
}

export async function openProxy(host: string, port: number): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  let isBlocked = false;
  let lose: ((data: Buffer) => boolean) | undefined;

  function cut(): void {
    lose = undefined;
    for (const socket of sockets) socket.destroy();
  }

  const server = createServer((client) => {
    if (isBlocked) return client.destroy();
    const upstream = connect(port, host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (lose?.(data)) cut();
      else client.write(data);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    loseAnswer: (which) =>
      new Promise((resolve) => {
        let passed = 0;
        lose = (data) => {
          const isLost = typeof which === 'string' ? data.includes(which) : passed++ === which;
          if (isLost) resolve();
          return isLost;
        };
      }),
    cut,
    block(isNow) {
      isBlocked = isNow;
      if (isNow) cut();
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
