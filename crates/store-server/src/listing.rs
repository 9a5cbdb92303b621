//! The operation `ListObjectsV2`.

use crate::answer::S3Error;
use crate::bucket::Bucket;
use crate::conditions::entity_tag;
use crate::signature::{ENCODED_IN_PATHS, find};
use crate::xml::{Document, NAMESPACE};
use percent_encoding::utf8_percent_encode;
use std::time::SystemTime;
use store::{Page, PageRequest};
use time::OffsetDateTime;

/// The maximum number of entries of a page, as in S3.
const ENTRIES_MAX: usize = 1000;
/// The names in the query of a listing.
const NAMES: [&str; 8] = [
    "list-type",
    "prefix",
    "delimiter",
    "start-after",
    "continuation-token",
    "max-keys",
    "encoding-type",
    "fetch-owner",
];
/// A page that a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListRequest {
    pub(crate) page: PageRequest,
    start_after: Option<String>,
    token: Option<String>,
    /// Whether the texts of the answer are encoded as in URLs.
    encodes: bool,
}

impl ListRequest {
    pub(crate) fn read(query: &[(String, String)]) -> Result<ListRequest, S3Error> {
        if let Some((name, _)) = query.iter().find(|(name, _)| !NAMES.contains(&name.as_str())) {
            return Err(S3Error::not_implemented(&format!("a listing with `{name}`")));
        }
        if find(query, "list-type") != Some("2") {
            return Err(S3Error::argument("list-type is not 2"));
        }
        let by_folder = match find(query, "delimiter").unwrap_or_default() {
            "" => false,
            "/" => true,
            _ => return Err(S3Error::not_implemented("another delimiter than `/`")),
        };
        let keys_max = match find(query, "max-keys") {
            None => ENTRIES_MAX,
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| S3Error::argument("max-keys is not a number"))?
                .min(ENTRIES_MAX),
        };
        let encodes = match find(query, "encoding-type") {
            None => false,
            Some("url") => true,
            Some(_) => return Err(S3Error::argument("encoding-type is not `url`")),
        };
        let start_after = find(query, "start-after").map(str::to_owned);
        let token = find(query, "continuation-token").map(str::to_owned);
        let after = match &token {
            Some(token) => hex::decode(token)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| S3Error::argument("continuation-token is not a token of this server"))?,
            None => start_after.clone().unwrap_or_default(),
        };
        Ok(ListRequest {
            page: PageRequest {
                prefix: find(query, "prefix").unwrap_or_default().to_owned(),
                by_folder,
                after,
                entries_max: keys_max,
            },
            start_after,
            token,
            encodes,
        })
    }

    /// Writes the answer.
    pub(crate) fn document(&self, bucket: &Bucket, page: &Page) -> String {
        let text = |text: &str| match self.encodes {
            true => utf8_percent_encode(text, ENCODED_IN_PATHS).to_string(),
            false => text.to_owned(),
        };
        let (tag, count) = ("ListBucketResult", page.objects.len() + page.folders.len());
        let mut document = Document::new();
        document.open(&format!("{tag} xmlns=\"{NAMESPACE}\""));
        document.element("Name", bucket.as_str());
        document.element("Prefix", &text(&self.page.prefix));
        if let Some(start_after) = &self.start_after {
            document.element("StartAfter", &text(start_after));
        }
        if let Some(token) = &self.token {
            document.element("ContinuationToken", token);
        }
        if self.page.by_folder {
            document.element("Delimiter", "/");
        }
        if self.encodes {
            document.element("EncodingType", "url");
        }
        document.element("MaxKeys", &self.page.entries_max.to_string());
        document.element("KeyCount", &count.to_string());
        document.element("IsTruncated", &page.next.is_some().to_string());
        if let Some(next) = &page.next {
            document.element("NextContinuationToken", &hex::encode(next));
        }
        for (key, stat) in &page.objects {
            document.open("Contents").element("Key", &text(key));
            document.element("LastModified", &timestamp(stat.modified));
            document.element("ETag", &entity_tag(stat));
            document.element("Size", &stat.bytes.to_string());
            document.element("StorageClass", "STANDARD").close("Contents");
        }
        for folder in &page.folders {
            document.open("CommonPrefixes").element("Prefix", &text(folder));
            document.close("CommonPrefixes");
        }
        document.close(tag).finish()
    }
}

/// Formats a time such as `2026-01-02T03:04:05.678Z`.
fn timestamp(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let (date, time) = (at.date(), at.time());
    format!(
        "{date}T{:02}:{:02}:{:02}.{:03}Z",
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};
    use store::Stat;

    fn query(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = all
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        std::iter::once(("list-type".to_owned(), "2".to_owned()))
            .chain(owned)
            .collect()
    }

    #[test]
    fn a_token_continues_where_the_page_before_it_ended() {
        let request = ListRequest::read(&query(&[("delimiter", "/"), ("max-keys", "5000")])).expect("a request");
        assert_eq!(request.page.entries_max, ENTRIES_MAX);
        let page = Page {
            objects: vec![("a".to_owned(), Stat::default())],
            folders: vec!["b/".to_owned()],
            next: Some("b/\x7f".to_owned()),
        };
        let text = request.document(&"vajra".parse().expect("a bucket"), &page);
        assert!(
            text.contains("<KeyCount>2</KeyCount><IsTruncated>true</IsTruncated>"),
            "{text}"
        );
        assert!(
            text.contains("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"),
            "{text}"
        );
        let (_, token) = text.split_once("<NextContinuationToken>").expect("a token");
        let (token, _) = token.split_once('<').expect("an end");
        let next = ListRequest::read(&query(&[("continuation-token", token), ("start-after", "x")]));
        assert_eq!(next.expect("a request").page.after, "b/\x7f");
    }

    #[test]
    fn unknown_options_of_a_listing_are_refused() {
        for (name, value) in [
            ("delimiter", "-"),
            ("max-keys", "x"),
            ("continuation-token", "zz"),
            ("encoding-type", "utf"),
            ("marker", "a"),
        ] {
            assert!(ListRequest::read(&query(&[(name, value)])).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn a_timestamp_has_milliseconds() {
        let at = UNIX_EPOCH + Duration::from_millis(951_782_400_007);
        assert_eq!(timestamp(at), "2000-02-29T00:00:00.007Z");
    }
}
