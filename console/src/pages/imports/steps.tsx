import { Check } from 'lucide-react';
import { texts } from '../../texts/index.ts';
import classes from './steps.module.css';

const words = texts.imports.steps;
const STEPS = ['file', 'columns', 'check', 'run'] as const;
export type Step = (typeof STEPS)[number];

/** Where an import stands between the choice of a file and its end. @param isDone whether the last step is behind. */
export function Steps({ at, isDone = false }: { at: Step; isDone?: boolean }) {
  const current = STEPS.indexOf(at);
  return (
    <ol className={classes.steps} aria-label={words.label}>
      {STEPS.map((step, index) => {
        const isPast = index < current || isDone;
        const state = isPast ? 'past' : index === current ? 'now' : 'ahead';
        return (
          <li
            key={step}
            className={classes.step}
            data-state={state}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            <span className={classes.mark} aria-hidden="true">
              {isPast ? <Check size={13} strokeWidth={3} /> : index + 1}
            </span>
            <span>{words[step]}</span>
          </li>
        );
      })}
    </ol>
  );
}
