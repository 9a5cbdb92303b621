//! Signs a request with the keys of the plan or of the worker's environment.

use super::Messages;
use crate::clock::Clock;
use crate::signing::{self, Keys, Unsigned};
use plan::action::Action;
use tally::cause::Cause;
use tally::request::RequestIndex;

impl Messages {
    /// Returns the headers that sign a request. Returns no headers if the scenario does not sign the request.
    ///
    /// # Errors
    /// Fails if the keys are missing, or if they cannot sign the request.
    pub(crate) fn signature(
        &self,
        request: RequestIndex,
        unsigned: &Unsigned<'_>,
    ) -> Result<Vec<(String, String)>, Cause> {
        let Action::Http(planned) = self.plan.action(request);
        let Some(signature) = &planned.signature else {
            return Ok(Vec::new());
        };
        let secret = |number: u32| self.supplies.secrets.get(number as usize).cloned();
        let keys = match &signature.keys {
            Some(keys) => secret(keys.key).zip(secret(keys.secret)).map(|(key, value)| Keys {
                key,
                secret: value,
                token: keys.token.and_then(secret),
            }),
            None => self.own_keys.borrow_mut().as_mut().map(|keys| keys.current()),
        };
        let headers = keys.and_then(|keys| signing::headers(signature, &keys, unsigned, Clock::tie(0).now()));
        headers.ok_or(Cause::UnfitValue)
    }
}
