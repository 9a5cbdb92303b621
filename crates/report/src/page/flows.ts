/* Flows by name, and the steps at which they ended. */

import { find, MISSING, slot } from './dom';
import { asRate } from './format';
import { type Column, countColumn, SortedTable, timeColumn } from './table';
import type { FlowRow, FlowStepReport, View } from './view';

const tables: { flows?: SortedTable<FlowRow>; steps?: SortedTable<FlowStepReport> } = {};

const bad = (count: number) => (count ? 'bad' : null);

/* Returns the columns of the table of flows, without the optional columns that are zero in every row. */
function flowColumns(rows: FlowRow[]): Column<FlowRow>[] {
  const optional = (column: Column<FlowRow>, read: (row: FlowRow) => number) => (rows.some(read) ? [column] : []);
  return [
    { key: 'name', label: 'flow', text: row => row.name },
    countColumn('started', 'started', row => row.started),
    countColumn('completed', 'completed', row => row.completed),
    countColumn('failed', 'failed', row => row.failed, { tone: row => bad(row.failed) }),
    {
      key: 'failed share',
      label: 'failed %',
      number: true,
      value: row => row.failed_percent,
      text: row => (row.failed_percent === null ? MISSING : row.failed_percent + '%'),
    },
    ...optional(
      countColumn('starved', 'starved', row => row.starved, {
        title: 'failed because no connection was free for a later step',
        tone: row => bad(row.starved),
      }),
      row => row.starved
    ),
    countColumn('dropped', 'dropped', row => row.dropped, { tone: row => bad(row.dropped) }),
    ...optional(
      countColumn('stopped', 'stopped', row => row.stopped),
      row => row.stopped
    ),
    ...optional(
      countColumn('in_flight', 'in flight', row => row.in_flight),
      row => row.in_flight
    ),
    { key: 'rate', label: 'rate', number: true, value: row => row.rate_per_s, text: row => asRate(row.rate_per_s) },
    timeColumn('p50', 'p50', row => row.p50, { title: 'latency of the steps, without pauses' }),
    timeColumn('p95', 'p95', row => row.p95),
    timeColumn('p99', 'p99', row => row.p99),
    timeColumn('max', 'max', row => row.max),
    timeColumn('session_p50', 'session p50', row => row.session_p50, { title: 'with pauses' }),
    timeColumn('session_p95', 'session p95', row => row.session_p95),
    timeColumn('session_max', 'session max', row => row.session_max),
  ];
}

const stepColumns: Column<FlowStepReport>[] = [
  { key: 'name', label: 'step', text: step => step.name },
  countColumn('failed', 'failed', step => step.failed, { title: 'flows that ended at this step', tone: step => bad(step.failed) }),
  countColumn('starved', 'starved', step => step.starved, { title: 'the part of them that found no free connection' }),
  countColumn('not_reached', 'not reached', step => step.not_reached, { title: 'flows that ended before this step' }),
];

export function drawFlows({ flows }: View): void {
  find('flows').hidden = !flows.length;
  if (!flows.length) return;
  const body = find('flows-body');
  tables.flows ??= new SortedTable(slot(body, 'rows'), 'Flows by name');
  tables.flows.update(flowColumns(flows), flows);
  const host = slot(body, 'steps');
  const steps = flows.flatMap(flow => flow.steps).filter(step => step.failed || step.not_reached);
  host.hidden = !steps.length;
  if (host.hidden) return;
  slot(host, 'title', 'h3').textContent = 'Steps at which flows ended';
  tables.steps ??= new SortedTable(host, 'Steps at which flows ended', 'fit');
  tables.steps.update(stepColumns, steps);
}
