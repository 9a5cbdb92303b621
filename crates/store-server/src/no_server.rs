//! The server in a build without the feature `server`. Opening a server fails.

use crate::error::ServerError;
use crate::settings::Settings;
use tokio::net::TcpListener;

/// A type without values, because a build without the feature never opens a server.
#[derive(Debug)]
pub enum Server {}

impl Server {
    /// Fails, because the program was built without the feature.
    ///
    /// # Errors
    /// Always.
    pub fn open(_settings: Settings) -> Result<Server, ServerError> {
        Err(ServerError::WithoutServer)
    }

    pub async fn serve(self, _listener: TcpListener, _leave: impl Future<Output = ()>) {
        match self {}
    }
}
