/** What a workbook says of itself: its sheets in order, its date system, and which parts hold what. */
import { ContactFileError } from './contact-file.ts';
import { type Archive, damaged, partName, shown } from './xlsx-archive.ts';
import { localName, readWholeXml } from './xlsx-xml.ts';

export interface Workbook {
  /** The parts of the worksheets that are not hidden, in the workbook's order. */
  sheets: string[];
  /** Whether days are counted from 1904, as Excel for the Macintosh did, and not from 1900. */
  is1904: boolean;
  /** The parts of the shared strings and the styles; undefined when there are none. */
  strings: string | undefined;
  styles: string | undefined;
}

interface Relationship {
  id: string;
  /** The last word of its type: the transitional and the strict form of the standard have different beginnings. */
  type: string;
  target: string;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** Excel has no limit of its own; beyond this a workbook is not one that people look at. */
const MAX_SHEETS = 10_000;

/**
 * Reads the workbook of an archive.
 * @throws ContactFileError when it is no spreadsheet or damaged, or shows no worksheet.
 */
export async function readWorkbook(archive: Archive): Promise<Workbook> {
  const name = await workbookPart(archive);
  const shownSheets: string[] = [];
  let is1904 = false;
  let root = '';
  let element = '';
  let id = '';
  let isHidden = false;
  await readWholeXml(archive.read(name), name, MAX_BYTES, {
    open(tag) {
      root ||= tag;
      element = tag;
      id = '';
      isHidden = false;
    },
    attribute(attribute, value) {
      if (element === 'sheet') {
        // `id` is in the namespace of relationships, whatever its prefix is; `sheetId` is something else.
        if (attribute.endsWith(':id')) id = value;
        else if (attribute === 'state') isHidden = value === 'hidden' || value === 'veryHidden';
      } else if (element === 'workbookPr' && attribute === 'date1904') {
        is1904 = value === '1' || value === 'true';
      }
    },
    close(tag) {
      if (tag !== 'sheet' || id === '' || isHidden) return;
      shownSheets.push(id);
      if (shownSheets.length > MAX_SHEETS) throw damaged(`it has more than ${MAX_SHEETS} sheets`);
    },
  });
  if (root !== 'workbook') throw new ContactFileError(whatItIs(archive.names));

  const relationships = await readRelationships(archive, name);
  const byId = new Map(relationships.map((relationship) => [relationship.id, relationship]));
  const sheets: string[] = [];
  for (const sheetId of shownSheets) {
    const relationship = byId.get(sheetId);
    if (relationship === undefined) throw damaged('it does not say where its sheets are');
    // Sheets that are charts, dialogues or macros have no rows.
    if (relationship.type === 'worksheet') sheets.push(relationship.target);
  }
  if (sheets.length === 0) {
    throw new ContactFileError('The spreadsheet shows no worksheet. Unhide the sheet with the contacts, save it again');
  }
  const partOf = (type: string) => {
    const target = relationships.find((relationship) => relationship.type === type)?.target;
    return target !== undefined && archive.has(target) ? target : undefined;
  };
  return { sheets, is1904, strings: partOf('sharedStrings'), styles: partOf('styles') };
}

async function workbookPart(archive: Archive): Promise<string> {
  const ofPackage = archive.has(relationshipsPart('')) ? await readRelationships(archive, '') : [];
  const main = ofPackage.find((relationship) => relationship.type === 'officeDocument')?.target ?? 'xl/workbook.xml';
  if (archive.has(main) && !/^(word|ppt)\/|\.bin$/.test(main)) return main;
  throw new ContactFileError(whatItIs(archive.names));
}

/** Where the relationships of a part stand; those of the package itself are those of ''. */
function relationshipsPart(name: string): string {
  const slash = name.lastIndexOf('/') + 1;
  return `${name.slice(0, slash)}_rels/${name.slice(slash)}.rels`;
}

async function readRelationships(archive: Archive, name: string): Promise<Relationship[]> {
  const part = relationshipsPart(name);
  const relationships: Relationship[] = [];
  let current: Relationship | undefined;
  await readWholeXml(archive.read(part), part, MAX_BYTES, {
    open(tag) {
      current = tag === 'Relationship' ? { id: '', type: '', target: '' } : undefined;
    },
    attribute(attribute, value) {
      if (current === undefined) return;
      const attributeName = localName(attribute);
      if (attributeName === 'Id') current.id = value;
      else if (attributeName === 'Type') current.type = value.slice(value.lastIndexOf('/') + 1);
      else if (attributeName === 'Target') current.target = resolve(value, name);
    },
    close() {
      if (current !== undefined) relationships.push(current);
      current = undefined;
      if (relationships.length > MAX_SHEETS * 2) throw damaged(`${shown(part)} is longer than in any spreadsheet`);
    },
  });
  return relationships;
}

/** The part a target means: from the root with a slash before it, else from the folder of the part that names it. */
function resolve(target: string, from: string): string {
  if (target.startsWith('/')) return partName(target);
  const path = from.split('/').slice(0, -1);
  for (const step of partName(target).split('/')) {
    if (step === '..') path.pop();
    else if (step !== '.') path.push(step);
  }
  return path.join('/');
}

/** Files that are zip archives too, and what their authors can do. */
const refusals: [isIt: (name: string) => boolean, message: string][] = [
  [
    (name) => name === 'xl/workbook.bin',
    'The file is a binary Excel workbook (.xlsb). Save it as .xlsx or CSV, and upload that',
  ],
  [(name) => name.startsWith('word/'), 'The file is a Word document. Save its table as .xlsx or CSV, and upload that'],
  [(name) => name.startsWith('ppt/'), 'The file is a presentation. Save its table as .xlsx or CSV, and upload that'],
  [
    (name) => name.endsWith('.iwa') || name === 'index.zip',
    'The file is an Apple iWork document (.numbers). Export it as .xlsx or CSV, and upload that',
  ],
  [
    (name) => name === 'mimetype' || name === 'content.xml',
    'The file is an OpenDocument file (.ods). Save it as .xlsx or CSV, and upload that',
  ],
];

function whatItIs(names: string[]): string {
  for (const [isIt, message] of refusals) if (names.some(isIt)) return message;
  const table = names.some((name) => /\.(csv|tsv|txt|xlsx?|ndjson|jsonl)$/.test(name));
  return table
    ? 'The file is a zip archive with files in it. Unpack it, and upload the file with the contacts alone'
    : 'The file is a zip archive and no spreadsheet. Upload the contacts as .xlsx or CSV';
}
