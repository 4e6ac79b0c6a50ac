import type { MusterDate } from 'muster-sdk';
import { exactDate, momentOf, relativeDate } from '../texts/format.ts';

/** A date as people say it; the exact one for who points at it. */
export function Moment({ date }: { date: MusterDate }) {
  const moment = momentOf(date);
  return (
    <time dateTime={moment.toISOString()} title={exactDate(moment)}>
      {relativeDate(moment)}
    </time>
  );
}
