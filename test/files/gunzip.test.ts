import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ContactFileError } from '../../src/files/contact-file.ts';
import { isGzip, isOldSpreadsheet, isZip } from '../../src/files/file-kinds.ts';
import { gunzip } from '../../src/files/gunzip.ts';
import { bytesOf } from './support.ts';

async function unpack(packed: Uint8Array, { chunk = 7, maxBytes = 1_000_000 } = {}): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const piece of gunzip(bytesOf(packed, chunk), maxBytes)) chunks.push(piece);
  return Buffer.concat(chunks);
}

const TEXT = 'number\n+12025550150\n'.repeat(20);
const packed = gzipSync(TEXT);

describe('gunzip', () => {
  it('unpacks whatever was packed, cut anywhere, in one member or several', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        async (members, chunk) => {
          const file = Buffer.concat(members.map((member) => gzipSync(member)));
          assert.deepEqual(await unpack(file, { chunk }), Buffer.concat(members));
        },
      ),
    );
  });

  it('takes the zeros that some tools put behind it', async () => {
    assert.equal(String(await unpack(Buffer.concat([packed, Buffer.alloc(512)]))), TEXT);
  });

  it('takes as many bytes as it may', async () => {
    assert.equal((await unpack(packed, { maxBytes: TEXT.length })).length, TEXT.length);
  });

  const flipped = Buffer.from(packed);
  flipped[packed.length - 6]! ^= 1;
  const refused: [name: string, file: Uint8Array, maxBytes: number, message: RegExp][] = [
    [
      'a byte more than it may',
      packed,
      TEXT.length - 1,
      /^The file unpacks to more than 399 bytes \(IMPORT_MAX_UNPACKED\)/,
    ],
    [
      'a bomb',
      gzipSync(Buffer.alloc(50_000_000)),
      2_000_000,
      /^The file unpacks to more than 1 MB \(IMPORT_MAX_UNPACKED\)/,
    ],
    ['the end is missing', packed.subarray(0, -1), 1e6, /its end is missing/],
    ['all but the header is missing', packed.subarray(0, 5), 1e6, /its end is missing/],
    ['a second member is cut off', Buffer.concat([packed, packed.subarray(0, 12)]), 1e6, /its end is missing/],
    ['nothing in it', Buffer.alloc(0), 1e6, /its end is missing/],
    ['its checksum is wrong', flipped, 1e6, /it cannot be unpacked/],
    ['something else behind it', Buffer.concat([packed, Buffer.from('more')]), 1e6, /it cannot be unpacked/],
    ['no gzip', Buffer.from(TEXT), 1e6, /it cannot be unpacked/],
  ];
  for (const [name, file, maxBytes, message] of refused) {
    for (const chunk of [1, 7, 64 * 1024]) {
      if (chunk === 1 && file.length > 10_000) continue;
      it(`refuses: ${name}, in chunks of ${chunk}`, async () => {
        await assert.rejects(unpack(file, { chunk, maxBytes }), (error) => {
          assert.ok(error instanceof ContactFileError);
          assert.match(error.message, message);
          return true;
        });
      });
    }
  }

  it('passes errors of the source on as they are', async () => {
    const failure = new Error('The store is gone');
    async function* broken() {
      yield packed.subarray(0, 15);
      throw failure;
    }
    await assert.rejects(async () => {
      for await (const _ of gunzip(broken(), 1e6));
    }, failure);
  });

  it('closes the source when the reader stops, and reads little more than was asked for', async () => {
    const file = gzipSync(randomBytes(2_000_000));
    let read = 0;
    let isClosed = false;
    async function* watched() {
      try {
        for await (const chunk of bytesOf(file, 1024)) {
          read += chunk.length;
          yield chunk;
        }
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of gunzip(watched(), 1e9)) break;
    assert.equal(isClosed, true);
    assert.ok(read < file.length, `${read} of ${file.length} bytes were read`);
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((resource) => /zlib/i.test(resource)),
      [],
    );
  });
});

describe('the kind of a file', () => {
  const kinds: [name: string, head: Uint8Array, kind: 'zip' | 'gzip' | 'old' | 'none'][] = [
    ['zip', Buffer.from('PK\x03\x04rest'), 'zip'],
    ['empty zip', Buffer.from('PK\x05\x06'), 'zip'],
    ['gzip', packed, 'gzip'],
    ['.xls', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'old'],
    ['.xls of Excel 4', Buffer.from('09040600', 'hex'), 'old'],
    ['text that begins like zip', Buffer.from('PK,number\n'), 'none'],
    ['a table that begins with an empty cell', Buffer.from('\tnumber\n'), 'none'],
    ['nothing', Buffer.alloc(0), 'none'],
  ];
  for (const [name, head, kind] of kinds) {
    it(name, () => {
      assert.deepEqual(
        [isZip(head), isGzip(head), isOldSpreadsheet(head)],
        [kind === 'zip', kind === 'gzip', kind === 'old'],
      );
    });
  }
});
