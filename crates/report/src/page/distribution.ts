/* The chart of times by percentile. */

import type { Definition } from './diagram';
import { asQuantile, asTickTime, asTime } from './format';
import { aboveZero, greatest, least } from './series';
import type { DistributionView, View } from './view';

type Points = DistributionView['points'];

const drawn = (model: View) => model.distribution.filter(line => line.points.length > 1);

const STYLES: Record<string, { colour: string; dash?: number[] }> = {
  latency: { colour: 'latency' },
  service: { colour: 'service', dash: [6, 3] },
  'first byte': { colour: 'p50', dash: [2, 3] },
  'latency of completed': { colour: 'sent' },
  'latency of failed': { colour: 'light-bad' },
  'latency of all failed': { colour: 'light-bad' },
  'latency of this kind': { colour: 'light-bad' },
  resolve: { colour: 'kind-7', dash: [6, 3] },
  connect: { colour: 'kind-8', dash: [6, 3] },
  TLS: { colour: 'kind-3', dash: [6, 3] },
};

export const distributionChart: Definition = {
  key: 'distribution',
  heading: 'Times by percentile',
  hint: 'from 90% on, each mark is ten times as rare; click a name to show or hide its line',
  labelX: 'percentile',
  labelY: 'time',
  height: 290,
  tick: asTickTime,
  format: asTime,
  log: (_, model) => {
    const values = drawn(model).filter(line => line.shown).flatMap(line => line.points.map(point => point[1])).filter(value => value > 0);
    return values.length > 0 && (greatest(values) ?? 0) / (least(values) ?? 1) > 30;
  },
  draw: (_, model) => {
    const lines = drawn(model);
    const quantiles = quantilesOf(lines);
    if (!lines.length) return null;
    return lines.map(line => ({
      key: line.name,
      label: line.name,
      width: 2,
      optional: !line.shown,
      ...(STYLES[line.name] ?? { colour: 'muted' }),
      values: quantiles.map(quantile => aboveZero(timeAtQuantile(line.points, quantile))),
    }));
  },
  x: (_, model) => {
    const quantiles = quantilesOf(drawn(model));
    const rightmost = Math.log10(1 / (1 - (greatest(quantiles.filter(quantile => quantile < 1)) ?? 0)));
    const maximum = Math.max(rightmost + 0.05, Math.log10(Math.max(10, model.total.completed + model.total.failed)));
    return quantiles.map(quantile => (quantile >= 1 ? maximum : Math.log10(1 / (1 - quantile))));
  },
  rangeX: (chart, _, max) => chart.zoomed ?? [0, Math.max(1, max || 1)],
  axisX: chart => ({
    splits: (_, __, min, max) => percentileSplits(min, max),
    filter: (_, splits) => splits,
    values: (uplot, splits) => {
      const { min = 0, max = 1 } = uplot.scales.x;
      return percentileNames(splits, min, max, chart.plot.clientWidth - 100);
    },
  }),
  place: (chart, index) => {
    const x = chart.uplot?.data[0] ?? [];
    return index === x.length - 1 ? 'the maximum' : asQuantile(1 - 10 ** -x[index]);
  },
  describe: (_, model) =>
    'Chart of ' +
    drawn(model)
      .map(
        line =>
          line.name +
          ' by percentile: ' +
          [0.5, 0.9, 0.99, 0.999, 1]
            .map(quantile => asQuantile(quantile) + ' ' + asTime(timeAtQuantile(line.points, quantile)))
            .join(', ')
      )
      .join('; ') +
    '.',
  rows: (_, model, lines) => {
    const quantiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999, 1];
    const most = greatest(quantilesOf(drawn(model)).filter(quantile => quantile < 1)) ?? 0;
    const points = new Map(drawn(model).map(line => [line.name, line.points]));
    const rows = quantiles
      .filter(quantile => quantile <= most || quantile === 1)
      .map(quantile => [asQuantile(quantile), ...lines.map(({ key }) => asTime(timeAtQuantile(points.get(key) ?? [], quantile)))]);
    return { columns: ['percentile', ...lines.map(({ label }) => label)], rows, note: null };
  },
};

function quantilesOf(lines: DistributionView[]): number[] {
  return [...new Set(lines.flatMap(line => line.points.map(point => point[0])))].sort((a, b) => a - b);
}

/* Returns the time in milliseconds within which the share `quantile` of the requests was answered; null if no point of
   the chart reaches `quantile`. */
function timeAtQuantile(points: Points, quantile: number): number | null {
  const point = points.find(candidate => candidate[0] >= quantile - 1e-12);
  return point ? point[1] : null;
}

/* Returns the names of the percentiles on the axis. A name is null if the name would overlap the previous name. The
   grid line of such a percentile remains. */
function percentileNames(splits: number[], min: number, max: number, width: number): Array<string | null> {
  let free = -Infinity;
  return splits.map(split => {
    const name = asQuantile(split === 0 ? 0 : 1 - 10 ** -split);
    const [middle, half] = [((split - min) / (max - min)) * width, name.length * 3.6 + 3];
    if (middle - half < free) return null;
    free = middle + half;
    return name;
  });
}

function percentileSplits(min: number, max: number): number[] {
  const splits = max - min <= 4 ? [0, Math.log10(2)] : [0];
  for (let nines = 1; nines <= Math.floor(max + 1e-9); nines += 1) splits.push(nines);
  return splits.filter(split => split >= min - 1e-9 && split <= max + 1e-9);
}
