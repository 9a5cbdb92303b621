(() => {
'use strict';

const page = { ready: false, charts: { rate: null, latency: null, errors: null, heat: null, distribution: null }, model: null };
window.vajraPage = page;

const isLive = document.body.dataset.live === '1';
const MISSING = '–';
/* More rows than this tell a reader nothing at once; the odd ones come first. */
const WORKERS_SHOWN = 200;
const SPARKLINES_SHOWN = 60;
const TABLE_ROWS = 200;
const CHART_HEIGHT = 230;
/* A logarithmic axis has no zero: 1us, below what is measured. */
const SMALLEST_TIME = 0.001;
/* uPlot scales whole pixels only. */
const CHART_FONT = '12px system-ui, sans-serif';
/* Snapshots come about once a second; after this long without one the numbers are called old. */
const OLD_AFTER_MS = 4000;

/* ---------- elements ---------- */

const find = id => document.getElementById(id);

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

/* A table that is not sorted. A cell is text or a node; from column `numbersFrom` on they are numbers. */
function plainTable(caption, headings, rows, numbersFrom = 1) {
  const numbers = index => (index >= numbersFrom ? 'number' : null);
  const heading = (text, index) => element('th', { scope: 'col', class: numbers(index) }, text);
  const cell = (content, index) => element(index ? 'td' : 'th', { scope: index ? null : 'row', class: numbers(index) }, content);
  return element(
    'table',
    {},
    element('caption', {}, caption),
    headings && element('thead', {}, element('tr', {}, ...headings.map(heading))),
    element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map(cell))))
  );
}

/* Wide content scrolls in its own place, which the keyboard reaches too. */
function scrollRegion(label, content, kind = '') {
  return element('div', { class: ('scroll ' + kind).trim(), role: 'region', tabindex: '0', 'aria-label': label }, content);
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/* Equal content is left alone, so that a selection or a reader's place in it survives an update. */
function setContent(host, mark, build) {
  const signature = JSON.stringify(mark);
  if (host.vajraContent === signature) return;
  host.vajraContent = signature;
  host.replaceChildren(...build().filter(Boolean));
}

function slot(host, name, tag = 'div', attributes = {}) {
  host.vajraSlots ||= {};
  return (host.vajraSlots[name] ||= host.appendChild(element(tag, attributes)));
}

function say(text) {
  setText(find('spoken'), text);
}

/* ---------- numbers as text ---------- */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const isNumber = value => typeof value === 'number' && Number.isFinite(value);

function threeDigits(value) {
  const size = Math.abs(value);
  if (size >= 999.5) return grouped.format(value);
  return String(Number(value.toPrecision(3)));
}

function asCount(value) {
  return isNumber(value) ? grouped.format(value) : MISSING;
}

function asTime(ms) {
  if (!isNumber(ms)) return MISSING;
  if (ms === 0) return '0ms';
  const size = Math.abs(ms);
  if (size < 0.9995) return threeDigits(ms * 1000) + 'us';
  if (size < 999.5) return threeDigits(ms) + 'ms';
  return (size < 999500 ? threeDigits(ms / 1000) : String(Math.round(ms / 1000))) + 's';
}

/* As the text report writes it: one figure has one value. */
function asRate(perSecond) {
  if (!isNumber(perSecond)) return MISSING;
  return (perSecond >= 10000 ? grouped.format(perSecond) : perSecond.toFixed(perSecond >= 100 ? 1 : 2)) + '/s';
}

function asPercent(share) {
  if (!isNumber(share)) return MISSING;
  if (share === 0) return '0%';
  if (share < 0.00001) return '< 0.001%';
  return threeDigits(share * 100) + '%';
}

/* Rounded in the model, as every form of the report rounds it. */
function failedShare(row) {
  return isNumber(row.failed_percent) ? row.failed_percent + '%' : MISSING;
}

function asBytes(bytes) {
  if (!isNumber(bytes)) return MISSING;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return threeDigits(bytes) + ' ' + units[unit];
}

function asDuration(seconds) {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 60) return Number(seconds.toFixed(1)) + ' s';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [hours ? hours + ' h' : '', minutes ? minutes + ' min' : '', rest ? rest + ' s' : ''].filter(Boolean).join(' ');
}

/* A point in the run: plain seconds in a short run, min:s in a longer one. */
function asMoment(seconds, end) {
  if (end <= 180) return Number(seconds.toFixed(1)) + ' s';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, '0')];
  return hours ? hours + ':' + String(minutes).padStart(2, '0') + ':' + rest : minutes + ':' + rest;
}

function asQuantile(quantile) {
  if (quantile >= 1) return 'max';
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(1 - quantile) - 1e-9) - 1));
  return Number((quantile * 100).toFixed(digits)) + '%';
}

function asInstant(iso) {
  if (!iso) return null;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
}

function numberOf(count, one, many = one + 's') {
  return asCount(count) + ' ' + (count === 1 ? one : many);
}

const kindAsWords = kind => kind.replaceAll('_', ' ');

/* ---------- arithmetic on series ---------- */

const known = values => (values || []).filter(isNumber);

const aboveZero = value => (isNumber(value) ? Math.max(value, SMALLEST_TIME) : null);

function greatest(values) {
  let most = null;
  for (const value of values || []) if (isNumber(value) && (most === null || value > most)) most = value;
  return most;
}

function least(values) {
  let fewest = null;
  for (const value of values || []) if (isNumber(value) && (fewest === null || value < fewest)) fewest = value;
  return fewest;
}

function sum(values) {
  return known(values).reduce((total, value) => total + value, 0);
}

function median(values) {
  const sorted = known(values).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : null;
}

/* What the charts share, worked out once for each model. */
function readSeconds(model) {
  const seconds = model.seconds || { at: [] };
  const at = seconds.at || [];
  const step = at.length > 1 ? at[1] - at[0] : 1;
  const lengths = seconds.lengths || [];
  const end = at.length ? at[at.length - 1] + (lengths[at.length - 1] || step) : 0;
  const perSecond = counts =>
    counts ? counts.map((count, index) => (isNumber(count) ? count / (lengths[index] || step) : null)) : null;
  /* The load's last second is seldom a whole one, and what follows it is the answers that were still due: neither has a
     rate. A run without any whole column is drawn as it is. */
  const whole = seconds.whole && seconds.whole.some(Boolean) ? seconds.whole : null;
  const wholeOnly = rates => rates && rates.map((rate, index) => (!whole || whole[index] ? rate : null));
  const kinds = Object.keys(seconds.failures || {}).filter(kind => sum(seconds.failures[kind]) > 0);
  return {
    at,
    step,
    end,
    kinds,
    middle: at.map(begin => begin + step / 2),
    planned: wholeOnly(perSecond(seconds.planned)),
    sent: wholeOnly(perSecond(seconds.sent)),
    completed: wholeOnly(perSecond(seconds.completed)),
    dropped: perSecond(seconds.dropped),
    failures: Object.fromEntries(kinds.map(kind => [kind, perSecond(seconds.failures[kind])])),
    p50: seconds.p50 || [],
    p90: seconds.p90 || [],
    p99: seconds.p99 || [],
    p99_9: seconds.p99_9 || [],
    max: seconds.max || [],
    heat: (model.heat && model.heat.seconds) || [],
    edges: ((model.heat && model.heat.edges) || []).map(aboveZero),
  };
}

/* ---------- colours ---------- */

let colours = {};

function colourOf(name) {
  return (colours[name] ||= getComputedStyle(document.documentElement)
    .getPropertyValue('--' + name)
    .trim());
}

function shadeBetween(from, to, share) {
  const part = (text, index) => parseInt(text.slice(1 + index * 2, 3 + index * 2), 16);
  return 'rgb(' + [0, 1, 2].map(index => Math.round(part(from, index) + (part(to, index) - part(from, index)) * share)).join(',') + ')';
}

const HEAT_LEVELS = 24;

function heatColours() {
  if (colours.heatRamp) return colours.heatRamp;
  const stops = colourOf('heat').split(/\s+/);
  return (colours.heatRamp = Array.from({ length: HEAT_LEVELS }, (_, level) => {
    const place = (level / (HEAT_LEVELS - 1)) * (stops.length - 1);
    const stop = Math.min(stops.length - 2, Math.floor(place));
    return shadeBetween(stops[stop], stops[stop + 1], place - stop);
  }));
}

function hatchPattern(context) {
  if (colours.hatchPattern) return colours.hatchPattern;
  const size = Math.round(8 * uPlot.pxRatio);
  const tile = element('canvas', { width: size, height: size });
  const brush = tile.getContext('2d');
  brush.strokeStyle = colourOf('hatch');
  brush.lineWidth = uPlot.pxRatio;
  for (const shift of [-size, 0, size]) {
    brush.beginPath();
    brush.moveTo(shift, size);
    brush.lineTo(shift + size, 0);
    brush.stroke();
  }
  return (colours.hatchPattern = context.createPattern(tile, 'repeat'));
}

/* ---------- the window of time that all time charts show ---------- */

const zoom = { from: null, to: null };
const timeCharts = [];

function shownTime(chart) {
  return zoom.from === null ? [0, Math.max(chart.facts.end, 1)] : [zoom.from, zoom.to];
}

function setZoom(from, to) {
  zoom.from = from;
  zoom.to = to;
  for (const chart of timeCharts) {
    chart.reset.hidden = from === null;
    if (!chart.uplot) continue;
    const [min, max] = shownTime(chart);
    chart.uplot.setScale('x', { min, max });
  }
}

function zoomAround(chart, factor) {
  const [from, to] = shownTime(chart);
  const index = chart.uplot.cursor.idx;
  const middle = isNumber(index) ? chart.facts.middle[index] : (from + to) / 2;
  const half = ((to - from) * factor) / 2;
  const full = Math.max(chart.facts.end, 1);
  if (half * 2 >= full) return setZoom(null, null);
  if (half * 2 < chart.facts.step * 2) return undefined;
  const begin = Math.min(Math.max(0, middle - half), full - half * 2);
  return setZoom(begin, begin + half * 2);
}

/* ---------- charts ---------- */

/* A chart is told by a definition: `draw(facts, model)` gives its series, `describe` its words, `rows` its table. */
function createChart(host, definition) {
  const chart = { definition, hidden: new Set(), uplot: null, facts: null, model: null, logarithmic: null, legendKeys: '' };
  chart.reset = element(
    'button',
    {
      type: 'button',
      hidden: true,
      on: {
        click: () => {
          resetChart(chart);
          chart.plot.focus();
        },
      },
    },
    'Reset zoom'
  );
  chart.scale = definition.log ? element('button', { type: 'button', on: { click: () => switchScale(chart) } }) : null;
  chart.legend = element('div', { class: 'legend', role: 'group', 'aria-label': 'Series of this chart' });
  chart.plot = element('div', {
    class: 'plot',
    role: 'img',
    tabindex: '0',
    on: { keydown: event => moveByKey(chart, event), blur: () => hideCursor(chart) },
  });
  chart.below = element('div');
  chart.tableHost = element('div');
  chart.details = element(
    'details',
    { class: 'data', on: { toggle: () => drawChartTable(chart) } },
    element('summary', {}, 'As a table'),
    chart.tableHost
  );
  chart.figure = element(
    'figure',
    { class: 'chart', id: 'chart-' + definition.key },
    element(
      'figcaption',
      { class: 'chart-head' },
      element('h3', {}, definition.heading),
      element('span', { class: 'muted' }, definition.hint)
    ),
    element('div', { class: 'chart-head' }, chart.legend, element('div', { class: 'tools' }, chart.scale, chart.reset)),
    chart.plot,
    chart.below,
    chart.details
  );
  host.append(chart.figure);
  new ResizeObserver(() => fitChart(chart)).observe(chart.plot);
  if (definition.overTime) timeCharts.push(chart);
  return chart;
}

