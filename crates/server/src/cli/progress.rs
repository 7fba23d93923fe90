//! How far a copy is, as a line that changes: bytes, objects, rate, time left. Nothing if standard
//! error is no terminal.

use std::cell::Cell;
use std::io::IsTerminal;

use h5rest_copy::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The line.
pub(super) struct Bar {
    bar: ProgressBar,
    objects: Cell<(u64, u64)>,
    quiet: bool,
}

impl Bar {
    /// A line that is not shown yet; never, if `quiet`.
    pub fn new(quiet: bool) -> Self {
        let target = match quiet || !std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        Self {
            bar: ProgressBar::with_draw_target(Some(0), target),
            objects: Cell::new((0, 0)),
            quiet,
        }
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        let (done, all) = self.objects.get();
        self.bar.set_message(format!("{done}/{all} objects"));
    }
}

impl Progress for Bar {
    fn begin(&self, part: &str, bytes: u64, objects: u64) {
        const WITH_BYTES: &str = "{prefix}: {wide_bar} {binary_bytes}/{binary_total_bytes}, {msg}, \
                                  {binary_bytes_per_sec}, {eta} left";
        const WITHOUT: &str = "{prefix}: {spinner} {msg}";
        let template = if bytes > 0 { WITH_BYTES } else { WITHOUT };
        let style = ProgressStyle::with_template(template);
        self.bar
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.bar.set_prefix(part.to_owned());
        self.bar.set_length(bytes);
        self.bar.set_position(0);
        self.bar.reset_eta();
        self.objects.set((0, objects));
        self.show();
    }

    fn advance(&self, bytes: u64, objects: u64) {
        self.bar.inc(bytes);
        let (done, all) = self.objects.get();
        self.objects.set((done + objects, all));
        self.show();
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| eprintln!("h5rest: {text}"));
        }
    }
}
