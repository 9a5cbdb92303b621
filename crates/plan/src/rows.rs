//! The choice of the row of a feed for each arrival. For a given scenario, the choice depends only on the seed and the
//! number of the arrival.
//!
//! The row of an arrival does not depend on the number of workers, threads or slices. The row of each arrival is known
//! before the start of the run.

use crate::draw::{self, Stream};
use crate::flow::Flow;
use crate::mix::{Mix, Share};
use crate::permutation::permuted;
use crate::scenario::{ClientCertificate, Feed, Load, MixOrder, Pick, Request};
use crate::schedule::Schedule;
use crate::template::TemplatePart;
use crate::users::{self, UserSchedule};
use std::collections::BTreeSet;
use std::ops::Range;

mod kept;

pub use kept::RowSet;

/// The first slot of the random draws of feeds. The feed with the index f uses the slot `FEEDS` + f.
const FEEDS: u32 = 1 << 31;

/// The amount of work of a load: a number of arrivals, or a number of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The number of arrivals of an open load.
    Arrivals(u64),
    /// The number of users of a closed load. The number of arrivals of these users depends on the answers.
    Users(u32),
}

impl Work {
    /// Returns the number of arrivals, or the number of users.
    pub fn number(self) -> u64 {
        match self {
            Work::Arrivals(arrivals) => arrivals,
            Work::Users(users) => users.into(),
        }
    }

    /// Returns the amount of work of a load.
    pub fn of(load: &Load) -> Work {
        match load {
            // The number of arrivals does not depend on the seed and the spacing.
            Load::Open { phases, spacing } => Work::Arrivals(Schedule::new(phases, *spacing, 0).arrivals()),
            Load::Closed { phases, .. } => Work::Users(UserSchedule::new(phases).users()),
        }
    }
}

/// The choice of a row of each feed for each arrival.
#[derive(Clone, Debug)]
pub struct Rows {
    mix: Mix,
    work: Work,
    feeds: Vec<FeedRows>,
}

#[derive(Clone, Debug)]
struct FeedRows {
    name: String,
    pick: Pick,
    rows: u64,
    /// The arrivals that are numbered to choose rows of the feed.
    share: Share,
    /// The entries of the mix whose arrivals use the feed. The index of an entry counts first the requests, and then
    /// the flows.
    users: BTreeSet<usize>,
    /// Whether any arrival uses the feed, and whether all arrivals use the feed.
    is_used: bool,
    is_used_by_all: bool,
}

/// The error for a feed whose `pick` or number of rows does not fit the load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    #[error("the feed `{feed}` has {rows} rows, and the run needs {needed}, because each is used at most once")]
    TooFew {
        feed: String,
        rows: u64,
        needed: u64,
        /// Whether `needed` also counts arrivals that do not use the feed. An exact mix would count only the arrivals
        /// that use the feed.
        counts_others: bool,
    },
    #[error("`pick: once` of the feed `{feed}` is for a load of rates: how often users send depends on the answers")]
    OnceForUsers { feed: String },
    #[error("`pick: user` of the feed `{feed}` is for a load of users")]
    UserWithoutUsers { feed: String },
}

impl RowsError {
    /// Returns an instruction that solves the problem.
    pub fn hint(&self) -> &'static str {
        match self {
            RowsError::TooFew {
                counts_others: true, ..
            } => "add rows, shorten the load, or write `mix: exact`, which counts only the arrivals that use the feed",
            RowsError::TooFew { .. } => "add rows, or shorten the load",
            RowsError::OnceForUsers { .. } => "write `pick: user` for a row of each user, or `pick: shuffle`",
            RowsError::UserWithoutUsers { .. } => "write `pick: once` for a row of each arrival, or a load of `users`",
        }
    }
}

impl Rows {
    /// Returns the choice of rows for the arrivals of a mix. `own` is a range of indices in `requests`: the requests of
    /// the mix, and the requests of the steps of `flows`.
    pub fn new(mix: Mix, requests: &[Request], own: Range<usize>, flows: &[Flow], feeds: &[Feed], work: Work) -> Rows {
        // All entries of the mix, and the entries that use each feed.
        let mut entries = BTreeSet::new();
        let mut users = vec![BTreeSet::new(); feeds.len()];
        let mut add = |entry: usize, request: &Request| {
            entries.insert(entry);
            for feed in cells(request) {
                if let Some(users) = users.get_mut(feed) {
                    users.insert(entry);
                }
            }
        };
        let in_mix = requests[own.clone()].iter().enumerate();
        for (entry, request) in in_mix.filter(|(_, request)| !request.is_step()) {
            add(entry, request);
        }
        for (flow, entry) in flows.iter().zip(own.len()..) {
            requests[flow.requests.clone()].iter().for_each(|step| add(entry, step));
        }
        let feeds = feeds.iter().zip(users).map(|(feed, users)| FeedRows {
            name: feed.name.clone(),
            pick: feed.pick,
            rows: feed.rows.max(1),
            share: match feed.pick {
                Pick::Once | Pick::Shuffle => mix.share(|entry| users.contains(&entry)),
                Pick::Turn | Pick::Random | Pick::User => Share::All,
            },
            is_used: !users.is_empty(),
            is_used_by_all: users == entries,
            users,
        });
        Rows {
            feeds: feeds.collect(),
            mix,
            work,
        }
    }

