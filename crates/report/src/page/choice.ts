/* What the charts show: all requests, those of one name, or failures of one kind. */

import { element, find, lineList, listen, setContent, setText, slot } from './dom';
import { asCount, kindAsWords } from './format';
import { type Facts, readSeconds } from './series';
import type { FailureReport, View } from './view';

const ALL = 'all';
const REQUEST = 'request ';
const FAILURE = 'failure ';

const choice = { made: ALL };

const NO_TIMES = { p50: [], p90: [], p99: [], p99_9: [], max: [], heat: [] };

export interface Shown {
  facts: Facts;
  model: View;
}

/* The facts and the model of what was chosen; of all requests where that is not there any more. */
export function chosen(model: View): Shown {
  const facts = readSeconds(model.seconds, model.heat);
  const request = model.choices.find(one => REQUEST + one.name === choice.made);
  const row = model.requests.find(one => REQUEST + one.name === choice.made);
  if (request && row) {
    const errors = asCount(row.failed) + ' failed';
    return {
      facts: readSeconds(request.seconds, request.heat),
      model: { ...model, distribution: request.distribution, total: row, errors, against: null },
    };
  }
  const kind = choice.made.startsWith(FAILURE) ? choice.made.slice(FAILURE.length) : null;
  if (kind && facts.kinds.includes(kind)) {
    /* Under another name: whether a reader has hidden it among the others says nothing here. */
    const failed = model.distribution
      .filter(line => line.name === 'latency of failed')
      .map(line => ({ ...line, name: 'latency of all failed', shown: true }));
    const count = model.total.failures[kind] ?? 0;
    return {
      facts: { ...facts, kinds: [kind], ...NO_TIMES, users: null, inFlight: [], failuresOnly: true },
      model: { ...model, distribution: failed, errors: asCount(count) + ' ' + kindAsWords(kind), against: null },
    };
  }
  return { facts, model };
}

/* The reasons of the failures that are shown. */
function reasons(model: View): FailureReport[] {
  if (choice.made === ALL) return [];
  return model.failures.filter(({ kind, request }) => [FAILURE + kind, REQUEST + request].includes(choice.made));
}

function reasonInWords({ count, reason, request, origin, first }: FailureReport): string {
  const where = request + (origin ? ' at ' + origin : '');
  const arrivals = first.length ? '; first arrivals ' + first.join(', ') : '';
  return asCount(count) + ' × ' + reason + ': ' + where + arrivals;
}

/* Draws what can be chosen; `redraw` is called when a reader has chosen. */
export function drawChoice(model: View, redraw: () => void): void {
  const kinds = readSeconds(model.seconds, model.heat).kinds;
  const host = find('choice');
  host.hidden = !model.seconds.at.length || model.choices.length + kinds.length === 0;
  const names = model.choices.map(one => one.name);
  const select = () => {
    const option = (value: string, text: string) => element('option', { value, selected: value === choice.made }, text);
    const group = (label: string, options: HTMLOptionElement[]) => (options.length ? element('optgroup', { label }, ...options) : null);
    const made = element(
      'select',
      { id: 'choice-select' },
      option(ALL, 'all requests'),
      group(
        'requests of one name',
        names.map(name => option(REQUEST + name, name))
      ),
      group(
        'failures of one kind',
        kinds.map(kind => option(FAILURE + kind, kindAsWords(kind)))
      )
    );
    return listen(made, {
      change: () => {
        choice.made = made.value;
        redraw();
      },
    });
  };
  setContent(slot(host, 'select', 'span'), [names, kinds], () => [
    element('label', { for: 'choice-select' }, 'Charts show '),
    select(),
  ]);
  const listed = reasons(model);
  setContent(slot(host, 'reasons'), listed, () => [lineList(listed.map(reasonInWords))]);
  setText(slot(host, 'note', 'p', { class: 'muted' }), noteOf(model));
}

function noteOf(model: View): string {
  if (choice.made.startsWith(FAILURE)) {
    return 'Of failures of one kind, times are not kept: the distribution is of all failed requests together.';
  }
  if (!choice.made.startsWith(REQUEST)) return '';
  const request = model.choices.find(one => REQUEST + one.name === choice.made);
  return request?.seconds.at.length
    ? 'Of requests of one name, only measured ones are known over time, and not what was planned or dropped.'
    : 'Snapshots of this run do not have requests of one name over time.';
}
