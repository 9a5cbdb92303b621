//! Flows, and the order of their requests. A flow is a list of steps that one user does in order.
//!
//! A [`Walk`] executes the steps of one flow in order. Four facts determine the next request and its due time: the
//! seed, the number of the arrival, the values that the flow has captured, and the times at which earlier requests of
//! the flow ended. The next request and its due time never depend on the worker that sends the request.

use crate::condition::Condition;
use crate::draw;
use std::ops::Range;
use std::time::Duration;
use tally::request::RequestIndex;

/// The maximum number of flows of a scenario, the maximum number of steps of one flow, and the maximum depth of nested
/// blocks of steps.
pub const FLOWS_MAX: usize = 100;
pub const STEPS_MAX: usize = 1_000;
pub const DEPTH_MAX: usize = 8;
/// The maximum number of requests of one arrival, including all repetitions and retries. The limit ensures that every
/// flow ends.
pub const FLOW_REQUESTS_MAX: u64 = 100_000;
/// The maximum number of values that one flow captures.
pub const VARIABLES_MAX: usize = 100;
/// The maximum number of retries of a step.
pub const RETRIES_MAX: u32 = 10;

/// A flow of the plan. The mix of the plan draws a flow or a single request for each arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The name of the flow: letters, digits and `_ . : -`. The name is unique in the scenario.
    pub name: String,
    /// The weight of the flow in the mix, relative to the weights of the other requests and flows; at least 1.
    pub weight: u32,
    pub steps: Vec<Step>,
    /// The names of the values that the flow captures. The number of a captured value is its index in this list.
    pub variables: Vec<String>,
    /// The range of indices of the flow's requests in the plan.
    pub requests: Range<usize>,
}

/// A step of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Request(RequestStep),
    Pause(Pause),
    Repeat(Repeat),
    Choose(Choose),
    If(Branch),
}

/// A step that sends a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestStep {
    pub request: RequestIndex,
    pub on_failure: OnFailure,
}

/// The reaction of a flow to a failed step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnFailure {
    /// The maximum number of times that the request is sent again.
    pub retries: u32,
    /// The time that the flow waits before each retry.
    pub after: Duration,
    /// Whether the flow continues with the next step after the last retry has failed.
    pub continues: bool,
}

/// A pause between two steps. The length of the pause is drawn uniformly from `min..=max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    pub min: Duration,
    pub max: Duration,
    pub slot: u32,
}

/// Steps that are repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The maximum number of iterations.
    pub times: u32,
    /// The minimum interval between the starts of iterations. Iteration j, counted from 0, begins at least j times
    /// `every` after the start of the first iteration.
    pub every: Option<Duration>,
    /// The repetition ends after the first iteration at whose end this condition holds.
    pub until: Option<Condition>,
    pub steps: Vec<Step>,
}

/// A random choice among lists of steps. The choice is drawn by weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choose {
    pub slot: u32,
    pub options: Vec<(u32, Vec<Step>)>,
}

/// A condition, the steps for the case that the condition holds, and the steps for the case that it does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    pub condition: Condition,
    pub then: Vec<Step>,
    pub otherwise: Vec<Step>,
}

impl Flow {
    /// Returns the maximum number of requests of one arrival of this flow, including all repetitions and retries.
    pub fn requests_max(&self) -> u64 {
        self.sum(&|step| 1 + u64::from(step.on_failure.retries), &|_| 0)
    }

    /// Returns the maximum sum of the values of requests along any path through the flow. Retries are not included.
    /// `of` returns the value of a request.
    pub fn sum_of_requests(&self, of: &dyn Fn(RequestIndex) -> u64) -> u64 {
        self.sum(&|step| of(step.request), &|_| 0)
    }

    /// Returns the maximum time from the start of the flow to its end, in nanoseconds. `step` returns the maximum time
    /// of one request, including the wait for a connection.
    pub fn length_max(&self, step: &dyn Fn(RequestIndex) -> Duration) -> u64 {
        let nanos = |time: Duration| time.as_nanos() as u64;
        let request = |one: &RequestStep| {
            let failure = one.on_failure;
            let retries = u64::from(failure.retries);
            (retries + 1)
                .saturating_mul(nanos(step(one.request)))
                .saturating_add(retries * nanos(failure.after))
        };
        self.sum(&request, &|pause| nanos(pause.max))
    }

    /// Removes the pauses between the flow's requests. No other random draw of the flow changes.
    pub fn remove_pauses(&mut self) {
        remove_pauses(&mut self.steps);
    }

    /// Renumbers the requests of the flow for another list of requests. The request with the index `from` in the
    /// current list has the index `to` in the other list.
    pub(crate) fn renumber_requests(&mut self, from: usize, to: usize) {
        let renumbered = |index: usize| index - from + to;
        self.requests = renumbered(self.requests.start)..renumbered(self.requests.end);
        for_each_request(&mut self.steps, &mut |step| {
            step.request = RequestIndex::from(renumbered(usize::from(step.request)));
        });
    }

