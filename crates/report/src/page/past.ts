/* The list of past runs. While the dashboard is served, each run has a link to its page. */

import { drawContents } from './details';
import { element, find, MISSING } from './dom';
import { asInstant } from './format';
import { tokenOf } from './live';
import { page, type PastRun } from './page';
import { type Column, countColumn, SortedTable } from './table';
import { badge } from './verdict';

/* The words that a run without a page has in place of a verdict. */
const WITHOUT_PAGE = ['not started', 'no report yet', 'running'];

const past: { table: SortedTable<PastRun> | null; opens: boolean } = { table: null, opens: false };

export async function loadPastRuns(opens: () => boolean): Promise<void> {
  try {
    const answer = await fetch('past', { headers: { 'X-Vajra-Token': tokenOf() } });
    if (!answer.ok) return;
    page.past = await answer.json();
  } catch {
    return;
  }
  drawPastRuns(opens());
}

export function drawPastRuns(opens: boolean): void {
  find('past').hidden = !page.past.length;
  if (!page.past.length) return;
  past.table ??= new SortedTable(find('past-body'), 'Table of past runs', 'tall fit');
  if (past.opens !== opens) past.table.body.replaceChildren();
  past.opens = opens;
  const linked = (run: PastRun) =>
    opens && !WITHOUT_PAGE.includes(run.verdict)
      ? element('a', { href: 'past/' + encodeURIComponent(run.run) }, run.run)
      : document.createTextNode(run.run);
  const columns: Column<PastRun>[] = [
    { key: 'run', label: 'run', text: run => run.run, node: linked },
    { key: 'verdict', label: 'verdict', text: run => run.verdict, node: run => badge(run.verdict, run.verdict, true) },
    { key: 'scenario', label: 'scenario', text: run => run.scenario },
    { key: 'created', label: 'created', value: run => run.created, text: run => (run.created ? asInstant(run.created) : MISSING) },
    countColumn('workers', 'workers', run => run.workers),
    { key: 'length', label: 'length', number: true, text: run => run.length || MISSING },
  ];
  past.table.update(columns, page.past);
  drawContents();
}
