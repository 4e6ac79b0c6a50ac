import classes from './bar.module.css';

/** How long one of several is beside the longest, from 0 to 1: for the eye alone, the figure stands beside it. */
export function Bar({ length, color }: { length: number; color: string }) {
  return (
    <svg className={classes.bar} aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 1">
      <rect width={Math.max(1, 100 * length)} height="1" fill={color} />
    </svg>
  );
}
