/* Tables that are sorted by a click on the head of a column. */

import { button, element, say, scrollRegion, setText } from './dom';
import { asCount, asTime, type Value } from './format';

/* A column of a table. The first click on a `number` column sorts the largest value first. A `minor` column is not
   printed. */
export interface Column<Row> {
  key: string;
  label: string;
  text(row: Row): string;
  value?(row: Row): string | Value;
  node?(row: Row): Node;
  tone?(row: Row): string | null;
  number?: boolean;
  minor?: boolean;
  wide?: boolean;
  title?: string;
}

interface Extra<Row> {
  total?: Row | null;
  limit?: number;
  mark?(row: Row): boolean;
}

const texts = new WeakMap<Node, string>();

export class SortedTable<Row> {
  readonly node: HTMLElement;
  readonly body = element('tbody');
  private readonly head = element('thead');
  private readonly foot = element('tfoot');
  private order = { key: '', direction: 1 };
  private columns: Column<Row>[] = [];
  private rows: Row[] = [];
  private extra: Extra<Row> = {};
  private signature = '';

  constructor(host: HTMLElement, caption: string, kind = '') {
    const table = element('table', {}, element('caption', {}, caption), this.head, this.body, this.foot);
    this.node = scrollRegion(caption, table, kind);
    host.append(this.node);
  }

  update(columns: Column<Row>[], rows: Row[], extra: Extra<Row> = {}): void {
    const signature = columns.map(column => column.key).join('\n');
    [this.columns, this.rows, this.extra] = [columns, rows, extra];
    if (signature !== this.signature) this.drawHead(signature);
    const shown = this.sorted().slice(0, extra.limit ?? rows.length);
    const longest = Math.max(...shown.map(row => columns[0].text(row).length), 4);
    this.node.style.setProperty('--name', Math.min(40, longest) + 2 + 'ch');
    while (this.body.rows.length > shown.length) this.body.deleteRow(-1);
    shown.forEach((row, index) =>
      fillRow(this.body.rows[index] ?? this.body.appendChild(element('tr')), columns, row, extra.mark?.(row) ?? false)
    );
    if (extra.total) fillRow(this.foot.rows[0] ?? this.foot.appendChild(element('tr')), columns, extra.total, false);
    else this.foot.replaceChildren();
  }

  private drawHead(signature: string): void {
    const active = document.activeElement;
    const focused = active instanceof HTMLElement && this.head.contains(active) ? active.dataset.key : null;
    this.signature = signature;
    this.body.replaceChildren();
    this.foot.replaceChildren();
    const heading = (column: Column<Row>) =>
      element(
        'th',
        {
          scope: 'col',
          class: 'sortable' + (column.number ? ' number' : '') + (column.minor ? ' minor' : ''),
          title: column.title,
          'data-label': column.label,
        },
        button(column.label, () => this.sortBy(column), { 'data-key': column.key })
      );
    this.head.replaceChildren(element('tr', {}, ...this.columns.map(heading)));
    this.showOrder();
    for (const node of this.head.querySelectorAll('button'))
      if (focused && node.dataset.key === focused) node.focus({ preventScroll: true });
  }

  private sortBy(column: Column<Row>): void {
    const direction = this.order.key === column.key ? -this.order.direction : column.number ? -1 : 1;
    this.order = { key: column.key, direction };
    this.showOrder();
    this.update(this.columns, this.rows, this.extra);
    say('Sorted by ' + column.label + ', ' + (direction > 0 ? 'ascending' : 'descending') + '.');
  }

  private showOrder(): void {
    for (const [index, cell] of [...this.head.rows[0].cells].entries()) {
      if (this.columns[index].key === this.order.key)
        cell.setAttribute('aria-sort', this.order.direction > 0 ? 'ascending' : 'descending');
      else cell.removeAttribute('aria-sort');
    }
  }

  private sorted(): Row[] {
    const column = this.columns.find(candidate => candidate.key === this.order.key);
    if (!column) return this.rows;
    const valueOf = column.value ?? column.text;
    const { direction } = this.order;
    return [...this.rows].sort((a, b) => {
      const [left, right] = [valueOf(a), valueOf(b)];
      const [noLeft, noRight] = [left === null || left === undefined, right === null || right === undefined];
      if (noLeft || noRight) return Number(noLeft) - Number(noRight);
      if (typeof left === 'number' && typeof right === 'number') return direction * (left - right);
      return direction * String(left).localeCompare(String(right), 'en', { numeric: true });
    });
  }
}

function fillRow<Row>(line: HTMLTableRowElement, columns: Column<Row>[], row: Row, isMarked: boolean): void {
  line.className = isMarked ? 'odd' : '';
  columns.forEach((column, index) => {
    const cell = line.cells[index] ?? line.appendChild(element(index ? 'td' : 'th', index ? {} : { scope: 'row' }));
    const classes = [column.number && 'number', column.wide && 'wide', column.minor && 'minor', column.tone?.(row)];
    const wanted = classes.filter(Boolean).join(' ');
    if (cell.className !== wanted) cell.className = wanted;
    const text = column.text(row);
    if (!column.node) return setText(cell, text);
    if (texts.get(cell) === text) return;
    texts.set(cell, text);
    cell.replaceChildren(column.node(row));
  });
}

type Read<Row> = (row: Row) => Value;

export function countColumn<Row>(key: string, label: string, read: Read<Row>, more: Partial<Column<Row>> = {}): Column<Row> {
  return { key, label, number: true, value: read, text: row => asCount(read(row)), ...more };
}

export function timeColumn<Row>(key: string, label: string, read: Read<Row>, more: Partial<Column<Row>> = {}): Column<Row> {
  return { key, label, number: true, value: read, text: row => asTime(read(row)), ...more };
}
