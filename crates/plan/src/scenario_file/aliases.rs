//! Loads YAML and expands the aliases of YAML, within limits.
//!
//! With nested aliases, a text of a few lines can expand to any size ("billion laughs"). In this module, an alias
//! repeats the events that the parser returned for its anchor. Every node keeps its position in the file, and the total
//! size is checked before any event is copied.

use super::problem::TEXT_MAX;
use saphyr::{MarkedYaml, ScanError, YamlLoader};
use saphyr_parser::{BufferedInput, Event, Parser, Span, SpannedEventReceiver};
use std::collections::BTreeMap;
use std::ops::Range;

/// The maximum size in bytes that aliases may add to a text. This size equals the maximum size of a file.
const ADDED_MAX: usize = TEXT_MAX;
/// The size in bytes that is counted for each node in addition to its text.
const NODE: usize = 16;
/// The beginning of the error message for aliases that add too much text.
pub(super) const TOO_LARGE: &str = "its expanded aliases have more than";
/// The maximum nesting depth of a text. The nesting through aliases is included.
const NESTED_MAX: usize = 600;

/// The number of values that may still be loaded. A value that an alias repeats is counted again.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn of(values: usize) -> Budget {
        Budget(values)
    }

    /// Counts an event if the event begins a value.
    fn count(&mut self, event: &Event<'_>, span: &Span) -> Result<(), Unloaded> {
        if matches!(
            event,
            Event::MappingStart(..) | Event::Scalar(..) | Event::SequenceStart(..)
        ) {
            self.0 = self.0.checked_sub(1).ok_or(Unloaded::Exceeded(span.start.index()))?;
        }
        Ok(())
    }
}

/// The reason why a text cannot be loaded.
pub(super) enum Unloaded {
    Refused(ScanError),
    /// The text has too many values. The field is the index of the character at which the limit is exceeded.
    Exceeded(usize),
}

impl From<ScanError> for Unloaded {
    fn from(error: ScanError) -> Unloaded {
        Unloaded::Refused(error)
    }
}

type SpannedEvent = (Event<'static>, Span);

/// The events of the anchored parts of a text.
#[derive(Default)]
struct Anchored {
    /// The events of anchored nodes, in order. The list also contains the events that aliases repeat.
    events: Vec<SpannedEvent>,
    /// The lists and maps that have begun and have not ended yet. Each entry contains the anchor of a list or map, and
    /// the index of its first event.
    open: Vec<(usize, usize)>,
    /// The number of lists and maps in `open` that have an anchor.
    open_anchors: usize,
    named: BTreeMap<usize, Range<usize>>,
    added: usize,
}

/// Loads every document of a text. Stops at the first error.
pub(super) fn load(
    text: impl Iterator<Item = char>,
    budget: &mut Budget,
) -> Result<Vec<MarkedYaml<'static>>, Unloaded> {
    let mut parser = Parser::new(BufferedInput::new(text));
    let mut loader = YamlLoader::default();
    let mut anchored = Anchored::default();
    let mut depth = 0;
    while let Some(event) = parser.next_event() {
        let (mut event, span) = event?;
        if let Event::Alias(anchor) = event {
            let range = anchored.take(anchor, &span)?;
            for at in range {
                let (event, span) = anchored.events[at].clone();
                depth = nested(depth, &event, &span)?;
                budget.count(&event, &span)?;
                loader.on_event(event.clone(), span);
                anchored.events.push((event, span));
            }
        } else {
            depth = nested(depth, &event, &span)?;
            budget.count(&event, &span)?;
            anchored.keep(&mut event, span);
            loader.on_event(event, span);
        }
        if let Some(error) = loader.error() {
            return Err(Unloaded::Refused(error.clone()));
        }
    }
    Ok(loader.into_documents())
}

/// Returns the nesting depth after an event.
fn nested(depth: usize, event: &Event<'_>, span: &Span) -> Result<usize, ScanError> {
    match event {
        Event::SequenceStart(..) | Event::MappingStart(..) if depth >= NESTED_MAX => {
            Err(ScanError::new_str(span.start, "it is nested too deeply"))
        }
        Event::SequenceStart(..) | Event::MappingStart(..) => Ok(depth + 1),
        Event::SequenceEnd | Event::MappingEnd => Ok(depth - 1),
        _ => Ok(depth),
    }
}

impl Anchored {
    /// Keeps a copy of an event that is inside an anchored node, and removes the anchor from the event. If the event
    /// had its anchor, the loader would copy the anchored node.
    fn keep(&mut self, event: &mut Event<'static>, span: Span) {
        let begin = self.events.len();
        let anchor = match event {
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                std::mem::take(anchor)
            }
            _ => 0,
        };
        if anchor != 0 || self.open_anchors > 0 {
            self.events.push((event.clone(), span));
        }
        match event {
            Event::Scalar(..) if anchor != 0 => {
                self.named.insert(anchor, begin..begin + 1);
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                self.open.push((anchor, begin));
                self.open_anchors += usize::from(anchor != 0);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((anchor, begin)) = self.open.pop().filter(|(anchor, _)| *anchor != 0) {
                    self.named.insert(anchor, begin..self.events.len());
                    self.open_anchors -= 1;
                }
            }
            _ => {}
        }
    }

    /// Returns the range of the events that an alias repeats.
    fn take(&mut self, anchor: usize, span: &Span) -> Result<Range<usize>, ScanError> {
        let Some(range) = self.named.get(&anchor).cloned() else {
            return Err(ScanError::new_str(span.start, "an alias is inside its own anchor"));
        };
        self.added += range.len() * NODE;
        let texts = self.events[range.clone()].iter().map(|(event, _)| match event {
            Event::Scalar(text, ..) => text.len(),
            _ => 0,
        });
        // Count the size of the events before the events are copied. Counting is fast, because the events are already
        // in memory.
        self.added += texts.sum::<usize>();
        if self.added > ADDED_MAX {
            let problem = format!("{TOO_LARGE} {} MiB", ADDED_MAX >> 20);
            return Err(ScanError::new_str(span.start, &problem));
        }
        Ok(range)
    }
}
