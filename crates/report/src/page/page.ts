/* The state of the page. Tests read this state as `window.vajraPage`. */

import type uPlot from 'uplot';
import { asCount, asDuration, asInstant, asQuantile, asRate, asTime } from './format';
import type { View } from './view';

export interface PastRun {
  run: string;
  verdict: string;
  scenario: string;
  created: string | null;
  workers: number;
  length: string;
}

export const page = {
  ready: false,
  charts: {} as Record<string, uPlot>,
  model: null as View | null,
  past: [] as PastRun[],
  format: { count: asCount, time: asTime, rate: asRate, duration: asDuration, percentile: asQuantile, instant: asInstant },
};

declare global {
  interface Window {
    vajraPage: typeof page;
  }
}

window.vajraPage = page;

export const isLive = document.body.dataset.live === '1';
