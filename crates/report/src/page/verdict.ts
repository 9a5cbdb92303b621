/* The verdict, with the reasons for the verdict and the key figures. */

import { type Child, element, find, lineList, plainTable, scrollRegion, setContent, setText, slot } from './dom';
import { isLive } from './page';
import type { Figure, ThresholdView, View } from './view';

const MARKS: Record<string, string> = { passed: '✓', crossed: '✗', incomplete: '!', unjudged: '–', running: '…' };

export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

export function badge(verdict: string, word: string, small = false): HTMLElement {
  const known = verdict in MARKS;
  return element(
    'span',
    { class: 'badge' + (small ? ' small' : '') + ' ' + (known ? verdict : 'running') },
    element('span', { 'aria-hidden': 'true' }, known ? MARKS[verdict] : '·'),
    capital(word)
  );
}

export const isRunning = (model: View): boolean => model.live !== null && model.live.state !== 'ended';

export const hasStarted = (model: View): boolean => model.started !== null;

export function drawTop(model: View): void {
  setText(find('scenario'), model.scenario || 'Load test');
  setText(find('run-line'), model.heading);
  if (isLive) document.title = capital(model.verdict_word) + ': ' + model.scenario;
}

export function drawVerdict(model: View): void {
  const body = find('verdict-body');
  setContent(slot(body, 'line'), [model.verdict, model.summary], () => [
    element('div', { class: 'verdict-line' }, badge(model.verdict, model.verdict_word), element('p', {}, model.summary)),
  ]);
  setContent(slot(body, 'reasons'), model.reasons, () => [lineList(model.reasons)]);
  setContent(slot(body, 'limited'), model.limited, () => limitedAlert(model));
  const figures = slot(body, 'figures', 'dl', { class: 'figures' });
  figures.hidden = !model.figures.length;
  setFigures(figures, model.figures);
  setText(slot(body, 'percentiles', 'p', { class: 'text' }), model.percentiles_of ?? '');
  setText(slot(body, 'balance', 'p', { class: 'text balance-line' }), model.balance_words.line);
  drawThresholds(slot(body, 'thresholds'), model.thresholds, isRunning(model) ? 'Thresholds so far' : 'Thresholds');
  setContent(slot(body, 'notes'), model.notes, () => (model.notes.length ? [element('h3', {}, 'Notes'), lineList(model.notes)] : []));
}

function limitedAlert({ limited }: View): Child[] {
  if (!limited) return [];
  const words = element('p', {}, element('strong', {}, limited.title), ' ' + limited.text);
  return [element('div', { class: 'alert' }, words, lineList(limited.signs))];
}

export function setFigures(host: HTMLElement, figures: Figure[]): void {
  while (host.children.length > figures.length) host.lastChild?.remove();
  figures.forEach((figure, index) => {
    const box =
      host.children[index] ??
      host.appendChild(element('div', {}, element('dt'), element('dd', { class: 'value' }), element('dd', { class: 'more' })));
    if (box.className !== figure.tone) box.className = figure.tone;
    setText(box.children[0], figure.label);
    setText(box.children[1], figure.value);
    setText(box.children[2], figure.more);
  });
}

function drawThresholds(host: HTMLElement, thresholds: ThresholdView[], heading: string): void {
  if (!thresholds.length) return setContent(host, 'none', () => [element('p', { class: 'muted' }, 'The scenario has no thresholds.')]);
  const rows = thresholds.map(threshold => [
    threshold.threshold,
    thresholdBadge(threshold.word),
    threshold.word === 'not met' ? element('span', { class: 'bad' }, threshold.measured) : threshold.measured,
    threshold.limit,
  ]);
  return setContent(host, [heading, thresholds], () => [
    element('h3', {}, heading),
    scrollRegion('Thresholds', plainTable('Thresholds', ['threshold', 'result', 'measured', 'limit'], rows, 2), 'fit'),
  ]);
}

function thresholdBadge(word: string): HTMLElement {
  const kinds: Record<string, string> = { met: 'passed', 'not met': 'crossed' };
  const kind = kinds[word];
  const mark = element('span', { 'aria-hidden': 'true' }, kind ? MARKS[kind] : '…');
  return element('span', { class: 'badge small ' + (kind ?? 'unjudged') }, mark, word);
}
