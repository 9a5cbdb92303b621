/* ---------- sortable tables ---------- */

function createTable(host, caption, kind = '') {
  const table = { caption, order: { key: null, direction: 1 }, columns: [], signature: '', rows: [] };
  table.head = element('thead');
  table.body = element('tbody');
  table.foot = element('tfoot');
  table.node = scrollRegion(caption, element('table', {}, element('caption', {}, caption), table.head, table.body, table.foot), kind);
  host.append(table.node);
  return table;
}

/* A column has key, label, text(row), and for sorting value(row); `number` ones sort the largest first, `minor` ones are not printed. */
function updateTable(table, columns, rows, { total = null, limit = Infinity, mark = null } = {}) {
  const signature = columns.map(column => column.key).join('\n');
  table.columns = columns;
  table.latest = [columns, rows, { total, limit, mark }];
  if (signature !== table.signature) drawTableHead(table, signature);
  const shown = sortedRows(table, rows).slice(0, limit);
  const longest = Math.max(...shown.map(row => columns[0].text(row).length), 4);
  table.node.style.setProperty('--name', Math.min(40, longest) + 2 + 'ch');
  while (table.body.rows.length > shown.length) table.body.deleteRow(-1);
  shown.forEach((row, index) =>
    fillRow(table.body.rows[index] || table.body.appendChild(element('tr')), columns, row, mark && mark(row))
  );
  if (total) fillRow(table.foot.rows[0] || table.foot.appendChild(element('tr')), columns, total, false);
  else table.foot.replaceChildren();
}

function drawTableHead(table, signature) {
  const focused = table.head.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  table.signature = signature;
  table.body.replaceChildren();
  table.foot.replaceChildren();
  table.head.replaceChildren(
    element(
      'tr',
      {},
      ...table.columns.map(column =>
        element(
          'th',
          {
            scope: 'col',
            class: 'sortable' + (column.number ? ' number' : '') + (column.minor ? ' minor' : ''),
            title: column.title,
            'data-label': column.label,
          },
          element('button', { type: 'button', 'data-key': column.key, on: { click: () => sortBy(table, column) } }, column.label)
        )
      )
    )
  );
  showOrder(table);
  if (focused)
    for (const button of table.head.querySelectorAll('button')) if (button.dataset.key === focused) button.focus({ preventScroll: true });
}

function sortBy(table, column) {
  const first = column.number ? -1 : 1;
  table.order =
    table.order.key === column.key ? { key: column.key, direction: -table.order.direction } : { key: column.key, direction: first };
  showOrder(table);
  updateTable(table, ...table.latest);
  say('Sorted by ' + column.label + ', ' + (table.order.direction > 0 ? 'ascending' : 'descending') + '.');
}

function showOrder(table) {
  for (const [index, cell] of [...table.head.rows[0].cells].entries()) {
    if (table.columns[index].key === table.order.key)
      cell.setAttribute('aria-sort', table.order.direction > 0 ? 'ascending' : 'descending');
    else cell.removeAttribute('aria-sort');
  }
}

function sortedRows(table, rows) {
  const column = table.columns.find(candidate => candidate.key === table.order.key);
  if (!column) return rows;
  const valueOf = column.value || column.text;
  const { direction } = table.order;
  return [...rows].sort((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    const [noLeft, noRight] = [left === null || left === undefined, right === null || right === undefined];
    if (noLeft || noRight) return Number(noLeft) - Number(noRight);
    return direction * (typeof left === 'number' ? left - right : String(left).localeCompare(String(right), 'en', { numeric: true }));
  });
}

function fillRow(row, columns, content, isMarked) {
  row.className = isMarked ? 'odd' : '';
  columns.forEach((column, index) => {
    let cell = row.cells[index];
    if (!cell) cell = row.appendChild(element(index ? 'td' : 'th', index ? {} : { scope: 'row' }));
    const tone = column.tone ? column.tone(content) : null;
    const wanted = [column.number ? 'number' : '', column.wide ? 'wide' : '', column.minor ? 'minor' : '', tone || '']
      .filter(Boolean)
      .join(' ');
    if (cell.className !== wanted) cell.className = wanted;
    const text = column.text(content);
    if (!column.node) return setText(cell, text);
    if (cell.vajraText === text) return undefined;
    cell.vajraText = text;
    return cell.replaceChildren(column.node(content));
  });
}

const countColumn = (key, label, read = row => row[key], more = {}) => ({
  key,
  label,
  number: true,
  value: read,
  text: row => asCount(read(row)),
  ...more,
});
const timeColumn = (key, label, read = row => row[key], more = {}) => ({
  key,
  label,
  number: true,
  value: read,
  text: row => asTime(read(row)),
  ...more,
});
