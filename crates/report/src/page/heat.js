/* ---------- heat map ---------- */

const heatChart = {
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
