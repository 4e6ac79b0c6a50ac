/** XMLHttpRequest: in browsers the only one that tells how much was sent. Service workers have none. */

/** What is used of it. The package is checked without the types of browsers too. */
interface Xhr {
  readonly status: number;
  readonly responseText: string;
  readonly upload: { onprogress: (event: { loaded: number }) => void };
  onload: () => void;
  onerror: () => void;
  onabort: () => void;
  onloadend: () => void;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getAllResponseHeaders(): string;
  abort(): void;
  send(body: Blob): void;
}

const runtime = globalThis as unknown as { XMLHttpRequest?: new () => Xhr };

export function canSendByXhr(): boolean {
  return runtime.XMLHttpRequest !== undefined;
}

/** As fetch does it. @param onSent told of the bytes sent so far. */
export function sendByXhr(
  url: string,
  init: RequestInit,
  body: Blob,
  onSent: (sent: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const signal = init.signal as AbortSignal;
    const request = new runtime.XMLHttpRequest!();
    const abort = () => request.abort();
    request.open(init.method ?? 'POST', url);
    (init.headers as Headers).forEach((value, name) => {
      request.setRequestHeader(name, value);
    });
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => {
      const headers = new Headers();
      for (const [, name, value] of request.getAllResponseHeaders().matchAll(/^([^:\r\n]+): ?(.*?)\r?$/gm)) {
        headers.append(name!, value!);
      }
      resolve(new Response(request.responseText || null, { status: request.status, headers }));
    };
    request.onerror = () => reject(new TypeError('the upload broke off'));
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    if (signal.aborted) reject(signal.reason);
    else request.send(body);
  });
}
