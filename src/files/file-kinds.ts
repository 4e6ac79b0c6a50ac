/** What a file is, told by its first bytes: names and content types of uploads are too often wrong. */

const startsWith = (head: Uint8Array, ...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);

/** Whether a file that begins like this is a zip archive, as .xlsx is. Four bytes are enough. */
export function isZip(head: Uint8Array): boolean {
  // A file, an archive with nothing in it, one that was once split (APPNOTE.TXT, 4.3.7, 4.3.16 and 8.5.5).
  return startsWith(head, 0x50, 0x4b, 3, 4) || startsWith(head, 0x50, 0x4b, 5, 6) || startsWith(head, 0x50, 0x4b, 7, 8);
}

/** Whether a file that begins like this is gzip (RFC 1952, 2.3.1). Three bytes are enough. */
export function isGzip(head: Uint8Array): boolean {
  return startsWith(head, 0x1f, 0x8b, 8);
}

/**
 * Whether a file that begins like this is a spreadsheet that is not read: .xls in any of its forms, or a spreadsheet with a
 * password, which Excel wraps in the same container. Eight bytes are enough.
 */
export function isOldSpreadsheet(head: Uint8Array): boolean {
  return (
    startsWith(head, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1) || // [MS-CFB] 2.2
    startsWith(head, 0x09, 0x00, 0x04, 0x00) || // Excel 2, 3 and 4 wrote the workbook without a container.
    startsWith(head, 0x09, 0x02, 0x06, 0x00) ||
    startsWith(head, 0x09, 0x04, 0x06, 0x00)
  );
}
