/* ---------- rate ---------- */

const rateChart = {
  ...overTime,
  key: 'rate',
  heading: 'Rate',
  hint: 'requests per second: planned, sent, completed',
  labelY: 'requests per second',
  strip: true,
  tick: value => (grouped.format(value) === '0' && value > 0 ? String(value) : grouped.format(value)),
  format: asRate,
  draw: facts =>
    !facts.at.length
      ? null
      : [
          ...(facts.planned
            ? [{ key: 'planned', label: 'planned', colour: 'planned', dash: [6, 4], width: 1.6, values: facts.planned }]
            : []),
          { key: 'sent', label: 'sent', colour: 'sent', width: 3, values: facts.sent || [] },
          { key: 'completed', label: 'completed', colour: 'completed', width: 1.5, values: facts.completed || [] },
        ],
  describe: (facts, model) =>
    'Chart of the rate over ' + asDuration(facts.end) + ': ' + describeSeries(rateChart.draw(facts), asRate) + describeGaps(model),
  rows: (facts, _, series) => groupedRows(facts, series, 'rate', asRate),
  below: chart => drawIntervalList(chart.below, chart.model),
};

function describeGaps(model) {
  const missing = (model.missing || []).length;
  return missing ? ' In ' + numberOf(missing, 'interval') + ' a worker’s part is missing.' : '';
}

function drawIntervalList(host, model) {
  const unmeasured = (model.phases || []).filter(phase => !phase.measured);
  const missing = model.missing || [];
  setContent(host, [unmeasured, missing], () => {
    const lines = [];
    if (unmeasured.length)
      lines.push(
        'Shaded, sent but not measured: ' +
          unmeasured
            .map(phase => asDuration(phase.from_s) + ' to ' + asDuration(phase.to_s) + ' (' + kindAsWords(phase.text) + ')')
            .join(', ') +
          '.'
      );
    if (missing.length)
      lines.push(
        'Hatched, not all is known: ' +
          missing
            .slice(0, 5)
            .map(gap => asDuration(gap.from_s) + ' to ' + asDuration(gap.to_s) + ' (' + gap.what + ')')
            .join('; ') +
          (missing.length > 5 ? '; and ' + numberOf(missing.length - 5, 'interval') + ' more' : '') +
          '.'
      );
    return lines.map(line => element('p', { class: 'band-list text' }, line));
  });
}

/* ---------- latency over time ---------- */

const PERCENTILES = [
  { key: 'p50', label: 'p50', colour: 'p50' },
  { key: 'p90', label: 'p90', colour: 'p90' },
  { key: 'p99', label: 'p99', colour: 'p99', width: 2.2 },
  { key: 'p99_9', label: 'p99.9', colour: 'p99-9', dash: [6, 3] },
  { key: 'max', label: 'max', colour: 'max', dash: [2, 3], width: 1.4 },
];

const latencyChart = {
  ...overTime,
  key: 'latency',
  heading: 'Latency',
  hint: 'percentiles of the requests answered at the time',
  labelY: 'latency',
  tick: asTickTime,
  format: asTime,
  log: facts => {
    const [low, high] = [least(facts.p50), greatest(facts.max)];
    return low !== null && low > 0 && high / low > 20;
  },
  draw: facts =>
    greatest(facts.max) === null && greatest(facts.p50) === null
      ? null
      : PERCENTILES.map(series => ({ ...series, values: facts[series.key].map(aboveZero) })),
  describe: facts => {
    const peak = greatest(facts.max);
    return (
      'Chart of latency over time: ' +
      describeSeries(latencyChart.draw(facts), asTime) +
      ' The slowest request took ' +
      asTime(peak) +
      ' at ' +
      asMoment(facts.at[facts.max.indexOf(peak)] ?? 0, facts.end) +
      '.'
    );
  },
  rows: (facts, _, series) => groupedRows(facts, series, 'highest', asTime),
};

function asTickTime(value) {
  return value === 0 ? '0' : asTime(value);
}

/* ---------- errors over time ---------- */

const errorsChart = {
  ...overTime,
  key: 'errors',
  heading: 'Failed and dropped',
  hint: 'per second, by kind, stacked',
  labelY: 'per second',
  stacked: true,
  height: 190,
  tick: value => threeDigits(value),
  format: asRate,
  draw: facts => {
    const series = facts.kinds.map((kind, index) => ({
      key: kind,
      label: kindAsWords(kind),
      colour: 'kind-' + ((index % 8) + 1),
      values: facts.failures[kind],
    }));
    if (sum(facts.dropped) > 0) series.push({ key: ' dropped', label: 'dropped', colour: 'dropped', values: facts.dropped });
    return series.length ? series : null;
  },
  describe: (facts, model) =>
    'Chart of failed and dropped requests over time. In all: ' +
    errorsInWords(model) +
    '. Per second: ' +
    describeSeries(errorsChart.draw(facts), asRate),
  rows: (facts, _, series) => groupedRows(facts, series, 'rate', asRate),
};

