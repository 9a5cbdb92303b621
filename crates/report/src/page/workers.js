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
      '. The same scale for all; a mark at the foot is a time with failures.'
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
