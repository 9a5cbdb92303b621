/* The time range that all charts over time show. */

import type { Diagram } from './diagram';
import { isNumber } from './format';

const zoom: { from: number | null; to: number } = { from: null, to: 0 };
export const timeCharts: Diagram[] = [];

export function shownTime(chart: Diagram): [number, number] {
  return zoom.from === null ? [0, Math.max(chart.facts.end, 1)] : [zoom.from, zoom.to];
}

export function setZoom(from: number | null, to = 0): void {
  zoom.from = from;
  zoom.to = to;
  for (const chart of timeCharts) {
    chart.reset.hidden = from === null;
    const [min, max] = shownTime(chart);
    chart.uplot?.setScale('x', { min, max });
  }
}

export function zoomAround(chart: Diagram, factor: number): void {
  const [from, to] = shownTime(chart);
  const index = chart.uplot?.cursor.idx;
  const middle = isNumber(index) ? chart.facts.middle[index] : (from + to) / 2;
  const half = ((to - from) * factor) / 2;
  const full = Math.max(chart.facts.end, 1);
  if (half * 2 >= full) return setZoom(null);
  if (half * 2 < chart.facts.step * 2) return;
  const begin = Math.min(Math.max(0, middle - half), full - half * 2);
  setZoom(begin, begin + half * 2);
}

export function resetZoom(chart: Diagram): void {
  if (chart.definition.overTime) return setZoom(null);
  chart.reset.hidden = true;
  chart.zoomed = null;
  chart.uplot?.setData(chart.uplot.data);
}
