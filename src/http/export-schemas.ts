import Type from 'typebox';
import { EXPORT_FORMATS } from '../core/exports.ts';
import { codes } from './schema-parts.ts';

/** The query of an export, beside what it shares with the list. */
export const EXPORT_QUERY = {
  format: Type.Enum([...EXPORT_FORMATS], {
    type: 'string',
    default: 'csv',
    description: 'CSV, JSON lines or a spreadsheet',
    examples: ['csv'],
    ...codes(9013),
  }),
};

export const ExportedContacts = Type.String({
  description: 'CSV with a header line, in UTF-8 with a byte order mark',
  examples: [
    'number,first_name,last_name,timestamp,date,tags,create_date,update_date\r\n' +
      "'+12025550150,Ana,Petrosyan,,2026-03-01,vip;newsletter,2026-03-01 13:00:00,2026-03-01 13:00:00\r\n",
  ],
});
