/* The workers: a small chart of each worker, and a table of all workers. */

import { button, element, find, MISSING, say, setContent, setText, slot } from './dom';
import { asCount, asDuration, asRate, asTickTime, asTime, isNumber } from './format';
import { drawSparkline, scaleOf, setSparkline } from './sparklines';
import { type Column, countColumn, SortedTable, timeColumn } from './table';
import { isRunning } from './verdict';
import type { View, WorkerView } from './view';

/* The maximum number of workers in the table. The next constant is the maximum number of small charts. More workers
   would be hard to read. Outliers are shown first. */
const ROWS_SHOWN = 200;
const CELLS_SHOWN = 60;

type Light = WorkerView['light'];

export const LIGHTS: Record<Light, string> = { green: 'good', yellow: 'watch', red: 'bad', none: 'waiting' };

const oddFirst = (workers: WorkerView[]) => [...workers].sort((a, b) => Number(!a.odd) - Number(!b.odd));

export function drawWorkers(model: View): void {
  const section = find('workers');
  const body = find('workers-body');
  section.hidden = !model.workers.length;
  if (section.hidden) return;
  setText(slot(body, 'summary', 'p', { class: 'text' }), model.workers_in_words);
  drawGrid(slot(body, 'grid'), model);
  drawWorkerTable(slot(body, 'table'), model);
}

export function lightNode(light: Light): HTMLElement {
  return element('span', { class: 'light ' + light, 'aria-hidden': 'true' });
}

const grid: { all: boolean; model: View | null } = { all: false, model: null };

function drawGrid(host: HTMLElement, model: View): void {
  const drawn = model.workers.filter(worker => worker.series);
  host.hidden = !drawn.length;
  if (host.hidden) return;
  slot(host, 'title', 'h3').textContent = 'Each worker';
  const scale = scaleOf(drawn);
  grid.model = model;
  const range = scale.high ? asTickTime(scale.low) + ' to ' + asTime(scale.high) + (scale.logarithmic ? ', logarithmic' : '') : 'not known';
  setText(
    slot(host, 'scale', 'p', { class: 'muted text' }),
    'Above: rate sent, 0 to ' +
      asRate(scale.rate) +
      '. Below: p99, ' +
      range +
      '. All charts have the same scale; a mark at the bottom is an interval with failures.'
  );
  const list = slot(host, 'list', 'ul', { class: 'worker-grid' });
  const ordered = drawn.length > CELLS_SHOWN ? oddFirst(drawn) : drawn;
  updateCells(list, grid.all ? ordered : ordered.slice(0, CELLS_SHOWN), scale);
  const more = slot(host, 'more');
  const showAll = () => {
    grid.all = true;
    if (grid.model) drawGrid(host, grid.model);
    list.querySelectorAll('li')[CELLS_SHOWN]?.scrollIntoView({ block: 'nearest' });
    say('All workers are shown.');
  };
  setContent(more, [grid.all, drawn.length], () =>
    drawn.length > CELLS_SHOWN && !grid.all ? [button('Draw all ' + asCount(drawn.length), showAll)] : []
  );
}

const seen = new WeakSet<Element>();
const observer = new IntersectionObserver(
  entries => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) seen.delete(target);
      else {
        seen.add(target);
        drawSparkline(target as HTMLCanvasElement);
      }
    }
  },
  { rootMargin: '200px' }
);

function updateCells(list: HTMLElement, workers: WorkerView[], scale: ReturnType<typeof scaleOf>): void {
  while (list.lastElementChild && list.children.length > workers.length) {
    const canvas = list.lastElementChild.querySelector('canvas');
    if (canvas) observer.unobserve(canvas);
    list.lastElementChild.remove();
  }
  workers.forEach((worker, index) => {
    const isFresh = index >= list.children.length;
    const cell = isFresh ? freshCell() : list.children[index];
    const [head, canvas, facts, why] = cell.children;
    if (cell.className !== (worker.odd ? 'odd' : '')) cell.className = worker.odd ? 'odd' : '';
    setText(head.children[0], worker.name);
    setText(head.children[1], worker.odd ? '▲ outlier' : '');
    setText(facts, worker.facts);
    setText(why, worker.odd);
    if (worker.series) setSparkline(canvas as HTMLCanvasElement, worker.series, scale);
    if (seen.has(canvas)) drawSparkline(canvas as HTMLCanvasElement);
    if (!isFresh) return;
    list.append(cell);
    observer.observe(canvas);
  });
}

function freshCell(): HTMLElement {
  return element(
    'li',
    {},
    element('div', { class: 'name' }, element('span'), element('span', { class: 'odd-word' })),
    element('canvas', { 'aria-hidden': 'true' }),
    element('p', { class: 'facts' }),
    element('p', { class: 'facts odd-why' })
  );
}

