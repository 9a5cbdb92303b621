// Made from the schema of the view by `page_types.rs`; UPDATE_GOLDENS=1 rewrites it.

/** What a page shows. */
export interface View {
  against: AgainstView | null;
  balance: Balance;
  balance_words: BalanceWords;
  /** What the shaded and hatched parts of charts are. */
  bands: Array<string>;
  /** The same of the requests of each name. */
  choices: Array<ChoiceView>;
  cost: CostView | null;
  distribution: Array<DistributionView>;
  /** Failures by kind in one line. */
  errors: string;
  failures: Array<FailureReport>;
  figures: Array<Figure>;
  format: number;
  generator: GeneratorView;
  /** The run, its fleet, when it began and how long it was, in one line. */
  heading: string;
  heat: HeatView;
  limited: LimitedView | null;
  live: LiveView | null;
  missing: Array<GapView>;
  notes: Array<string>;
  /** What the percentiles leave out. */
  percentiles_of: string | null;
  phases: Array<PhaseView>;
  plan: Array<[string, string]>;
  reasons: Array<string>;
  regions: Array<Row>;
  requests: Array<Row>;
  run: string;
  scenario: string;
  seconds: SecondsView;
  source: string | null;
  started: string | null;
  /** What the verdict means, in a sentence. */
  summary: string;
  thresholds: Array<ThresholdView>;
  total: Row;
  /** The verdict's name, or `running`. */
  verdict: "passed" | "crossed" | "incomplete" | "unjudged" | "running";
  /** The verdict in words. */
  verdict_word: string;
  workers: Array<WorkerView>;
  /** All workers in a few sentences. */
  workers_in_words: string;
}

/** Latency by load. */
export interface AgainstView {
  load: "planned rate" | "users";
  /** Upwards by load. */
  points: Array<PointView>;
}

/** Where every arrival went. `planned = sent + dropped + missing`, and `sent = completed + failed + in_flight`. */
export interface Balance {
  completed: number;
  /** Due, but no connection was free within the longest wait, or the run was stopped. */
  dropped: number;
  failed: number;
  /** Whether both equations hold, and every worker that finished sent or dropped all it owed. */
  holds: boolean;
  in_flight: number;
  /** Owed by a worker that did not get to it, or did not report it. */
  missing: number;
  planned: number;
  sent: number;
  unmeasured_dropped: number;
  /** Sent and dropped in warm-up and cool-down, which no other number here counts. */
  unmeasured_sent: number;
}

/** Where the arrivals went, in words. */
export interface BalanceWords {
  /** What is in no sum. */
  besides: Array<string>;
  /** In one line. */
  line: string;
  sums: Array<SumView>;
}

/** Requests of one name. */
export interface ChoiceView {
  distribution: Array<DistributionView>;
  heat: HeatView;
  name: string;
  seconds: SecondsView;
}

export interface CostView {
  actual: string | null;
  basis: Array<string>;
  expected: string;
  /** Each is what it comes to, what of, and where. */
  lines: Array<Array<string>>;
  prices_of: string;
}

/** Times of requests by percentile. */
export interface DistributionView {
  name: string;
  /** Quantile and milliseconds; the quantile 1 is the maximum. */
  points: Array<[number, number]>;
  /** Whether the page shows it before somebody asks for it. */
  shown: boolean;
}

/** One reason of failures: of one kind, request and origin. */
export interface FailureReport {
  /** What to do; null where that is not known. */
  advice: string | null;
  /** The cause as a code; null for other reasons. */
  cause: string | null;
  count: number;
  /** The numbers of the first arrivals that failed so, at most three. */
  first: Array<number>;
  /** The kind of failure, as in `failures` of a request. */
  kind: string;
  /** Scheme, host and port; null where they are not known. */
  origin: string | null;
  /** In words; `other reasons` counts those beyond what workers keep, and those that were not recorded. */
  reason: string;
  /** The name of the request. */
  request: string;
}

/** A key figure: its label, its value, and a smaller line below. */
export interface Figure {
  label: string;
  more: string;
  tone: Tone;
  value: string;
}

/** An interval of which some workers never told. */
export interface GapView {
  from_s: number;
  to_s: number;
  what: string;
}

export interface GeneratorView {
  /** Each has a name and a text. */
  facts: Array<[string, string]>;
  /** Whether it set the pace. */
  sentence: string;
  /** What else arrivals waited for. */
  waits: Array<string>;
  /** The signs of that. */
  why: Array<string>;
}

