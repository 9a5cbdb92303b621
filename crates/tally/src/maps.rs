//! Functions that compute with maps of counts.

use std::collections::BTreeMap;

/// Returns `counts` minus `other`, key by key; `None` if any count of `other` is higher than the count of the same key
/// in `counts`.
pub(crate) fn less<K: Copy + Ord>(counts: &BTreeMap<K, u64>, other: &BTreeMap<K, u64>) -> Option<BTreeMap<K, u64>> {
    let mut left = counts.clone();
    for (kind, count) in other.iter().filter(|(_, count)| **count > 0) {
        let own = left.get_mut(kind)?;
        *own = own.checked_sub(*count)?;
    }
    Some(left)
}
