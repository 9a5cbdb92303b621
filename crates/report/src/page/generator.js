/* ---------- generator, balance, plan, cost ---------- */

function drawGenerator(model) {
  const section = find('generator');
  const body = find('generator-body');
  section.hidden = !model.generator;
  if (section.hidden) return;
  const { generator, skew = {}, balance = {} } = model;
  setContent(slot(body, 'health'), [generator, model.openings, skew, hasStarted(model)], () =>
    !hasStarted(model)
      ? []
      : [
          element(
            'p',
            { class: 'text' },
            generator.limited ? 'The generator was limited:' : 'Nothing says that the generator was limited.'
          ),
          generator.limited ? lineList(generator.why || []) : null,
          (generator.waits || []).length ? element('p', { class: 'text' }, 'What arrivals waited for:') : null,
          (generator.waits || []).length ? lineList(generator.waits) : null,
          factList([
            [
              'lag, how late requests left',
              'p50 ' + asTime(generator.lag_p50) + ' · p99 ' + asTime(generator.lag_p99) + ' · max ' + asTime(generator.lag_max),
            ],
            ...(generator.lag_parts || []).map(part => [
              'of that, ' + part.name,
              asCount(part.count) + ' requests: p50 ' + asTime(part.p50) + ' · p99 ' + asTime(part.p99) + ' · max ' + asTime(part.max),
            ]),
            ...(model.openings || []).map(opening => [
              'connections to ' + opening.origin,
              opening.steps.map(step => asCount(step.count) + ' × ' + step.name + ': p50 ' + asTime(step.p50) + ', p99 ' + asTime(step.p99)).join(' · '),
            ]),
            ['start', isNumber(skew && skew.max_ms) ? 'the last worker started ' + asTime(skew.max_ms) + ' late' : MISSING],
            [
              'workers’ clocks',
              isNumber(skew && skew.clock_uncertainty_ms) ? 'known to within ' + asTime(skew.clock_uncertainty_ms) : MISSING,
            ],
            ['processor time used', asPercent(generator.busy)],
            ['waited for a processor', isNumber(generator.run_queue) ? asPercent(generator.run_queue) + ' of the time' : MISSING],
            ['held back by the container', isNumber(generator.throttled_ms) ? asTime(generator.throttled_ms) : MISSING],
          ]),
        ].filter(Boolean)
  );
  setContent(slot(body, 'balance'), [balance, isOnItsWay(model)], () => balanceTable(balance, model));
}

function factList(facts) {
  return element(
    'dl',
    { class: 'facts-table' },
    ...facts.flatMap(([label, text]) => [element('dt', {}, label), element('dd', {}, text)])
  );
}

function balanceTable(balance, model) {
  const open = isOnItsWay(model);
  const line = (whole, parts) => {
    const off = whole[1] - sum(parts.map(part => part[1]));
    const judged =
      off === 0 ? '✓ adds up' : open ? 'still counting' : element('span', { class: 'bad' }, '✗ ' + asCount(Math.abs(off)) + ' off');
    return [
      asCount(whole[1]) + ' ' + whole[0],
      ...parts.map(([label, part], index) => (index ? '+ ' : '= ') + asCount(part) + ' ' + label),
      judged,
    ];
  };
  const rows = [
    line(
      ['planned', balance.planned],
      [
        ['sent', balance.sent],
        ['dropped', balance.dropped],
        ['missing', balance.missing],
      ]
    ),
    line(
      ['sent', balance.sent],
      [
        ['completed', balance.completed],
        ['failed', balance.failed],
        ['in flight', balance.in_flight],
      ]
    ),
  ];
  const besides = (balance.unmeasured_sent || 0) + (balance.unmeasured_dropped || 0);
  const words =
    'Besides these, ' +
    asCount(balance.unmeasured_sent) +
    ' were sent and ' +
    asCount(balance.unmeasured_dropped) +
    ' dropped to warm up or cool down; they are not measured.';
  const retries = (model.total && model.total.retries) || 0;
  const again = 'retries: ' + asCount(retries) + ' of requests that the target had not looked at; they are in no other number.';
  return [
    element('h3', {}, 'Balance of arrivals'),
    scrollRegion('Balance of arrivals', plainTable('Balance of arrivals', null, rows, 0), 'fit'),
    retries ? element('p', { class: 'muted after-table' }, again) : null,
    besides ? element('p', { class: 'muted after-table' }, words) : null,
  ];
}

function drawPlan(model) {
  const section = find('plan');
  const body = find('plan-body');
  section.hidden = !(model.plan || []).length && !model.source;
  if (section.hidden) return;
  setContent(slot(body, 'plan'), [model.plan, model.phases, model.source], () => [
    (model.plan || []).length ? factList(model.plan) : null,
    (model.phases || []).length ? element('h3', {}, 'Load') : null,
    (model.phases || []).length
      ? factList(
          model.phases.map(phase => [
            asDuration(phase.from_s) + ' to ' + asDuration(phase.to_s),
            phase.text + (phase.measured ? '' : ' (not measured)'),
          ])
        )
      : null,
    model.source ? element('h3', {}, 'Scenario, as written') : null,
    model.source
      ? element('pre', { class: 'source', tabindex: '0', role: 'region', 'aria-label': 'Scenario, as written' }, model.source)
      : null,
  ]);
}

function drawCost(model) {
  const section = find('cost');
  section.hidden = !model.cost;
  if (section.hidden) return;
  const { cost } = model;
  const lines = cost.lines || [];
  setContent(slot(find('cost-body'), 'cost'), cost, () => [
    factList([
      ['this run', cost.actual ?? MISSING],
      ['expected before', cost.expected ?? MISSING],
      ['prices of', cost.prices_of ?? MISSING],
    ]),
    lines.length ? element('h3', {}, 'What it is made of') : null,
    lines.length ? scrollRegion('Cost by part', costTable(lines), 'fit') : null,
    (cost.basis || []).length ? lineList(cost.basis) : null,
  ]);
}

function costTable(lines) {
  const columns = Math.max(...lines.map(line => line.length));
  const rows = lines.map(line => Array.from({ length: columns }, (_, index) => line[index] ?? ''));
  return plainTable('Cost by part', null, rows);
}

/* ---------- contents ---------- */

function drawContents() {
  const sections = [...document.querySelectorAll('main > section')].filter(section => !section.hidden);
  setContent(
    find('contents'),
    sections.map(section => section.id),
    () => sections.map(section => element('a', { href: '#' + section.id }, section.querySelector('h2').textContent))
  );
}
