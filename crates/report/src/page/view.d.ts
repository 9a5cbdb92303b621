// Made from the schema of the view by `page_types.rs`; UPDATE_GOLDENS=1 rewrites it.

/** The input of a page. */
export interface View {
  against: AgainstView | null;
  balance: Balance;
  balance_words: BalanceWords;
  /** Explanations of the shaded, hatched and omitted parts of charts. */
  bands: Array<string>;
  /** The charts of the requests of each name. */
  choices: Array<ChoiceView>;
  cost: CostView | null;
  distribution: Array<DistributionView>;
  /** Failures by kind, and dropped arrivals, on one line. */
  errors: string;
  failures: Array<FailureReport>;
  figures: Array<Figure>;
  flows: Array<FlowRow>;
  format: number;
  generator: GeneratorView;
  /** The run, its fleet, its start and its length, on one line. */
  heading: string;
  heat: HeatView;
  /** The charts of the failures of each kind; empty for a run without failures, and for a run of older workers. */
  kinds: Array<ChoiceView>;
  limited: LimitedView | null;
  live: LiveView | null;
  missing: Array<GapView>;
  notes: Array<string>;
  /** The arrivals that the percentiles exclude, and the percentiles that are uncertain. */
  percentiles_of: string | null;
  phases: Array<PhaseView>;
  plan: Array<[string, string]>;
  populations: Array<RequestRow>;
  reasons: Array<string>;
  regions: Array<RequestRow>;
  /** The requests of the mix, and the requests of the steps of flows. */
  requests: Array<RequestRow>;
  run: string;
  scenario: string;
  seconds: SecondsView;
  source: string | null;
  started: string | null;
  /** A sentence about the verdict. */
  summary: string;
  thresholds: Array<ThresholdView>;
  total: RequestRow;
  /** The name of the verdict, or `running`. */
  verdict: "passed" | "crossed" | "incomplete" | "unjudged" | "running";
  /** The verdict as text. */
  verdict_word: string;
  waits: WaitsView;
  workers: Array<WorkerView>;
  /** A summary of all workers. */
  workers_in_words: string;
}

/** The chart of latency against the load. */
export interface AgainstView {
  load: "planned rate" | "users";
  /** The points, in ascending order of the load. */
  points: Array<PointView>;
}

/** The outcomes of all arrivals and their requests. Two equations hold: `planned = begun + dropped + missing`, and `sent = completed + failed + in_flight`. An arrival of one request begins when the request is sent, so `begun` equals `sent` in a run without flows. */
export interface Balance {
  /** Arrivals that began: the single requests that were sent, plus the flows that were started. */
  begun: number;
  completed: number;
  /** Arrivals that were not sent, because no connection was free within `max_wait`, or because the run was stopped. */
  dropped: number;
  failed: number;
  /** Whether both equations of the balance hold, and whether every finished worker sent or dropped all of its arrivals. */
  holds: boolean;
  in_flight: number;
  /** Arrivals that their worker did not reach or did not report. */
  missing: number;
  planned: number;
  /** Requests that were sent, including the requests of flows. */
  sent: number;
  /** Steps of started flows that were not sent, because no connection was free within `max_wait`. */
  starved: number;
  /** Arrivals of warm-up and cool-down that were dropped. No other number includes these arrivals. */
  unmeasured_dropped: number;
  /** Requests of warm-up and cool-down that were sent. No other number includes these requests. */
  unmeasured_sent: number;
}

/** The balance of arrivals as text. */
export interface BalanceWords {
  /** Sentences about starved flows, about retries, and about the requests of warm-up and cool-down. */
  besides: Array<string>;
  /** The balance on one line. */
  line: string;
  sums: Array<SumView>;
}

/** The charts of one choice: the requests of one name, or the failures of one kind. */
export interface ChoiceView {
  distribution: Array<DistributionView>;
  heat: HeatView;
  name: string;
  seconds: SecondsView;
  waits: WaitsView;
}

