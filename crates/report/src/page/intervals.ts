/* The background of charts over time: phases that are not measured, and intervals with missing data. */

import uPlot from 'uplot';
import { colourOf, hatchPattern } from './colours';
import type { Diagram } from './diagram';
import { kindAsWords } from './format';

interface Interval {
  from_s: number;
  to_s: number;
}

function missingIntervals(chart: Diagram): Interval[] {
  const missing: Interval[] = [];
  for (const gap of [...chart.model.missing].sort((a, b) => a.from_s - b.from_s)) {
    const last = missing[missing.length - 1];
    if (last && gap.from_s <= last.to_s) last.to_s = Math.max(last.to_s, gap.to_s);
    else missing.push({ from_s: gap.from_s, to_s: gap.to_s });
  }
  return missing;
}

function spanOf(uplot: uPlot, { from_s: from, to_s: to }: Interval): { begin: number; width: number } | null {
  const { left, width } = uplot.bbox;
  const begin = Math.max(left, uplot.valToPos(from, 'x', true));
  const finish = Math.min(left + width, uplot.valToPos(to, 'x', true));
  return finish > begin ? { begin, width: finish - begin } : null;
}

export function paintIntervals(uplot: uPlot, chart: Diagram): void {
  const { ctx: brush, bbox } = uplot;
  const fill = (interval: Interval, styles: Array<() => string | CanvasPattern>) => {
    const span = spanOf(uplot, interval);
    if (!span) return;
    for (const style of styles) {
      brush.fillStyle = style();
      brush.fillRect(span.begin, bbox.top, span.width, bbox.height);
    }
  };
  brush.save();
  for (const phase of chart.model.phases) if (!phase.measured) fill(phase, [() => colourOf('shade')]);
  for (const gap of missingIntervals(chart)) fill(gap, [() => colourOf('hatch-ground'), () => hatchPattern(brush)]);
  brush.restore();
}

export function paintIntervalNames(uplot: uPlot, chart: Diagram): void {
  const { ctx: brush, bbox } = uplot;
  const ratio = uPlot.pxRatio;
  brush.save();
  brush.font = 11 * ratio + 'px system-ui, sans-serif';
  brush.textBaseline = 'middle';
  brush.textAlign = 'left';
  if (chart.definition.strip) paintPhaseStrip(uplot, chart, brush, ratio);
  for (const gap of missingIntervals(chart)) {
    const span = spanOf(uplot, gap);
    const text = span && fittingText(brush, ['a worker’s part is missing', 'part missing', 'missing'], span.width - 10 * ratio);
    if (!text) continue;
    brush.fillStyle = colourOf('panel');
    brush.fillRect(span.begin + 3 * ratio, bbox.top + 3 * ratio, brush.measureText(text).width + 8 * ratio, 16 * ratio);
    brush.fillStyle = colourOf('warn');
    brush.fillText(text, span.begin + 7 * ratio, bbox.top + 11.5 * ratio);
  }
  brush.restore();
}

function paintPhaseStrip(uplot: uPlot, chart: Diagram, brush: CanvasRenderingContext2D, ratio: number): void {
  for (const phase of chart.model.phases) {
    const span = spanOf(uplot, phase);
    if (!span) continue;
    const top = uplot.bbox.top - 17 * ratio;
    brush.fillStyle = colourOf(phase.measured ? 'busy-ground' : 'shade');
    brush.fillRect(span.begin + ratio / 2, top, Math.max(ratio, span.width - ratio), 15 * ratio);
    const short = phase.text.split(' ')[0];
    const words = phase.measured ? [phase.text, short] : [phase.text + ', not measured', short + ', not measured', 'not measured', short];
    const text = fittingText(brush, words.map(kindAsWords), span.width - 8 * ratio);
    brush.fillStyle = colourOf(phase.measured ? 'busy' : 'muted');
    if (text) brush.fillText(text, span.begin + 4 * ratio, top + 8 * ratio);
  }
}

function fittingText(brush: CanvasRenderingContext2D, candidates: string[], width: number): string | null {
  return candidates.find(text => brush.measureText(text).width <= width) ?? null;
}
