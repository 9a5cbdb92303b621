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
