import classes from './sparkline.module.css';

const WIDTH = 96;
const HEIGHT = 28;
/** Room for the line's own width. */
const EDGE = 2;

/** A line of values, oldest first, drawn from their lowest to their highest. @param label what it says, in words. */
export function Sparkline({ values, label }: { values: number[]; label: string }) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const step = (WIDTH - 2 * EDGE) / Math.max(1, values.length - 1);
  // What has not changed is a line along the bottom, and no mountain.
  const heightOf = (value: number) => (high === low ? 0 : (value - low) / (high - low)) * (HEIGHT - 2 * EDGE);
  const points = values.map((value, index) => `${EDGE + index * step},${HEIGHT - EDGE - heightOf(value)}`);
  const area = [`${EDGE},${HEIGHT}`, ...points, `${WIDTH - EDGE},${HEIGHT}`];
  return (
    <svg
      className={classes.chart}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <polygon className={classes.area} points={area.join(' ')} />
      <polyline className={classes.line} points={points.join(' ')} />
    </svg>
  );
}