    fn sum(&self, request: &dyn Fn(&RequestStep) -> u64, pause: &dyn Fn(&Pause) -> u64) -> u64 {
        sum(&self.steps, request, pause)
    }
}

fn for_each_request(steps: &mut [Step], change: &mut dyn FnMut(&mut RequestStep)) {
    for step in steps {
        match step {
            Step::Request(step) => change(step),
            Step::Pause(_) => {}
            Step::Repeat(repeat) => for_each_request(&mut repeat.steps, change),
            Step::Choose(choose) => {
                let options = choose.options.iter_mut();
                options.for_each(|(_, steps)| for_each_request(steps, change));
            }
            Step::If(branch) => {
                for_each_request(&mut branch.then, change);
                for_each_request(&mut branch.otherwise, change);
            }
        }
    }
}

fn remove_pauses(steps: &mut [Step]) {
    for step in steps {
        match step {
            Step::Request(step) => step.on_failure.after = Duration::ZERO,
            Step::Pause(pause) => (pause.min, pause.max) = (Duration::ZERO, Duration::ZERO),
            Step::Repeat(repeat) => {
                repeat.every = None;
                remove_pauses(&mut repeat.steps);
            }
            Step::Choose(choose) => choose.options.iter_mut().for_each(|(_, steps)| remove_pauses(steps)),
            Step::If(branch) => {
                remove_pauses(&mut branch.then);
                remove_pauses(&mut branch.otherwise);
            }
        }
    }
}

/// Returns the sum of the values of the steps along the longest path through `steps`.
fn sum(steps: &[Step], request: &dyn Fn(&RequestStep) -> u64, pause: &dyn Fn(&Pause) -> u64) -> u64 {
    let of = |step: &Step| match step {
        Step::Request(step) => request(step),
        Step::Pause(step) => pause(step),
        Step::Repeat(step) => {
            // Every iteration counts at least 1, even if all steps of the iteration are skipped.
            let each = sum(&step.steps, request, pause).max(1);
            // If the values are times, an iteration takes at least the time `every`. If the values are numbers of
            // requests, `pause` returns 0.
            let every = step.every.map_or(0, |every| {
                pause(&Pause {
                    min: every,
                    max: every,
                    slot: 0,
                })
            });
            each.max(every).saturating_mul(u64::from(step.times))
        }
        Step::Choose(step) => {
            let all = step.options.iter().map(|(_, steps)| sum(steps, request, pause));
            all.max().unwrap_or(0)
        }
        Step::If(step) => sum(&step.then, request, pause).max(sum(&step.otherwise, request, pause)),
    };
    steps.iter().map(of).fold(0, u64::saturating_add)
}

/// The index of an operation in a program.
type Position = u32;

/// The steps of a flow, compiled into a list of operations.
#[derive(Clone, Debug)]
pub struct Program {
    operations: Vec<Operation>,
}

#[derive(Clone, Debug)]
enum Operation {
    Request(RequestStep),
    Pause(Pause),
    /// Begins a repetition of steps.
    Begin,
    /// Ends an iteration of the repetition whose first operation is at `begin`.
    End {
        begin: Position,
        times: u32,
        every: Option<Duration>,
        until: Option<Condition>,
    },
    /// Continues at one of the positions in `options`. The option is drawn by weight: `options` also contains the
    /// running sums of the weights.
    Choose {
        slot: u32,
        options: Vec<(u64, Position)>,
        /// The position after the steps of all options.
        end: Position,
    },
    /// If the condition holds, continues with the next operation. If the condition does not hold, continues at this
    /// position.
    Unless(Condition, Position),
    Jump(Position),
}

impl Program {
    /// Compiles the steps of a flow into a program.
    pub fn new(flow: &Flow) -> Program {
        let mut program = Program { operations: Vec::new() };
        program.add(&flow.steps);
        program
    }

    fn here(&self) -> Position {
        self.operations.len() as Position
    }

    fn add(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Request(step) => self.operations.push(Operation::Request(*step)),
                Step::Pause(pause) => self.operations.push(Operation::Pause(*pause)),
                Step::Repeat(repeat) => {
                    self.operations.push(Operation::Begin);
                    let begin = self.here();
                    self.add(&repeat.steps);
                    self.operations.push(Operation::End {
                        begin,
                        times: repeat.times,
                        every: repeat.every,
                        until: repeat.until.clone(),
                    });
                }
                Step::Choose(choose) => self.add_choice(choose),
                Step::If(branch) => {
                    let test = self.here() as usize;
                    self.operations.push(Operation::Unless(branch.condition.clone(), 0));
                    self.add(&branch.then);
                    let jump = self.here() as usize;
                    self.operations.push(Operation::Jump(0));
                    self.operations[test] = Operation::Unless(branch.condition.clone(), self.here());
                    self.add(&branch.otherwise);
                    self.operations[jump] = Operation::Jump(self.here());
                }
            }
        }
    }

    fn add_choice(&mut self, choose: &Choose) {
        let at = self.here() as usize;
        self.operations.push(Operation::Jump(0));
        let (mut options, mut jumps, mut total) = (Vec::new(), Vec::new(), 0);
        for (weight, steps) in &choose.options {
            total += u64::from(*weight);
            options.push((total, self.here()));
            self.add(steps);
            jumps.push(self.here() as usize);
            self.operations.push(Operation::Jump(0));
        }
        let end = self.here();
        jumps
            .into_iter()
            .for_each(|jump| self.operations[jump] = Operation::Jump(end));
        self.operations[at] = Operation::Choose {
            slot: choose.slot,
            options,
            end,
        };
    }
}

