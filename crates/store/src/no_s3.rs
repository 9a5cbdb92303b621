//! Replaces the S3 store in a build without the feature `s3`. Opening an S3 store fails.

use bytes::Bytes;
use tally::account::Requests;

use crate::common_clock::StoreTime;
use crate::error::StoreError;
use crate::location::S3Location;
use crate::object::Created;

/// The S3 store in a build without the feature `s3`. This type has no values, because an S3 store is never opened.
#[derive(Debug)]
pub(crate) enum S3 {}

impl S3 {
    pub(crate) async fn open(location: &S3Location) -> Result<Self, StoreError> {
        Err(StoreError::WithoutS3 {
            bucket: location.bucket.clone(),
        })
    }

    pub(crate) fn place(&self) -> &str {
        match *self {}
    }

    pub(crate) fn now(&self) -> Option<StoreTime> {
        match *self {}
    }

    pub(crate) fn requests(&self) -> Requests {
        match *self {}
    }

    pub(crate) async fn put(&self, _key: &str, _bytes: Bytes) -> Result<(), StoreError> {
        match *self {}
    }

    pub(crate) async fn put_new(&self, _key: &str, _bytes: Bytes) -> Result<Created, StoreError> {
        match *self {}
    }

    pub(crate) async fn get(&self, _key: &str) -> Result<Option<Bytes>, StoreError> {
        match *self {}
    }

    pub(crate) async fn list(&self, _below: &str) -> Result<Vec<String>, StoreError> {
        match *self {}
    }

    pub(crate) async fn list_dirs(&self, _below: &str) -> Result<Vec<String>, StoreError> {
        match *self {}
    }

    pub(crate) async fn delete(&self, _key: &str) -> Result<(), StoreError> {
        match *self {}
    }
}
