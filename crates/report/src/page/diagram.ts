/* The types for charts: the definition of a chart, its state, and its data for uPlot. */

import type uPlot from 'uplot';
import { isNumber, type Value } from './format';
import type { Facts, Values } from './series';
import type { View } from './view';

export interface Line {
  key: string;
  label: string;
  colour: string;
  values: Values;
  dash?: number[];
  width?: number;
  invisible?: boolean;
  /* Whether the line is initially hidden. */
  optional?: boolean;
}

export interface TableRows {
  columns: string[];
  rows: string[][];
  note: string | null;
}

/* The definition of a chart. `draw` returns the lines, `describe` the description, and `rows` the table of the chart. */
export interface Definition {
  key: string;
  heading: string;
  hint: string;
  labelX: string | ((model: View) => string);
  labelY: string;
  height?: number;
  overTime?: boolean;
  strip?: boolean;
  stacked?: boolean;
  cursorY?: boolean;
  points?: boolean;
  alwaysLogarithmic?: boolean;
  tick(value: number): string;
  format(value: Value): string;
  log?(facts: Facts, model: View): boolean;
  draw(facts: Facts, model: View): Line[] | null;
  x(facts: Facts, model: View): number[];
  rangeX?(chart: Diagram, min: number, max: number): [number, number];
  rangeY?(chart: Diagram): [number, number];
  axisX?(chart: Diagram): Partial<uPlot.Axis>;
  place(chart: Diagram, index: number): string;
  describe(facts: Facts, model: View): string;
  rows(facts: Facts, model: View, lines: Line[]): TableRows;
  paint?(uplot: uPlot, chart: Diagram): void;
  legend?(chart: Diagram): void;
  readCursor?(chart: Diagram, index: number | null): void;
  recolour?(chart: Diagram): void;
  speak?(chart: Diagram, index: number): string;
  below?(chart: Diagram): void;
}

export interface Diagram {
  definition: Definition;
  figure: HTMLElement;
  legend: HTMLElement;
  plot: HTMLElement;
  below: HTMLElement;
  tableHost: HTMLElement;
  details: HTMLDetailsElement;
  reset: HTMLButtonElement;
  scale: HTMLButtonElement | null;
  when: HTMLElement;
  outputs: HTMLElement[];
  hidden: Set<string>;
  /* The names of the lines that the chart has shown before. If the reader has hidden or shown such a line, the line
     remains hidden or shown. */
  met: Set<string>;
  uplot: uPlot | null;
  facts: Facts;
  model: View;
  lines: Line[];
  shape: string;
  logarithmic: boolean | null;
  zoomed: [number, number] | null;
  byKey: boolean;
}

export function isLogarithmic(chart: Diagram): boolean {
  const { definition } = chart;
  return definition.alwaysLogarithmic || (chart.logarithmic ?? Boolean(definition.log?.(chart.facts, chart.model)));
}

type Column = Array<number | null>;

const column = (values: Values): Column => values.map(value => (isNumber(value) ? value : null));

export function dataOf(chart: Diagram): uPlot.AlignedData {
  const x = chart.definition.x(chart.facts, chart.model);
  if (!chart.definition.stacked) return [x, ...chart.lines.map(line => column(line.values))];
  /* The first line is the top of the stack. Each later line is drawn over the lower part of the previous line. */
  const stack: Column = new Array(x.length).fill(null);
  const layers: Column[] = [];
  for (const line of [...chart.lines].reverse()) {
    for (let index = 0; index < x.length; index += 1) {
      const value = chart.hidden.has(line.key) ? null : line.values[index];
      if (isNumber(value)) stack[index] = (stack[index] ?? 0) + value;
    }
    layers.unshift(stack.slice());
  }
  return [x, ...layers];
}
