/* The legend of a chart, the values at the position of the cursor, and the numbers of the chart as a table. */

import { dataOf, type Diagram, type Line, type TableRows } from './diagram';
import { element, listen, plainTable, say, scrollRegion, setText } from './dom';
import { asDuration, asMoment, isNumber, type Value } from './format';
import { type Facts, greatest, known, least, sum } from './series';
import { resetZoom, timeCharts, zoomAround } from './zoom';

/* The maximum number of rows of a table, because longer tables are hard to read. */
export const TABLE_ROWS = 200;

export function drawLegend(chart: Diagram): void {
  chart.legend.replaceChildren();
  chart.outputs = [];
  chart.when = element('span', { class: 'when' });
  if (chart.definition.legend) {
    chart.definition.legend(chart);
    return;
  }
  const { stacked } = chart.definition;
  for (const line of chart.lines) {
    const output = element('output');
    const swatch = element('span', {
      class: 'swatch' + (stacked ? ' area' : line.dash ? (line.dash[0] > 3 ? ' dash' : ' dot') : ''),
      'aria-hidden': 'true',
    });
    swatch.style[stacked ? 'background' : 'borderTopColor'] = 'var(--' + line.colour + ')';
    chart.outputs.push(output);
    const toggle = element(
      'button',
      { type: 'button', 'aria-pressed': String(!chart.hidden.has(line.key)), title: 'Show or hide' },
      swatch,
      element('span', {}, line.label),
      output
    );
    chart.legend.append(listen(toggle, { click: () => toggleLine(chart, line.key, toggle) }));
  }
  chart.legend.append(chart.when);
}

function toggleLine(chart: Diagram, key: string, toggle: HTMLButtonElement): void {
  if (chart.hidden.has(key)) chart.hidden.delete(key);
  else chart.hidden.add(key);
  toggle.setAttribute('aria-pressed', String(!chart.hidden.has(key)));
  if (chart.definition.stacked) chart.uplot?.setData(dataOf(chart));
  else chart.uplot?.setSeries(chart.lines.findIndex(line => line.key === key) + 1, { show: !chart.hidden.has(key) });
}

function cursorIndex(chart: Diagram): number | null {
  const cursor = chart.uplot?.cursor;
  return cursor && isNumber(cursor.left) && cursor.left >= 0 && isNumber(cursor.idx) ? cursor.idx : null;
}

export function showCursorValues(chart: Diagram): void {
  const index = cursorIndex(chart);
  setText(chart.when, index === null ? '' : 'at ' + chart.definition.place(chart, index));
  chart.definition.readCursor?.(chart, index);
  for (const [place, output] of chart.outputs.entries()) {
    setText(output, index === null ? '' : chart.definition.format(chart.lines[place].values[index]));
  }
}

export function hideCursor(chart: Diagram): void {
  if (!chart.byKey) return;
  chart.byKey = false;
  const shown = chart.definition.overTime ? timeCharts : [chart];
  for (const other of shown) other.uplot?.setCursor({ left: -10, top: -10 });
}

export function moveByKey(chart: Diagram, event: KeyboardEvent): void {
  if (!chart.uplot || event.ctrlKey || event.metaKey || event.altKey) return;
  const x = chart.uplot.data[0];
  const { min = -Infinity, max = Infinity } = chart.uplot.scales.x;
  let first = x.findIndex(value => value >= min);
  let last = x.length - 1;
  while (last > 0 && x[last] > max) last -= 1;
  if (first < 0) first = 0;
  const current = cursorIndex(chart);
  const stride = event.shiftKey ? 10 : 1;
  const moves: Record<string, number> = {
    ArrowRight: current === null ? first : current + stride,
    ArrowLeft: current === null ? last : current - stride,
    Home: first,
    End: last,
  };
  if (event.key in moves) {
    event.preventDefault();
    moveCursor(chart, Math.min(last, Math.max(first, moves[event.key])));
  } else if (chart.definition.overTime && (event.key === '+' || event.key === '-')) {
    event.preventDefault();
    zoomAround(chart, event.key === '+' ? 0.5 : 2);
  } else if (event.key === '0' || event.key === 'Escape') {
    resetZoom(chart);
  }
}

function moveCursor(chart: Diagram, index: number): void {
  const value = chart.uplot?.data[0][index] ?? 0;
  for (const other of chart.definition.overTime ? timeCharts : [chart]) {
    if (!other.uplot || other.figure.hidden) continue;
    /* uPlot's types lack the last parameter. The value `false` prevents notifications to the other charts, because this
       loop moves their cursors. */
    const setCursor: (place: { left: number; top: number }, fires: boolean, notifies: boolean) => void = other.uplot.setCursor;
    setCursor({ left: other.uplot.valToPos(value, 'x'), top: other.uplot.over.clientHeight / 2 }, true, false);
    showCursorValues(other);
  }
  chart.byKey = true;
  const values = chart.definition.speak
    ? chart.definition.speak(chart, index)
    : chart.lines.map(line => line.label + ' ' + chart.definition.format(line.values[index])).join(', ');
  say('At ' + chart.definition.place(chart, index) + ': ' + values);
}

export function drawTable(chart: Diagram): void {
  if (!chart.details.open || !chart.lines.length) return;
  const { columns, rows, note } = chart.definition.rows(chart.facts, chart.model, chart.lines);
  const table = plainTable(chart.definition.heading, columns, rows);
  const old = chart.tableHost.querySelector('.scroll');
  const place = old ? [old.scrollLeft, old.scrollTop] : [0, 0];
  const held = old && old === document.activeElement;
  const scroll = scrollRegion(chart.definition.heading + ' as a table', table, 'tall fit');
  chart.tableHost.replaceChildren(...(note ? [element('p', { class: 'muted' }, note)] : []), scroll);
  [scroll.scrollLeft, scroll.scrollTop] = place;
  if (held) scroll.focus({ preventScroll: true });
}

/* Returns at most TABLE_ROWS rows, each for one or more intervals. For rates, a row contains the mean. For percentiles,
   a row contains the highest value, because percentiles have no mean. */
export function groupedRows(facts: Facts, lines: Line[], kind: 'rate' | 'highest', format: (value: Value) => string): TableRows {
  const size = Math.max(1, Math.ceil(facts.at.length / TABLE_ROWS));
  const rows = [];
  for (let begin = 0; begin < facts.at.length; begin += size) {
    const values = lines.map(({ values: all }) => {
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
  return { columns: ['from', ...lines.map(({ label }) => label)], rows, note };
}

export function describeLines(lines: Line[], format: (value: Value) => string): string {
  return (
    lines
      .map(({ label, values }) => {
        const [low, high] = [least(values), greatest(values)];
        if (low === null) return label + ' not known';
        return low === high ? label + ' ' + format(low) : label + ' ' + format(low) + ' to ' + format(high);
      })
      .join('; ') + '.'
  );
}

function placeInTime(chart: Diagram, index: number): string {
  const { at, step, end } = chart.facts;
  return asMoment(at[index], end) + (step > 1 ? ' to ' + asMoment(at[index] + step, end) : '');
}

export const overTime = { overTime: true, x: (facts: Facts) => facts.middle, labelX: 'time since the start', place: placeInTime };
