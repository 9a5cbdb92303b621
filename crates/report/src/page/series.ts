/* Arithmetic on series over time. */

import { isNumber, type Value } from './format';
import type { HeatView, SecondsView, WaitsView, WaitView } from './view';

export type Values = ReadonlyArray<Value>;

/* The lower bound of times on a chart, in milliseconds. A lower bound is required because a logarithmic axis has no
   zero. The bound is 1us, which is less than all measured times. */
const SMALLEST_TIME = 0.001;

export const known = (values: Values): number[] => values.filter(isNumber);

export const aboveZero = (value: Value): number | null => (isNumber(value) ? Math.max(value, SMALLEST_TIME) : null);

export function greatest(values: Values): number | null {
  let most: number | null = null;
  for (const value of values) if (isNumber(value) && (most === null || value > most)) most = value;
  return most;
}

export function least(values: Values): number | null {
  let fewest: number | null = null;
  for (const value of values) if (isNumber(value) && (fewest === null || value < fewest)) fewest = value;
  return fewest;
}

export function sum(values: Values): number {
  return known(values).reduce((total, value) => total + value, 0);
}

/* The data of all charts over time. The data is computed once for each model. */
export interface Facts {
  at: number[];
  step: number;
  end: number;
  kinds: string[];
  middle: number[];
  planned: Values | null;
  users: Values | null;
  inFlight: Values;
  connections: Values;
  sent: Values;
  completed: Values;
  dropped: Values;
  failures: Record<string, Values>;
  p50: Values;
  p90: Values;
  p99: Values;
  p99_9: Values;
  max: Values;
  heat: Array<Array<[number, number]>>;
  edges: number[];
  waits: WaitView[];
  /* Whether these facts describe the failures of one kind. For such failures, no other series exist. */
  failuresOnly: boolean;
}

export type Percentile = 'p50' | 'p90' | 'p99' | 'p99_9' | 'max';

export function readSeconds(seconds: SecondsView, heat: HeatView): Facts {
  const { at, lengths } = seconds;
  const step = at.length > 1 ? at[1] - at[0] : (lengths[0] ?? 1);
  const last = at.length - 1;
  const perSecond = (counts: Values) => counts.map((count, index) => (isNumber(count) ? count / lengths[index] : null));
  /* The last second of the load is usually partial, and later seconds contain only answers. So these seconds have no
     rate. */
  const wholeOnly = (rates: Values) => rates.map((rate, index) => (seconds.whole[index] ? rate : null));
  const kinds = Object.keys(seconds.failures).filter(kind => sum(seconds.failures[kind]) > 0);
  return {
    at,
    step,
    end: at.length ? at[last] + lengths[last] : 0,
    kinds,
    middle: at.map((begin, index) => begin + (index === last ? step : lengths[index]) / 2),
    planned: seconds.planned && wholeOnly(perSecond(seconds.planned)),
    users: seconds.users,
    inFlight: seconds.in_flight,
    connections: seconds.connections,
    sent: wholeOnly(perSecond(seconds.sent)),
    completed: wholeOnly(perSecond(seconds.completed)),
    dropped: perSecond(seconds.dropped),
    failures: Object.fromEntries(kinds.map(kind => [kind, perSecond(seconds.failures[kind])])),
    p50: seconds.p50,
    p90: seconds.p90,
    p99: seconds.p99,
    p99_9: seconds.p99_9,
    max: seconds.max,
    heat: heat.seconds,
    edges: heat.edges.map(edge => Math.max(edge, SMALLEST_TIME)),
    waits: [],
    failuresOnly: false,
  };
}

/* Returns facts about times other than latency. The intervals of these facts are longer than those of `facts`. */
export function readWaits({ at, lengths, lines }: WaitsView, facts: Facts): Facts {
  const middle = at.map((begin, index) => begin + lengths[index] / 2);
  return { ...facts, at, step: lengths[0] ?? 1, middle, waits: lines };
}
