/** The media types of files that can be uploaded. How a file is read is decided by its content, not by its type. */
export const FILE_TYPES = [
  'text/csv',
  'text/tab-separated-values',
  'text/plain',
  'application/x-ndjson',
  'application/jsonl',
  'application/gzip',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/octet-stream',
];

/** A form that holds the file and its options. */
export const FORM_TYPE = 'multipart/form-data';