function resetChart(chart) {
  if (chart.definition.overTime) return setZoom(null, null);
  chart.reset.hidden = true;
  chart.zoomed = null;
  return chart.uplot.setData(chart.uplot.data);
}

function switchScale(chart) {
  chart.logarithmic = !isLogarithmic(chart);
  rebuildChart(chart);
}

function isLogarithmic(chart) {
  return (
    chart.definition.alwaysLogarithmic ||
    (chart.logarithmic ?? Boolean(chart.definition.log && chart.definition.log(chart.facts, chart.model)))
  );
}

function updateChart(chart, facts, model) {
  chart.facts = facts;
  chart.model = model;
  chart.series = chart.definition.draw(facts, model);
  chart.figure.hidden = chart.series === null;
  if (chart.series === null) return;
  const shape = JSON.stringify([chart.series.map(series => series.key), isLogarithmic(chart)]);
  if (!chart.uplot || chart.shape !== shape) rebuildChart(chart);
  else {
    chart.uplot.setData(dataOf(chart));
    showCursorValues(chart);
  }
  chart.plot.setAttribute('aria-label', chart.definition.describe(facts, model) + ' Arrow keys read the values.');
  if (chart.definition.below) chart.definition.below(chart);
  if (chart.details.open) drawChartTable(chart);
}

function rebuildChart(chart) {
  chart.shape = JSON.stringify([chart.series.map(series => series.key), isLogarithmic(chart)]);
  if (chart.uplot) chart.uplot.destroy();
  if (chart.scale) setText(chart.scale, isLogarithmic(chart) ? 'Linear scale' : 'Logarithmic scale');
  drawLegend(chart);
  chart.uplot = new uPlot(optionsOf(chart), dataOf(chart), chart.plot);
  page.charts[chart.definition.key] = chart.uplot;
  for (const [index, series] of chart.series.entries()) {
    if (chart.hidden.has(series.key) && !chart.definition.stacked) chart.uplot.setSeries(index + 1, { show: false });
  }
  showCursorValues(chart);
}

function dataOf(chart) {
  const x = chart.definition.x(chart.facts, chart.model);
  if (!chart.definition.stacked) return [x, ...chart.series.map(series => series.values)];
  /* The first series is the highest of the stack, each next one is drawn over its lower part. */
  const stack = new Array(x.length).fill(null);
  const layers = [];
  for (const series of [...chart.series].reverse()) {
    for (let index = 0; index < x.length; index += 1) {
      const value = chart.hidden.has(series.key) ? null : series.values[index];
      if (isNumber(value)) stack[index] = (stack[index] || 0) + value;
    }
    layers.unshift(stack.slice());
  }
  return [x, ...layers];
}

function optionsOf(chart) {
  const { definition } = chart;
  const logarithmic = isLogarithmic(chart);
  const narrow = chart.plot.clientWidth < 480;
  const axis = {
    stroke: () => colourOf('muted'),
    font: CHART_FONT,
    labelFont: CHART_FONT,
    grid: { stroke: () => colourOf('grid'), width: 1 },
    ticks: { stroke: () => colourOf('grid'), width: 1, size: 5 },
  };
  return {
    width: chart.plot.clientWidth || 600,
    height: definition.height || CHART_HEIGHT,
    padding: [definition.strip ? 20 : 10, 26, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: (_, min, max) => (definition.overTime ? shownTime(chart) : definition.rangeX(chart, min, max)) },
      y: {
        auto: true,
        distr: logarithmic ? 3 : 1,
        log: 10,
        range: (_, min, max) =>
          definition.rangeY ? definition.rangeY(chart) : rangeOf(min, max * (hasMissing(chart) ? 1.2 : 1), logarithmic),
      },
    },
    axes: [
      {
        ...axis,
        label: definition.labelX,
        labelSize: 18,
        size: 30,
        gap: 3,
        space: narrow ? 58 : 70,
        ...(definition.overTime ? timeAxis(chart) : definition.axisX(chart)),
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
    series: [{}, ...chart.series.map((series, index) => seriesOptions(chart, series, index))],
    cursor: {
      y: Boolean(definition.cursorY),
      points: { show: !definition.stacked && !definition.cursorY, size: 7 },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          resetChart(chart);
          return null;
        },
      },
      ...(definition.overTime
        ? {
            sync: {
              key: 'time',
              setSeries: false,
              scales: ['x', null],
              filters: { pub: type => type === 'mousemove' || type === 'mouseleave' },
            },
          }
        : {}),
    },
    hooks: {
      drawClear: definition.overTime ? [uplot => paintIntervals(uplot, chart)] : [],
      drawAxes: definition.paint ? [uplot => definition.paint(uplot, chart)] : [],
      draw: definition.overTime ? [uplot => paintIntervalNames(uplot, chart)] : [],
      setCursor: [() => showCursorValues(chart)],
      setSelect: [uplot => zoomToSelection(uplot, chart)],
      ready: [uplot => followTouch(uplot)],
    },
  };
}

function seriesOptions(chart, series, index) {
  const colour = () => colourOf(series.colour);
  const few = chart.facts.at.length <= 45 && chart.definition.overTime;
  const options = { label: series.label, stroke: colour, width: series.width ?? 1.6, dash: series.dash, spanGaps: false };
  if (chart.definition.stacked)
    return { ...options, fill: colour, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.92, 40], align: 0 }) };
  if (series.invisible) return { ...options, show: true, paths: () => null, points: { show: false } };
  return {
    ...options,
    points: {
      show: few && !series.dash,
      size: 4,
      fill: colour,
      stroke: colour,
      width: 0,
      filter: few && !series.dash ? undefined : (_, __, ___, gaps) => lonelyPoints(chart.series[index].values, gaps),
    },
  };
}

/* A value between two gaps makes no line; without a point it would not be seen. */
function lonelyPoints(values, gaps) {
  if (values.length > 1 && (!gaps || !gaps.length)) return null;
  const lonely = [];
  for (let index = 0; index < values.length; index += 1) {
    if (isNumber(values[index]) && !isNumber(values[index - 1]) && !isNumber(values[index + 1])) lonely.push(index);
  }
  return lonely.length ? lonely : null;
}

/* Room for the words over a missing interval. */
const hasMissing = chart => (chart.model.missing || []).length > 0;

function rangeOf(min, max, logarithmic) {
  if (logarithmic) {
    if (!(min > 0)) return [0.1, 10];
    return [stepBelow(min), Math.max(stepAbove(max), stepBelow(min) * 10)];
  }
  return [0, max > 0 ? max * 1.08 : 1];
}

function stepBelow(value) {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [5, 2, 1].map(step => step * decade).find(step => step <= value * 1.000001);
}

function stepAbove(value) {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [1, 2, 5, 10].map(step => step * decade).find(step => step >= value * 0.999999);
}

