/** Load in a process of its own, so that what it costs is not the server's: autocannon, each answer's status checked. */
import autocannon from 'autocannon';

export interface Question {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
}

export interface Load {
  port: number;
  connections: number;
  seconds: number;
  headers: Record<string, string>;
  /** Asked in turn by whichever connection is free, and from the beginning again at the end. */
  questions: Question[];
  /** The status every answer must have. */
  status: number;
}

export interface LoadResult {
  perSecond: number;
  /** Answers with another status, and requests without one. */
  wrong: number;
}

async function run({ port, connections, seconds, headers, questions, status }: Load): Promise<LoadResult> {
  let next = 0;
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    headers,
    requests: [{ setupRequest: (request) => ({ ...request, ...questions[next++ % questions.length] }) }],
  });
  const right = result.statusCodeStats?.[`${status}`]?.count ?? 0;
  return { perSecond: right / result.duration, wrong: result.requests.total - right + result.errors };
}

process.on('message', async (load: Load) => {
  process.send!(await run(load));
});
