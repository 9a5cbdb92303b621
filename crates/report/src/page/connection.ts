/* The connection of the dashboard to its server. The dashboard receives views over this connection, and requests a
   stop. */

import { find, say, setText } from './dom';
import { asDuration } from './format';
import { tokenOf } from './live';
import { page } from './page';
import { drawPastRuns, loadPastRuns } from './past';
import { capital } from './verdict';
import type { View } from './view';

/* If no view has arrived for this time, the page marks its numbers as old. Views usually arrive once per second. */
const OLD_AFTER_MS = 4000;

const connection = {
  source: null as EventSource | null,
  /* The time when the last view arrived. The next field is the time since which the server has not answered. */
  received: null as number | null,
  lost: null as number | null,
  gone: false,
  ended: false,
  state: null as string | null,
  /* Whether a view arrived while the page was not visible. */
  undrawn: false,
};

let render: (model: View) => void = () => undefined;

function connect(): void {
  connection.source?.close();
  const source = new EventSource('events');
  connection.source = source;
  source.addEventListener('model', event => {
    let model: View;
    try {
      model = JSON.parse(event.data);
    } catch {
      return;
    }
    connection.received = Date.now();
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
    if (source.readyState === EventSource.CLOSED && !connection.ended && !connection.gone) setTimeout(connect, 2000);
  });
  source.addEventListener('open', () => {
    connection.lost = null;
  });
}

const opensPastRuns = () => !connection.ended || Boolean(page.model?.live?.stays);

/* Closes the connection if the run has ended. The page does not wait for the server to close the connection. */
function leave(): void {
  if (!connection.ended) return;
  connection.source?.close();
  if (!page.model?.live?.stays) return;
  page.model.live.stays = false;
  if (document.hidden) connection.undrawn = true;
  else render(page.model);
  drawPastRuns(opensPastRuns());
}

function receive(model: View): void {
  const state = model.live?.state ?? 'ended';
  connection.ended = state === 'ended';
  connection.lost = null;
  page.model = model;
  // The past runs are loaded only with the first view, because the server may end when the run ends.
  if (!connection.state) void loadPastRuns(opensPastRuns);
  if (connection.state !== state) {
    connection.state = state;
    say(connection.ended ? 'The run has ended: ' + capital(model.verdict_word) + '.' : 'The run is ' + state + '.');
    if (connection.ended) drawPastRuns(opensPastRuns());
  }
  if (connection.ended) {
    if (!model.live?.stays) connection.source?.close();
    const dialog = find<HTMLDialogElement>('stop-dialog');
    if (dialog.open) dialog.close();
  }
  if (document.hidden) connection.undrawn = true;
  else render(model);
}

function showConnection(): void {
  const bar = find('connection');
  const [what, when] = bar.children;
  const { gone, lost, received, ended } = connection;
  const isOld = !ended && (gone || lost !== null || (received !== null && Date.now() - received > OLD_AFTER_MS));
  bar.hidden = !isOld;
  document.body.classList.toggle('old', isOld);
  if (!isOld) return setText(what, '');
  const words = gone
    ? 'The server has ended. The numbers are old and will not change.'
    : lost
      ? 'Connection lost. The numbers are old. Reconnecting.'
      : 'No new data. The numbers are old.';
  if (what.textContent !== words) say(words);
  setText(what, words);
  const age = received === null ? null : Math.round((Date.now() - received) / 1000);
  return setText(when, age === null ? ' No data has arrived.' : ' Last data ' + asDuration(age) + ' ago.');
}

function askToStop(): void {
  setText(find('stop-title'), 'Stop run ' + (page.model?.run ?? '') + '?');
  setText(find('stop-text'), 'Workers stop sending within 2 s; the measurements until then are reported.');
  find('stop-problem').hidden = true;
  find<HTMLButtonElement>('stop-yes').disabled = false;
  find<HTMLDialogElement>('stop-dialog').showModal();
  find('stop-no').focus();
}

async function stopRun(): Promise<void> {
  const problem = find('stop-problem');
  const yes = find<HTMLButtonElement>('stop-yes');
  yes.disabled = true;
  try {
    const answer = await fetch('stop', { method: 'POST', headers: { 'X-Vajra-Token': tokenOf() } });
    if (answer.status === 204) {
      find<HTMLDialogElement>('stop-dialog').close();
      say('The stop is requested.');
      return;
    }
    setText(problem, 'The run was not stopped: ' + ((await answer.text()) || 'answer ' + answer.status));
  } catch {
    setText(problem, 'The run was not stopped: the server does not answer.');
  }
  problem.hidden = false;
  yes.disabled = false;
}

/* Follows a run, and calls `draw` with each view of the run. */
export function follow(draw: (model: View) => void): void {
  render = draw;
  setText(find('scenario'), 'Load test');
  setText(find('run-line'), 'Waiting for the first data of the run.');
  find('verdict').hidden = true;
  find('stop-button').addEventListener('click', askToStop);
  find('stop-no').addEventListener('click', () => find<HTMLDialogElement>('stop-dialog').close());
  find('stop-yes').addEventListener('click', () => void stopRun());
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || !connection.undrawn || !page.model) return;
    connection.undrawn = false;
    render(page.model);
  });
  connect();
  setInterval(showConnection, 1000);
}