export interface CostView {
  actual: string | null;
  basis: Array<string>;
  expected: string;
  /** The lines of the bill. Each line has the cost, the quantity with its item, and the region. */
  lines: Array<Array<string>>;
  prices_of: string;
}

/** Times of requests by percentile. */
export interface DistributionView {
  name: string;
  /** Pairs of a quantile and a time in milliseconds. The quantile 1 is the maximum. */
  points: Array<[number, number]>;
  /** Whether the page shows this distribution initially. */
  shown: boolean;
}

/** One reason why requests failed. An entry is about one kind of failure, one request and one origin. */
export interface FailureReport {
  /** A remedy for the cause; null if no remedy is known. */
  advice: string | null;
  /** The cause as a code; null for `other reasons`. */
  cause: string | null;
  count: number;
  /** The numbers of the first arrivals that failed for this reason, at most three. */
  first: Array<number>;
  /** The kind of failure, as in `failures` of a request. */
  kind: string;
  /** The scheme, host and port; null if these are unknown. */
  origin: string | null;
  /** The reason as text. The entry `other reasons` counts the failures whose reason was not recorded, for example because a worker records only a limited number of reasons. */
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

/** The results of the flows of one name. */
export interface FlowRow {
  completed: number;
  dropped: number;
  failed: number;
  /** The failed flows as a share of the started flows, in percent, rounded. */
  failed_percent: number | null;
  in_flight: number;
  max: number | null;
  name: string;
  /** Percentiles of the latency of a completed flow. This latency is the sum of the latencies of the steps of the flow. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  rate_per_s: number;
  session_max: number | null;
  /** Percentiles of the time of a completed flow, including the pauses between its steps. */
  session_p50: number | null;
  session_p95: number | null;
  started: number;
  /** The number of failed flows whose next step found no free connection. */
  starved: number;
  steps: Array<FlowStepReport>;
  stopped: number;
}

/** The number of flows that ended at one step, and the number of flows that ended before this step. */
export interface FlowStepReport {
  /** Flows that ended at this step. */
  failed: number;
  /** The name of the request: the flow's name, a slash, and the step's name. */
  name: string;
  /** Flows that ended before this step, and would certainly have sent this step later. */
  not_reached: number;
  /** The flows in `failed` that ended because no connection was free for this step. */
  starved: number;
}

/** An interval that some workers did not report. */
export interface GapView {
  from_s: number;
  to_s: number;
  what: string;
}

export interface GeneratorView {
  /** Facts about the generator, as pairs of a name and a text. */
  facts: Array<[string, string]>;
  /** A sentence that states whether the generator limited the rate. */
  sentence: string;
  /** The other waits of arrivals. */
  waits: Array<string>;
  /** The signs that the generator limited the rate. */
  why: Array<string>;
}

/** The number of requests in each cell of a heat map, by column and by band of latency. Band b reaches from `edges[b]` to `edges[b + 1]` milliseconds. */
export interface HeatView {
  edges: Array<number>;
  seconds: Array<Array<[number, number]>>;
}

/** The alert for a run whose generator limited the rate. */
export interface LimitedView {
  signs: Array<string>;
  text: string;
  title: string;
}

/** The section of a page about a run in progress. */
export interface LiveView {
  again: string | null;
  /** The progress as text. The field `progress` contains the progress as a share of 1. */
  clock: string;
  /** A sentence about failures by kind and dropped arrivals; empty if the run has neither. */
  errors: string;
  figures: Array<Figure>;
  /** For each colour of the light, the number of workers whose light has this colour, as text. */
  lights: Array<[string, string]>;
  progress: number;
  state: "starting" | "running" | "stopping" | "ended";
  stays: boolean;
  /** The workers with problems, each with the reason. */
  troubled: Array<string>;
  /** The state as text. */
  words: string;
}

export interface PhaseView {
  from_s: number;
  measured: boolean;
  text: string;
  to_s: number;
  /** The begin and the end of the phase as text. */
  when: string;
}

/** The measured seconds of about the same load, as one point of the chart. */
export interface PointView {
  /** Completed requests per second. */
  completed: number;
  /** The mean load in the seconds of this point, in requests per second or in users. */
  load: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  seconds: number;
}

/** The results of the requests of one name, of one population or of one region, or of all requests. */
export interface RequestRow {
  body_bytes: number;
  completed: number;
  dropped: number;
  failed: number;
  /** The failed requests as a share of the sent requests, in percent, rounded. */
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
  /** `body_bytes` as text. */
  received: string;
  retries: number;
  sent: number;
  service_p50: number | null;
  service_p99: number | null;
  statuses: Record<string, number>;
}

/** The columns of the charts over time. Each count is the count of a whole column. */
export interface SecondsView {
  at: Array<number>;
  completed: Array<number | null>;
  /** The open connections in each column; null if a snapshot is missing. The number is a sum over the workers. Each worker contributes the largest number in its snapshots around the column. The list is empty if no worker reported open connections. */
  connections: Array<number | null>;
  dropped: Array<number | null>;
  failed: Array<number | null>;
  failures: Record<string, Array<number | null>>;
  /** Requests that were sent and had no outcome at the end of each column; null after the first missing snapshot. */
  in_flight: Array<number | null>;
  /** The number of seconds of each column. The last column may have fewer seconds than the others. */
  lengths: Array<number>;
  max: Array<number | null>;
  measured: Array<boolean>;
  p50: Array<number | null>;
  p90: Array<number | null>;
  p99: Array<number | null>;
  p99_9: Array<number | null>;
  /** Planned requests; null if any population has users, and for a scenario with flows. */
  planned: Array<number> | null;
  sent: Array<number | null>;
  /** The number of users in the middle of each column; null for a load without users. */
  users: Array<number> | null;
  /** For each column, whether the column ends before the load ends. Only these columns have rates and percentiles. If no column ends before the load ends, all values are true. */
  whole: Array<boolean>;
}

/** A total and its parts, cell by cell. The field `off` is true if the run has ended and the parts do not add up to the total. */
export interface SumView {
  cells: Array<string>;
  judged: string;
  off: boolean;
}

/** A threshold with its result. */
export interface ThresholdView {
  limit: string;
  measured: string;
  threshold: string;
  /** `met`, `not met`, or `not judged yet` while the run is in progress. */
  word: string;
}

/** The colour of a key figure. */
export type Tone = "plain" | "warn" | "bad";

/** The percentiles of one kind of time, such as the time to the first byte, in milliseconds. */
export interface WaitView {
  name: string;
  p50: Array<number | null>;
  p99: Array<number | null>;
}

/** The charts that show times other than latency over the run. These charts are empty for runs of older workers. */
export interface WaitsView {
  at: Array<number>;
  /** The number of seconds of each interval. */
  lengths: Array<number>;
  lines: Array<WaitView>;
}

export interface WorkerSeries {
  failed: Array<number>;
  from_s: number;
  p99: Array<number | null>;
  /** Sent requests per second, for each point; null if the load had ended for most of the time of the point. */
  rate: Array<number | null>;
  step_s: number;
}

export interface WorkerView {
  busy_percent: number | null;
  clock_offset: number | null;
  completed: number;
  dropped: number;
  /** The rate and the p99 of this worker as text. */
  facts: string;
  failed: number;
  lag_p99: number | null;
  last_seen_s: number | null;
  light: "green" | "yellow" | "red" | "none";
  max: number | null;
  missing: number;
  /** `worker 3`, or `worker 3, part 2` in a run of several slices. */
  name: string;
  /** How this worker differs from the other workers; empty if this worker is not an outlier. */
  odd: string;
  owed: number | null;
  p50: number | null;
  p99: number | null;
  /** Completed requests divided by the measured time. In a run in progress, `rate_sent` is the rate in the worker's last snapshot. */
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