function errorsInWords(model) {
  const kinds = Object.entries((model.total && model.total.failures) || {})
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
  const words = kinds.map(([kind, count]) => asCount(count) + ' ' + kindAsWords(kind));
  const dropped = model.balance ? model.balance.dropped : 0;
  if (dropped) words.push(asCount(dropped) + ' dropped');
  return words.length ? words.join(', ') : 'none';
}

/* ---------- distribution ---------- */

const distributionChart = {
  key: 'distribution',
  heading: 'Latency and service by percentile',
  hint: 'each mark to the right is ten times as rare',
  labelX: 'percentile',
  labelY: 'time',
  height: 290,
  tick: asTickTime,
  format: asTime,
  log: (_, model) => {
    const values = (model.distribution || []).flatMap(line => line.points.map(point => point[1])).filter(value => value > 0);
    return values.length > 0 && greatest(values) / least(values) > 30;
  },
  draw: (_, model) => {
    const lines = (model.distribution || []).filter(line => line.points.length > 1);
    if (!lines.length) return null;
    const quantiles = quantilesOf(lines);
    return lines.map(line => ({
      key: line.name,
      label: line.name,
      colour: line.name === 'service' ? 'service' : 'latency',
      dash: line.name === 'service' ? [6, 3] : undefined,
      width: 2,
      values: quantiles.map(quantile => aboveZero(timeAtQuantile(line.points, quantile))),
    }));
  },
  x: (_, model) => {
    const lines = (model.distribution || []).filter(line => line.points.length > 1);
    const quantiles = quantilesOf(lines);
    const rightmost = Math.log10(1 / (1 - greatest(quantiles.filter(quantile => quantile < 1)))) || 0;
    const maximum = Math.max(rightmost + 0.05, Math.log10(Math.max(10, requestsMeasured(model))));
    return quantiles.map(quantile => (quantile >= 1 ? maximum : Math.log10(1 / (1 - quantile))));
  },
  rangeX: (chart, min, max) => chart.zoomed || [0, Math.max(1, max || 1)],
  axisX: chart => ({
    splits: (_, __, min, max) => percentileSplits(min, max),
    filter: (_, splits) => splits,
    values: (uplot, splits) => percentileNames(splits, uplot.scales.x, chart.plot.clientWidth - 100),
  }),
  place: (chart, index) => {
    const x = chart.uplot.data[0][index];
    return index === chart.uplot.data[0].length - 1 ? 'the maximum' : asQuantile(1 - 10 ** -x);
  },
  describe: (_, model) =>
    'Chart of ' +
    (model.distribution || [])
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
  rows: (_, model, series) => {
    const quantiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999, 1];
    const most = Math.max(
      ...(model.distribution || []).flatMap(line => line.points.map(point => point[0]).filter(quantile => quantile < 1))
    );
    const rows = quantiles
      .filter(quantile => quantile <= most || quantile === 1)
      .map(quantile => [
        asQuantile(quantile),
        ...series.map(({ key }) => asTime(timeAtQuantile(model.distribution.find(line => line.name === key).points, quantile))),
      ]);
    return { columns: ['percentile', ...series.map(({ label }) => label)], rows, note: null };
  },
};

function requestsMeasured(model) {
  return model.total ? (model.total.completed || 0) + (model.total.failed || 0) : 0;
}

function quantilesOf(lines) {
  return [...new Set(lines.flatMap(line => line.points.map(point => point[0])))].sort((a, b) => a - b);
}

/* A point says that the share `quantile` of the requests took at most that long. */
function timeAtQuantile(points, quantile) {
  const point = points.find(candidate => candidate[0] >= quantile - 1e-12);
  return point ? point[1] : null;
}

/* A name that would run into the one before it is left out; its line stays. */
function percentileNames(splits, { min, max }, width) {
  let free = -Infinity;
  return splits.map(split => {
    const name = asQuantile(split === 0 ? 0 : 1 - 10 ** -split);
    const [middle, half] = [((split - min) / (max - min)) * width, name.length * 3.6 + 3];
    if (middle - half < free) return null;
    free = middle + half;
    return name;
  });
}

function percentileSplits(min, max) {
  const splits = max - min <= 4 ? [0, Math.log10(2)] : [0];
  for (let nines = 1; nines <= Math.floor(max + 1e-9); nines += 1) splits.push(nines);
  return splits.filter(split => split >= min - 1e-9 && split <= max + 1e-9);
}
