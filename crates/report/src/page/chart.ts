/* Draws charts from definitions with uPlot. */

import uPlot from 'uplot';
import { colourOf } from './colours';
import { drawLegend, drawTable, hideCursor, moveByKey, showCursorValues } from './cursor';
import { dataOf, isLogarithmic, type Definition, type Diagram, type Line } from './diagram';
import { button, element, listen, setText } from './dom';
import { asMoment, isNumber } from './format';
import { paintIntervalNames, paintIntervals } from './intervals';
import { page } from './page';
import type { Facts, Values } from './series';
import type { View } from './view';
import { resetZoom, setZoom, shownTime, timeCharts } from './zoom';

export const CHART_HEIGHT = 230;
/* The font size is in pixels, because uPlot scales only sizes in whole pixels. */
const CHART_FONT = '12px system-ui, sans-serif';

/* All charts of the page, by the keys of their definitions. */
export const charts = new Map<string, Diagram>();

/* Draws the chart that a definition and a model describe. Returns whether the chart has data. */
export function drawChart(host: HTMLElement, definition: Definition, facts: Facts, model: View): boolean {
  let chart = charts.get(definition.key);
  if (!chart) {
    if (!definition.draw(facts, model)) return false;
    chart = createChart(host, definition, facts, model);
    charts.set(definition.key, chart);
  }
  return updateChart(chart, facts, model);
}

function createChart(host: HTMLElement, definition: Definition, facts: Facts, model: View): Diagram {
  const tableHost = element('div');
  const plot = element('div', { class: 'plot', role: 'img', tabindex: '0' });
  const details = element('details', { class: 'data' }, element('summary', {}, 'As a table'), tableHost);
  const below = element('div');
  const legend = element('div', { class: 'legend', role: 'group', 'aria-label': 'Series of this chart' });
  const reset = button(
    'Reset zoom',
    () => {
      resetZoom(chart);
      plot.focus();
    },
    { hidden: true }
  );
  const scale = definition.log ? button('', () => switchScale(chart)) : null;
  const figure = element(
    'figure',
    { class: 'chart', id: 'chart-' + definition.key },
    element(
      'figcaption',
      { class: 'chart-head' },
      element('h3', {}, definition.heading),
      element('span', { class: 'muted' }, definition.hint)
    ),
    element('div', { class: 'chart-head' }, legend, element('div', { class: 'tools' }, scale, reset)),
    plot,
    below,
    details
  );
  const chart: Diagram = {
    definition,
    figure,
    legend,
    plot,
    below,
    tableHost,
    details,
    reset,
    scale,
    facts,
    model,
    when: element('span', { class: 'when' }),
    outputs: [],
    hidden: new Set(),
    met: new Set(),
    uplot: null,
    lines: [],
    shape: '',
    logarithmic: null,
    zoomed: null,
    byKey: false,
  };
  listen(plot, { keydown: event => moveByKey(chart, event), blur: () => hideCursor(chart) });
  listen(details, { toggle: () => drawTable(chart) });
  host.append(figure);
  new ResizeObserver(() => fitChart(chart)).observe(plot);
  if (definition.overTime) timeCharts.push(chart);
  return chart;
}

function switchScale(chart: Diagram): void {
  chart.logarithmic = !isLogarithmic(chart);
  rebuildChart(chart);
}

const shapeOf = (chart: Diagram) => JSON.stringify([chart.lines.map(line => line.key), isLogarithmic(chart)]);

function updateChart(chart: Diagram, facts: Facts, model: View): boolean {
  const { definition } = chart;
  const lines = definition.draw(facts, model);
  chart.figure.hidden = lines === null;
  if (!lines) return false;
  chart.facts = facts;
  chart.model = model;
  chart.lines = lines;
  for (const line of lines) {
    if (line.optional && !chart.met.has(line.key)) chart.hidden.add(line.key);
    chart.met.add(line.key);
  }
  if (!chart.uplot || chart.shape !== shapeOf(chart)) rebuildChart(chart);
  else {
    chart.uplot.setData(dataOf(chart));
    showCursorValues(chart);
  }
  chart.plot.setAttribute('aria-label', definition.describe(facts, model) + ' Arrow keys read the values.');
  definition.below?.(chart);
  if (chart.details.open) drawTable(chart);
  return true;
}

