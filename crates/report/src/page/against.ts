/* The chart of latency against the load. The load is the planned rate, or the number of users. */

import type { Definition } from './diagram';
import { asCount, asRate, asTick, asTickTime, asTime } from './format';
import { aboveZero, greatest, least } from './series';
import type { AgainstView, View } from './view';

const pointsOf = (model: View): AgainstView['points'] => model.against?.points ?? [];

const asLoad = (model: View, load: number) => (model.against?.load === 'users' ? asTick(load) + ' users' : asRate(load));

const LINES = [
  { key: 'p50', label: 'p50', colour: 'p50' },
  { key: 'p90', label: 'p90', colour: 'p90' },
  { key: 'p99', label: 'p99', colour: 'p99', width: 2.2 },
] as const;

export const againstChart: Definition = {
  key: 'against',
  heading: 'Latency by load',
  hint: 'each point contains all measured seconds of about the same load',
  labelX: model => (model.against?.load === 'users' ? 'users' : `planned ${model.flows.length ? 'arrivals' : 'requests'} per second`),
  labelY: 'latency',
  height: 260,
  points: true,
  tick: asTickTime,
  format: asTime,
  log: (_, model) => {
    const [low, high] = [least(pointsOf(model).map(point => point.p50)), greatest(pointsOf(model).map(point => point.p99))];
    return low !== null && high !== null && low > 0 && high / low > 20;
  },
  draw: (_, model) =>
    model.against ? LINES.map(line => ({ ...line, values: pointsOf(model).map(point => aboveZero(point[line.key])) })) : null,
  x: (_, model) => pointsOf(model).map(point => point.load),
  rangeX: (chart, min, max) => chart.zoomed ?? [min, max],
  axisX: () => ({ values: (_, splits) => splits.map(asTick) }),
  place: (chart, index) => asLoad(chart.model, pointsOf(chart.model)[index].load),
  describe: (_, model) => {
    const [first, last] = [pointsOf(model)[0], pointsOf(model)[pointsOf(model).length - 1]];
    const at = (point: AgainstView['points'][number]) =>
      asLoad(model, point.load) + ' p50 ' + asTime(point.p50) + ', p99 ' + asTime(point.p99);
    return 'Chart of latency by load: at ' + at(first) + '; at ' + at(last) + '.';
  },
  rows: (_, model) => ({
    columns: [model.against?.load ?? 'load', 'seconds', 'completed', 'p50', 'p90', 'p99'],
    rows: pointsOf(model).map(point => [
      asLoad(model, point.load),
      asCount(point.seconds),
      asRate(point.completed),
      asTime(point.p50),
      asTime(point.p90),
      asTime(point.p99),
    ]),
    note: null,
  }),
};
