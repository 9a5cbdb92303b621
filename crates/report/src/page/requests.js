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
