import { makeKept } from '../../parts/kept.ts';
import { texts } from '../../texts/index.ts';

export type ColumnName = 'number' | 'name' | 'tags' | 'timestamp' | 'date' | 'created' | 'updated';

interface Column {
  name: ColumnName;
  label: string;
  /** Pixels, until somebody makes it wider or narrower. */
  width: number;
  /** Whether it is shown until somebody chooses. */
  isShown: boolean;
}

const labels = texts.contacts.columns;

export const COLUMNS: readonly Column[] = [
  { name: 'number', label: labels.number, width: 210, isShown: true },
  { name: 'name', label: labels.name, width: 230, isShown: true },
  { name: 'tags', label: labels.tags, width: 220, isShown: true },
  { name: 'timestamp', label: labels.timestamp, width: 170, isShown: true },
  { name: 'date', label: labels.date, width: 140, isShown: true },
  { name: 'created', label: labels.created, width: 140, isShown: true },
  { name: 'updated', label: labels.updated, width: 140, isShown: false },
];

export const NARROWEST = 80;
export const WIDEST = 640;

/** What somebody has chosen; what is absent is as it comes. */
interface Choice {
  shown: Partial<Record<ColumnName, boolean>>;
  widths: Partial<Record<ColumnName, number>>;
}

const choice = makeKept<Choice>('contact-columns', { shown: {}, widths: {} });

/** The columns as this browser's user wants them. */
export function useColumns() {
  const { shown, widths } = choice.use();
  const columns = COLUMNS.map((column) => ({
    ...column,
    isShown: shown[column.name] ?? column.isShown,
    width: widths[column.name] ?? column.width,
  }));
  return {
    columns,
    visible: columns.filter(({ isShown }) => isShown),
    show: (name: ColumnName, isShown: boolean) => choice.set({ shown: { ...shown, [name]: isShown }, widths }),
    resize: (name: ColumnName, width: number) => {
      choice.set({ shown, widths: { ...widths, [name]: Math.round(Math.min(WIDEST, Math.max(NARROWEST, width))) } });
    },
    reset: () => choice.set({ shown: {}, widths: {} }),
  };
}

export type VisibleColumn = ReturnType<typeof useColumns>['visible'][number];
