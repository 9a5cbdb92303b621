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
