//! The texts of a request that must not be shown.

use super::{Filling, Messages};
use plan::action::Action;
use plan::scenario::{Body, BodyPiece};
use plan::template::{Template, TemplatePart};
use tally::request::RequestIndex;

impl Messages {
    /// Returns the secrets of a request, each in the form in which the request contains it.
    pub(crate) fn secret_texts(&self, filling: Filling<'_>, request: RequestIndex) -> Vec<String> {
        let Action::Http(planned) = self.plan.action(request);
        let bodies: Vec<&Template> = match &planned.body {
            Body::Inline(body) => vec![body],
            Body::Pieces(pieces) => {
                let templates = pieces.iter().filter_map(|piece| match piece {
                    BodyPiece::Template(body) => Some(body),
                    BodyPiece::Blob(_) => None,
                });
                templates.collect()
            }
            Body::Empty | Body::Blob(_) => Vec::new(),
        };
        let headers = planned.headers.iter().map(|(_, value)| value);
        let templates = std::iter::once(&planned.url).chain(headers).chain(bodies);
        let secret = |part: &&TemplatePart| {
            let mut values = part.values().iter();
            values.any(|value| matches!(value, TemplatePart::Secret { .. }))
        };
        let parts = templates.flat_map(|template| &template.0).filter(secret);
        parts
            .map(|part| self.text(&Template(vec![part.clone()]), filling))
            .collect()
    }
}
