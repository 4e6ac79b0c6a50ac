/** Files, and whatever else comes as it is made. */
import type { Answer } from './http.ts';
import { connectionError } from './http.ts';

/**
 * A file on its way from the server, to be read once. One that breaks off raises ConnectionError: what was read so far is not
 * the whole file.
 *
 * @example In Node, straight to the disk:
 * await writeFile('contacts.csv', await audience.contacts.export());
 */
export class Download implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  /** What the server calls it. */
  readonly fileName: string | undefined;
  readonly contentType: string | undefined;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;

  constructor(answer: Answer) {
    const { headers } = answer.response;
    this.fileName = fileNameIn(headers.get('content-disposition') ?? '');
    this.contentType = headers.get('content-type') ?? undefined;
    this.body = guarded(answer);
  }

  /** The whole of it as text. */
  text(): Promise<string> {
    return new Response(this.body).text();
  }

  /** The whole of it as bytes. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await new Response(this.body).arrayBuffer());
  }

  /** Its bytes as they come. Leaving the loop early ends the transfer. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const reader = this.body.getReader();
    let isDone = false;
    try {
      for (;;) {
        const read = await reader.read();
        isDone = read.done;
        if (read.done) return;
        yield read.value;
      }
    } finally {
      if (!isDone) await reader.cancel().catch(() => {});
    }
  }
}

/** The body, whose guard knows that it moves, and whose failures are those of this package. */
function guarded({ response, guard }: Answer): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        guard.touch();
        try {
          const read = await reader?.read();
          if (read === undefined || read.done) {
            guard.stop();
            controller.close();
          } else controller.enqueue(read.value);
        } catch (thrown) {
          guard.stop();
          controller.error(guard.reason()?.error ?? connectionError(thrown));
        }
      },
      async cancel(reason) {
        guard.stop();
        await reader?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** RFC 6266: the extended form goes before the plain one. */
function fileNameIn(header: string): string | undefined {
  const extended = /filename\*=utf-8''([^;\s]+)/i.exec(header)?.[1];
  try {
    if (extended !== undefined) return decodeURIComponent(extended);
  } catch {
    // The plain form is there for those who cannot read the other.
  }
  return /filename="([^"]*)"/i.exec(header)?.[1];
}
