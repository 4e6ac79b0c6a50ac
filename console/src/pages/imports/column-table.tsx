import { Badge, NativeSelect } from '@mantine/core';
import { DataTable } from '../../parts/data-table.tsx';
import { texts } from '../../texts/index.ts';
import classes from './column-table.module.css';
import { type Draft, fieldOf } from './draft.ts';

const words = texts.imports.map;
const FIELDS = ['number', 'first_name', 'last_name', 'full_name', 'tags', 'timestamp', 'date', 'ignore'];
const COLUMNS = [{ title: words.column }, { title: words.samples }, { title: words.field }];
const SAMPLES = 3;

/** The first cells that say something, each once: empty ones tell nobody what a column holds. */
const examplesOf = (samples: string[]) =>
  [...new Set(samples.filter((sample) => sample.trim() !== ''))].slice(0, SAMPLES);

interface ColumnTableProps {
  draft: Draft;
  /** @param fields of the columns whose field is chosen. */
  onChange: (fields: Record<string, string>) => void;
}

/** Every column of the file with some of its cells, and the field that it fills. */
export function ColumnTable({ draft, onChange }: ColumnTableProps) {
  const { preview, fields } = draft;

  /** A field has one column: whichever had it before gives it up. A full name stands instead of its parts. */
  function choose(column: string, field: string) {
    const rivals = new Set(field === 'ignore' ? [] : [field]);
    if (field === 'full_name') rivals.add('first_name').add('last_name');
    if (field === 'first_name' || field === 'last_name') rivals.add('full_name');
    const chosen = { ...fields };
    for (const { name } of preview.columns) if (rivals.has(fieldOf(draft, name))) chosen[name] = 'ignore';
    onChange({ ...chosen, [column]: field });
  }

  return (
    <DataTable columns={COLUMNS} className={classes.table}>
      {preview.columns.map(({ name, samples }) => {
        const field = fieldOf(draft, name);
        const title = /^#\d+$/.test(name) ? words.place(name) : name;
        return (
          <tr key={name} data-ignored={field === 'ignore' || undefined}>
            <th scope="row" className={classes.name}>
              <bdi>{title}</bdi>
              {preview.likely_number === name && (
                <Badge variant="light" size="sm" tt="none" fw={500}>
                  {words.likely}
                </Badge>
              )}
            </th>
            <td className={classes.samples}>
              <ul>
                {examplesOf(samples).map((sample) => (
                  <li key={sample}>
                    <bdi>{sample}</bdi>
                  </li>
                ))}
                {examplesOf(samples).length === 0 && (
                  <li>
                    <i>{words.emptyCells}</i>
                  </li>
                )}
              </ul>
            </td>
            <td className={classes.field}>
              <NativeSelect
                aria-label={words.fieldOf(title)}
                value={field}
                onChange={(event) => choose(name, event.currentTarget.value)}
                data={FIELDS.map((value) => ({ value, label: words.fields[value]! }))}
              />
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}