/// The progress of one arrival through the steps of its flow.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    position: Position,
    /// The repetitions that contain the current step. The innermost repetition is last.
    loops: Vec<Iteration>,
    /// The number of requests that the arrival has started to send. Retries are not counted.
    visits: u32,
}

#[derive(Clone, Copy, Debug)]
struct Iteration {
    /// The number of finished iterations of the repetition.
    ended: u32,
    /// When the first iteration of the repetition began, in nanoseconds since T0, the start of the run.
    began: u64,
}

/// The next request of a flow, and when it is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NextStep {
    pub step: RequestStep,
    /// The due time of the request, in nanoseconds since T0, the start of the run.
    pub due: u64,
    /// The number of requests that the flow has sent before this request. Retries are not counted.
    pub visit: u32,
    /// The number of the current iteration of the innermost repetition. The first iteration has the number 1. Outside
    /// of repetitions, the number is 0.
    pub turn: u32,
}

impl Walk {
    /// Returns the next request of the flow; `None` at the end of the flow. `at` is the time at which the previous
    /// request ended. For the first request, `at` is the time at which the flow began. The function `values` returns
    /// the captured values.
    pub fn next<'v>(
        &mut self,
        program: &Program,
        (seed, k): (u64, u64),
        at: u64,
        values: &dyn Fn(u32) -> Option<&'v str>,
    ) -> Option<NextStep> {
        let mut due = at;
        loop {
            let operation = program.operations.get(self.position as usize)?;
            self.position += 1;
            match operation {
                Operation::Request(step) => {
                    let visit = self.visits;
                    self.visits += 1;
                    return Some(NextStep {
                        step: *step,
                        due,
                        visit,
                        turn: self.turn(),
                    });
                }
                Operation::Pause(pause) => {
                    let (min, max) = (pause.min.as_nanos() as u64, pause.max.as_nanos() as u64);
                    let drawn = draw::bits_at(seed, k, pause.slot, self.visits);
                    due += min + draw::below(drawn, max - min + 1);
                }
                Operation::Begin => self.loops.push(Iteration { ended: 0, began: due }),
                Operation::End {
                    begin,
                    times,
                    every,
                    until,
                } => {
                    let turn = self.turn();
                    let last = self.loops.last_mut()?;
                    last.ended += 1;
                    let ends = until.as_ref().is_some_and(|until| until.holds(turn, values));
                    if last.ended >= *times || ends {
                        self.loops.pop();
                        continue;
                    }
                    if let Some(every) = every {
                        due = due.max(last.began + u64::from(last.ended) * every.as_nanos() as u64);
                    }
                    self.position = *begin;
                }
                Operation::Choose { slot, options, .. } => {
                    let total = options.last().map_or(1, |(sum, _)| *sum);
                    let drawn = draw::below(draw::bits_at(seed, k, *slot, self.visits), total);
                    let chosen = options.partition_point(|(sum, _)| *sum <= drawn);
                    self.position = options[chosen].1;
                }
                Operation::Unless(condition, otherwise) => {
                    if !condition.holds(self.turn(), values) {
                        self.position = *otherwise;
                    }
                }
                Operation::Jump(to) => self.position = *to,
            }
        }
    }

    /// Returns the number of the current iteration of the innermost repetition. The first iteration has the number 1.
    /// Outside of repetitions, the number is 0.
    fn turn(&self) -> u32 {
        self.loops.last().map_or(0, |iteration| iteration.ended + 1)
    }

    /// Returns the requests that the remaining steps of the flow would send regardless of the answers. Each request is
    /// returned once. Requests within a later `choose` or `if` are not returned.
    pub fn rest<'p>(&self, program: &'p Program) -> impl Iterator<Item = RequestIndex> + use<'p> {
        let mut at = self.position as usize;
        // The operation before the steps of an `else` jumps to the end of the whole `if`.
        let end_of = |jump: Position| match program.operations.get((jump as usize).saturating_sub(1)) {
            Some(Operation::Jump(end)) => *end as usize,
            _ => program.operations.len(),
        };
        std::iter::from_fn(move || {
            loop {
                let operation = program.operations.get(at)?;
                at += 1;
                match operation {
                    Operation::Request(step) => return Some(step.request),
                    Operation::Choose { end, .. } => at = *end as usize,
                    Operation::Unless(_, otherwise) => at = end_of(*otherwise),
                    Operation::Jump(to) => at = *to as usize,
                    Operation::Pause(_) | Operation::Begin | Operation::End { .. } => {}
                }
            }
        })
    }
}
