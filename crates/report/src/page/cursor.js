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
