/* Small charts, one for each worker. All of these charts have the same scale, so that outliers are visible. */

import { brushOf, colourOf } from './colours';
import { isNumber } from './format';
import { greatest, type Values } from './series';
import type { WorkerSeries, WorkerView } from './view';

export interface Scale {
  rate: number;
  low: number;
  high: number;
  logarithmic: boolean;
  end: number;
}

const drawn = new WeakMap<HTMLCanvasElement, { series: WorkerSeries; scale: Scale }>();

export function scaleOf(workers: WorkerView[]): Scale {
  let [rate, low, high, end] = [0, Infinity, 0, 0];
  for (const { series } of workers) {
    if (!series) continue;
    rate = Math.max(rate, greatest(series.rate) ?? 0);
    end = Math.max(end, series.from_s + series.rate.length * series.step_s);
    for (const p99 of series.p99)
      if (isNumber(p99) && p99 > 0) {
        low = Math.min(low, p99);
        high = Math.max(high, p99);
      }
  }
  const logarithmic = high / low > 20;
  return { rate: rate || 1, low: logarithmic ? low : 0, high, logarithmic, end: end || 1 };
}

/* Sets the data that a canvas shows when it becomes visible. */
export function setSparkline(canvas: HTMLCanvasElement, series: WorkerSeries, scale: Scale): void {
  drawn.set(canvas, { series, scale });
}

export function drawSparkline(canvas: HTMLCanvasElement): void {
  const content = drawn.get(canvas);
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !content) return;
  const { series, scale } = content;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const brush = brushOf(canvas);
  brush.scale(ratio, ratio);
  const middle = Math.round(height / 2);
  const placeX = (index: number) => ((series.from_s + (index + 0.5) * series.step_s) / scale.end) * width;
  const rateY = (rate: number) => middle - 3 - (rate / scale.rate) * (middle - 6);
  const share = (p99: number) => (scale.logarithmic ? Math.log(p99 / scale.low) / Math.log(scale.high / scale.low) : p99 / scale.high);
  const latencyY = (p99: number) => height - 5 - share(p99) * (height - middle - 8);
  brush.strokeStyle = colourOf('grid');
  brush.strokeRect(0.5, middle - 2.5, width, 0);
  brush.strokeRect(0.5, height - 4.5, width, 0);
  strokeValues(brush, series.rate, placeX, rateY, colourOf('completed'));
  const p99 = series.p99.map(value => (isNumber(value) && value > 0 ? value : null));
  strokeValues(brush, p99, placeX, latencyY, colourOf('p99'));
  brush.fillStyle = colourOf('light-bad');
  series.failed.forEach((count, index) => {
    if (count > 0) brush.fillRect(placeX(index) - 1, height - 3, 2, 3);
  });
}

type Place = (value: number) => number;

function strokeValues(brush: CanvasRenderingContext2D, values: Values, placeX: Place, placeY: Place, colour: string): void {
  brush.strokeStyle = brush.fillStyle = colour;
  brush.lineWidth = 1.4;
  brush.beginPath();
  let drawing = false;
  values.forEach((value, index) => {
    if (!isNumber(value)) {
      drawing = false;
      return;
    }
    const [x, y] = [placeX(index), placeY(value)];
    if (drawing) brush.lineTo(x, y);
    else brush.moveTo(x, y);
    if (!drawing && !isNumber(values[index + 1])) brush.rect(x - 0.5, y - 0.5, 1, 1);
    drawing = true;
  });
  brush.stroke();
}
