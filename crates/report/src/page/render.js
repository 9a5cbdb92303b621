/* ---------- all of it ---------- */

function drawFirst(model) {
  find('verdict').hidden = false;
  drawTop(model);
  drawLive(model);
  drawVerdict(model);
}

function drawCharts(facts, model) {
  drawOverTime(facts, model);
  drawSpread(facts, model);
  drawHeat(facts, model);
}

function drawRest(model) {
  drawRequests(model);
  drawWorkers(model);
  drawGenerator(model);
  drawPlan(model);
  drawCost(model);
  drawContents();
}

function render(model) {
  const facts = readSeconds(model);
  drawFirst(model);
  if (page.ready) {
    drawCharts(facts, model);
    drawRest(model);
    return;
  }
  /* The verdict is on the screen before the charts are begun. */
  const soon = document.hidden ? setTimeout : requestAnimationFrame;
  soon(() =>
    setTimeout(() => {
      drawCharts(facts, model);
      setTimeout(() => {
        drawRest(model);
        page.ready = true;
      }, 0);
    }, 0)
  );
}

function redrawColours() {
  colours = {};
  for (const chart of Object.values(charts)) {
    if (!chart.uplot) continue;
    chart.uplot.redraw(false, true);
    if (chart.heatBar) paintHeatBar(chart);
  }
  for (const canvas of document.querySelectorAll('.worker-grid canvas')) if (canvas.width !== 300) drawSparkline(canvas);
}

/* On paper all is light, of the paper's width, and drawn, seen or not. */
function preparePrint(isPrinting) {
  document.documentElement.classList.toggle('printing', isPrinting);
  colours = {};
  for (const chart of Object.values(charts)) {
    if (!chart.uplot || chart.figure.hidden) continue;
    chart.uplot.setSize({ width: isPrinting ? PRINT_WIDTH : chart.plot.clientWidth, height: chart.definition.height || CHART_HEIGHT });
    if (chart.heatBar) paintHeatBar(chart);
  }
  for (const canvas of document.querySelectorAll('.worker-grid canvas')) drawSparkline(canvas);
}

const PRINT_WIDTH = 690;

function watchSurroundings() {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawColours);
  window.addEventListener('beforeprint', () => preparePrint(true));
  window.addEventListener('afterprint', () => preparePrint(false));
}

function readModel() {
  const text = find('model').textContent.trim();
  return text ? JSON.parse(text) : null;
}

watchSurroundings();
if (isLive) beginLive();
else {
  page.model = readModel();
  if (page.model) render(page.model);
}
