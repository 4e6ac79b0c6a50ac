/** Made-up people with phone numbers, as the customers of one business. */
import { NAMES, type Names } from './names.ts';
import { SAMPLE_PLANS, type SamplePlan } from './number-plans.ts';
import type { Random } from './random.ts';

/** A contact as the API takes it; the number with a plus. */
export interface SampleContact {
  number: string;
  first_name: string;
  last_name: string | null;
  timestamp: string | null;
  date: string | null;
  tags: string[];
}

/** A contact and the parts of its number, for writing it in other ways. */
export interface Person {
  plan: SamplePlan;
  /** The number without its calling code. */
  national: string;
  contact: SampleContact;
}

interface Numbers {
  plan: SamplePlan;
  capacity: number;
  step: number;
  position: number;
  left: number;
  peoples: Names[];
}

const TAGS = ['vip', 'newsletter', 'trial', 'churned', 'beta', 'store-12', 'black-friday', 'loyalty', 'léon', 'опт'];
const YEAR_DAYS = 365;

/** Gives valid contacts for ever, no number twice for as long as the smallest plan lasts: some 400 million of them. */
export function createPeople(random: Random): () => Person {
  const numbers = SAMPLE_PLANS.map((plan) => startNumbers(plan, random));
  const byWeight = numbers.flatMap((each) => Array.from({ length: each.plan.weight }, () => each));
  return () => {
    const from = random.pick(byWeight);
    const national = nextNational(from);
    const people = random.pick(from.peoples);
    const isWoman = random.chance(0.5);
    const family = random.pick(people.families)[isWoman ? 1 : 0];
    return {
      plan: from.plan,
      national,
      contact: {
        number: `+${from.plan.callingCode}${national}`,
        first_name: random.pick(isWoman ? people.women : people.men),
        last_name: random.chance(0.03) ? null : family,
        timestamp: random.chance(0.6)
          ? null
          : `${day(random, 2026)} ${two(8 + random.below(11))}:${random.pick(['00', '15', '30', '45'])}:00`,
        date: random.chance(0.6) ? null : day(random, 2027),
        tags: someTags(random),
      },
    };
  };
}

/**
 * The numbers of a plan in an order that looks like chance: a walk in steps that share no divisor with their count comes by
 * every number once. So nothing has to be remembered, and ten million rows need no more memory than ten.
 */
function startNumbers(plan: SamplePlan, random: Random): Numbers {
  const capacity = plan.prefixes.length * 10 ** plan.digits;
  let step = Math.floor(capacity * (0.2 + random.below(600) / 1000)) + random.below(10_000);
  while (greatestCommonDivisor(step, capacity) !== 1) step++;
  const peoples = plan.people.map((name) => NAMES[name]!);
  return { plan, capacity, step, position: random.below(capacity), left: capacity, peoples };
}

function nextNational(from: Numbers): string {
  if (from.left-- === 0) throw new Error('There are no more numbers: ask for fewer rows');
  const { plan, capacity } = from;
  from.position = (from.position + from.step) % capacity;
  const size = capacity / plan.prefixes.length;
  const prefix = plan.prefixes[Math.floor(from.position / size)]!;
  return prefix + String(from.position % size).padStart(plan.digits, '0');
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

function someTags(random: Random): string[] {
  if (random.chance(0.6)) return [];
  const first = random.pick(TAGS);
  const second = random.chance(0.3) ? random.pick(TAGS) : first;
  return first === second ? [first] : [first, second];
}

/** Every day of the year as `MM-dd`: counting days with Date for each contact would cost more than all the rest. */
const DAYS = Array.from({ length: YEAR_DAYS }, (_, index) =>
  new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(5, 10),
);

function day(random: Random, year: number): string {
  return `${year}-${random.pick(DAYS)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