const remark = (worker: WorkerView) =>
  [worker.why, worker.odd !== worker.why ? worker.odd : null].filter(Boolean).join('; ');

function workerColumns(model: View): Column<WorkerView>[] {
  const { workers } = model;
  const running = isRunning(model);
  /* Returns a column, or no column if it has no values. */
  const optional = (key: keyof WorkerView, wanted: boolean, column: Column<WorkerView>) =>
    wanted && workers.some(worker => worker[key] !== null) ? [column] : [];
  const lightOrder: Record<Light, number> = { red: 0, yellow: 1, green: 2, none: 3 };
  const bad = (count: number) => (count ? 'bad' : null);
  const rate = (key: 'rate_sent' | 'rate_per_s'): Column<WorkerView> => ({
    key,
    label: 'rate',
    number: true,
    value: worker => worker[key],
    text: worker => asRate(worker[key]),
  });
  return [
    {
      key: 'shard',
      label: 'worker',
      value: worker => worker.shard + worker.slice / 1000,
      text: worker => worker.name.replace('worker ', ''),
    },
    {
      key: 'light',
      label: 'light',
      value: worker => lightOrder[worker.light],
      text: worker => LIGHTS[worker.light],
      node: worker => element('span', { class: 'light-word' }, lightNode(worker.light), element('span', {}, LIGHTS[worker.light])),
    },
    { key: 'state', label: 'state', text: worker => worker.state },
    {
      key: 'remark',
      label: 'remark',
      value: worker => remark(worker) || null,
      text: remark,
      wide: workers.some(remark),
    },
    ...optional('region', true, { key: 'region', label: 'region', text: worker => worker.region ?? MISSING }),
    { key: 'worker', label: 'claimed by', text: worker => worker.worker ?? MISSING },
    ...optional('last_seen_s', running, {
      key: 'last_seen_s',
      label: 'last snapshot',
      number: true,
      value: worker => worker.last_seen_s,
      text: worker => (isNumber(worker.last_seen_s) ? asDuration(worker.last_seen_s) + ' ago' : MISSING),
    }),
    ...optional('rate_sent', running, rate('rate_sent')),
    ...optional('owed', true, countColumn('owed', 'planned', worker => worker.owed)),
    ...optional('rate_per_s', !running, rate('rate_per_s')),
    countColumn('sent', 'sent', worker => worker.sent),
    countColumn('completed', 'completed', worker => worker.completed),
    countColumn('failed', 'failed', worker => worker.failed, { tone: worker => bad(worker.failed) }),
    countColumn('dropped', 'dropped', worker => worker.dropped, { tone: worker => bad(worker.dropped) }),
    countColumn('missing', 'missing', worker => worker.missing, { tone: worker => bad(worker.missing) }),
    timeColumn('p50', 'p50', worker => worker.p50),
    timeColumn('p99', 'p99', worker => worker.p99),
    timeColumn('max', 'max', worker => worker.max),
    timeColumn('lag_p99', 'lag p99', worker => worker.lag_p99),
    ...optional('start_skew', true, timeColumn('start_skew', 'started late by', worker => worker.start_skew)),
    ...optional('clock_offset', true, timeColumn('clock_offset', 'clock off by', worker => worker.clock_offset)),
    ...optional('busy_percent', true, {
      key: 'busy',
      label: 'busy',
      number: true,
      value: worker => worker.busy_percent,
      text: worker => (worker.busy_percent === null ? MISSING : worker.busy_percent + '%'),
    }),
  ];
}

const workerTable: { all: boolean; model: View | null; table: SortedTable<WorkerView> | null } = { all: false, model: null, table: null };

function drawWorkerTable(host: HTMLElement, model: View): void {
  workerTable.model = model;
  const { workers } = model;
  const cut = workers.length > ROWS_SHOWN;
  const isCut = cut && !workerTable.all;
  const table = (workerTable.table ??= new SortedTable(host, 'Table of workers', 'tall'));
  table.update(workerColumns(model), cut ? oddFirst(workers) : workers, {
    limit: isCut ? ROWS_SHOWN : undefined,
    mark: worker => Boolean(worker.odd),
  });
  const showAll = () => {
    workerTable.all = true;
    if (workerTable.model) drawWorkerTable(host, workerTable.model);
    table.node.focus({ preventScroll: true });
  };
  setContent(slot(host, 'more', 'div', { class: 'after-table' }), [isCut, workers.length], () =>
    isCut
      ? [
          element('span', { class: 'muted' }, ROWS_SHOWN + ' of ' + asCount(workers.length) + ' are shown, outliers first. '),
          button('Show all ' + asCount(workers.length), showAll),
        ]
      : []
  );
}
