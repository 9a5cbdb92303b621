/* ---------- verdict ---------- */

const VERDICTS = {
  passed: { mark: '✓', word: 'Passed' },
  crossed: { mark: '✗', word: 'Crossed' },
  incomplete: { mark: '!', word: 'Incomplete' },
  unjudged: { mark: '–', word: 'Finished, nothing was judged' },
  running: { mark: '…', word: 'Running' },
};

function badge(verdict, small = false) {
  const known = VERDICTS[verdict];
  const word = known ? known.word : verdict;
  return element(
    'span',
    { class: 'badge' + (small ? ' small' : '') + ' ' + (known ? verdict : 'running') },
    element('span', { 'aria-hidden': 'true' }, known ? known.mark : '·'),
    word
  );
}

const isOnItsWay = model => Boolean(model.live) && model.live.state !== 'ended';

function hasStarted(model) {
  return Boolean(model.started) || Boolean(model.seconds && model.seconds.at && model.seconds.at.length);
}

function drawTop(model) {
  setText(find('scenario'), model.scenario || 'Load test');
  const started = asInstant(model.started);
  const regions = (model.regions || []).length;
  setText(
    find('run-line'),
    [
      'run ' + model.run,
      model.fleet + ' fleet, ' + numberOf(shardCount(model), 'worker') + (regions > 1 ? ' in ' + regions + ' regions' : ''),
      started ? 'started ' + started : 'not started',
      !started
        ? asDuration(model.duration_s) + ' planned'
        : lengthInWords(model) +
          (isNumber(model.measured_s) && model.measured_s !== model.lasted_s
            ? ', of which ' + asDuration(model.measured_s) + ' measured'
            : ''),
    ].join(' · ')
  );
  if (isLive) document.title = (VERDICTS[model.verdict] ? VERDICTS[model.verdict].word : model.verdict) + ': ' + model.scenario;
}

/* A run on its way is as long as planned. */
function lengthInWords(model) {
  const early = !isOnItsWay(model) && model.lasted_s < model.duration_s;
  return early ? 'ended after ' + asDuration(model.lasted_s) + ' of ' + asDuration(model.duration_s) : asDuration(model.duration_s);
}

function shardCount(model) {
  return new Set((model.workers || []).map(worker => worker.shard)).size;
}

function drawVerdict(model) {
  const body = find('verdict-body');
  const thresholds = model.thresholds || [];
  setContent(slot(body, 'line'), [model.verdict, model.summary], () => [
    element('div', { class: 'verdict-line' }, badge(model.verdict), element('p', {}, model.summary)),
  ]);
  setContent(slot(body, 'reasons'), model.reasons, () => ((model.reasons || []).length ? [lineList(model.reasons)] : []));
  drawLimited(slot(body, 'limited'), model);
  const figures = slot(body, 'figures', 'dl', { class: 'figures' });
  figures.hidden = isOnItsWay(model);
  drawKeyFigures(figures, model);
  setText(slot(body, 'percentiles', 'p', { class: 'text' }), percentilesOf(model));
  drawBalanceLine(slot(body, 'balance', 'p', { class: 'text balance-line' }), model);
  drawThresholds(slot(body, 'thresholds'), thresholds, isOnItsWay(model) ? 'Thresholds so far' : 'Thresholds');
  setContent(slot(body, 'notes'), model.notes, () =>
    (model.notes || []).length ? [element('h3', {}, 'Notes'), lineList(model.notes)] : []
  );
}

function percentilesOf(model) {
  const words = (model.total || {}).percentiles_of;
  return words ? words[0].toUpperCase() + words.slice(1) + '.' : '';
}

function lineList(lines) {
  return element('ul', { class: 'lines' }, ...lines.map(line => element('li', {}, line)));
}