    /// Returns the number of arrivals in a block of the mix.
    pub(crate) fn block(&self) -> u64 {
        self.mix.block()
    }

    /// Returns the row of a feed for arrival `k`. The first row of the feed has the number 0.
    pub fn row(&self, feed: usize, k: u64) -> u64 {
        let FeedRows { pick, rows, share, .. } = &self.feeds[feed];
        let slot = FEEDS + feed as u32;
        match pick {
            Pick::Turn => k % rows,
            Pick::Once => self.mix.index(share, k),
            Pick::Shuffle => {
                let index = self.mix.index(share, k);
                let pass = Stream::new(self.mix.seed(), index / rows, slot.into());
                permuted(pass, *rows, index % rows)
            }
            Pick::Random => draw::below(draw::bits(self.mix.seed(), k, slot), *rows),
            Pick::User => match self.work {
                Work::Users(users) => users::user_of(k, users) % rows,
                Work::Arrivals(_) => k % rows,
            },
        }
    }

    /// Returns the indices of the feeds that the arrivals use and whose rows are each used at most once.
    pub fn used_once(&self) -> impl Iterator<Item = usize> {
        let feeds = self.feeds.iter().enumerate();
        feeds.filter_map(|(index, feed)| (feed.pick == Pick::Once && feed.is_used).then_some(index))
    }

    /// Checks that the `pick` of each feed fits the load, and that each feed has enough rows. Returns the first problem
    /// of each feed, together with the index of the feed.
    pub fn problems(&self) -> impl Iterator<Item = (usize, RowsError)> {
        let feeds = self.feeds.iter().enumerate();
        feeds.filter_map(|(index, feed)| Some((index, self.problem(feed)?)))
    }

    fn problem(&self, one: &FeedRows) -> Option<RowsError> {
        let feed = one.name.clone();
        match (one.pick, self.work) {
            _ if !one.is_used => None,
            (Pick::Once, Work::Users(_)) => Some(RowsError::OnceForUsers { feed }),
            (Pick::User, Work::Arrivals(_)) => Some(RowsError::UserWithoutUsers { feed }),
            (Pick::Once, Work::Arrivals(arrivals)) => {
                let needed = self.mix.indices(&one.share, arrivals);
                (needed > one.rows).then(|| RowsError::TooFew {
                    feed,
                    rows: one.rows,
                    needed,
                    counts_others: self.mix.order() == MixOrder::Drawn && !one.is_used_by_all,
                })
            }
            _ => None,
        }
    }

    /// Describes which rows of each feed a run uses, as text for people: `users: 4 rows in turn`.
    pub fn describe(&self) -> impl Iterator<Item = String> {
        self.feeds
            .iter()
            .map(|feed| format!("{}: {}", feed.name, self.describe_one(feed)))
    }

    fn describe_one(&self, feed: &FeedRows) -> String {
        let rows = match feed.rows {
            1 => "1 row".to_owned(),
            several => format!("{several} rows"),
        };
        match (feed.pick, self.work) {
            _ if !feed.is_used => format!("{rows}, not used"),
            (Pick::Turn, _) => format!("{rows} in turn"),
            (Pick::Shuffle, _) => format!("{rows}, shuffled for each pass"),
            (Pick::Random, _) => format!("{rows}, drawn for each arrival"),
            (Pick::Once, Work::Arrivals(arrivals)) => {
                let needed = self.mix.indices(&feed.share, arrivals);
                // In a drawn mix, some rows may remain unused. The same is true in an unfinished block of an exact mix.
                let is_exact = match feed.share {
                    Share::All => feed.is_used_by_all,
                    Share::Some { .. } => arrivals.is_multiple_of(self.mix.block()),
                };
                let times = if is_exact { "once" } else { "at most once" };
                format!("rows 1 to {needed} of {}, each {times}", feed.rows)
            }
            (Pick::User, Work::Users(users)) => match u64::from(users) <= feed.rows {
                true => format!("rows 1 to {users} of {}, one for each user", feed.rows),
                false => format!("{rows}, shared by {users} users"),
            },
            (Pick::Once, Work::Users(_)) | (Pick::User, Work::Arrivals(_)) => rows,
        }
    }
}

/// Returns the feeds whose cells a request or its client certificate uses.
fn cells(request: &Request) -> impl Iterator<Item = usize> {
    let parts = request.templates().flat_map(|template| &template.0);
    let cells = parts.flat_map(TemplatePart::values).filter_map(|part| match part {
        TemplatePart::Feed { feed, .. } => Some(*feed as usize),
        _ => None,
    });
    let certificate = request.client.as_ref().and_then(ClientCertificate::feed);
    cells.chain(certificate.map(|feed| feed as usize))
}
