const page = { ready: false, charts: { rate: null, latency: null, errors: null, heat: null, distribution: null }, model: null };
window.vajraPage = page;

const isLive = document.body.dataset.live === '1';
const MISSING = '–';
/* More rows than this tell a reader nothing at once; the odd ones come first. */
const WORKERS_SHOWN = 200;
const SPARKLINES_SHOWN = 60;
const TABLE_ROWS = 200;
const CHART_HEIGHT = 230;
/* A logarithmic axis has no zero: 1us, below what is measured. */
const SMALLEST_TIME = 0.001;
/* uPlot scales whole pixels only. */
const CHART_FONT = '12px system-ui, sans-serif';
/* Snapshots come about once a second; after this long without one the numbers are called old. */
const OLD_AFTER_MS = 4000;

/* ---------- elements ---------- */

const find = id => document.getElementById(id);

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

/* A table that is not sorted. A cell is text or a node; from column `numbersFrom` on they are numbers. */
function plainTable(caption, headings, rows, numbersFrom = 1) {
  const numbers = index => (index >= numbersFrom ? 'number' : null);
  const heading = (text, index) => element('th', { scope: 'col', class: numbers(index) }, text);
  const cell = (content, index) => element(index ? 'td' : 'th', { scope: index ? null : 'row', class: numbers(index) }, content);
  return element(
    'table',
    {},
    element('caption', {}, caption),
    headings && element('thead', {}, element('tr', {}, ...headings.map(heading))),
    element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map(cell))))
  );
}

/* Wide content scrolls in its own place, which the keyboard reaches too. */
function scrollRegion(label, content, kind = '') {
  return element('div', { class: ('scroll ' + kind).trim(), role: 'region', tabindex: '0', 'aria-label': label }, content);
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/* Equal content is left alone, so that a selection or a reader's place in it survives an update. */
function setContent(host, mark, build) {
  const signature = JSON.stringify(mark);
  if (host.vajraContent === signature) return;
  host.vajraContent = signature;
  host.replaceChildren(...build().filter(Boolean));
}

function slot(host, name, tag = 'div', attributes = {}) {
  host.vajraSlots ||= {};
  return (host.vajraSlots[name] ||= host.appendChild(element(tag, attributes)));
}

function say(text) {
  setText(find('spoken'), text);
}

/* ---------- numbers as text ---------- */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const isNumber = value => typeof value === 'number' && Number.isFinite(value);

function threeDigits(value) {
  const size = Math.abs(value);
  if (size >= 999.5) return grouped.format(value);
  return String(Number(value.toPrecision(3)));
}

function asCount(value) {
  return isNumber(value) ? grouped.format(value) : MISSING;
}

function asTime(ms) {
  if (!isNumber(ms)) return MISSING;
  if (ms === 0) return '0ms';
  const size = Math.abs(ms);
  if (size < 0.9995) return threeDigits(ms * 1000) + 'us';
  if (size < 999.5) return threeDigits(ms) + 'ms';
  return (size < 999500 ? threeDigits(ms / 1000) : String(Math.round(ms / 1000))) + 's';
}

/* As the text report writes it: one figure has one value. */
function asRate(perSecond) {
  if (!isNumber(perSecond)) return MISSING;
  return (perSecond >= 10000 ? grouped.format(perSecond) : perSecond.toFixed(perSecond >= 100 ? 1 : 2)) + '/s';
}

function asPercent(share) {
  if (!isNumber(share)) return MISSING;
  if (share === 0) return '0%';
  if (share < 0.00001) return '< 0.001%';
  return threeDigits(share * 100) + '%';
}

/* Rounded in the model, as every form of the report rounds it. */
function failedShare(row) {
  return isNumber(row.failed_percent) ? row.failed_percent + '%' : MISSING;
}

function asBytes(bytes) {
  if (!isNumber(bytes)) return MISSING;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return threeDigits(bytes) + ' ' + units[unit];
}

function asDuration(seconds) {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 60) return Number(seconds.toFixed(1)) + ' s';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [hours ? hours + ' h' : '', minutes ? minutes + ' min' : '', rest ? rest + ' s' : ''].filter(Boolean).join(' ');
}

/* A point in the run: plain seconds in a short run, min:s in a longer one. */
function asMoment(seconds, end) {
  if (end <= 180) return Number(seconds.toFixed(1)) + ' s';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, '0')];
  return hours ? hours + ':' + String(minutes).padStart(2, '0') + ':' + rest : minutes + ':' + rest;
}

function asQuantile(quantile) {
  if (quantile >= 1) return 'max';
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(1 - quantile) - 1e-9) - 1));
  return Number((quantile * 100).toFixed(digits)) + '%';
}

function asInstant(iso) {
  if (!iso) return null;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
}

function numberOf(count, one, many = one + 's') {
  return asCount(count) + ' ' + (count === 1 ? one : many);
}

const kindAsWords = kind => kind.replaceAll('_', ' ');

/* ---------- arithmetic on series ---------- */

const known = values => (values || []).filter(isNumber);

const aboveZero = value => (isNumber(value) ? Math.max(value, SMALLEST_TIME) : null);

function greatest(values) {
  let most = null;
  for (const value of values || []) if (isNumber(value) && (most === null || value > most)) most = value;
  return most;
}

function least(values) {
  let fewest = null;
  for (const value of values || []) if (isNumber(value) && (fewest === null || value < fewest)) fewest = value;
  return fewest;
}

function sum(values) {
  return known(values).reduce((total, value) => total + value, 0);
}

function median(values) {
  const sorted = known(values).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) / 2)] : null;
}

/* What the charts share, worked out once for each model. */
function readSeconds(model) {
  const seconds = model.seconds || { at: [] };
  const at = seconds.at || [];
  const step = at.length > 1 ? at[1] - at[0] : 1;
  const lengths = seconds.lengths || [];
  const end = at.length ? at[at.length - 1] + (lengths[at.length - 1] || step) : 0;
  const perSecond = counts =>
    counts ? counts.map((count, index) => (isNumber(count) ? count / (lengths[index] || step) : null)) : null;
  /* The load's last second is seldom a whole one, and what follows it is the answers that were still due: neither has a
     rate. A run without any whole column is drawn as it is. */
  const whole = seconds.whole && seconds.whole.some(Boolean) ? seconds.whole : null;
  const wholeOnly = rates => rates && rates.map((rate, index) => (!whole || whole[index] ? rate : null));
  const kinds = Object.keys(seconds.failures || {}).filter(kind => sum(seconds.failures[kind]) > 0);
  return {
    at,
    step,
    end,
    kinds,
    middle: at.map(begin => begin + step / 2),
    planned: wholeOnly(perSecond(seconds.planned)),
    sent: wholeOnly(perSecond(seconds.sent)),
    completed: wholeOnly(perSecond(seconds.completed)),
    dropped: perSecond(seconds.dropped),
    failures: Object.fromEntries(kinds.map(kind => [kind, perSecond(seconds.failures[kind])])),
    p50: seconds.p50 || [],
    p90: seconds.p90 || [],
    p99: seconds.p99 || [],
    p99_9: seconds.p99_9 || [],
    max: seconds.max || [],
    heat: (model.heat && model.heat.seconds) || [],
    edges: ((model.heat && model.heat.edges) || []).map(aboveZero),
  };
}
