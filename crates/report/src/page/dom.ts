/* Helpers that create and fill elements. */

type Attribute = string | number | boolean | null | undefined;
type Handlers = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
export type Child = Node | string | null | undefined;

export const MISSING = '–';

export function find<E extends HTMLElement = HTMLElement>(id: string): E {
  const node = document.getElementById(id);
  if (!node) throw new Error('the page has no element ' + id);
  return node as E;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

export function listen<E extends HTMLElement>(node: E, handlers: Handlers): E {
  for (const [name, handler] of Object.entries(handlers)) node.addEventListener(name, handler as EventListener);
  return node;
}

export function button(label: string, click: (event: MouseEvent) => void, attributes: Record<string, Attribute> = {}): HTMLButtonElement {
  return listen(element('button', { type: 'button', ...attributes }, label), { click });
}

/* Returns a table that cannot be sorted. The cells from column `numbersFrom` on are numbers. */
export function plainTable(caption: string, headings: string[] | null, rows: Child[][], numbersFrom = 1): HTMLTableElement {
  const numbers = (index: number) => (index >= numbersFrom ? 'number' : null);
  const heading = (text: string, index: number) => element('th', { scope: 'col', class: numbers(index) }, text);
  const cell = (content: Child, index: number) =>
    element(index ? 'td' : 'th', { scope: index ? null : 'row', class: numbers(index) }, content);
  return element(
    'table',
    {},
    element('caption', {}, caption),
    headings && element('thead', {}, element('tr', {}, ...headings.map(heading))),
    element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map(cell))))
  );
}

/* Returns an element that scrolls wide content, also by keyboard. */
export function scrollRegion(label: string, content: Node, kind = ''): HTMLDivElement {
  return element('div', { class: ('scroll ' + kind).trim(), role: 'region', tabindex: '0', 'aria-label': label }, content);
}

export function lineList(lines: string[]): HTMLElement | null {
  return lines.length ? element('ul', { class: 'lines' }, ...lines.map(line => element('li', {}, line))) : null;
}

export function factList(facts: Array<[string, string]>): HTMLElement {
  return element(
    'dl',
    { class: 'facts-table' },
    ...facts.flatMap(([label, text]) => [element('dt', {}, label), element('dd', {}, text)])
  );
}

export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

const contents = new WeakMap<Node, string>();

/* Replaces the content of `host`, unless `mark` equals the mark of the present content. While the mark remains the
   same, updates keep the selection and the scroll position. */
export function setContent(host: HTMLElement, mark: unknown, build: () => Child[]): void {
  const signature = JSON.stringify(mark);
  if (contents.get(host) === signature) return;
  contents.set(host, signature);
  host.replaceChildren(...build().filter(child => child !== null && child !== undefined));
}

const slots = new WeakMap<HTMLElement, Map<string, HTMLElement>>();

/* Returns the element with this name in a host, which has one element for each name. Creates the element if it does not
   exist. */
export function slot<K extends keyof HTMLElementTagNameMap = 'div'>(
  host: HTMLElement,
  name: string,
  tag = 'div' as K,
  attributes: Record<string, Attribute> = {}
): HTMLElementTagNameMap[K] {
  const known = slots.get(host) ?? new Map<string, HTMLElement>();
  slots.set(host, known);
  let node = known.get(name);
  if (!node) {
    node = host.appendChild(element(tag, attributes));
    known.set(name, node);
  }
  return node as HTMLElementTagNameMap[K];
}

/* Announces a text to screen readers. */
export function say(text: string): void {
  setText(find('spoken'), text);
}
