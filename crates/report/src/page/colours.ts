/* The colours of the style sheet, for drawing on a canvas. */

import uPlot from 'uplot';
import { element } from './dom';

export const HEAT_LEVELS = 24;

let named = new Map<string, string>();
let ramp: string[] | null = null;
let hatch: CanvasPattern | null = null;

/* Clears the cache of colours. Call this function after the colours have changed. */
export function forgetColours(): void {
  named = new Map();
  ramp = null;
  hatch = null;
}

export function colourOf(name: string): string {
  let colour = named.get(name);
  if (colour === undefined) {
    colour = getComputedStyle(document.documentElement)
      .getPropertyValue('--' + name)
      .trim();
    named.set(name, colour);
  }
  return colour;
}

function shadeBetween(from: string, to: string, share: number): string {
  const part = (text: string, index: number) => parseInt(text.slice(1 + index * 2, 3 + index * 2), 16);
  return 'rgb(' + [0, 1, 2].map(index => Math.round(part(from, index) + (part(to, index) - part(from, index)) * share)).join(',') + ')';
}

export function heatColours(): string[] {
  if (ramp) return ramp;
  const stops = colourOf('heat').split(/\s+/);
  ramp = Array.from({ length: HEAT_LEVELS }, (_, level) => {
    const place = (level / (HEAT_LEVELS - 1)) * (stops.length - 1);
    const stop = Math.min(stops.length - 2, Math.floor(place));
    return shadeBetween(stops[stop], stops[stop + 1], place - stop);
  });
  return ramp;
}

export function brushOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const brush = canvas.getContext('2d');
  if (!brush) throw new Error('this browser cannot draw on a canvas');
  return brush;
}

export function hatchPattern(context: CanvasRenderingContext2D): CanvasPattern | string {
  if (hatch) return hatch;
  const size = Math.round(8 * uPlot.pxRatio);
  const tile = element('canvas', { width: size, height: size });
  const brush = brushOf(tile);
  brush.strokeStyle = colourOf('hatch');
  brush.lineWidth = uPlot.pxRatio;
  for (const shift of [-size, 0, size]) {
    brush.beginPath();
    brush.moveTo(shift, size);
    brush.lineTo(shift + size, 0);
    brush.stroke();
  }
  hatch = context.createPattern(tile, 'repeat');
  return hatch ?? colourOf('hatch');
}