function logarithmicSplits(min, max) {
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

function timeAxis(chart) {
  return {
    incrs: [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200],
    values: (_, splits) => splits.map(split => asMoment(split, chart.facts.end)),
  };
}

function fitChart(chart) {
  const width = chart.plot.clientWidth;
  if (!chart.uplot || !width || width === chart.uplot.width) return;
  chart.uplot.setSize({ width, height: chart.definition.height || CHART_HEIGHT });
}

function zoomToSelection(uplot, chart) {
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

/* uPlot knows the mouse only; a finger that moves sideways reads the values too. */
function followTouch(uplot) {
  uplot.over.addEventListener('pointermove', event => {
    if (event.pointerType !== 'touch') return;
    const place = uplot.over.getBoundingClientRect();
    uplot.setCursor({ left: event.clientX - place.left, top: event.clientY - place.top });
  });
}

function intervalsOf(chart) {
  const { model, facts } = chart;
  const unmeasured = (model.phases || []).filter(phase => !phase.measured);
  const missing = [];
  for (const gap of [...(model.missing || [])].sort((a, b) => a.from_s - b.from_s)) {
    const last = missing[missing.length - 1];
    if (last && gap.from_s <= last.to_s) last.to_s = Math.max(last.to_s, gap.to_s);
    else missing.push({ from_s: gap.from_s, to_s: gap.to_s });
  }
  return { unmeasured, missing, end: facts.end };
}

function spanOf(uplot, from, to) {
  const { left, width } = uplot.bbox;
  const begin = Math.max(left, uplot.valToPos(from, 'x', true));
  const finish = Math.min(left + width, uplot.valToPos(to, 'x', true));
  return finish > begin ? { begin, width: finish - begin } : null;
}

function paintIntervals(uplot, chart) {
  const { unmeasured, missing } = intervalsOf(chart);
  const { ctx: brush, bbox } = uplot;
  brush.save();
  for (const phase of unmeasured) {
    const span = spanOf(uplot, phase.from_s, phase.to_s);
    if (!span) continue;
    brush.fillStyle = colourOf('shade');
    brush.fillRect(span.begin, bbox.top, span.width, bbox.height);
  }
  for (const gap of missing) {
    const span = spanOf(uplot, gap.from_s, gap.to_s);
    if (!span) continue;
    brush.fillStyle = colourOf('hatch-ground');
    brush.fillRect(span.begin, bbox.top, span.width, bbox.height);
    brush.fillStyle = hatchPattern(brush);
    brush.fillRect(span.begin, bbox.top, span.width, bbox.height);
  }
  brush.restore();
}

function paintIntervalNames(uplot, chart) {
  const { ctx: brush, bbox } = uplot;
  const ratio = uPlot.pxRatio;
  brush.save();
  brush.font = 11 * ratio + 'px system-ui, sans-serif';
  brush.textBaseline = 'middle';
  brush.textAlign = 'left';
  if (chart.definition.strip) paintPhaseStrip(uplot, chart, brush, ratio);
  for (const gap of intervalsOf(chart).missing) {
    const span = spanOf(uplot, gap.from_s, gap.to_s);
    const text = span && fittingText(brush, ['a worker’s part is missing', 'part missing', 'missing'], span.width - 10 * ratio);
    if (!text) continue;
    brush.fillStyle = colourOf('panel');
    brush.fillRect(span.begin + 3 * ratio, bbox.top + 3 * ratio, brush.measureText(text).width + 8 * ratio, 16 * ratio);
    brush.fillStyle = colourOf('warn');
    brush.fillText(text, span.begin + 7 * ratio, bbox.top + 11.5 * ratio);
  }
  brush.restore();
}

function paintPhaseStrip(uplot, chart, brush, ratio) {
  for (const phase of chart.model.phases || []) {
    const span = spanOf(uplot, phase.from_s, phase.to_s);
    if (!span) continue;
    const top = uplot.bbox.top - 17 * ratio;
    brush.fillStyle = colourOf(phase.measured ? 'busy-ground' : 'shade');
    brush.fillRect(span.begin + ratio / 2, top, Math.max(ratio, span.width - ratio), 15 * ratio);
    const short = phase.text.split(' ')[0];
    const words = phase.measured ? [phase.text, short] : [phase.text + ', not measured', short + ', not measured', 'not measured', short];
    const text = fittingText(brush, words.map(kindAsWords), span.width - 8 * ratio);
    brush.fillStyle = colourOf(phase.measured ? 'busy' : 'muted');
    if (text) brush.fillText(text, span.begin + 4 * ratio, top + 8 * ratio);
  }
}

function fittingText(brush, candidates, width) {
  return candidates.find(text => brush.measureText(text).width <= width) || null;
}

/* ---------- legend and cursor ---------- */

function drawLegend(chart) {
  chart.legend.replaceChildren();
  chart.outputs = [];
  chart.when = element('span', { class: 'when' });
  if (chart.definition.legend) {
    chart.definition.legend(chart);
    return;
  }
  for (const series of chart.series) {
    const output = element('output');
    const swatch = element('span', {
      class: 'swatch' + (chart.definition.stacked ? ' area' : series.dash ? (series.dash[0] > 3 ? ' dash' : ' dot') : ''),
      'aria-hidden': 'true',
    });
    swatch.style[chart.definition.stacked ? 'background' : 'borderTopColor'] = 'var(--' + series.colour + ')';
    chart.outputs.push(output);
    chart.legend.append(
      element(
        'button',
        {
          type: 'button',
          'aria-pressed': String(!chart.hidden.has(series.key)),
          title: 'Show or hide',
          on: { click: event => toggleSeries(chart, series.key, event.currentTarget) },
        },
        swatch,
        element('span', {}, series.label),
        output
      )
    );
  }
  chart.legend.append(chart.when);
}

function toggleSeries(chart, key, button) {
  if (chart.hidden.has(key)) chart.hidden.delete(key);
  else chart.hidden.add(key);
  button.setAttribute('aria-pressed', String(!chart.hidden.has(key)));
  if (chart.definition.stacked) chart.uplot.setData(dataOf(chart));
  else chart.uplot.setSeries(chart.series.findIndex(series => series.key === key) + 1, { show: !chart.hidden.has(key) });
}

function cursorIndex(chart) {
  const cursor = chart.uplot && chart.uplot.cursor;
  return cursor && cursor.left >= 0 && isNumber(cursor.idx) ? cursor.idx : null;
}

function showCursorValues(chart) {
  const index = cursorIndex(chart);
  setText(chart.when, index === null ? '' : 'at ' + chart.definition.place(chart, index));
  if (chart.definition.readCursor) chart.definition.readCursor(chart, index);
  for (const [place, output] of chart.outputs.entries()) {
    setText(output, index === null ? '' : chart.definition.format(chart.series[place].values[index]));
  }
}

function hideCursor(chart) {
  if (!chart.byKey) return;
  chart.byKey = false;
  const shown = chart.definition.overTime ? timeCharts : [chart];
  for (const other of shown) if (other.uplot) other.uplot.setCursor({ left: -10, top: -10 });
}

function moveByKey(chart, event) {
  if (!chart.uplot || event.ctrlKey || event.metaKey || event.altKey) return;
  const x = chart.uplot.data[0];
  const { min, max } = chart.uplot.scales.x;
  let first = x.findIndex(value => value >= min);
  let last = x.length - 1;
  while (last > 0 && x[last] > max) last -= 1;
  if (first < 0) first = 0;
  const current = cursorIndex(chart);
  const stride = event.shiftKey ? 10 : 1;
  const moves = {
    ArrowRight: () => (current === null ? first : current + stride),
    ArrowLeft: () => (current === null ? last : current - stride),
    Home: () => first,
    End: () => last,
  };
  if (moves[event.key]) {
    event.preventDefault();
    moveCursor(chart, Math.min(last, Math.max(first, moves[event.key]())));
  } else if (chart.definition.overTime && (event.key === '+' || event.key === '-')) {
    event.preventDefault();
    zoomAround(chart, event.key === '+' ? 0.5 : 2);
  } else if (event.key === '0' || event.key === 'Escape') {
    resetChart(chart);
  }
}

function moveCursor(chart, index) {
  const value = chart.uplot.data[0][index];
  for (const other of chart.definition.overTime ? timeCharts : [chart]) {
    if (!other.uplot || other.figure.hidden) continue;
    other.uplot.setCursor({ left: other.uplot.valToPos(value, 'x'), top: other.uplot.over.clientHeight / 2 }, true, false);
    showCursorValues(other);
  }
  chart.byKey = true;
  const values = chart.definition.speak
    ? chart.definition.speak(chart, index)
    : chart.series.map(series => series.label + ' ' + chart.definition.format(series.values[index])).join(', ');
  say('At ' + chart.definition.place(chart, index) + ': ' + values);
}

function drawChartTable(chart) {
  if (!chart.details.open || !chart.series) return;
  const { columns, rows, note } = chart.definition.rows(chart.facts, chart.model, chart.series);
  const table = plainTable(chart.definition.heading, columns, rows);
  const old = chart.tableHost.querySelector('.scroll');
  const place = old ? [old.scrollLeft, old.scrollTop] : [0, 0];
  const held = old && old === document.activeElement;
  const scroll = scrollRegion(chart.definition.heading + ' as a table', table, 'tall fit');
  chart.tableHost.replaceChildren(...(note ? [element('p', { class: 'muted' }, note)] : []), scroll);
  [scroll.scrollLeft, scroll.scrollTop] = place;
  if (held) scroll.focus({ preventScroll: true });
}

/* At most TABLE_ROWS rows. Rates are counts over the group's time; of percentiles only the highest can be told. */
function groupedRows(facts, series, kind, format) {
  const size = Math.max(1, Math.ceil(facts.at.length / TABLE_ROWS));
  const rows = [];
  for (let begin = 0; begin < facts.at.length; begin += size) {
    const values = series.map(({ values: all }) => {
      const part = known(all.slice(begin, begin + size));
      if (!part.length) return null;
      return kind === 'rate' ? sum(part) / part.length : greatest(part);
    });
    rows.push([asMoment(facts.at[begin], facts.end), ...values.map(format)]);
  }
  const span = asDuration(size * facts.step);
  const note =
    size * facts.step > 1
      ? 'Each row is ' + span + (kind === 'rate' ? ': the mean rate of that time.' : ': the highest value of that time.')
      : null;
  return { columns: ['from', ...series.map(({ label }) => label)], rows, note };
}

function describeSeries(series, format) {
  return (
    series
      .map(({ label, values }) => {
        const [low, high] = [least(values), greatest(values)];
        if (low === null) return label + ' not known';
        return low === high ? label + ' ' + format(low) : label + ' ' + format(low) + ' to ' + format(high);
      })
      .join('; ') + '.'
  );
}

function placeInTime(chart, index) {
  const { at, step, end } = chart.facts;
  return asMoment(at[index], end) + (step > 1 ? ' to ' + asMoment(at[index] + step, end) : '');
}

const overTime = { overTime: true, x: facts => facts.middle, labelX: 'time since the start', place: placeInTime };

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
  hint: 'percentiles of the requests answered in each second',
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

/* ---------- heat map ---------- */

const heatChart = {
  ...overTime,
  key: 'heat',
  heading: 'Requests by second and latency',
  hint: 'the stronger the colour, the more requests',
  labelY: 'latency',
  height: 270,
  cursorY: true,
  tick: asTickTime,
  format: asCount,
  alwaysLogarithmic: true,
  draw: facts =>
    heatExtent(facts) ? [{ key: 'heat', label: 'requests', colour: 'muted', invisible: true, values: facts.at.map(() => null) }] : null,
  rangeY: chart => {
    const extent = heatExtent(chart.facts);
    return [chart.facts.edges[extent.lowest], chart.facts.edges[extent.highest + 1]];
  },
  paint: paintHeat,
  legend: drawHeatLegend,
  readCursor: readHeatCursor,
  speak: (chart, index) => heatSecondInWords(chart, index),
  describe: facts => {
    const extent = heatExtent(facts);
    return (
      'Heat map of latency over ' +
      asDuration(facts.end) +
      ', from ' +
      asTime(facts.edges[extent.lowest]) +
      ' to ' +
      asTime(facts.edges[extent.highest + 1]) +
      '; at most ' +
      numberOf(extent.most, 'request') +
      ' in one cell.'
    );
  },
  rows: heatRows,
};

function heatExtent(facts) {
  if (facts.heatExtent !== undefined) return facts.heatExtent;
  let [lowest, highest, most] = [Infinity, -1, 0];
  for (const cells of facts.heat) {
    for (const [bucket, count] of cells || []) {
      if (count <= 0) continue;
      lowest = Math.min(lowest, bucket);
      highest = Math.max(highest, bucket);
      most = Math.max(most, count);
    }
  }
  return (facts.heatExtent = most && facts.edges.length > highest + 1 ? { lowest: Math.max(0, lowest), highest, most } : null);
}

function heatLevel(count, most) {
  return most <= 1 ? HEAT_LEVELS - 1 : Math.round((Math.log(count) / Math.log(most)) * (HEAT_LEVELS - 1));
}

function paintHeat(uplot, chart) {
  const { facts } = chart;
  const { ctx: brush, bbox } = uplot;
  const extent = heatExtent(facts);
  const [from, to] = [uplot.scales.x.min, uplot.scales.x.max];
  const first = Math.max(0, Math.floor((from - facts.at[0]) / facts.step));
  const last = Math.min(facts.at.length - 1, Math.ceil((to - facts.at[0]) / facts.step));
  /* Seconds narrower than a pixel share a column, which shows its fullest second. */
  const group = Math.max(1, Math.ceil((last - first + 1) / bbox.width));
  const tops = facts.edges.map(edge => Math.round(uplot.valToPos(Math.max(edge, 1e-6), 'y', true)));
  const levels = Array.from({ length: HEAT_LEVELS }, () => []);
  for (let begin = first; begin <= last; begin += group) {
    const left = Math.round(uplot.valToPos(facts.at[begin], 'x', true));
    const right = Math.round(uplot.valToPos(facts.at[begin] + facts.step * group, 'x', true));
    const width = Math.max(1, right - left);
    for (const [bucket, count] of mergedCells(facts.heat, begin, Math.min(begin + group, last + 1))) {
      levels[heatLevel(count, extent.most)].push(left, tops[bucket + 1], width, Math.max(1, tops[bucket] - tops[bucket + 1]));
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

function mergedCells(heat, begin, end) {
  if (end - begin <= 1) return (heat[begin] || []).filter(([, count]) => count > 0);
  const merged = new Map();
  for (let index = begin; index < end; index += 1) {
    for (const [bucket, count] of heat[index] || []) merged.set(bucket, Math.max(merged.get(bucket) || 0, count));
  }
  return merged;
}

function drawHeatLegend(chart) {
  const extent = heatExtent(chart.facts);
  chart.heatBar = element('canvas', { class: 'bar', width: HEAT_LEVELS, height: 1, 'aria-hidden': 'true' });
  chart.heatMost = element('span', {}, numberOf(extent.most, 'request'));
  chart.heatRead = element('output');
  const legend = element(
    'div',
    { class: 'heat-legend' },
    element('span', {}, '1'),
    chart.heatBar,
    chart.heatMost,
    element('span', { class: 'muted' }, 'in one cell, logarithmic'),
    chart.when,
    chart.heatRead
  );
  chart.legend.replaceChildren(legend);
  paintHeatBar(chart);
}

function paintHeatBar(chart) {
  const brush = chart.heatBar.getContext('2d');
  heatColours().forEach((colour, level) => {
    brush.fillStyle = colour;
    brush.fillRect(level, 0, 1, 1);
  });
  setText(chart.heatMost, numberOf(heatExtent(chart.facts).most, 'request'));
}

function readHeatCursor(chart, index) {
  if (!chart.heatRead) return;
  paintHeatBar(chart);
  if (index === null) return setText(chart.heatRead, '');
  const { facts, uplot } = chart;
  const value = chart.byKey ? null : uplot.posToVal(uplot.cursor.top, 'y');
  const bucket = value === null ? -1 : facts.edges.findIndex((edge, place) => edge <= value && value < facts.edges[place + 1]);
  if (bucket < 0 || !uplot.cursor.event) return setText(chart.heatRead, heatSecondInWords(chart, index));
  const cell = (facts.heat[index] || []).find(([place]) => place === bucket);
  return setText(
    chart.heatRead,
    asTime(facts.edges[bucket]) + ' to ' + asTime(facts.edges[bucket + 1]) + ': ' + numberOf(cell ? cell[1] : 0, 'request')
  );
}

function heatSecondInWords(chart, index) {
  const { edges, heat } = chart.facts;
  const cells = heat[index] || [];
  if (!cells.length) return 'no requests measured';
  const fullest = cells.reduce((best, cell) => (cell[1] > best[1] ? cell : best));
  return (
    numberOf(sum(cells.map(cell => cell[1])), 'request') +
    ', most of them ' +
    asTime(edges[fullest[0]]) +
    ' to ' +
    asTime(edges[fullest[0] + 1])
  );
}

function heatRows(facts) {
  const size = Math.max(1, Math.ceil(facts.at.length / TABLE_ROWS));
  const rows = [];
  for (let begin = 0; begin < facts.at.length; begin += size) {
    const counts = new Map();
    for (let index = begin; index < Math.min(begin + size, facts.at.length); index += 1) {
      for (const [bucket, count] of facts.heat[index] || []) counts.set(bucket, (counts.get(bucket) || 0) + count);
    }
    const buckets = [...counts.keys()];
    if (!buckets.length) {
      rows.push([asMoment(facts.at[begin], facts.end), '0', MISSING, MISSING, MISSING]);
      continue;
    }
    const fullest = buckets.reduce((best, bucket) => (counts.get(bucket) > counts.get(best) ? bucket : best));
    rows.push([
      asMoment(facts.at[begin], facts.end),
      asCount(sum([...counts.values()])),
      asTime(facts.edges[Math.min(...buckets)]),
      asTime(facts.edges[fullest]) + ' to ' + asTime(facts.edges[fullest + 1]),
      asTime(facts.edges[Math.max(...buckets) + 1]),
    ]);
  }
  return {
    columns: ['from', 'requests', 'fastest above', 'most of them', 'slowest below'],
    rows,
    note: size * facts.step > 1 ? 'Each row is ' + asDuration(size * facts.step) + '.' : null,
  };
}

/* ---------- sortable tables ---------- */

function createTable(host, caption, kind = '') {
  const table = { caption, order: { key: null, direction: 1 }, columns: [], signature: '', rows: [] };
  table.head = element('thead');
  table.body = element('tbody');
  table.foot = element('tfoot');
  table.node = scrollRegion(caption, element('table', {}, element('caption', {}, caption), table.head, table.body, table.foot), kind);
  host.append(table.node);
  return table;
}

/* A column has key, label, text(row), and for sorting value(row); `number` ones sort the largest first, `minor` ones are not printed. */
function updateTable(table, columns, rows, { total = null, limit = Infinity, mark = null } = {}) {
  const signature = columns.map(column => column.key).join('\n');
  table.columns = columns;
  table.latest = [columns, rows, { total, limit, mark }];
  if (signature !== table.signature) drawTableHead(table, signature);
  const shown = sortedRows(table, rows).slice(0, limit);
  const longest = Math.max(...shown.map(row => columns[0].text(row).length), 4);
  table.node.style.setProperty('--name', Math.min(40, longest) + 2 + 'ch');
  while (table.body.rows.length > shown.length) table.body.deleteRow(-1);
  shown.forEach((row, index) =>
    fillRow(table.body.rows[index] || table.body.appendChild(element('tr')), columns, row, mark && mark(row))
  );
  if (total) fillRow(table.foot.rows[0] || table.foot.appendChild(element('tr')), columns, total, false);
  else table.foot.replaceChildren();
}

function drawTableHead(table, signature) {
  const focused = table.head.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  table.signature = signature;
  table.body.replaceChildren();
  table.foot.replaceChildren();
  table.head.replaceChildren(
    element(
      'tr',
      {},
      ...table.columns.map(column =>
        element(
          'th',
          {
            scope: 'col',
            class: 'sortable' + (column.number ? ' number' : '') + (column.minor ? ' minor' : ''),
            title: column.title,
            'data-label': column.label,
          },
          element('button', { type: 'button', 'data-key': column.key, on: { click: () => sortBy(table, column) } }, column.label)
        )
      )
    )
  );
  showOrder(table);
  if (focused)
    for (const button of table.head.querySelectorAll('button')) if (button.dataset.key === focused) button.focus({ preventScroll: true });
}

function sortBy(table, column) {
  const first = column.number ? -1 : 1;
  table.order =
    table.order.key === column.key ? { key: column.key, direction: -table.order.direction } : { key: column.key, direction: first };
  showOrder(table);
  updateTable(table, ...table.latest);
  say('Sorted by ' + column.label + ', ' + (table.order.direction > 0 ? 'ascending' : 'descending') + '.');
}

function showOrder(table) {
  for (const [index, cell] of [...table.head.rows[0].cells].entries()) {
    if (table.columns[index].key === table.order.key)
      cell.setAttribute('aria-sort', table.order.direction > 0 ? 'ascending' : 'descending');
    else cell.removeAttribute('aria-sort');
  }
}

function sortedRows(table, rows) {
  const column = table.columns.find(candidate => candidate.key === table.order.key);
  if (!column) return rows;
  const valueOf = column.value || column.text;
  const { direction } = table.order;
  return [...rows].sort((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    const [noLeft, noRight] = [left === null || left === undefined, right === null || right === undefined];
    if (noLeft || noRight) return Number(noLeft) - Number(noRight);
    return direction * (typeof left === 'number' ? left - right : String(left).localeCompare(String(right), 'en', { numeric: true }));
  });
}

function fillRow(row, columns, content, isMarked) {
  row.className = isMarked ? 'odd' : '';
  columns.forEach((column, index) => {
    let cell = row.cells[index];
    if (!cell) cell = row.appendChild(element(index ? 'td' : 'th', index ? {} : { scope: 'row' }));
    const tone = column.tone ? column.tone(content) : null;
    const wanted = [column.number ? 'number' : '', column.wide ? 'wide' : '', column.minor ? 'minor' : '', tone || '']
      .filter(Boolean)
      .join(' ');
    if (cell.className !== wanted) cell.className = wanted;
    const text = column.text(content);
    if (!column.node) return setText(cell, text);
    if (cell.vajraText === text) return undefined;
    cell.vajraText = text;
    return cell.replaceChildren(column.node(content));
  });
}

const countColumn = (key, label, read = row => row[key], more = {}) => ({
  key,
  label,
  number: true,
  value: read,
  text: row => asCount(read(row)),
  ...more,
});
const timeColumn = (key, label, read = row => row[key], more = {}) => ({
  key,
  label,
  number: true,
  value: read,
  text: row => asTime(read(row)),
  ...more,
});

/* ---------- verdict ---------- */

const VERDICTS = {
  passed: { mark: '✓', word: 'Passed' },
  crossed: { mark: '✗', word: 'Crossed' },
  incomplete: { mark: '!', word: 'Incomplete' },
  unjudged: { mark: '–', word: 'Finished, nothing was judged' },
  running: { mark: '…', word: 'Running' },
};

function badge(verdict, small = false) {
  const known = VERDICTS[verdict];
  const word = known ? known.word : verdict;
  return element(
    'span',
    { class: 'badge' + (small ? ' small' : '') + ' ' + (known ? verdict : 'running') },
    element('span', { 'aria-hidden': 'true' }, known ? known.mark : '·'),
    word
  );
}

const isOnItsWay = model => Boolean(model.live) && model.live.state !== 'ended';

function hasStarted(model) {
  return Boolean(model.started) || Boolean(model.seconds && model.seconds.at && model.seconds.at.length);
}

function drawTop(model) {
  setText(find('scenario'), model.scenario || 'Load test');
  const started = asInstant(model.started);
  const regions = (model.regions || []).length;
  setText(
    find('run-line'),
    [
      'run ' + model.run,
      model.fleet + ' fleet, ' + numberOf(shardCount(model), 'worker') + (regions > 1 ? ' in ' + regions + ' regions' : ''),
      started ? 'started ' + started : 'not started',
      !started
        ? asDuration(model.duration_s) + ' planned'
        : lengthInWords(model) +
          (isNumber(model.measured_s) && model.measured_s !== model.lasted_s
            ? ', of which ' + asDuration(model.measured_s) + ' measured'
            : ''),
    ].join(' · ')
  );
  if (isLive) document.title = (VERDICTS[model.verdict] ? VERDICTS[model.verdict].word : model.verdict) + ': ' + model.scenario;
}

/* A run on its way is as long as planned. */
function lengthInWords(model) {
  const early = !isOnItsWay(model) && model.lasted_s < model.duration_s;
  return early ? 'ended after ' + asDuration(model.lasted_s) + ' of ' + asDuration(model.duration_s) : asDuration(model.duration_s);
}

function shardCount(model) {
  return new Set((model.workers || []).map(worker => worker.shard)).size;
}

function drawVerdict(model) {
  const body = find('verdict-body');
  const thresholds = model.thresholds || [];
  setContent(slot(body, 'line'), [model.verdict, model.summary], () => [
    element('div', { class: 'verdict-line' }, badge(model.verdict), element('p', {}, model.summary)),
  ]);
  setContent(slot(body, 'reasons'), model.reasons, () => ((model.reasons || []).length ? [lineList(model.reasons)] : []));
  drawLimited(slot(body, 'limited'), model);
  const figures = slot(body, 'figures', 'dl', { class: 'figures' });
  figures.hidden = isOnItsWay(model);
  drawKeyFigures(figures, model);
  setText(slot(body, 'percentiles', 'p', { class: 'text' }), percentilesOf(model));
  drawBalanceLine(slot(body, 'balance', 'p', { class: 'text balance-line' }), model);
  drawThresholds(slot(body, 'thresholds'), thresholds, isOnItsWay(model) ? 'Thresholds so far' : 'Thresholds');
  setContent(slot(body, 'notes'), model.notes, () =>
    (model.notes || []).length ? [element('h3', {}, 'Notes'), lineList(model.notes)] : []
  );
}

function percentilesOf(model) {
  const words = (model.total || {}).percentiles_of;
  return words ? words[0].toUpperCase() + words.slice(1) + '.' : '';
}

function lineList(lines) {
  return element('ul', { class: 'lines' }, ...lines.map(line => element('li', {}, line)));
}

function drawLimited(host, model) {
  const generator = model.generator || {};
  const words = isOnItsWay(model)
    ? ['The generator is limited. ', 'The workers cannot keep up, so these numbers are about them as much as about the target.']
    : ['The generator was limited. ', 'The workers could not keep up, so these numbers are about them as much as about the target.'];
  setContent(host, [generator.limited, generator.why, words], () =>
    generator.limited
      ? [element('div', { class: 'alert' }, element('p', {}, element('strong', {}, words[0]), words[1]), lineList(generator.why || []))]
      : []
  );
}

function drawKeyFigures(host, model) {
  const { total = {}, balance = {} } = model;
  const sent = balance.sent;
  setFigures(host, [
    { label: 'rate', value: asRate(total.rate_per_s), more: 'completed' },
    { label: 'latency p50', value: asTime(total.p50), more: 'service ' + asTime(total.service_p50) },
    { label: 'latency p99', value: asTime(total.p99), more: 'service ' + asTime(total.service_p99) },
    { label: 'latency max', value: asTime(total.max), more: 'p99.9 ' + asTime(total.p99_9) },
    {
      label: 'failed',
      value: asCount(balance.failed),
      more: balance.failed ? failedShare(total) + ' of sent' : 'of ' + asCount(sent) + ' sent',
      tone: balance.failed ? 'bad' : null,
    },
    { label: 'dropped', value: asCount(balance.dropped), more: 'no connection free', tone: balance.dropped ? 'bad' : null },
    { label: 'missing', value: asCount(balance.missing), more: 'not reported', tone: balance.missing ? 'warn' : null },
    {
      label: 'lag p99',
      value: asTime(model.generator && model.generator.lag_p99),
      more: 'requests left late',
      tone: model.generator && model.generator.limited ? 'warn' : null,
    },
  ]);
}

function setFigures(host, figures) {
  while (host.children.length > figures.length) host.lastChild.remove();
  figures.forEach((figure, index) => {
    const box =
      host.children[index] ||
      host.appendChild(element('div', {}, element('dt'), element('dd', { class: 'value' }), element('dd', { class: 'more' })));
    if (box.className !== (figure.tone || '')) box.className = figure.tone || '';
    setText(box.children[0], figure.label);
    setText(box.children[1], figure.value);
    setText(box.children[2], figure.more || '');
  });
}

function drawBalanceLine(host, model) {
  const balance = model.balance || {};
  setText(
    host,
    'Arrivals: ' +
      asCount(balance.planned) +
      ' planned = ' +
      asCount(balance.sent) +
      ' sent + ' +
      asCount(balance.dropped) +
      ' dropped + ' +
      asCount(balance.missing) +
      ' missing' +
      (balance.holds ? '.' : isOnItsWay(model) ? ' (the rest is still to come).' : '. The counts do not add up.')
  );
}

function drawThresholds(host, thresholds, heading) {
  if (!thresholds.length) return setContent(host, 'none', () => [element('p', { class: 'muted' }, 'The scenario has no thresholds.')]);
  const rows = thresholds.map(threshold => [
    threshold.threshold,
    thresholdBadge(threshold.word),
    threshold.word === 'crossed' ? element('span', { class: 'bad' }, threshold.measured) : threshold.measured,
    limitText(threshold),
  ]);
  return setContent(host, [heading, thresholds], () => [
    element('h3', {}, heading),
    scrollRegion('Thresholds', plainTable('Thresholds', ['threshold', 'kept or crossed', 'measured', 'limit'], rows, 2), 'fit'),
  ]);
}

const THRESHOLD_MARKS = { kept: '✓', crossed: '✗' };

function thresholdBadge(word) {
  const kind = THRESHOLD_MARKS[word] ? word : 'unjudged';
  return element(
    'span',
    { class: 'badge small ' + kind },
    element('span', { 'aria-hidden': 'true' }, THRESHOLD_MARKS[word] || '…'),
    word
  );
}

/* The limit as it was written, which is what its unit is. */
function limitText(threshold) {
  const written = /[<>]=?\s*(\S+)(\s*$|\s*\()/.exec(threshold.threshold || '');
  return written ? written[1] : isNumber(threshold.limit) ? threeDigits(threshold.limit) : MISSING;
}

/* ---------- over time, distribution, heat ---------- */

const charts = {};

function drawOverTime(facts, model) {
  const section = find('over-time');
  const body = find('over-time-body');
  section.hidden = !facts.at.length;
  if (section.hidden) return;
  charts.rate ||= createChart(body, rateChart);
  charts.latency ||= createChart(body, latencyChart);
  charts.errors ||= createChart(body, errorsChart);
  updateChart(charts.rate, facts, model);
  updateChart(charts.latency, facts, model);
  updateChart(charts.errors, facts, model);
  const none = slot(body, 'no-errors', 'p', { class: 'muted' });
  setText(none, charts.errors.figure.hidden ? 'No request failed, and none was dropped.' : '');
  setText(
    slot(body, 'help', 'p', { class: 'muted band-list help' }),
    'Drag over a chart to zoom, double click to reset. With the keyboard: arrow keys move, + and − zoom, 0 resets.'
  );
}

function drawSpread(facts, model) {
  const section = find('spread');
  section.hidden = !distributionChart.draw(facts, model);
  if (section.hidden) return;
  charts.distribution ||= createChart(find('spread-body'), distributionChart);
  updateChart(charts.distribution, facts, model);
}

function drawHeat(facts, model) {
  const section = find('heat');
  section.hidden = !heatExtent(facts);
  if (section.hidden) return;
  charts.heat ||= createChart(find('heat-body'), heatChart);
  updateChart(charts.heat, facts, model);
}

/* ---------- requests and regions ---------- */

const tables = {};

function rowColumns(first) {
  return [
    { key: 'name', label: first, value: row => row.name, text: row => row.name || '(no name)' },
    countColumn('sent', 'sent'),
    countColumn('completed', 'completed'),
    countColumn('failed', 'failed', undefined, { tone: row => (row.failed ? 'bad' : null) }),
    {
      key: 'failed share',
      label: 'failed %',
      number: true,
      value: row => row.failed_percent,
      text: row => failedShare(row),
    },
    countColumn('dropped', 'dropped', undefined, { tone: row => (row.dropped ? 'bad' : null) }),
    countColumn('retries', 'retries', undefined, { minor: true }),
    { key: 'rate', label: 'rate', number: true, value: row => row.rate_per_s, text: row => asRate(row.rate_per_s) },
    timeColumn('p50', 'p50'),
    timeColumn('p90', 'p90'),
    timeColumn('p95', 'p95'),
    timeColumn('p99', 'p99'),
    timeColumn('p99_9', 'p99.9'),
    timeColumn('max', 'max'),
    timeColumn('mean', 'mean', undefined, { minor: true }),
    timeColumn('service_p50', 'service p50'),
    timeColumn('service_p99', 'service p99'),
    timeColumn('first_byte_p50', 'first byte p50', undefined, { minor: true }),
    timeColumn('first_byte_p99', 'first byte p99', undefined, { minor: true }),
    timeColumn('lag_p99', 'lag p99'),
    {
      key: 'body_bytes',
      label: 'received',
      number: true,
      minor: true,
      value: row => row.body_bytes,
      text: row => asBytes(row.body_bytes),
    },
  ];
}

function failureColumns(rows, first) {
  const kinds = [...new Set(rows.flatMap(row => Object.keys(row.failures || {})))].sort();
  const statuses = [...new Set(rows.flatMap(row => Object.keys(row.statuses || {})))].sort();
  return [
    { key: 'name', label: first, value: row => row.name, text: row => row.name || '(no name)' },
    ...kinds.map(kind =>
      countColumn('failed ' + kind, kindAsWords(kind), row => (row.failures || {})[kind] || 0, {
        title: 'failed: ' + kindAsWords(kind),
        tone: row => ((row.failures || {})[kind] ? 'bad' : null),
      })
    ),
    ...statuses.map(status => countColumn('status ' + status, 'status ' + status, row => (row.statuses || {})[status] || 0)),
  ];
}

function drawRequests(model) {
  const rows = model.requests || [];
  const section = find('requests');
  const body = find('requests-body');
  section.hidden = !rows.length;
  if (section.hidden) return;
  const total = rows.length > 1 && model.total ? { ...model.total, name: 'all' } : null;
  tables.requests ||= createTable(body, 'Requests by name');
  updateTable(tables.requests, rowColumns('request'), rows, { total });
  slot(body, 'failures-title', 'h3').textContent = 'Failures and statuses';
  tables.failures ||= createTable(body, 'Failures and statuses by request', 'fit');
  const columns = failureColumns([...rows, ...(model.total ? [model.total] : [])], 'request');
  tables.failures.node.hidden = columns.length === 1;
  body.vajraSlots['failures-title'].hidden = columns.length === 1;
  updateTable(tables.failures, columns, rows, { total });
  drawReasons(body, model.failures || []);
  drawRegions(body, model.regions || []);
}

/* Why requests failed: one row for each reason, request and origin. */
function drawReasons(body, reasons) {
  const host = slot(body, 'reasons');
  host.hidden = !reasons.length;
  if (host.hidden) return;
  slot(host, 'title', 'h3').textContent = 'Reasons of failures';
  tables.reasons ||= createTable(host, 'Reasons of failures', 'fit');
  const columns = [
    { key: 'reason', label: 'reason', value: row => row.reason, text: row => row.reason },
    { key: 'kind', label: 'failed by', value: row => row.kind, text: row => kindAsWords(row.kind) },
    countColumn('count', 'count'),
    { key: 'request', label: 'request', value: row => row.request, text: row => row.request },
    { key: 'origin', label: 'origin', value: row => row.origin || '', text: row => row.origin || '–' },
    { key: 'first', label: 'first arrivals', value: row => (row.first || [])[0], text: row => (row.first || []).join(', ') },
    { key: 'advice', label: 'what to do', value: row => row.advice || '', text: row => row.advice || '' },
  ];
  updateTable(tables.reasons, columns, reasons, { limit: 50 });
}

function drawRegions(body, regions) {
  const host = slot(body, 'regions');
  host.hidden = !regions.length;
  if (host.hidden) return;
  slot(host, 'title', 'h3').textContent = 'Regions';
  tables.regions ||= createTable(host, 'Requests by region');
  updateTable(tables.regions, rowColumns('region'), regions);
  slot(host, 'failures-title', 'h3').textContent = 'Failures and statuses by region';
  tables.regionFailures ||= createTable(host, 'Failures and statuses by region', 'fit');
  updateTable(tables.regionFailures, failureColumns(regions, 'region'), regions);
}

/* ---------- workers ---------- */

const LIGHTS = { green: 'good', yellow: 'watch', red: 'bad', none: 'waiting' };
const STATES = { deadline: 'at its time limit', host_stopped: 'stopped by its host' };

function workerName(worker, model) {
  const sliced = (model.workers || []).some(other => other.slice > 0);
  return 'shard ' + worker.shard + (sliced ? ', part ' + (worker.slice + 1) : '');
}

/* Why a worker stands out from the others, or nothing. */
function oddities(workers) {
  const typical = median(workers.map(worker => worker.p99));
  const typicalLag = median(workers.map(worker => worker.lag_p99));
  const withErrors = workers.filter(worker => worker.failed > 0).length;
  const few = withErrors > 0 && workers.length >= 3 && withErrors <= workers.length * 0.2;
  const allMiss = workers.every(worker => worker.missing > 0);
  return new Map(
    workers.map(worker => {
      const why = [];
      if (['failed', 'lost', 'deadline', 'host_stopped'].includes(worker.state)) why.push(STATES[worker.state] || worker.state);
      if (worker.missing > 0 && !allMiss) why.push(numberOf(worker.missing, 'arrival') + ' missing');
      if (workers.length >= 3 && typical > 0 && worker.p99 > 2 * typical)
        why.push('p99 ' + threeDigits(worker.p99 / typical) + '× the median');
      if (workers.length >= 3 && worker.lag_p99 > 5 && worker.lag_p99 > 3 * typicalLag) why.push('lag p99 ' + asTime(worker.lag_p99));
      if (few && worker.failed > 0)
        why.push(numberOf(worker.failed, 'request') + ' failed' + (withErrors === 1 ? ', none elsewhere' : ', few elsewhere'));
      if (worker.light === 'red' && !why.length) why.push(worker.why || 'bad');
      return [worker, why.join(', ')];
    })
  );
}

const oddReasons = new WeakMap();

function oddReasonsOf(model) {
  if (!oddReasons.has(model)) oddReasons.set(model, oddities(model.workers || []));
  return oddReasons.get(model);
}

function oddFirst(model) {
  const odd = oddReasonsOf(model);
  return [...model.workers].sort((a, b) => Number(!odd.get(a)) - Number(!odd.get(b)));
}

function drawWorkers(model) {
  const workers = model.workers || [];
  const section = find('workers');
  const body = find('workers-body');
  section.hidden = !workers.length;
  if (section.hidden) return;
  setText(slot(body, 'summary', 'p', { class: 'text' }), workersInWords(model));
  drawWorkerGrid(slot(body, 'grid'), model);
  drawWorkerTable(slot(body, 'table'), model);
}

function workersInWords(model) {
  const { workers } = model;
  const states = new Map();
  for (const worker of workers) states.set(worker.state, (states.get(worker.state) || 0) + 1);
  const odd = [...oddReasonsOf(model).values()].filter(Boolean).length;
  const p99 = known(workers.map(worker => worker.p99));
  const of = ' of ' + asCount(workers.length) + (workers.some(worker => worker.slice > 0) ? ' parts ' : ' ');
  const parts = [[...states].map(([state, count]) => asCount(count) + of + (STATES[state] || state)).join(', ') + '.'];
  const sent = known(workers.map(worker => worker.sent));
  if (sent.length > 1)
    parts.push('Each sent ' + asCount(least(sent)) + (least(sent) < greatest(sent) ? ' to ' + asCount(greatest(sent)) : '') + '.');
  if (p99.length > 1)
    parts.push('p99 is ' + asTime(least(p99)) + ' to ' + asTime(greatest(p99)) + ', the median ' + asTime(median(p99)) + '.');
  parts.push(
    odd ? numberOf(odd, 'worker') + (odd === 1 ? ' stands out.' : ' stand out.') : workers.length > 2 ? 'No worker stands out.' : ''
  );
  return parts.join(' ');
}

function lightNode(light, word = true) {
  const shown = LIGHTS[light] ? light : 'none';
  return element(
    'span',
    { class: 'light-word' },
    element('span', { class: 'light ' + shown, 'aria-hidden': 'true' }),
    element('span', { class: word ? null : 'unseen' }, LIGHTS[shown])
  );
}

const workerGrid = { all: false, cells: new Map(), observer: null, scale: null, model: null };

function drawWorkerGrid(host, model) {
  const withSeries = model.workers.filter(worker => worker.series);
  host.hidden = !withSeries.length;
  if (host.hidden) return;
  slot(host, 'title', 'h3').textContent = 'Each worker';
  const scale = workerScale(withSeries);
  workerGrid.scale = scale;
  workerGrid.model = model;
  setText(
    slot(host, 'scale', 'p', { class: 'muted text' }),
    'Above: rate sent, 0 to ' +
      asRate(scale.rate) +
      '. Below: p99, ' +
      (scale.high ? asTickTime(scale.low) + ' to ' + asTime(scale.high) + (scale.logarithmic ? ', logarithmic' : '') : 'not known') +
      '. The same scale for all; a mark at the foot is a second with failures.'
  );
  const list = slot(host, 'list', 'ul', { class: 'worker-grid' });
  const ordered = withSeries.length > SPARKLINES_SHOWN ? oddFirst(model).filter(worker => worker.series) : withSeries;
  const shown = workerGrid.all ? ordered : ordered.slice(0, SPARKLINES_SHOWN);
  workerGrid.observer ||= watchCells();
  updateWorkerCells(list, shown, model);
  const more = slot(host, 'more');
  setContent(more, [workerGrid.all, withSeries.length], () =>
    withSeries.length > SPARKLINES_SHOWN && !workerGrid.all
      ? [
          element(
            'button',
            {
              type: 'button',
              on: {
                click: () => {
                  workerGrid.all = true;
                  drawWorkerGrid(host, workerGrid.model);
                  list.querySelectorAll('li')[SPARKLINES_SHOWN]?.scrollIntoView({ block: 'nearest' });
                  say('All workers are shown.');
                },
              },
            },
            'Draw all ' + asCount(withSeries.length)
          ),
        ]
      : []
  );
}

/* One scale for all workers, else the odd one would look like the others. */
function workerScale(workers) {
  let [rate, low, high] = [0, Infinity, 0];
  for (const { series } of workers) {
    rate = Math.max(rate, greatest(series.rate) || 0);
    for (const p99 of series.p99 || [])
      if (isNumber(p99) && p99 > 0) {
        low = Math.min(low, p99);
        high = Math.max(high, p99);
      }
  }
  const logarithmic = high / low > 20;
  const end = greatest(workers.map(({ series }) => series.from_s + (series.rate || []).length * series.step_s)) || 1;
  return { rate: rate || 1, low: logarithmic ? low : 0, high, logarithmic, end };
}

function watchCells() {
  return new IntersectionObserver(
    entries => {
      for (const entry of entries) {
        entry.target.vajraSeen = entry.isIntersecting;
        if (entry.isIntersecting) drawSparkline(entry.target);
      }
    },
    { rootMargin: '200px' }
  );
}

function updateWorkerCells(list, workers, model) {
  const odd = oddReasonsOf(model);
  while (list.children.length > workers.length) {
    workerGrid.observer.unobserve(list.lastChild.querySelector('canvas'));
    list.lastChild.remove();
  }
  const fresh = [];
  workers.forEach((worker, index) => {
    let cell = list.children[index];
    if (!cell) {
      cell = element(
        'li',
        {},
        element('div', { class: 'name' }, element('span'), element('span', { class: 'odd-word' })),
        element('canvas', { 'aria-hidden': 'true' }),
        element('p', { class: 'facts' }),
        element('p', { class: 'facts odd-why' })
      );
      fresh.push(cell);
    }
    const why = odd.get(worker);
    if (cell.className !== (why ? 'odd' : '')) cell.className = why ? 'odd' : '';
    setText(cell.children[0].children[0], workerName(worker, model));
    setText(cell.children[0].children[1], why ? '▲ odd' : '');
    setText(cell.children[2], workerFacts(worker));
    setText(cell.children[3], why);
    cell.children[1].vajraWorker = worker;
    if (cell.children[1].vajraSeen) drawSparkline(cell.children[1]);
  });
  list.append(...fresh);
  for (const cell of fresh) workerGrid.observer.observe(cell.children[1]);
}

function workerFacts(worker) {
  return asRate(worker.rate_per_s ?? worker.rate_sent) + ' · p99 ' + asTime(worker.p99);
}

function drawSparkline(canvas) {
  const { series } = canvas.vajraWorker;
  const { scale } = workerGrid;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !series) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const brush = canvas.getContext('2d');
  brush.scale(ratio, ratio);
  const middle = Math.round(height / 2);
  const placeX = index => ((series.from_s + (index + 0.5) * series.step_s) / scale.end) * width;
  const rateY = rate => middle - 3 - (rate / scale.rate) * (middle - 6);
  const share = p99 => (scale.logarithmic ? Math.log(p99 / scale.low) / Math.log(scale.high / scale.low) : p99 / scale.high);
  const latencyY = p99 => height - 5 - share(p99) * (height - middle - 8);
  brush.strokeStyle = colourOf('grid');
  brush.strokeRect(0.5, middle - 2.5, width, 0);
  brush.strokeRect(0.5, height - 4.5, width, 0);
  strokeValues(brush, series.rate || [], placeX, rateY, colourOf('completed'));
  strokeValues(
    brush,
    (series.p99 || []).map(p99 => (p99 > 0 ? p99 : null)),
    placeX,
    latencyY,
    colourOf('p99')
  );
  brush.fillStyle = colourOf('light-bad');
  (series.failed || []).forEach((count, index) => {
    if (count > 0) brush.fillRect(placeX(index) - 1, height - 3, 2, 3);
  });
}

function strokeValues(brush, values, placeX, placeY, colour) {
  brush.strokeStyle = brush.fillStyle = colour;
  brush.lineWidth = 1.4;
  brush.beginPath();
  let drawing = false;
  values.forEach((value, index) => {
    if (!isNumber(value)) {
      drawing = false;
      return;
    }
    const [x, y] = [placeX(index), placeY(value)];
    if (drawing) brush.lineTo(x, y);
    else brush.moveTo(x, y);
    if (!drawing && !isNumber(values[index + 1])) brush.rect(x - 0.5, y - 0.5, 1, 1);
    drawing = true;
  });
  brush.stroke();
}

function workerColumns(model) {
  const { workers } = model;
  const odd = oddReasonsOf(model);
  const has = key => workers.some(worker => worker[key] !== null && worker[key] !== undefined);
  const remark = worker =>
    [worker.why, odd.get(worker) && odd.get(worker) !== worker.why ? odd.get(worker) : null].filter(Boolean).join('; ');
  const optional = (key, column) => (has(key) ? [column] : []);
  const lightOrder = { red: 0, yellow: 1, green: 2, none: 3 };
  return [
    {
      key: 'shard',
      label: 'shard',
      value: worker => worker.shard + worker.slice / 1000,
      text: worker => workerName(worker, model).replace('shard ', ''),
    },
    {
      key: 'light',
      label: 'light',
      value: worker => lightOrder[worker.light] ?? 3,
      text: worker => LIGHTS[worker.light] || LIGHTS.none,
      node: worker => lightNode(worker.light),
    },
    { key: 'state', label: 'state', text: worker => STATES[worker.state] || worker.state },
    {
      key: 'remark',
      label: 'remark',
      value: worker => remark(worker) || null,
      text: worker => remark(worker),
      wide: workers.some(worker => remark(worker)),
    },
    ...optional('region', { key: 'region', label: 'region', text: worker => worker.region || MISSING }),
    { key: 'worker', label: 'worker', text: worker => worker.worker || MISSING },
    ...(isOnItsWay(model)
      ? [
          ...optional('last_seen_s', {
            key: 'last_seen_s',
            label: 'last heard',
            number: true,
            value: worker => worker.last_seen_s,
            text: worker => (isNumber(worker.last_seen_s) ? asDuration(worker.last_seen_s) + ' ago' : MISSING),
          }),
          ...optional('rate_sent', {
            key: 'rate_sent',
            label: 'rate',
            number: true,
            value: worker => worker.rate_sent,
            text: worker => asRate(worker.rate_sent),
          }),
        ]
      : []),
    ...optional('owed', countColumn('owed', 'planned')),
    ...(isOnItsWay(model)
      ? []
      : optional('rate_per_s', {
          key: 'rate_per_s',
          label: 'rate',
          number: true,
          value: worker => worker.rate_per_s,
          text: worker => asRate(worker.rate_per_s),
        })),
    countColumn('sent', 'sent'),
    countColumn('completed', 'completed'),
    countColumn('failed', 'failed', undefined, { tone: worker => (worker.failed ? 'bad' : null) }),
    countColumn('dropped', 'dropped', undefined, { tone: worker => (worker.dropped ? 'bad' : null) }),
    countColumn('missing', 'missing', undefined, { tone: worker => (worker.missing ? 'bad' : null) }),
    timeColumn('p50', 'p50'),
    timeColumn('p99', 'p99'),
    timeColumn('max', 'max'),
    timeColumn('lag_p99', 'lag p99'),
    ...optional('start_skew', timeColumn('start_skew', 'started late by')),
    ...optional('clock_offset', timeColumn('clock_offset', 'clock off by')),
    ...optional('busy', {
      key: 'busy',
      label: 'busy',
      number: true,
      value: worker => worker.busy,
      text: worker => asPercent(worker.busy),
    }),
  ];
}

const workerTable = { all: false, model: null };

function drawWorkerTable(host, model) {
  workerTable.model = model;
  const { workers } = model;
  const odd = oddReasonsOf(model);
  const long = workers.length > WORKERS_SHOWN;
  const limit = long && !workerTable.all ? WORKERS_SHOWN : Infinity;
  tables.workers ||= createTable(host, 'Table of workers', 'tall');
  updateTable(tables.workers, workerColumns(model), long ? oddFirst(model) : workers, {
    limit,
    mark: worker => Boolean(odd.get(worker)),
  });
  setContent(slot(host, 'more', 'div', { class: 'after-table' }), [limit, workers.length], () =>
    limit === Infinity
      ? []
      : [
          element('span', { class: 'muted' }, 'Shown are ' + limit + ' of ' + asCount(workers.length) + ', the odd ones first. '),
          element(
            'button',
            {
              type: 'button',
              on: {
                click: () => {
                  workerTable.all = true;
                  drawWorkerTable(host, workerTable.model);
                  tables.workers.node.focus({ preventScroll: true });
                },
              },
            },
            'Show all ' + asCount(workers.length)
          ),
        ]
  );
}

/* ---------- generator, balance, plan, cost ---------- */

function drawGenerator(model) {
  const section = find('generator');
  const body = find('generator-body');
  section.hidden = !model.generator;
  if (section.hidden) return;
  const { generator, skew = {}, balance = {} } = model;
  setContent(slot(body, 'health'), [generator, model.openings, skew, hasStarted(model)], () =>
    !hasStarted(model)
      ? []
      : [
          element(
            'p',
            { class: 'text' },
            generator.limited ? 'The generator was limited:' : 'Nothing says that the generator was limited.'
          ),
          generator.limited ? lineList(generator.why || []) : null,
          (generator.waits || []).length ? element('p', { class: 'text' }, 'What arrivals waited for:') : null,
          (generator.waits || []).length ? lineList(generator.waits) : null,
          factList([
            [
              'lag, how late requests left',
              'p50 ' + asTime(generator.lag_p50) + ' · p99 ' + asTime(generator.lag_p99) + ' · max ' + asTime(generator.lag_max),
            ],
            ...(generator.lag_parts || []).map(part => [
              'of that, ' + part.name,
              asCount(part.count) + ' requests: p50 ' + asTime(part.p50) + ' · p99 ' + asTime(part.p99) + ' · max ' + asTime(part.max),
            ]),
            ...(model.openings || []).map(opening => [
              'connections to ' + opening.origin,
              opening.steps.map(step => asCount(step.count) + ' × ' + step.name + ': p50 ' + asTime(step.p50) + ', p99 ' + asTime(step.p99)).join(' · '),
            ]),
            ['start', isNumber(skew && skew.max_ms) ? 'the last worker started ' + asTime(skew.max_ms) + ' late' : MISSING],
            [
              'workers’ clocks',
              isNumber(skew && skew.clock_uncertainty_ms) ? 'known to within ' + asTime(skew.clock_uncertainty_ms) : MISSING,
            ],
            ['processor time used', asPercent(generator.busy)],
            ['waited for a processor', isNumber(generator.run_queue) ? asPercent(generator.run_queue) + ' of the time' : MISSING],
            ['held back by the container', isNumber(generator.throttled_ms) ? asTime(generator.throttled_ms) : MISSING],
          ]),
        ].filter(Boolean)
  );
  setContent(slot(body, 'balance'), [balance, isOnItsWay(model)], () => balanceTable(balance, model));
}

function factList(facts) {
  return element(
    'dl',
    { class: 'facts-table' },
    ...facts.flatMap(([label, text]) => [element('dt', {}, label), element('dd', {}, text)])
  );
}

function balanceTable(balance, model) {
  const open = isOnItsWay(model);
  const line = (whole, parts) => {
    const off = whole[1] - sum(parts.map(part => part[1]));
    const judged =
      off === 0 ? '✓ adds up' : open ? 'still counting' : element('span', { class: 'bad' }, '✗ ' + asCount(Math.abs(off)) + ' off');
    return [
      asCount(whole[1]) + ' ' + whole[0],
      ...parts.map(([label, part], index) => (index ? '+ ' : '= ') + asCount(part) + ' ' + label),
      judged,
    ];
  };
  const rows = [
    line(
      ['planned', balance.planned],
      [
        ['sent', balance.sent],
        ['dropped', balance.dropped],
        ['missing', balance.missing],
      ]
    ),
    line(
      ['sent', balance.sent],
      [
        ['completed', balance.completed],
        ['failed', balance.failed],
        ['in flight', balance.in_flight],
      ]
    ),
  ];
  const besides = (balance.unmeasured_sent || 0) + (balance.unmeasured_dropped || 0);
  const words =
    'Besides these, ' +
    asCount(balance.unmeasured_sent) +
    ' were sent and ' +
    asCount(balance.unmeasured_dropped) +
    ' dropped to warm up or cool down; they are not measured.';
  const retries = (model.total && model.total.retries) || 0;
  const again = 'retries: ' + asCount(retries) + ' of requests that the target had not looked at; they are in no other number.';
  return [
    element('h3', {}, 'Balance of arrivals'),
    scrollRegion('Balance of arrivals', plainTable('Balance of arrivals', null, rows, 0), 'fit'),
    retries ? element('p', { class: 'muted after-table' }, again) : null,
    besides ? element('p', { class: 'muted after-table' }, words) : null,
  ];
}

function drawPlan(model) {
  const section = find('plan');
  const body = find('plan-body');
  section.hidden = !(model.plan || []).length && !model.source;
  if (section.hidden) return;
  setContent(slot(body, 'plan'), [model.plan, model.phases, model.source], () => [
    (model.plan || []).length ? factList(model.plan) : null,
    (model.phases || []).length ? element('h3', {}, 'Load') : null,
    (model.phases || []).length
      ? factList(
          model.phases.map(phase => [
            asDuration(phase.from_s) + ' to ' + asDuration(phase.to_s),
            phase.text + (phase.measured ? '' : ' (not measured)'),
          ])
        )
      : null,
    model.source ? element('h3', {}, 'Scenario, as written') : null,
    model.source
      ? element('pre', { class: 'source', tabindex: '0', role: 'region', 'aria-label': 'Scenario, as written' }, model.source)
      : null,
  ]);
}

function drawCost(model) {
  const section = find('cost');
  section.hidden = !model.cost;
  if (section.hidden) return;
  const { cost } = model;
  const lines = cost.lines || [];
  setContent(slot(find('cost-body'), 'cost'), cost, () => [
    factList([
      ['this run', cost.actual ?? MISSING],
      ['expected before', cost.expected ?? MISSING],
      ['prices of', cost.prices_of ?? MISSING],
    ]),
    lines.length ? element('h3', {}, 'What it is made of') : null,
    lines.length ? scrollRegion('Cost by part', costTable(lines), 'fit') : null,
    (cost.basis || []).length ? lineList(cost.basis) : null,
  ]);
}

function costTable(lines) {
  const columns = Math.max(...lines.map(line => line.length));
  const rows = lines.map(line => Array.from({ length: columns }, (_, index) => line[index] ?? ''));
  return plainTable('Cost by part', null, rows);
}

/* ---------- contents ---------- */

function drawContents() {
  const sections = [...document.querySelectorAll('main > section')].filter(section => !section.hidden);
  setContent(
    find('contents'),
    sections.map(section => section.id),
    () => sections.map(section => element('a', { href: '#' + section.id }, section.querySelector('h2').textContent))
  );
}

/* ---------- live ---------- */

const LIVE_STATES = {
  starting: 'Starting: the workers get ready',
  running: 'Running',
  stopping: 'Stopping: the workers finish what they sent',
  ended: 'Ended',
};

function drawLive(model) {
  const { live, total = {}, balance = {} } = model;
  const section = find('live');
  section.hidden = !live;
  if (!live) return;
  const body = find('live-body');
  drawLiveState(slot(body, 'state'), model);
  const last = live.last || {};
  const ended = live.state === 'ended';
  const stop = find('stop-button');
  stop.hidden = ended || !tokenOf();
  stop.disabled = live.state === 'stopping';
  setText(stop, live.state === 'stopping' ? 'Stopping…' : 'Stop the run');
  const [figures, errors, lights] = [
    slot(body, 'figures', 'dl', { class: 'figures wide' }),
    slot(body, 'errors', 'p', { class: 'text' }),
    slot(body, 'lights'),
  ];
  figures.hidden = errors.hidden = lights.hidden = ended;
  if (ended) drawFarewell(slot(body, 'farewell', 'p', { class: 'text farewell' }), live);
  if (ended) return;
  setFigures(figures, [
    {
      label: 'rate sent',
      value: asRate(live.rate_sent),
      more: isNumber(live.rate_planned) ? 'planned ' + asRate(live.rate_planned) : 'last second',
    },
    { label: 'rate completed', value: asRate(live.rate_completed), more: 'last second' },
    { label: 'last p50', value: asTime(last.p50), more: 'overall ' + asTime(total.p50) },
    { label: 'last p90', value: asTime(last.p90), more: 'overall ' + asTime(total.p90) },
    { label: 'last p99', value: asTime(last.p99), more: 'overall ' + asTime(total.p99) },
    { label: 'last max', value: asTime(last.max), more: 'overall ' + asTime(total.max) },
    {
      label: 'failed',
      value: asCount(balance.failed),
      more: balance.failed ? failedShare(total) + ' of sent' : 'none',
      tone: balance.failed ? 'bad' : null,
    },
    {
      label: 'dropped',
      value: asCount(balance.dropped),
      more: balance.dropped ? 'no connection free' : 'none',
      tone: balance.dropped ? 'bad' : null,
    },
    {
      label: 'missing',
      value: asCount(balance.missing),
      more: balance.missing ? 'not reported' : 'none',
      tone: balance.missing ? 'warn' : null,
    },
    {
      label: 'lag p99',
      value: asTime(model.generator && model.generator.lag_p99),
      more: model.generator && model.generator.limited ? 'the generator is limited' : 'requests left late',
      tone: model.generator && model.generator.limited ? 'warn' : null,
    },
    {
      label: 'workers in',
      value: asCount(live.in) + ' of ' + asCount(live.workers),
      more: asCount(live.done) + ' done, ' + asCount(live.missing) + ' missing',
      tone: live.missing ? 'warn' : null,
    },
    ...(live.cost_so_far
      ? [
          {
            label: 'cost so far',
            value: live.cost_so_far,
            more: model.cost && model.cost.expected ? 'expected ' + model.cost.expected : '',
          },
        ]
      : []),
  ]);
  setText(errors, balance.failed || balance.dropped ? 'Errors by kind: ' + errorsInWords(model) + '.' : '');
  drawLights(lights, model);
}

function drawLiveState(host, model) {
  const { live } = model;
  const words =
    live.state === 'ended'
      ? 'Ended: ' + (VERDICTS[model.verdict] ? VERDICTS[model.verdict].word.toLowerCase() : model.verdict)
      : LIVE_STATES[live.state] || live.state;
  const line = slot(host, 'line', 'div', { class: 'live-state' });
  setContent(slot(line, 'word'), words, () => [
    element('span', { class: 'badge small ' + (live.state === 'ended' ? model.verdict : 'running') }, words),
  ]);
  setText(
    slot(line, 'time', 'span'),
    isNumber(live.elapsed_s)
      ? live.state === 'ended'
        ? lengthInWords(model)
        : asDuration(Math.round(live.elapsed_s)) +
          ' gone, ' +
          asDuration(Math.max(0, Math.round(live.left_s || 0))) +
          ' left of ' +
          asDuration(model.duration_s)
      : 'not yet started, ' + asDuration(model.duration_s) + ' planned'
  );
  const bar = slot(host, 'bar', 'progress', { max: '1', 'aria-label': 'Time of the run' });
  bar.value = isNumber(live.elapsed_s) && model.duration_s > 0 ? Math.min(1, live.elapsed_s / model.duration_s) : 0;
}

/* What becomes of the page of a run that has ended. */
function drawFarewell(host, live) {
  setContent(host, [live.stays, live.again], () => [
    document.createTextNode(
      live.stays
        ? 'This page is served until its command is interrupted (Ctrl-C).'
        : 'This page is no longer served: it stays in this window, but cannot be loaded again, and past runs do not open from it.'
    ),
    live.again ? document.createTextNode(' This writes it to a file, at any time: ') : null,
    live.again ? element('code', {}, live.again) : null,
  ]);
}

const LIGHTS_SHOWN = 100;

function drawLights(host, model) {
  const workers = model.workers || [];
  const counts = { green: 0, yellow: 0, red: 0, none: 0 };
  for (const worker of workers) counts[LIGHTS[worker.light] ? worker.light : 'none'] += 1;
  slot(host, 'title', 'h3').textContent = 'Workers now';
  setContent(slot(host, 'counts', 'p', { class: 'light-counts' }), counts, () =>
    Object.entries(counts).map(([light, count]) =>
      element(
        'span',
        { class: 'light-word' },
        element('span', { class: 'light ' + light, 'aria-hidden': 'true' }),
        asCount(count) + ' ' + LIGHTS[light]
      )
    )
  );
  const order = { red: 0, yellow: 1, none: 2, green: 3 };
  const ordered =
    workers.length > LIGHTS_SHOWN
      ? [...workers].sort((a, b) => (order[a.light] ?? 2) - (order[b.light] ?? 2)).slice(0, LIGHTS_SHOWN)
      : workers;
  setContent(
    slot(host, 'list', 'ul', { class: 'lights', 'aria-label': 'Lights of the workers' }),
    ordered.map(worker => [worker.shard, worker.slice, worker.light]),
    () =>
      ordered.map(worker =>
        element(
          'li',
          {},
          element('span', { class: 'light ' + (LIGHTS[worker.light] ? worker.light : 'none'), 'aria-hidden': 'true' }),
          workerName(worker, model),
          element('span', { class: worker.light === 'green' ? 'unseen' : null }, ' ' + (LIGHTS[worker.light] || LIGHTS.none))
        )
      )
  );
  setText(
    slot(host, 'rest', 'p', { class: 'muted' }),
    workers.length > LIGHTS_SHOWN ? 'Shown are ' + LIGHTS_SHOWN + ' of ' + asCount(workers.length) + ', those in trouble first.' : ''
  );
  const troubled = workers.filter(worker => worker.why && (worker.light === 'red' || worker.light === 'yellow'));
  setContent(
    slot(host, 'why'),
    troubled.slice(0, 8).map(worker => [worker.shard, worker.slice, worker.light, worker.why]),
    () =>
      troubled.length
        ? [lineList(troubled.slice(0, 8).map(worker => workerName(worker, model) + ', ' + LIGHTS[worker.light] + ': ' + worker.why))]
        : []
  );
}

const tokenOf = () => document.querySelector('meta[name="vajra-token"]')?.content || '';

const connection = { source: null, heard: null, gone: false, ended: false, waiting: null, state: null };

function connect() {
  clearTimeout(connection.waiting);
  connection.source?.close();
  const source = (connection.source = new EventSource('events'));
  source.addEventListener('model', event => {
    let model;
    try {
      model = JSON.parse(event.data);
    } catch {
      return;
    }
    connection.heard = Date.now();
    connection.gone = false;
    receive(model);
    showConnection();
  });
  source.addEventListener('gone', () => {
    connection.gone = true;
    source.close();
    leave();
    showConnection();
  });
  source.addEventListener('error', () => {
    connection.lost ||= Date.now();
    leave();
    showConnection();
    if (source.readyState === EventSource.CLOSED && !connection.ended && !connection.gone) connection.waiting = setTimeout(connect, 2000);
  });
  source.addEventListener('open', () => {
    connection.lost = null;
  });
}

/* The server of a run that has ended is not waited for. */
function leave() {
  if (!connection.ended) return;
  connection.source.close();
  if (!page.model.live?.stays) return;
  page.model.live.stays = false;
  if (document.hidden) connection.undrawn = true;
  else render(page.model);
  drawPastRuns();
}

function receive(model) {
  const state = model.live ? model.live.state : 'ended';
  connection.ended = state === 'ended';
  connection.lost = null;
  page.model = model;
  // Once is enough, and later the server may be about to leave with its run.
  if (!connection.state) loadPastRuns();
  if (connection.state !== state) {
    connection.state = state;
    say(state === 'ended' ? 'The run has ended: ' + (VERDICTS[model.verdict]?.word || model.verdict) + '.' : 'The run is ' + state + '.');
    if (state === 'ended') drawPastRuns();
  }
  if (connection.ended) {
    if (!model.live?.stays) connection.source.close();
    if (find('stop-dialog').open) find('stop-dialog').close();
  }
  if (document.hidden) connection.undrawn = true;
  else render(model);
}

function showConnection() {
  const bar = find('connection');
  const age = connection.heard === null ? null : Math.round((Date.now() - connection.heard) / 1000);
  const isOld =
    !connection.ended &&
    (connection.gone || connection.lost || (connection.heard !== null && Date.now() - connection.heard > OLD_AFTER_MS));
  bar.hidden = !isOld;
  document.body.classList.toggle('old', Boolean(isOld));
  if (!isOld) {
    setText(bar.firstChild, '');
    return;
  }
  const what = connection.gone
    ? 'The server has left. What is shown is old and will not change.'
    : connection.lost
      ? 'Connection lost. What is shown is old. Trying again.'
      : 'No news. What is shown is old.';
  if (bar.firstChild.textContent !== what) say(what);
  setText(bar.firstChild, what);
  setText(bar.lastChild, age === null ? ' Nothing was heard yet.' : ' Last heard ' + asDuration(age) + ' ago.');
}

async function loadPastRuns() {
  let runs;
  try {
    const answer = await fetch('past', { headers: { 'X-Vajra-Token': tokenOf() } });
    if (!answer.ok) return;
    runs = await answer.json();
  } catch {
    return;
  }
  page.past = runs;
  drawPastRuns();
}

/* Pages of past runs open as long as there is somebody to serve them. */
function drawPastRuns() {
  const runs = page.past || [];
  const opens = !connection.ended || Boolean(page.model.live?.stays);
  find('past').hidden = !runs.length;
  if (!runs.length) return;
  tables.past ||= createTable(find('past-body'), 'Table of past runs', 'tall fit');
  if (page.pastOpens !== opens) tables.past.body.replaceChildren();
  page.pastOpens = opens;
  updateTable(
    tables.past,
    [
      {
        key: 'run',
        label: 'run',
        text: run => run.run,
        node: run =>
          !opens || run.verdict === 'not started' || run.verdict === 'no report yet' || run.verdict === 'running'
            ? document.createTextNode(run.run)
            : element('a', { href: 'past/' + encodeURIComponent(run.run) }, run.run),
      },
      { key: 'verdict', label: 'verdict', text: run => run.verdict, node: run => badge(run.verdict, true) },
      { key: 'scenario', label: 'scenario', text: run => run.scenario },
      { key: 'created', label: 'created', value: run => run.created, text: run => asInstant(run.created) || MISSING },
      countColumn('workers', 'workers'),
      { key: 'length', label: 'length', number: true, text: run => run.length || MISSING, value: run => run.length },
    ],
    runs
  );
  drawContents();
}

function askToStop() {
  setText(find('stop-title'), 'Stop run ' + page.model.run + '?');
  setText(find('stop-text'), 'Workers stop sending within 2 s; what was measured is reported.');
  find('stop-problem').hidden = true;
  find('stop-yes').disabled = false;
  find('stop-dialog').showModal();
  find('stop-no').focus();
}

async function stopRun() {
  const problem = find('stop-problem');
  find('stop-yes').disabled = true;
  try {
    const answer = await fetch('stop', { method: 'POST', headers: { 'X-Vajra-Token': tokenOf() } });
    if (answer.status === 204) {
      find('stop-dialog').close();
      say('The run is told to stop.');
      return;
    }
    setText(problem, 'The run was not stopped: ' + ((await answer.text()) || 'answer ' + answer.status));
  } catch {
    setText(problem, 'The run was not stopped: the server does not answer.');
  }
  problem.hidden = false;
  find('stop-yes').disabled = false;
}

function beginLive() {
  setText(find('scenario'), 'Load test');
  setText(find('run-line'), 'Waiting for the first news of the run.');
  find('verdict').hidden = true;
  find('stop-button').addEventListener('click', askToStop);
  find('stop-no').addEventListener('click', () => find('stop-dialog').close());
  find('stop-yes').addEventListener('click', stopRun);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || !connection.undrawn) return;
    connection.undrawn = false;
    render(page.model);
  });
  connect();
  setInterval(showConnection, 1000);
}

/* ---------- all of it ---------- */

function drawFirst(model) {
  find('verdict').hidden = false;
  drawTop(model);
  drawLive(model);
  drawVerdict(model);
}

function drawCharts(facts, model) {
  drawOverTime(facts, model);
  drawSpread(facts, model);
  drawHeat(facts, model);
}

function drawRest(model) {
  drawRequests(model);
  drawWorkers(model);
  drawGenerator(model);
  drawPlan(model);
  drawCost(model);
  drawContents();
}

function render(model) {
  const facts = readSeconds(model);
  drawFirst(model);
  if (page.ready) {
    drawCharts(facts, model);
    drawRest(model);
    return;
  }
  /* The verdict is on the screen before the charts are begun. */
  const soon = document.hidden ? setTimeout : requestAnimationFrame;
  soon(() =>
    setTimeout(() => {
      drawCharts(facts, model);
      setTimeout(() => {
        drawRest(model);
        page.ready = true;
      }, 0);
    }, 0)
  );
}

function redrawColours() {
  colours = {};
  for (const chart of Object.values(charts)) {
    if (!chart.uplot) continue;
    chart.uplot.redraw(false, true);
    if (chart.heatBar) paintHeatBar(chart);
  }
  for (const canvas of document.querySelectorAll('.worker-grid canvas')) if (canvas.width !== 300) drawSparkline(canvas);
}

/* On paper all is light, of the paper's width, and drawn, seen or not. */
function preparePrint(isPrinting) {
  document.documentElement.classList.toggle('printing', isPrinting);
  colours = {};
  for (const chart of Object.values(charts)) {
    if (!chart.uplot || chart.figure.hidden) continue;
    chart.uplot.setSize({ width: isPrinting ? PRINT_WIDTH : chart.plot.clientWidth, height: chart.definition.height || CHART_HEIGHT });
    if (chart.heatBar) paintHeatBar(chart);
  }
  for (const canvas of document.querySelectorAll('.worker-grid canvas')) drawSparkline(canvas);
}

const PRINT_WIDTH = 690;

function watchSurroundings() {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawColours);
  window.addEventListener('beforeprint', () => preparePrint(true));
  window.addEventListener('afterprint', () => preparePrint(false));
}

function readModel() {
  const text = find('model').textContent.trim();
  return text ? JSON.parse(text) : null;
}

watchSurroundings();
if (isLive) beginLive();
else {
  page.model = readModel();
  if (page.model) render(page.model);
}
})();
