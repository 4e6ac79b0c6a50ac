import type { CountryCount } from 'muster-sdk';
import { Bar } from '../../parts/bar.tsx';
import { countryName, Flag } from '../../parts/flag.tsx';
import { number, percent } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import classes from './countries.module.css';

const words = texts.overview.countries;
const SHOWN = 8;

/** The countries of the numbers, most contacts first. */
export function Countries({ countries }: { countries: CountryCount[] }) {
  const total = countries.reduce((sum, { contacts_count }) => sum + contacts_count, 0);
  const most = countries[0]?.contacts_count ?? 1;
  const rest = countries.slice(SHOWN);
  const restCount = rest.reduce((sum, { contacts_count }) => sum + contacts_count, 0);
  return (
    <ul className={classes.countries}>
      {countries.slice(0, SHOWN).map(({ country, calling_code, contacts_count }) => (
        <Line
          key={country ?? calling_code}
          flag={country === null ? null : <Flag country={country} />}
          name={country === null ? words.unknown(calling_code) : countryName(country)}
          count={contacts_count}
          part={contacts_count / total}
          length={contacts_count / most}
        />
      ))}
      {rest.length > 0 && (
        <Line flag={null} name={words.other(rest.length)} count={restCount} part={restCount / total} length={null} />
      )}
    </ul>
  );
}

interface LineProps {
  flag: React.ReactNode;
  name: string;
  count: number;
  /** Of all contacts, from 0 to 1. */
  part: number;
  /** Of the longest bar, from 0 to 1. Null for many countries together, which are no bar beside single ones. */
  length: number | null;
}

function Line({ flag, name, count, part, length }: LineProps) {
  return (
    <li>
      <span className={classes.flag} aria-hidden="true">
        {flag}
      </span>
      <span className={classes.name}>{name}</span>
      {length === null ? <span /> : <Bar length={length} color="var(--accent)" />}
      <span className={`tabular ${classes.count}`}>{number(count)}</span>
      <span className={`tabular ${classes.part}`}>{percent(part)}</span>
    </li>
  );
}