function rebuildChart(chart: Diagram): void {
  chart.shape = shapeOf(chart);
  chart.uplot?.destroy();
  if (chart.scale) setText(chart.scale, isLogarithmic(chart) ? 'Linear scale' : 'Logarithmic scale');
  drawLegend(chart);
  const uplot = new uPlot(optionsOf(chart), dataOf(chart), chart.plot);
  chart.uplot = uplot;
  page.charts[chart.definition.key] = uplot;
  for (const [index, line] of chart.lines.entries()) {
    if (chart.hidden.has(line.key) && !chart.definition.stacked) uplot.setSeries(index + 1, { show: false });
  }
  showCursorValues(chart);
}

function optionsOf(chart: Diagram): uPlot.Options {
  const { definition } = chart;
  const logarithmic = isLogarithmic(chart);
  const narrow = chart.plot.clientWidth < 480;
  const axis: uPlot.Axis = {
    stroke: () => colourOf('muted'),
    font: CHART_FONT,
    labelFont: CHART_FONT,
    grid: { stroke: () => colourOf('grid'), width: 1 },
    ticks: { stroke: () => colourOf('grid'), width: 1, size: 5 },
  };
  const rangeX = (min: number, max: number): [number, number] =>
    definition.overTime ? shownTime(chart) : (definition.rangeX?.(chart, min, max) ?? [min, max]);
  const rangeY = (min: number, max: number): [number, number] =>
    definition.rangeY?.(chart) ?? rangeOf(min, max * (hasMissing(chart) ? 1.2 : 1), logarithmic);
  return {
    width: chart.plot.clientWidth || 600,
    height: definition.height ?? CHART_HEIGHT,
    padding: [definition.strip ? 20 : 10, 26, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: (_, min, max) => rangeX(min, max) },
      y: { auto: true, distr: logarithmic ? 3 : 1, log: 10, range: (_, min, max) => rangeY(min, max) },
    },
    axes: [
      {
        ...axis,
        label: typeof definition.labelX === 'string' ? definition.labelX : definition.labelX(chart.model),
        labelSize: 18,
        size: 30,
        gap: 3,
        space: narrow ? 58 : 70,
        ...(definition.overTime ? timeAxis(chart) : definition.axisX?.(chart)),
      },
      {
        ...axis,
        label: definition.labelY,
        labelSize: 18,
        size: narrow ? 55 : 60,
        gap: 4,
        space: 28,
        values: (_, splits) => splits.map(definition.tick),
        ...(logarithmic ? { splits: (_, __, min, max) => logarithmicSplits(min, max), filter: (_, splits) => splits } : {}),
      },
    ],
    series: [{}, ...chart.lines.map((line, index) => lineOptions(chart, line, index))],
    cursor: cursorOptions(chart),
    hooks: {
      drawClear: definition.overTime ? [uplot => paintIntervals(uplot, chart)] : [],
      drawAxes: definition.paint ? [uplot => definition.paint?.(uplot, chart)] : [],
      draw: definition.overTime ? [uplot => paintIntervalNames(uplot, chart)] : [],
      setCursor: [() => showCursorValues(chart)],
      setSelect: [uplot => zoomToSelection(uplot, chart)],
      ready: [followTouch],
    },
  };
}

function cursorOptions(chart: Diagram): uPlot.Cursor {
  const { definition } = chart;
  return {
    y: Boolean(definition.cursorY),
    points: { show: !definition.stacked && !definition.cursorY, size: 7 },
    drag: { x: true, y: false, setScale: false },
    bind: {
      dblclick: () => () => {
        resetZoom(chart);
        return null;
      },
    },
    ...(definition.overTime && {
      sync: {
        key: 'time',
        setSeries: false,
        scales: ['x', null],
        filters: { pub: type => type === 'mousemove' || type === 'mouseleave' },
      },
    }),
  };
}

