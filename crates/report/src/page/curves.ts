/* Rate, latency and errors over time. */

import { describeLines, groupedRows, overTime } from './cursor';
import type { Definition, Line } from './diagram';
import { element, setContent } from './dom';
import { asCount, asDuration, asMoment, asRate, asTick, asTickTime, asTime, kindAsWords, numberOf } from './format';
import { aboveZero, type Facts, greatest, least, type Percentile, sum } from './series';
import type { View } from './view';

function rateLines(facts: Facts) {
  if (!facts.at.length) return [];
  const planned = facts.planned && [{ key: 'planned', label: 'planned', colour: 'planned', dash: [6, 4], width: 1.6, values: facts.planned }];
  return [
    ...(planned ?? []),
    { key: 'sent', label: 'sent', colour: 'sent', width: 3, values: facts.sent },
    { key: 'completed', label: 'completed', colour: 'completed', width: 1.5, values: facts.completed },
  ];
}

export const rateChart: Definition = {
  ...overTime,
  key: 'rate',
  heading: 'Rate',
  hint: 'requests per second: planned, sent, completed',
  labelY: 'requests per second',
  strip: true,
  tick: value => (asCount(value) === '0' && value > 0 ? String(value) : asCount(value)),
  format: asRate,
  draw: facts => (facts.at.length && !facts.failuresOnly ? rateLines(facts) : null),
  describe: (facts, model) =>
    'Chart of the rate over ' + asDuration(facts.end) + ': ' + describeLines(rateLines(facts), asRate) + describeGaps(model),
  rows: (facts, _, lines) => groupedRows(facts, lines, 'rate', asRate),
  below: chart =>
    setContent(chart.below, chart.model.bands, () => chart.model.bands.map(line => element('p', { class: 'band-list text' }, line))),
};

function describeGaps(model: View): string {
  const missing = model.missing.length;
  return missing ? ' In ' + numberOf(missing, 'interval') + ' a worker’s part is missing.' : '';
}

const PERCENTILES: Array<{ key: Percentile; label: string; colour: string; width?: number; dash?: number[] }> = [
  { key: 'p50', label: 'p50', colour: 'p50' },
  { key: 'p90', label: 'p90', colour: 'p90' },
  { key: 'p99', label: 'p99', colour: 'p99', width: 2.2 },
  { key: 'p99_9', label: 'p99.9', colour: 'p99-9', dash: [6, 3] },
  { key: 'max', label: 'max', colour: 'max', dash: [2, 3], width: 1.4 },
];

const latencyLines = (facts: Facts) => PERCENTILES.map(line => ({ ...line, values: facts[line.key].map(aboveZero) }));

export const latencyChart: Definition = {
  ...overTime,
  key: 'latency',
  heading: 'Latency',
  hint: 'percentiles of the requests answered in each interval',
  labelY: 'latency',
  tick: asTickTime,
  format: asTime,
  log: facts => {
    const [low, high] = [least(facts.p50), greatest(facts.max)];
    return low !== null && high !== null && low > 0 && high / low > 20;
  },
  draw: facts => (greatest(facts.max) === null && greatest(facts.p50) === null ? null : latencyLines(facts)),
  describe: facts => {
    const peak = greatest(facts.max);
    const when = asMoment(facts.at[facts.max.indexOf(peak)] ?? 0, facts.end);
    const slowest = ' The slowest request took ' + asTime(peak) + ' at ' + when + '.';
    return 'Chart of latency over time: ' + describeLines(latencyLines(facts), asTime) + slowest;
  },
  rows: (facts, _, lines) => groupedRows(facts, lines, 'highest', asTime),
};

const WAIT_COLOURS: Record<string, string> = { 'first byte': 'p50', connect: 'kind-8', TLS: 'kind-3' };

function waitLines(facts: Facts): Line[] {
  return facts.waits.flatMap(({ name, p50, p99 }) => {
    const colour = WAIT_COLOURS[name] ?? 'muted';
    return [
      { key: name + ' p50', label: name + ' p50', colour, dash: [6, 3], values: p50.map(aboveZero), optional: name !== 'first byte' },
      { key: name + ' p99', label: name + ' p99', colour, width: 2, values: p99.map(aboveZero) },
    ];
  });
}

export const waitsChart: Definition = {
  ...overTime,
  key: 'waits',
  heading: 'First byte, connect and TLS',
  hint: 'percentiles of measured requests, and of opening connections; click a name to show or hide its line',
  labelY: 'time',
  tick: asTickTime,
  format: asTime,
  log: facts => {
    const values = waitLines(facts).flatMap(line => line.values);
    const [low, high] = [least(values), greatest(values)];
    return low !== null && high !== null && high / low > 20;
  },
  draw: facts => (facts.waits.length ? waitLines(facts) : null),
  describe: facts => 'Chart of the first byte and of opening connections over time: ' + describeLines(waitLines(facts), asTime),
  rows: (facts, _, lines) => groupedRows(facts, lines, 'highest', asTime),
};

function openLines(facts: Facts) {
  const users = facts.users && [{ key: 'users', label: 'users', colour: 'planned', dash: [6, 4], values: facts.users }];
  const connections =
    greatest(facts.connections) === null
      ? []
      : [{ key: 'connections', label: 'connections', colour: 'service', dash: [2, 3], width: 1.8, values: facts.connections }];
  return [
    ...(users ?? []),
    ...connections,
    { key: 'in flight', label: 'in flight', colour: 'completed', width: 2, values: facts.inFlight },
  ];
}

export const openChart: Definition = {
  ...overTime,
  key: 'open',
  heading: 'Requests in flight and connections',
  hint: 'requests without an answer at the end of each interval; the largest number of open connections; users, if the load has them',
  labelY: 'number',
  height: 190,
  tick: asTick,
  format: asCount,
  draw: facts => (facts.users || greatest(facts.inFlight) !== null ? openLines(facts) : null),
  describe: facts => 'Chart of requests in flight and open connections over time: ' + describeLines(openLines(facts), asCount),
  rows: (facts, _, lines) => groupedRows(facts, lines, 'highest', asCount),
};

function errorLines(facts: Facts) {
  const lines = facts.kinds.map((kind, index) => ({
    key: kind,
    label: kindAsWords(kind),
    colour: 'kind-' + ((index % 8) + 1),
    values: facts.failures[kind],
  }));
  if (facts.failuresOnly) return lines;
  if (sum(facts.dropped) > 0) lines.push({ key: ' dropped', label: 'dropped', colour: 'dropped', values: facts.dropped });
  return lines;
}

export const errorsChart: Definition = {
  ...overTime,
  key: 'errors',
  heading: 'Failed and dropped',
  hint: 'per second, by kind, stacked',
  labelY: 'per second',
  stacked: true,
  height: 190,
  tick: asTick,
  format: asRate,
  draw: facts => {
    const lines = errorLines(facts);
    return lines.length ? lines : null;
  },
  describe: (facts, model) =>
    'Chart of failed and dropped requests over time. In all: ' +
    model.errors +
    '. Per second: ' +
    describeLines(errorLines(facts), asRate),
  rows: (facts, _, lines) => groupedRows(facts, lines, 'rate', asRate),
};
