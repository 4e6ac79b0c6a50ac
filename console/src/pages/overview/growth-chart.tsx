import type { GrowthDay } from 'muster-sdk';
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { texts } from '../../texts/index.ts';
import classes from './growth-chart.module.css';

const words = texts.overview.growth;

/** How the contacts have grown, day by day. */
export default function GrowthChart({ growth }: { growth: GrowthDay[] }) {
  const label = words.label(growth[0]?.contacts_count ?? 0, growth.at(-1)?.contacts_count ?? 0);
  return (
    <div className={classes.chart} role="img" aria-label={label}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 220 }}>
        <AreaChart data={growth} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="date"
            tickFormatter={words.day}
            tickLine={false}
            axisLine={false}
            minTickGap={48}
            tick={{ fill: 'var(--text-soft)', fontSize: 12 }}
          />
          <YAxis
            width={48}
            tickFormatter={words.axis}
            tickLine={false}
            axisLine={false}
            allowDecimals={false}
            tick={{ fill: 'var(--text-soft)', fontSize: 12 }}
          />
          <Tooltip content={<Day />} cursor={{ stroke: 'var(--line-strong)' }} />
          <Area
            type="monotone"
            dataKey="contacts_count"
            stroke="var(--accent)"
            strokeWidth={2}
            fill="var(--accent-soft)"
            isAnimationActive={false}
            activeDot={{ r: 4, stroke: 'var(--surface)', fill: 'var(--accent)' }}
          />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
}

/** What is said of the day that is pointed at. */
function Day({ payload = [] }: { payload?: { payload?: GrowthDay }[] }) {
  const day = payload[0]?.payload;
  if (day === undefined) return null;
  return (
    <div className={classes.day}>
      <strong>{words.day(day.date)}</strong>
      <span className="tabular">{words.total(day.contacts_count)}</span>
      <span className="tabular">{words.created(day.created)}</span>
    </div>
  );
}
