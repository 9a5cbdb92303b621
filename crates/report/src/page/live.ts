/* The section of the dashboard about a run in progress. */

import { element, find, lineList, setContent, setText, slot } from './dom';
import { asCount } from './format';
import { setFigures } from './verdict';
import type { LiveView, View, WorkerView } from './view';
import { lightNode, LIGHTS } from './workers';

const LIGHTS_SHOWN = 100;

export const tokenOf = (): string => document.querySelector<HTMLMetaElement>('meta[name="vajra-token"]')?.content ?? '';

export function drawLive(model: View): void {
  const { live } = model;
  find('live').hidden = !live;
  if (!live) return;
  const body = find('live-body');
  drawState(slot(body, 'state'), live, model.verdict);
  const ended = live.state === 'ended';
  const stop = find<HTMLButtonElement>('stop-button');
  stop.hidden = ended || !tokenOf();
  stop.disabled = live.state === 'stopping';
  setText(stop, live.state === 'stopping' ? 'Stopping…' : 'Stop the run');
  const [figures, errors, lights] = [
    slot(body, 'figures', 'dl', { class: 'figures wide' }),
    slot(body, 'errors', 'p', { class: 'text' }),
    slot(body, 'lights'),
  ];
  figures.hidden = errors.hidden = lights.hidden = ended;
  if (ended) return drawFarewell(slot(body, 'farewell', 'p', { class: 'text farewell' }), live);
  setFigures(figures, live.figures);
  setText(errors, live.errors);
  drawLights(lights, live, model.workers);
}

function drawState(host: HTMLElement, live: LiveView, verdict: string): void {
  const line = slot(host, 'line', 'div', { class: 'live-state' });
  setContent(slot(line, 'word'), live.words, () => [
    element('span', { class: 'badge small ' + (live.state === 'ended' ? verdict : 'running') }, live.words),
  ]);
  setText(slot(line, 'time', 'span'), live.clock);
  slot(host, 'bar', 'progress', { max: '1', 'aria-label': 'Time of the run' }).value = live.progress;
}

/* Shows, after the end of a run, whether this page is still served, and the command that writes the page to a file. */
function drawFarewell(host: HTMLElement, live: LiveView): void {
  setContent(host, [live.stays, live.again], () => [
    live.stays
      ? 'This page is served until its command is interrupted (Ctrl-C).'
      : 'This page is no longer served: it remains in this window, but cannot be reloaded, and cannot open past runs.',
    live.again ? ' This command writes the page to a file: ' : null,
    live.again ? element('code', {}, live.again) : null,
  ]);
}

function drawLights(host: HTMLElement, live: LiveView, workers: WorkerView[]): void {
  slot(host, 'title', 'h3').textContent = 'Workers now';
  setContent(slot(host, 'counts', 'p', { class: 'light-counts' }), live.lights, () =>
    live.lights.map(([light, words]) =>
      element('span', { class: 'light-word' }, element('span', { class: 'light ' + light, 'aria-hidden': 'true' }), words)
    )
  );
  const order = { red: 0, yellow: 1, none: 2, green: 3 };
  const cut = workers.length > LIGHTS_SHOWN;
  const shown = cut ? [...workers].sort((a, b) => order[a.light] - order[b.light]).slice(0, LIGHTS_SHOWN) : workers;
  setContent(
    slot(host, 'list', 'ul', { class: 'lights', 'aria-label': 'Lights of the workers' }),
    shown.map(worker => [worker.name, worker.light]),
    () => shown.map(workerLight)
  );
  setText(
    slot(host, 'rest', 'p', { class: 'muted' }),
    cut ? LIGHTS_SHOWN + ' of ' + asCount(workers.length) + ' are shown, those with problems first.' : ''
  );
  setContent(slot(host, 'why'), live.troubled, () => [lineList(live.troubled)]);
}

function workerLight(worker: WorkerView): HTMLElement {
  const word = element('span', { class: worker.light === 'green' ? 'unseen' : null }, ' ' + LIGHTS[worker.light]);
  return element('li', {}, lightNode(worker.light), worker.name, word);
}
