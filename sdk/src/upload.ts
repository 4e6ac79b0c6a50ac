/** Files on their way to the server. */
import type { CallOptions } from './http.ts';
import { canSendByXhr, sendByXhr } from './xhr.ts';

type Parts = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/**
 * What can be uploaded. A `File` of a page and what `fs.openAsBlob` gives in Node are both a Blob. A function opens it from its
 * beginning, once for each attempt.
 */
export type FileSource = Blob | string | Uint8Array | ArrayBuffer | Parts | (() => Parts);

export interface UploadProgress {
  /** Bytes sent so far. Begins anew when the upload does. */
  sent: number;
  /** Bytes in all; undefined when nobody knows. */
  total: number | undefined;
}

export interface UploadOptions extends CallOptions {
  onProgress?: (progress: UploadProgress) => void;
}

export interface Upload {
  /** The file's name, where it has one. */
  readonly name: string | undefined;
  /** Whether it can be sent again from its beginning. */
  readonly isRepeatable: boolean;
  /** Whether something of it was taken. */
  readonly isBegun: boolean;
  /** Whether all of it was taken, as far as anybody knows: runtimes may send a Blob by themselves. */
  readonly isSent: boolean;
  /** What the source itself raised. */
  readonly failure: { error: unknown } | undefined;
  /** @param touch told of everything that moves. */
  send(call: typeof fetch, url: string, init: RequestInit, touch: () => void): Promise<Response>;
}

/** Unless it may neither follow redirects nor ask a window, Node's fetch keeps a copy of all that it sends. */
const STREAMED = { duplex: 'half', redirect: 'error', window: null } as RequestInit;

/**
 * Browsers send streams over HTTP/2 alone, if at all: what is a stream is put together first there, and XMLHttpRequest tells
 * how far it is. Other runtimes send as they read.
 */
function isBrowser(): boolean {
  return 'location' in globalThis && !('Deno' in globalThis) && !('Bun' in globalThis);
}

export function makeUpload(source: FileSource, onProgress: UploadOptions['onProgress']): Upload {
  let blob = blobOf(source);
  let isBegun = false;
  let isSent = false;
  let failure: { error: unknown } | undefined;

  async function* chunks(touch: () => void, tell = onProgress): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    isBegun = true;
    isSent = false;
    const encoder = new TextEncoder();
    let sent = 0;
    try {
      const parts = typeof source === 'function' ? source() : source;
      for await (const chunk of iterate(blob === undefined ? parts : blob.stream())) {
        const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
        touch();
        if (bytes.length > 0) yield bytes as Uint8Array<ArrayBuffer>;
        sent += bytes.length;
        tell?.({ sent, total: blob?.size });
      }
      isSent = true;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }

  async function sendWhole(call: typeof fetch, url: string, init: RequestInit, touch: () => void): Promise<Response> {
    if (blob === undefined) {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of chunks(touch, () => {})) parts.push(chunk);
      blob = new Blob(parts);
    }
    const body = blob;
    isBegun = true;
    isSent = true;
    if (onProgress === undefined || !canSendByXhr()) {
      return call(url, { ...init, redirect: 'error', body });
    }
    return sendByXhr(url, init, body, (sent) => {
      touch();
      onProgress?.({ sent, total: body.size });
    });
  }

  return {
    name: source instanceof Blob && 'name' in source ? String(source.name) : undefined,
    get isRepeatable() {
      return blob !== undefined || typeof source === 'function';
    },
    get isBegun() {
      return isBegun;
    },
    get isSent() {
      return isSent;
    },
    get failure() {
      return failure;
    },
    send(call, url, init, touch) {
      if (isBrowser()) return sendWhole(call, url, init, touch);
      return call(url, { ...init, ...STREAMED, body: streamOf(chunks(touch)) });
    },
  };
}

function blobOf(source: FileSource): Blob | undefined {
  if (source instanceof Blob) return source;
  if (typeof source === 'string' || source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return new Blob([source as string]);
  }
  return undefined;
}

/** Streams can be iterated in Node, but not in every browser. */
async function* iterate(source: unknown): AsyncGenerator<Uint8Array | string> {
  if (!(source instanceof ReadableStream)) {
    yield* source as AsyncIterable<Uint8Array | string>;
    return;
  }
  const reader = (source as ReadableStream<Uint8Array>).getReader();
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

/** Taken no faster than it is sent. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