function lineOptions(chart: Diagram, line: Line, index: number): uPlot.Series {
  const { definition } = chart;
  const colour = () => colourOf(line.colour);
  const few = definition.points || (chart.facts.at.length <= 45 && definition.overTime);
  const options = { label: line.label, stroke: colour, width: line.width ?? 1.6, dash: line.dash, spanGaps: false };
  if (definition.stacked)
    return { ...options, fill: colour, width: 0, points: { show: false }, paths: uPlot.paths.bars?.({ size: [0.92, 40], align: 0 }) };
  if (line.invisible) return { ...options, show: true, paths: () => null, points: { show: false } };
  return {
    ...options,
    points: {
      show: few && !line.dash,
      size: 4,
      fill: colour,
      stroke: colour,
      width: 0,
      filter: few && !line.dash ? undefined : (_, __, ___, gaps) => lonelyPoints(chart.lines[index].values, gaps),
    },
  };
}

/* Returns the indices of values between two gaps. No line contains such a value, so the chart draws a point. */
function lonelyPoints(values: Values, gaps: number[][] | null | undefined): number[] | null {
  if (values.length > 1 && (!gaps || !gaps.length)) return null;
  const lonely = [];
  for (let index = 0; index < values.length; index += 1) {
    if (isNumber(values[index]) && !isNumber(values[index - 1]) && !isNumber(values[index + 1])) lonely.push(index);
  }
  return lonely.length ? lonely : null;
}

/* Returns whether the chart must reserve space for the labels of missing intervals. */
const hasMissing = (chart: Diagram) => Boolean(chart.definition.overTime) && chart.model.missing.length > 0;

function rangeOf(min: number, max: number, logarithmic: boolean): [number, number] {
  if (logarithmic) {
    if (!(min > 0)) return [0.1, 10];
    return [stepBelow(min), Math.max(stepAbove(max), stepBelow(min) * 10)];
  }
  return [0, max > 0 ? max * 1.08 : 1];
}

function stepBelow(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [5, 2].map(step => step * decade).find(step => step <= value * 1.000001) ?? decade;
}

function stepAbove(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [1, 2, 5].map(step => step * decade).find(step => step >= value * 0.999999) ?? decade * 10;
}

function logarithmicSplits(min: number, max: number): number[] {
  const decades = Math.log10(max / min);
  const steps = decades <= 3.4 ? [1, 2, 5] : [1];
  const splits = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power += 1) {
    for (const step of steps) {
      const split = step * 10 ** power;
      if (split >= min * 0.999 && split <= max * 1.001) splits.push(split);
    }
  }
  return splits;
}

function timeAxis(chart: Diagram): Partial<uPlot.Axis> {
  return {
    incrs: [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200],
    values: (_, splits) => splits.map(split => asMoment(split, chart.facts.end)),
  };
}

function fitChart(chart: Diagram): void {
  const width = chart.plot.clientWidth;
  if (!chart.uplot || !width || width === chart.uplot.width) return;
  chart.uplot.setSize({ width, height: chart.definition.height ?? CHART_HEIGHT });
}

function zoomToSelection(uplot: uPlot, chart: Diagram): void {
  if (uplot.select.width < 5) return;
  const from = uplot.posToVal(uplot.select.left, 'x');
  const to = uplot.posToVal(uplot.select.left + uplot.select.width, 'x');
  uplot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (chart.definition.overTime) {
    if (to - from >= chart.facts.step) setZoom(Math.max(0, from), to);
  } else {
    chart.zoomed = [from, to];
    chart.reset.hidden = false;
    uplot.setScale('x', { min: from, max: to });
  }
}

/* Moves the cursor to the position of a finger, because uPlot supports only the mouse. */
function followTouch(uplot: uPlot): void {
  uplot.over.addEventListener('pointermove', event => {
    if (event.pointerType !== 'touch') return;
    const place = uplot.over.getBoundingClientRect();
    uplot.setCursor({ left: event.clientX - place.left, top: event.clientY - place.top });
  });
}
