/* The sections about the generator, the balance, the plan and the cost, and the table of contents of the page. */

import { type Child, element, factList, find, lineList, MISSING, plainTable, scrollRegion, setContent, slot } from './dom';
import { hasStarted } from './verdict';
import type { BalanceWords, CostView, View } from './view';

export function drawGenerator(model: View): void {
  const body = find('generator-body');
  find('generator').hidden = false;
  const { generator } = model;
  setContent(slot(body, 'health'), [generator, hasStarted(model)], () =>
    hasStarted(model)
      ? [
          element('p', { class: 'text' }, generator.sentence),
          lineList(generator.why),
          generator.waits.length ? element('p', { class: 'text' }, 'Waits of arrivals:') : null,
          lineList(generator.waits),
          factList(generator.facts),
        ]
      : []
  );
  setContent(slot(body, 'balance'), model.balance_words, () => balanceTable(model.balance_words));
}

function balanceTable(balance: BalanceWords): Child[] {
  const rows = balance.sums.map(sum => [...sum.cells, sum.off ? element('span', { class: 'bad' }, sum.judged) : sum.judged]);
  return [
    element('h3', {}, 'Balance of arrivals'),
    scrollRegion('Balance of arrivals', plainTable('Balance of arrivals', null, rows, 0), 'fit stack'),
    ...balance.besides.map(line => element('p', { class: 'muted after-table' }, line)),
  ];
}

export function drawPlan(model: View): void {
  const { plan, phases, source } = model;
  find('plan').hidden = !plan.length && !source;
  const phase = (of: View['phases'][number]): [string, string] => [of.when, of.text + (of.measured ? '' : ' (not measured)')];
  const label = { class: 'source', tabindex: '0', role: 'region', 'aria-label': 'Scenario, as written' };
  setContent(slot(find('plan-body'), 'plan'), [plan, phases, source], () => [
    factList(plan),
    element('h3', {}, 'Load'),
    factList(phases.map(phase)),
    ...(source ? [element('h3', {}, 'Scenario, as written'), element('pre', label, source)] : []),
  ]);
}

export function drawCost({ cost }: View): void {
  find('cost').hidden = !cost;
  if (cost) setContent(slot(find('cost-body'), 'cost'), cost, () => costParts(cost));
}

function costParts({ actual, expected, prices_of: prices, lines, basis }: CostView): Child[] {
  return [
    factList([
      ['this run', actual ?? MISSING],
      ['expected before', expected],
      ['prices of', prices],
    ]),
    lines.length ? element('h3', {}, 'Parts') : null,
    lines.length ? scrollRegion('Cost by part', plainTable('Cost by part', null, lines), 'fit') : null,
    lineList(basis),
  ];
}

export function drawContents(): void {
  const sections = [...document.querySelectorAll<HTMLElement>('main > section')].filter(section => !section.hidden);
  setContent(
    find('contents'),
    sections.map(section => section.id),
    () => sections.map(section => element('a', { href: '#' + section.id }, section.querySelector('h2')?.textContent))
  );
}
