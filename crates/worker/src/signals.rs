//! Receives the signals that ask a process to exit: SIGINT, SIGTERM and SIGHUP.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Receives the signals that ask this process to exit.
///
/// While a process handles these signals, they do not kill the process. The first process of a container (process 1)
/// receives SIGTERM only if it handles SIGTERM.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// `None` if SIGHUP was ignored when the process started. `nohup` starts a process with SIGHUP ignored.
    hangup: Option<Signal>,
}

impl Signals {
    /// Starts to handle the signals. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Fails if the system refuses a signal handler.
    pub fn listen() -> std::io::Result<Signals> {
        let hangup = match is_ignored(libc::SIGHUP) {
            true => None,
            false => Some(signal(SignalKind::hangup())?),
        };
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup,
        })
    }

    /// Waits for a signal, and returns the name of the signal. Signals of one kind that arrive between two calls are
    /// returned once.
    pub async fn next(&mut self) -> &'static str {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
            _ = hangup => "SIGHUP",
        }
    }
}

/// Returns whether a signal was ignored when this process started.
fn is_ignored(signal: libc::c_int) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action, the call only writes the current action to `action`. `action` has the right size.
    // It consists of plain numbers, so a zeroed value is valid.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}
