/* The heat map of latency over time. */

import type uPlot from 'uplot';
import { brushOf, HEAT_LEVELS, heatColours } from './colours';
import { overTime, TABLE_ROWS } from './cursor';
import type { Definition, Diagram, TableRows } from './diagram';
import { element, MISSING, setText } from './dom';
import { asCount, asDuration, asMoment, asTickTime, asTime, isNumber, numberOf } from './format';
import { type Facts, sum } from './series';

interface Extent {
  lowest: number;
  highest: number;
  most: number;
}

interface HeatLegend {
  bar: HTMLCanvasElement;
  most: HTMLElement;
  read: HTMLElement;
}

const legends = new WeakMap<Diagram, HeatLegend>();
const extents = new WeakMap<Facts, Extent>();

export const heatChart: Definition = {
  ...overTime,
  key: 'heat',
  heading: 'Requests by time and latency',
  hint: 'the stronger the colour, the more requests',
  labelY: 'latency',
  height: 270,
  cursorY: true,
  tick: asTickTime,
  format: asCount,
  alwaysLogarithmic: true,
  draw: facts =>
    hasHeat(facts) ? [{ key: 'heat', label: 'requests', colour: 'muted', invisible: true, values: facts.at.map(() => null) }] : null,
  rangeY: chart => {
    const extent = extentOf(chart.facts);
    return [chart.facts.edges[extent.lowest], chart.facts.edges[extent.highest + 1]];
  },
  paint: paintHeat,
  legend: drawLegend,
  readCursor,
  recolour: chart => {
    const legend = legends.get(chart);
    if (legend) paintBar(chart, legend);
  },
  speak: secondInWords,
  describe: facts => {
    const extent = extentOf(facts);
    const range = asTime(facts.edges[extent.lowest]) + ' to ' + asTime(facts.edges[extent.highest + 1]);
    const most = numberOf(extent.most, 'request');
    return 'Heat map of latency over ' + asDuration(facts.end) + ', from ' + range + '; at most ' + most + ' in one cell.';
  },
  rows: heatRows,
};

/* Returns the lowest and the highest band with requests, and the highest count of a cell. `most` is 0 if there are no
   requests. */
function extentOf(facts: Facts): Extent {
  const found = extents.get(facts);
  if (found) return found;
  const extent: Extent = { lowest: Infinity, highest: -1, most: 0 };
  for (const cells of facts.heat) {
    for (const [band, count] of cells) {
      if (count <= 0) continue;
      extent.lowest = Math.min(extent.lowest, band);
      extent.highest = Math.max(extent.highest, band);
      extent.most = Math.max(extent.most, count);
    }
  }
  extents.set(facts, extent);
  return extent;
}

const hasHeat = (facts: Facts) => extentOf(facts).most > 0;

function heatLevel(count: number, most: number): number {
  return most <= 1 ? HEAT_LEVELS - 1 : Math.round((Math.log(count) / Math.log(most)) * (HEAT_LEVELS - 1));
}

function paintHeat(uplot: uPlot, chart: Diagram): void {
  const { facts } = chart;
  const { ctx: brush, bbox } = uplot;
  const extent = extentOf(facts);
  const { min: from = 0, max: to = facts.end } = uplot.scales.x;
  const first = Math.max(0, Math.floor((from - facts.at[0]) / facts.step));
  const last = Math.min(facts.at.length - 1, Math.ceil((to - facts.at[0]) / facts.step));
  /* If seconds are narrower than a pixel, several seconds share a column. The column shows their highest counts. */
  const group = Math.max(1, Math.ceil((last - first + 1) / bbox.width));
  const tops = facts.edges.map(edge => Math.round(uplot.valToPos(Math.max(edge, 1e-6), 'y', true)));
  const levels: number[][] = Array.from({ length: HEAT_LEVELS }, () => []);
  for (let begin = first; begin <= last; begin += group) {
    const left = Math.round(uplot.valToPos(facts.at[begin], 'x', true));
    const right = Math.round(uplot.valToPos(facts.at[begin] + facts.step * group, 'x', true));
    const width = Math.max(1, right - left);
    for (const [band, count] of mergedCells(facts.heat, begin, Math.min(begin + group, last + 1))) {
      levels[heatLevel(count, extent.most)].push(left, tops[band + 1], width, Math.max(1, tops[band] - tops[band + 1]));
    }
  }
  brush.save();
  brush.beginPath();
  brush.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  brush.clip();
  for (const [level, rectangles] of levels.entries()) {
    brush.fillStyle = heatColours()[level];
    for (let index = 0; index < rectangles.length; index += 4)
      brush.fillRect(rectangles[index], rectangles[index + 1], rectangles[index + 2], rectangles[index + 3]);
  }
  brush.restore();
}

