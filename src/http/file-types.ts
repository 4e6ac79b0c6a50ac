/** The media types of files that can be uploaded. */
export const FILE_TYPES = [
  'text/csv',
  'text/tab-separated-values',
  'text/plain',
  'application/x-ndjson',
  'application/gzip',
  'application/octet-stream',
];
