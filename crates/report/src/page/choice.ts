/* The choice of the reader: the charts show all requests, the requests of one name, or the failures of one kind. */

import { element, find, lineList, listen, setContent, setText, slot } from './dom';
import { asCount, kindAsWords } from './format';
import { type Facts, readSeconds, readWaits } from './series';
import type { FailureReport, View } from './view';

const ALL = 'all';
const REQUEST = 'request ';
const FAILURE = 'failure ';

const choice = { made: ALL };

const NO_TIMES = { p50: [], p90: [], p99: [], p99_9: [], max: [], heat: [] };

/* The facts for three kinds of charts: charts over time, the chart of failures, and the chart of times other than
   latency. */
export interface Shown {
  facts: Facts;
  failed: Facts;
  waits: Facts;
  model: View;
}

/* Returns the facts and the model of the reader's choice, or of all requests if the model lacks the choice. */
export function chosen(model: View): Shown {
  const facts = readSeconds(model.seconds, model.heat);
  const request = model.choices.find(one => REQUEST + one.name === choice.made);
  const row = model.requests.find(one => REQUEST + one.name === choice.made);
  if (request && row) {
    const errors = asCount(row.failed) + ' failed';
    const own = readSeconds(request.seconds, request.heat);
    return {
      facts: own,
      failed: own,
      waits: readWaits(request.waits, own),
      model: { ...model, distribution: request.distribution, total: row, errors, against: null },
    };
  }
  const kind = choice.made.startsWith(FAILURE) ? choice.made.slice(FAILURE.length) : null;
  if (kind && facts.kinds.includes(kind)) return ofKind(model, facts, kind);
  return { facts, failed: facts, waits: readWaits(model.waits, facts), model };
}

/* Returns the facts and the model that the charts show for one kind of failure. Failures are counted in every second,
   but the latency of failures is known only for the longer intervals of the timeline. */
function ofKind(model: View, facts: Facts, kind: string): Shown {
  const counted = { ...facts, kinds: [kind], ...NO_TIMES, users: null, inFlight: [], connections: [], failuresOnly: true };
  const count = model.total.failures[kind] ?? 0;
  const errors = asCount(count) + ' ' + kindAsWords(kind);
  const timed = model.kinds.find(one => one.name === kind);
  const times = timed ? { ...readSeconds(timed.seconds, timed.heat), end: facts.end, failuresOnly: true } : counted;
  return {
    facts: times,
    failed: counted,
    waits: counted,
    model: { ...model, distribution: timed?.distribution ?? ofAllFailed(model), errors, against: null },
  };
}

/* Returns the distribution of failed requests under a different name. This makes the line visible, even if the reader
   has hidden the line of failed requests in the chart of all requests. */
function ofAllFailed(model: View): View['distribution'] {
  const failed = model.distribution.filter(line => line.name === 'latency of failed');
  return failed.map(line => ({ ...line, name: 'latency of all failed', shown: true }));
}

/* Returns the reasons for the failures that the charts show. */
function reasons(model: View): FailureReport[] {
  if (choice.made === ALL) return [];
  return model.failures.filter(({ kind, request }) => [FAILURE + kind, REQUEST + request].includes(choice.made));
}

function reasonInWords({ count, reason, request, origin, first }: FailureReport): string {
  const where = request + (origin ? ' at ' + origin : '');
  const arrivals = first.length ? '; first arrivals ' + first.join(', ') : '';
  return asCount(count) + ' × ' + reason + ': ' + where + arrivals;
}

/* Draws the list of choices, and calls `redraw` after the reader has changed the choice. */
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
    return model.kinds.some(one => FAILURE + one.name === choice.made)
      ? 'Latency is that of measured requests, in at most 64 intervals of the run.'
      : 'The results of this run do not contain latency by kind of failure: the distribution contains all failed requests.';
  }
  if (!choice.made.startsWith(REQUEST)) return '';
  const request = model.choices.find(one => REQUEST + one.name === choice.made);
  return request?.seconds.at.length
    ? 'For one name, the charts over time contain only measured requests, without planned and dropped arrivals.'
    : 'The snapshots of this run do not contain requests by name over time.';
}
