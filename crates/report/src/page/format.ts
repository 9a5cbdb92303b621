/* Formats the numbers that the view does not contain as text: values at the cursor, on an axis, and in a sorted table.
   A browser test compares these functions with the functions of `show.rs`. */

import { MISSING } from './dom';

export type Value = number | null | undefined;

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export function asCount(value: Value): string {
  return isNumber(value) ? grouped.format(value) : MISSING;
}

/* Formats a time with three digits. Times of 1,000 s or more are formatted in whole seconds. */
export function asTime(ms: Value): string {
  if (!isNumber(ms)) return MISSING;
  const nanos = Math.round(Math.abs(ms) * 1e6);
  let unit = 1;
  while (nanos / unit >= 1000 && unit < 1e9) unit *= 10;
  const rounded = Math.floor((nanos + Math.floor(unit / 2)) / unit) * unit;
  if (rounded === 0) return '0';
  const [size, name] = rounded < 1e3 ? [1, 'ns'] : rounded < 1e6 ? [1e3, 'us'] : rounded < 1e9 ? [1e6, 'ms'] : [1e9, 's'];
  return (ms < 0 ? '-' : '') + Number((rounded / size).toPrecision(12)) + name;
}

export function asRate(perSecond: Value): string {
  if (!isNumber(perSecond)) return MISSING;
  const decimals = (number: number) => (Math.round(perSecond * 10 ** number) / 10 ** number).toFixed(number);
  return (perSecond >= 10000 ? grouped.format(Math.round(perSecond)) : decimals(perSecond >= 100 ? 1 : 2)) + '/s';
}

export function asDuration(seconds: Value): string {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 60) return Math.round(seconds * 10) / 10 + ' s';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [hours ? hours + ' h' : '', minutes ? minutes + ' min' : '', rest ? rest + ' s' : ''].filter(Boolean).join(' ');
}

/* Formats a time since the start, in seconds for a short run, or as min:s for a longer run. */
export function asMoment(seconds: number, end: number): string {
  if (end <= 180) return Number(seconds.toFixed(1)) + ' s';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, '0')];
  return hours ? hours + ':' + String(minutes).padStart(2, '0') + ':' + rest : minutes + ':' + rest;
}

export function asQuantile(quantile: number): string {
  if (quantile >= 1) return 'max';
  const scale = 10 ** Math.max(0, Math.min(6, Math.ceil(-Math.log10(1 - quantile) - 1e-9) - 1));
  return Math.round(quantile * 100 * scale) / scale + '%';
}

export function asTickTime(value: number): string {
  return value === 0 ? '0' : asTime(value);
}

/* Formats a number on an axis. */
export function asTick(value: number): string {
  return Math.abs(value) >= 999.5 ? grouped.format(value) : String(Number(value.toPrecision(3)));
}

export function asInstant(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
}

export function numberOf(count: number, one: string, many = one + 's'): string {
  return asCount(count) + ' ' + (count === 1 ? one : many);
}

export const kindAsWords = (kind: string): string => kind.replaceAll('_', ' ');
