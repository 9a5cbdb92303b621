/* Requests by name and by region, and the reasons for failures. */

import { find, MISSING, slot } from './dom';
import { asRate, kindAsWords } from './format';
import { type Column, countColumn, SortedTable, timeColumn } from './table';
import type { FailureReport, RequestRow, View } from './view';

const nameColumn = (label: string): Column<RequestRow> => ({
  key: 'name',
  label,
  value: row => row.name,
  text: row => row.name || '(no name)',
});

/* Returns the share of failed requests. The model contains this share, rounded as in every format of the report. */
const failedShare = (row: RequestRow) => (row.failed_percent === null ? MISSING : row.failed_percent + '%');

function rowColumns(first: string): Column<RequestRow>[] {
  const minor = { minor: true };
  return [
    nameColumn(first),
    countColumn('sent', 'sent', row => row.sent),
    countColumn('completed', 'completed', row => row.completed),
    countColumn('failed', 'failed', row => row.failed, { tone: row => (row.failed ? 'bad' : null) }),
    { key: 'failed share', label: 'failed %', number: true, value: row => row.failed_percent, text: failedShare },
    countColumn('dropped', 'dropped', row => row.dropped, { tone: row => (row.dropped ? 'bad' : null) }),
    countColumn('retries', 'retries', row => row.retries, minor),
    { key: 'rate', label: 'rate', number: true, value: row => row.rate_per_s, text: row => asRate(row.rate_per_s) },
    timeColumn('p50', 'p50', row => row.p50),
    timeColumn('p90', 'p90', row => row.p90),
    timeColumn('p95', 'p95', row => row.p95),
    timeColumn('p99', 'p99', row => row.p99),
    timeColumn('p99_9', 'p99.9', row => row.p99_9),
    timeColumn('max', 'max', row => row.max),
    timeColumn('mean', 'mean', row => row.mean, minor),
    timeColumn('service_p50', 'service p50', row => row.service_p50),
    timeColumn('service_p99', 'service p99', row => row.service_p99),
    timeColumn('first_byte_p50', 'first byte p50', row => row.first_byte_p50, minor),
    timeColumn('first_byte_p99', 'first byte p99', row => row.first_byte_p99, minor),
    timeColumn('lag_p99', 'lag p99', row => row.lag_p99),
    { key: 'body_bytes', label: 'received', number: true, minor: true, value: row => row.body_bytes, text: row => row.received },
  ];
}

function failureColumns(rows: RequestRow[], first: string): Column<RequestRow>[] {
  const kinds = [...new Set(rows.flatMap(row => Object.keys(row.failures)))].sort();
  const statuses = [...new Set(rows.flatMap(row => Object.keys(row.statuses)))].sort();
  return [
    nameColumn(first),
    ...kinds.map(kind =>
      countColumn<RequestRow>('failed ' + kind, kindAsWords(kind), row => row.failures[kind] ?? 0, {
        title: 'failed: ' + kindAsWords(kind),
        tone: row => (row.failures[kind] ? 'bad' : null),
      })
    ),
    ...statuses.map(status => countColumn<RequestRow>('status ' + status, 'status ' + status, row => row.statuses[status] ?? 0)),
  ];
}

interface Tables {
  rows: SortedTable<RequestRow>;
  failures: SortedTable<RequestRow>;
}

const tables: { requests?: Tables; populations?: Tables; regions?: Tables; reasons?: SortedTable<FailureReport> } = {};

function drawRows(host: HTMLElement, known: Tables | undefined, first: string, rows: RequestRow[], all: RequestRow | null): Tables {
  const title = first === 'request' ? 'Failures and statuses' : 'Failures and statuses by ' + first;
  const made: Tables = known ?? {
    rows: new SortedTable(host, first === 'request' ? 'Requests by name' : 'Requests by ' + first),
    failures: new SortedTable(slot(host, 'failures'), 'Failures and statuses by ' + first, 'fit'),
  };
  const section = slot(host, 'failures');
  if (!known) section.prepend(slot(section, 'title', 'h3'));
  slot(section, 'title', 'h3').textContent = title;
  const total = rows.length > 1 && all ? { ...all, name: 'all' } : null;
  made.rows.update(rowColumns(first), rows, { total });
  const columns = failureColumns([...rows, ...(all ? [all] : [])], first);
  section.hidden = columns.length === 1;
  made.failures.update(columns, rows, { total });
  return made;
}

export function drawRequests(model: View): void {
  const section = find('requests');
  const body = find('requests-body');
  section.hidden = !model.requests.length;
  if (section.hidden) return;
  tables.requests = drawRows(body, tables.requests, 'request', model.requests, model.total);
  drawReasons(body, model.failures);
  tables.populations = drawSums(slot(body, 'populations'), tables.populations, 'Populations', 'population', model.populations);
  tables.regions = drawSums(slot(body, 'regions'), tables.regions, 'Regions', 'region', model.regions);
}

/* Draws the sums of requests by population or region. Hides the table if there are no rows. */
function drawSums(host: HTMLElement, made: Tables | undefined, title: string, noun: string, rows: RequestRow[]): Tables | undefined {
  host.hidden = !rows.length;
  if (host.hidden) return made;
  slot(host, 'title', 'h3').textContent = title;
  return drawRows(host, made, noun, rows, null);
}

/* Draws the reasons for failures. Each reason, request and origin has a row. */
function drawReasons(body: HTMLElement, reasons: FailureReport[]): void {
  const host = slot(body, 'reasons');
  host.hidden = !reasons.length;
  if (host.hidden) return;
  slot(host, 'title', 'h3').textContent = 'Reasons of failures';
  tables.reasons ??= new SortedTable(host, 'Reasons of failures', 'fit');
  const columns: Column<FailureReport>[] = [
    { key: 'reason', label: 'reason', text: row => row.reason },
    { key: 'kind', label: 'failed by', text: row => kindAsWords(row.kind) },
    countColumn('count', 'count', row => row.count),
    { key: 'request', label: 'request', text: row => row.request },
    { key: 'origin', label: 'origin', text: row => row.origin ?? MISSING },
    { key: 'first', label: 'first arrivals', value: row => row.first[0], text: row => row.first.join(', ') },
    { key: 'advice', label: 'what to do', text: row => row.advice ?? '' },
  ];
  tables.reasons.update(columns, reasons, { limit: 50 });
  const [first] = reasons.flatMap(reason => reason.first);
  const again = slot(host, 'again', 'p', { class: 'text' });
  again.hidden = first === undefined;
  again.textContent = 'Send one of them again: vajra-cloud try SCENARIO --arrival ' + first;
}