function drawLimited(host, model) {
  const generator = model.generator || {};
  const words = isOnItsWay(model)
    ? ['The generator is limited. ', 'The workers cannot keep up, so these numbers are about them as much as about the target.']
    : ['The generator was limited. ', 'The workers could not keep up, so these numbers are about them as much as about the target.'];
  setContent(host, [generator.limited, generator.why, words], () =>
    generator.limited
      ? [element('div', { class: 'alert' }, element('p', {}, element('strong', {}, words[0]), words[1]), lineList(generator.why || []))]
      : []
  );
}

function drawKeyFigures(host, model) {
  const { total = {}, balance = {} } = model;
  const sent = balance.sent;
  setFigures(host, [
    { label: 'rate', value: asRate(total.rate_per_s), more: 'completed' },
    { label: 'latency p50', value: asTime(total.p50), more: 'service ' + asTime(total.service_p50) },
    { label: 'latency p99', value: asTime(total.p99), more: 'service ' + asTime(total.service_p99) },
    { label: 'latency max', value: asTime(total.max), more: 'p99.9 ' + asTime(total.p99_9) },
    {
      label: 'failed',
      value: asCount(balance.failed),
      more: balance.failed ? failedShare(total) + ' of sent' : 'of ' + asCount(sent) + ' sent',
      tone: balance.failed ? 'bad' : null,
    },
    { label: 'dropped', value: asCount(balance.dropped), more: 'no connection free', tone: balance.dropped ? 'bad' : null },
    { label: 'missing', value: asCount(balance.missing), more: 'not reported', tone: balance.missing ? 'warn' : null },
    {
      label: 'lag p99',
      value: asTime(model.generator && model.generator.lag_p99),
      more: 'requests left late',
      tone: model.generator && model.generator.limited ? 'warn' : null,
    },
  ]);
}

function setFigures(host, figures) {
  while (host.children.length > figures.length) host.lastChild.remove();
  figures.forEach((figure, index) => {
    const box =
      host.children[index] ||
      host.appendChild(element('div', {}, element('dt'), element('dd', { class: 'value' }), element('dd', { class: 'more' })));
    if (box.className !== (figure.tone || '')) box.className = figure.tone || '';
    setText(box.children[0], figure.label);
    setText(box.children[1], figure.value);
    setText(box.children[2], figure.more || '');
  });
}

function drawBalanceLine(host, model) {
  const balance = model.balance || {};
  setText(
    host,
    'Arrivals: ' +
      asCount(balance.planned) +
      ' planned = ' +
      asCount(balance.sent) +
      ' sent + ' +
      asCount(balance.dropped) +
      ' dropped + ' +
      asCount(balance.missing) +
      ' missing' +
      (balance.holds ? '.' : isOnItsWay(model) ? ' (the rest is still to come).' : '. The counts do not add up.')
  );
}

function drawThresholds(host, thresholds, heading) {
  if (!thresholds.length) return setContent(host, 'none', () => [element('p', { class: 'muted' }, 'The scenario has no thresholds.')]);
  const rows = thresholds.map(threshold => [
    threshold.threshold,
    thresholdBadge(threshold.word),
    threshold.word === 'crossed' ? element('span', { class: 'bad' }, threshold.measured) : threshold.measured,
    limitText(threshold),
  ]);
  return setContent(host, [heading, thresholds], () => [
    element('h3', {}, heading),
    scrollRegion('Thresholds', plainTable('Thresholds', ['threshold', 'kept or crossed', 'measured', 'limit'], rows, 2), 'fit'),
  ]);
}

const THRESHOLD_MARKS = { kept: '✓', crossed: '✗' };

function thresholdBadge(word) {
  const kind = THRESHOLD_MARKS[word] ? word : 'unjudged';
  return element(
    'span',
    { class: 'badge small ' + kind },
    element('span', { 'aria-hidden': 'true' }, THRESHOLD_MARKS[word] || '…'),
    word
  );
}

/* The limit as it was written, which is what its unit is. */
function limitText(threshold) {
  const written = /[<>]=?\s*(\S+)(\s*$|\s*\()/.exec(threshold.threshold || '');
  return written ? written[1] : isNumber(threshold.limit) ? threeDigits(threshold.limit) : MISSING;
}
