//! Typed indices of tables. Each kind of index is a separate type, so the compiler rejects an index of the wrong kind.
//! The separate types have no cost at run time.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// Declares index types.
macro_rules! numbers {
    ($($(#[$doc:meta])* $visibility:vis $name:ident,)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            $visibility struct $name(usize);

            impl From<usize> for $name {
                fn from(number: usize) -> $name {
                    $name(number)
                }
            }

            impl From<$name> for usize {
                fn from(number: $name) -> usize {
                    number.0
                }
            }
        )*
    };
}

numbers! {
    /// The number of a request in flight. After the answer of the request was returned, another request may use the
    /// number.
    pub Ticket,
    /// The number of an origin.
    pub(crate) OriginNumber,
    /// The index of a connection in the pool of connections.
    pub(crate) ConnectionIndex,
    /// The number of a connection that is being opened.
    pub(crate) RaceNumber,
}

/// A list that is indexed by one type of number.
#[derive(Clone, Debug)]
pub(crate) struct Table<N, T> {
    rows: Vec<T>,
    numbers: PhantomData<N>,
}

impl<N, T> Default for Table<N, T> {
    fn default() -> Table<N, T> {
        Table::from_iter([])
    }
}

impl<N, T> FromIterator<T> for Table<N, T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Table<N, T> {
        Table {
            rows: rows.into_iter().collect(),
            numbers: PhantomData,
        }
    }
}

impl<N: From<usize> + Into<usize>, T> Table<N, T> {
    /// Adds a row and returns its number.
    pub(crate) fn push(&mut self, row: T) -> N {
        self.rows.push(row);
        N::from(self.rows.len() - 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn rows(&self) -> &[T] {
        &self.rows
    }

    pub(crate) fn rows_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }

    /// Returns the numbers of all current rows.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = N> + use<N, T> {
        (0..self.rows.len()).map(N::from)
    }

    /// Returns the number of the first row that satisfies the predicate.
    pub(crate) fn find(&self, predicate: impl Fn(&T) -> bool) -> Option<N> {
        self.rows.iter().position(predicate).map(N::from)
    }
}

impl<N: Into<usize>, T> Index<N> for Table<N, T> {
    type Output = T;

    #[inline]
    fn index(&self, number: N) -> &T {
        &self.rows[number.into()]
    }
}

impl<N: Into<usize>, T> IndexMut<N> for Table<N, T> {
    #[inline]
    fn index_mut(&mut self, number: N) -> &mut T {
        &mut self.rows[number.into()]
    }
}