function mergedCells(heat: Facts['heat'], begin: number, end: number): Iterable<[number, number]> {
  if (end - begin <= 1) return heat[begin].filter(([, count]) => count > 0);
  const merged = new Map<number, number>();
  for (let index = begin; index < end; index += 1) {
    for (const [band, count] of heat[index]) merged.set(band, Math.max(merged.get(band) ?? 0, count));
  }
  return merged;
}

function drawLegend(chart: Diagram): void {
  const legend: HeatLegend = {
    bar: element('canvas', { class: 'bar', width: HEAT_LEVELS, height: 1, 'aria-hidden': 'true' }),
    most: element('span'),
    read: element('output'),
  };
  legends.set(chart, legend);
  chart.legend.replaceChildren(
    element(
      'div',
      { class: 'heat-legend' },
      element('span', {}, '1'),
      legend.bar,
      legend.most,
      element('span', { class: 'muted' }, 'in one cell, logarithmic'),
      chart.when,
      legend.read
    )
  );
  paintBar(chart, legend);
}

function paintBar(chart: Diagram, legend: HeatLegend): void {
  const brush = brushOf(legend.bar);
  heatColours().forEach((colour, level) => {
    brush.fillStyle = colour;
    brush.fillRect(level, 0, 1, 1);
  });
  setText(legend.most, numberOf(extentOf(chart.facts).most, 'request'));
}

function readCursor(chart: Diagram, index: number | null): void {
  const legend = legends.get(chart);
  if (!legend || !chart.uplot) return;
  paintBar(chart, legend);
  if (index === null) return setText(legend.read, '');
  const { facts, uplot } = chart;
  const { top, event } = uplot.cursor;
  const value = chart.byKey || !isNumber(top) ? null : uplot.posToVal(top, 'y');
  const band = value === null ? -1 : facts.edges.findIndex((edge, place) => edge <= value && value < facts.edges[place + 1]);
  if (band < 0 || !event) return setText(legend.read, secondInWords(chart, index));
  const cell = facts.heat[index].find(([place]) => place === band);
  const range = asTime(facts.edges[band]) + ' to ' + asTime(facts.edges[band + 1]);
  return setText(legend.read, range + ': ' + numberOf(cell ? cell[1] : 0, 'request'));
}

function secondInWords(chart: Diagram, index: number): string {
  const { edges, heat } = chart.facts;
  const cells = heat[index];
  if (!cells.length) return 'no requests measured';
  const [band] = cells.reduce((best, cell) => (cell[1] > best[1] ? cell : best));
  const all = numberOf(sum(cells.map(cell => cell[1])), 'request');
  return all + ', most of them ' + asTime(edges[band]) + ' to ' + asTime(edges[band + 1]);
}

function heatRows(facts: Facts): TableRows {
  const size = Math.max(1, Math.ceil(facts.at.length / TABLE_ROWS));
  const rows = [];
  for (let begin = 0; begin < facts.at.length; begin += size) {
    const counts = new Map<number, number>();
    for (let index = begin; index < Math.min(begin + size, facts.at.length); index += 1) {
      for (const [band, count] of facts.heat[index]) counts.set(band, (counts.get(band) ?? 0) + count);
    }
    const bands = [...counts.keys()];
    if (!bands.length) {
      rows.push([asMoment(facts.at[begin], facts.end), '0', MISSING, MISSING, MISSING]);
      continue;
    }
    const fullest = bands.reduce((best, band) => ((counts.get(band) ?? 0) > (counts.get(best) ?? 0) ? band : best));
    rows.push([
      asMoment(facts.at[begin], facts.end),
      asCount(sum([...counts.values()])),
      asTime(facts.edges[Math.min(...bands)]),
      asTime(facts.edges[fullest]) + ' to ' + asTime(facts.edges[fullest + 1]),
      asTime(facts.edges[Math.max(...bands) + 1]),
    ]);
  }
  return {
    columns: ['from', 'requests', 'fastest above', 'most of them', 'slowest below'],
    rows,
    note: size * facts.step > 1 ? 'Each row is ' + asDuration(size * facts.step) + '.' : null,
  };
}
