/*! The charts are drawn by uPlot (MIT), copyright (c) 2022 Leon Sorokin. */
/* The entry point of the page, which draws the sections of the page in order. */

import { againstChart } from './against';
import { charts, CHART_HEIGHT, drawChart } from './chart';
import { chosen, drawChoice, type Shown } from './choice';
import { forgetColours } from './colours';
import { follow } from './connection';
import { errorsChart, latencyChart, openChart, rateChart, waitsChart } from './curves';
import { drawContents, drawCost, drawGenerator, drawPlan } from './details';
import type { Definition } from './diagram';
import { distributionChart } from './distribution';
import { find, setText, slot } from './dom';
import { drawFlows } from './flows';
import { heatChart } from './heat';
import { drawLive } from './live';
import { isLive, page } from './page';
import { drawRequests } from './requests';
import type { Facts } from './series';
import { drawSparkline } from './sparklines';
import { drawTop, drawVerdict } from './verdict';
import type { View } from './view';
import { drawWorkers } from './workers';

const PRINT_WIDTH = 690;

function drawFirst(model: View): void {
  find('verdict').hidden = false;
  drawTop(model);
  drawLive(model);
  drawVerdict(model);
}

function drawCharts(whole: View): void {
  drawChoice(whole, () => {
    if (page.model) drawCharts(page.model);
  });
  const shown = chosen(whole);
  const { facts, model } = shown;
  drawOverTime(shown);
  drawIn('spread', distributionChart, facts, model);
  drawIn('against', againstChart, facts, model);
  drawIn('heat', heatChart, facts, model);
  drawContents();
}

/* Draws a chart in its own section. The section is hidden if the chart has no data. */
function drawIn(section: string, definition: Definition, facts: Facts, model: View): void {
  find(section).hidden = false;
  find(section).hidden = !drawChart(find(section + '-body'), definition, facts, model);
}

function drawOverTime({ facts, failed, waits, model }: Shown): void {
  const body = find('over-time-body');
  find('over-time').hidden = !failed.at.length;
  if (!failed.at.length) return;
  drawChart(body, rateChart, facts, model);
  drawChart(body, latencyChart, facts, model);
  drawChart(body, waitsChart, waits, model);
  drawChart(body, openChart, facts, model);
  const any = drawChart(body, errorsChart, failed, model);
  setText(slot(body, 'no-errors', 'p', { class: 'muted' }), any ? '' : 'No request failed, and none was dropped.');
  setText(
    slot(body, 'help', 'p', { class: 'muted band-list help' }),
    'Drag over a chart to zoom, double click to reset. With the keyboard: arrow keys move, + and − zoom, 0 resets.'
  );
}

function drawRest(model: View): void {
  drawFlows(model);
  drawRequests(model);
  drawWorkers(model);
  drawGenerator(model);
  drawPlan(model);
  drawCost(model);
  drawContents();
}

function render(model: View): void {
  drawFirst(model);
  if (page.ready) {
    drawCharts(model);
    drawRest(model);
    return;
  }
  /* The charts are drawn later, so that the browser paints the verdict first. */
  const soon = (next: () => void) => (document.hidden ? setTimeout(next) : requestAnimationFrame(next));
  soon(() =>
    setTimeout(() => {
      drawCharts(model);
      setTimeout(() => {
        drawRest(model);
        page.ready = true;
      }, 0);
    }, 0)
  );
}

const sparklines = () => document.querySelectorAll<HTMLCanvasElement>('.worker-grid canvas');

function redrawColours(): void {
  forgetColours();
  for (const chart of charts.values()) {
    chart.uplot?.redraw(false, true);
    chart.definition.recolour?.(chart);
  }
  /* A canvas that was never drawn has the default width of 300 pixels. Such a canvas is not drawn again. */
  for (const canvas of sparklines()) if (canvas.width !== 300) drawSparkline(canvas);
}

/* Prepares all charts for printing, or for the screen again. Printed charts have light colours and fit the width of the
   paper. Charts that were not visible before are drawn too. */
function preparePrint(isPrinting: boolean): void {
  document.documentElement.classList.toggle('printing', isPrinting);
  forgetColours();
  for (const chart of charts.values()) {
    if (!chart.uplot || chart.figure.hidden) continue;
    const height = chart.definition.height ?? CHART_HEIGHT;
    chart.uplot.setSize({ width: isPrinting ? PRINT_WIDTH : chart.plot.clientWidth, height });
    chart.definition.recolour?.(chart);
  }
  for (const canvas of sparklines()) drawSparkline(canvas);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawColours);
window.addEventListener('beforeprint', () => preparePrint(true));
window.addEventListener('afterprint', () => preparePrint(false));
if (isLive) follow(render);
else {
  page.model = JSON.parse(find('model').textContent ?? 'null');
  if (page.model) render(page.model);
}