/** Counts by column and band; band b reaches from `edges[b]` to `edges[b + 1]` milliseconds. */
export interface HeatView {
  edges: Array<number>;
  seconds: Array<Array<[number, number]>>;
}

/** The alert of a run whose generator set the pace. */
export interface LimitedView {
  signs: Array<string>;
  text: string;
  title: string;
}

/** The part of a page about a run on its way. */
export interface LiveView {
  again: string | null;
  /** How far it has come, in words and as a share of 1. */
  clock: string;
  /** Failures by kind; empty where nothing failed. */
  errors: string;
  figures: Array<Figure>;
  /** How many workers have which light. */
  lights: Array<[string, string]>;
  progress: number;
  state: "starting" | "running" | "stopping" | "ended";
  stays: boolean;
  /** Workers in trouble, with the reason. */
  troubled: Array<string>;
  /** The state in words. */
  words: string;
}

export interface PhaseView {
  from_s: number;
  measured: boolean;
  text: string;
  to_s: number;
  /** From when to when, in words. */
  when: string;
}

/** Measured seconds of about the same load. */
export interface PointView {
  /** Completed a second. */
  completed: number;
  /** Requests a second, or users: the mean of its seconds. */
  load: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  seconds: number;
}

/** What happened to requests of one name, or of one region. */
export interface Row {
  body_bytes: number;
  completed: number;
  dropped: number;
  failed: number;
  /** Of those sent, rounded. */
  failed_percent: number | null;
  failures: Record<string, number>;
  first_byte_p50: number | null;
  first_byte_p99: number | null;
  lag_p99: number | null;
  max: number | null;
  mean: number | null;
  name: string;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  p99_9: number | null;
  rate_per_s: number;
  retries: number;
  sent: number;
  service_p50: number | null;
  service_p99: number | null;
  statuses: Record<string, number>;
}

/** Columns over time; counts are of the whole column. */
export interface SecondsView {
  at: Array<number>;
  completed: Array<number | null>;
  dropped: Array<number | null>;
  failed: Array<number | null>;
  failures: Record<string, Array<number | null>>;
  /** Requests that were sent and had no outcome at its end; null from where not all is known. */
  in_flight: Array<number | null>;
  /** How many seconds each column has: the last may have fewer than the others. */
  lengths: Array<number>;
  max: Array<number | null>;
  measured: Array<boolean>;
  p50: Array<number | null>;
  p90: Array<number | null>;
  p99: Array<number | null>;
  p99_9: Array<number | null>;
  planned: Array<number> | null;
  sent: Array<number | null>;
  /** Users that are there in the middle of each; null of a load that has none. */
  users: Array<number> | null;
  /** Columns that lie whole within the load: the others have no rate. */
  whole: Array<boolean>;
}

/** A whole and its parts, cell by cell, and whether they agree. */
export interface SumView {
  cells: Array<string>;
  judged: string;
  off: boolean;
}

/** A threshold, and what is known of it. */
export interface ThresholdView {
  limit: string;
  measured: string;
  threshold: string;
  /** `met`, `not met`, or `not judged yet` of a run on its way. */
  word: string;
}

/** How a figure is coloured. */
export type Tone = "plain" | "warn" | "bad";

export interface WorkerSeries {
  failed: Array<number>;
  from_s: number;
  p99: Array<number | null>;
  /** Sent a second; null where the load had ended for the most part. */
  rate: Array<number | null>;
  step_s: number;
}

export interface WorkerView {
  busy_percent: number | null;
  clock_offset: number | null;
  completed: number;
  dropped: number;
  /** Its rate and p99, in words. */
  facts: string;
  failed: number;
  lag_p99: number | null;
  last_seen_s: number | null;
  light: "green" | "yellow" | "red" | "none";
  max: number | null;
  missing: number;
  /** `worker 3`, or `worker 3, part 2` in a run of several slices. */
  name: string;
  /** How it differs from the others; empty if it does not. */
  odd: string;
  owed: number | null;
  p50: number | null;
  p99: number | null;
  /** Of the whole measured time, completed; `rate_sent` is of the last snapshot of one on its way. */
  rate_per_s: number | null;
  rate_sent: number | null;
  region: string | null;
  sent: number;
  series: WorkerSeries | null;
  shard: number;
  slice: number;
  start_skew: number | null;
  state: string;
  why: string | null;
  worker: string | null;
}
