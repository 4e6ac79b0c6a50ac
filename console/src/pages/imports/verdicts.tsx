import { Paper, Text, Title } from '@mantine/core';
import type { RowStatus, SingleImport } from 'muster-sdk';
import { Bar } from '../../parts/bar.tsx';
import { number } from '../../texts/format.ts';
import { texts } from '../../texts/index.ts';
import classes from './verdicts.module.css';

const words = texts.imports;
const FATES = ['created', 'updated', 'unchanged', 'skipped', 'refused', 'removed'] as const;

interface VerdictsProps {
  found: SingleImport;
  /** The fate whose rows are shown below. */
  shown: RowStatus | undefined;
  onShow: (fate: RowStatus | undefined) => void;
}

/** How many rows had which fate, or would have; each leads to its rows. */
export function Verdicts({ found, shown, onShow }: VerdictsProps) {
  const isPast = !found.dry_run;
  // What cannot occur with these settings is not shown as a nought.
  const fates = FATES.filter((fate) => {
    if (fate === 'removed') return found.mode === 'replace' || found.removed > 0;
    if (fate === 'skipped') return found.on_conflict === 'skip' || found.skipped > 0;
    return true;
  });
  return (
    <ul className={classes.fates}>
      {fates.map((fate) => {
        const [title, will, was] = words.fates[fate]!;
        const count = found[fate];
        const content = (
          <>
            <span className={classes.title}>{title}</span>
            <span className={classes.count}>{number(count)}</span>
            <span className={classes.about}>{isPast ? was : will}</span>
          </>
        );
        return (
          <li key={fate} data-fate={fate} data-none={count === 0 || undefined}>
            {fate === 'removed' ? (
              <div className={classes.fate}>{content}</div>
            ) : (
              <button
                type="button"
                className={classes.fate}
                aria-pressed={shown === fate}
                onClick={() => onShow(shown === fate ? undefined : fate)}
              >
                {content}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Refused rows by their reason. */
export function Reasons({ found }: { found: SingleImport }) {
  const reasons = Object.entries(found.refused_by_code).sort(([, one], [, other]) => other - one);
  if (reasons.length === 0) return null;
  const most = reasons[0]![1];
  return (
    <Paper withBorder radius="lg" p="lg">
      <Title order={2} mb="sm">
        {words.reasons.title}
      </Title>
      <ul className={classes.reasons}>
        {reasons.map(([code, count]) => (
          <li key={code}>
            <span>{words.reasons.codes[code] ?? words.reasons.other(code)}</span>
            <Bar length={count / most} color="var(--mantine-color-orange-5)" />
            <Text component="span" className="tabular" fw={600} ta="end">
              {number(count)}
            </Text>
          </li>
        ))}
      </ul>
    </Paper>
  );
}
