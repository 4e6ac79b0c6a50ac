/** The console's files: built by Vite into one directory, few and small, so that they are answered from memory. */
import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { getAssetKeys, getRawAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bestEncoding, type Encoding } from './accept-encoding.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
/** What gains by being packed, from so many bytes on. */
const PACKED = /^(?:text|image\/svg|application\/(?:json|manifest))/;
const MIN_PACKED = 1024;
/** Vite names what is in here by its content. */
const HASHED = '/assets/';
/** What the single executable brings the files under. */
const ASSETS = 'console/';

/** Everything that is no file of the console. */
const RESERVED = /^\/(?:v1|docs|openapi\.json|healthz|readyz|console)(?:\/|$)/;

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Nothing from outside, and neither script nor style in the page itself. */
const PAGE_HEADERS = {
  ...HEADERS,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
};

interface File {
  bytes: Buffer;
  type: string;
  tag: string;
  isHashed: boolean;
  /** Made when they are first asked for. */
  packed: Map<Encoding, Promise<Buffer>>;
}

const PACK: Record<Encoding, (bytes: Buffer) => Promise<Buffer>> = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [zlib.BROTLI_PARAM_QUALITY]: 9, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** @param directory what the console is built into; it may be empty, or not be there yet. */
export function makeConsoleFiles(directory: URL) {
  let files: Promise<Map<string, File>> | undefined;

  function fileOf(path: string, bytes: Buffer): [string, File] {
    const tag = `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`;
    return [path, { bytes, type: TYPES[extname(path)]!, tag, isHashed: path.startsWith(HASHED), packed: new Map() }];
  }

  function loadAssets(): Map<string, File> {
    const keys = getAssetKeys().filter((key) => key.startsWith(ASSETS) && TYPES[extname(key)] !== undefined);
    return new Map(keys.map((key) => fileOf(key.slice(ASSETS.length - 1), Buffer.from(getRawAsset(key)))));
  }

  async function load(): Promise<Map<string, File>> {
    const root = fileURLToPath(directory);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const found = entries
      .filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
      .map(async (entry): Promise<[string, File]> => {
        const place = join(entry.parentPath, entry.name);
        return fileOf(`/${relative(root, place).replaceAll(sep, '/')}`, await readFile(place));
      });
    return new Map(await Promise.all(found));
  }

  /** The files by their paths; none as long as nothing is built. */
  async function all(): Promise<Map<string, File>> {
    if (files === undefined && isSea()) files = Promise.resolve(loadAssets());
    if (files === undefined && existsSync(new URL('index.html', directory))) files = load();
    return (await files) ?? new Map();
  }

  async function send(request: FastifyRequest, reply: FastifyReply, file: File): Promise<FastifyReply> {
    const { bytes, type, tag, isHashed, packed } = file;
    const isPage = type === TYPES['.html'];
    reply.headers({
      ...(isPage ? PAGE_HEADERS : HEADERS),
      'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: tag,
      vary: isPage ? 'Accept, Accept-Encoding' : 'Accept-Encoding',
    });
    if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(tag)) return reply.code(304).send();
    reply.type(type);
    const isWorthIt = PACKED.test(type) && bytes.length >= MIN_PACKED;
    const encoding = isWorthIt ? bestEncoding(request.headers['accept-encoding']) : undefined;
    if (encoding === undefined) return reply.send(bytes);
    if (!packed.has(encoding)) packed.set(encoding, PACK[encoding](bytes));
    return reply.header('content-encoding', encoding).send(await packed.get(encoding)!);
  }

  return {
    /**
     * Answers with a file, or with the page where somebody looks for one in a browser; undefined when the path is not the
     * console's, or nobody would look at a page.
     */
    async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
      const path = request.url.split('?', 1)[0]!;
      if (!/^(?:GET|HEAD)$/.test(request.method) || RESERVED.test(path)) return undefined;
      const found = await all();
      const page = found.get('/index.html');
      if (path !== '/' && path !== '/index.html') {
        const file = found.get(path);
        if (file !== undefined) return send(request, reply, file);
        if (extname(path) !== '' || !/text\/html/.test(request.headers.accept ?? '')) return undefined;
      } else if (page === undefined) {
        return reply
          .headers({ ...PAGE_HEADERS, 'cache-control': 'no-cache' })
          .type(TYPES['.html']!)
          .send(NOT_BUILT);
      }
      return page && send(request, reply, page);
    },
  };
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Muster</title>
<h1>Muster is running</h1>
<p>Its console is not built yet: <code>npm run build:console</code> builds it, then load this page again.
<p>The API is here all the same, and <a href="/docs">its documentation</a>.
</html>
`;
