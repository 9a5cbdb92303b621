#!/usr/bin/env python3
"""Draws docs/quickstart.svg, the picture of the README: a real run of the quickstart, as a terminal shows it.

    cargo build --release && docs/quickstart.py target/release/vajra-cloud

The program runs in a terminal of its own. The picture has the progress block after eight seconds, and the report. Its
colours follow `prefers-color-scheme`.
"""

import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time

COLUMNS, ROWS = 100, 60
PROGRESS_AT_S = 8.0
# Lines of the progress block of a scenario with three thresholds.
BLOCK = 12
TYPED = "$ cargo run --release -- launch quickstart"
# Pixels of one cell, and around all of them.
WIDTH, HEIGHT, MARGIN, BAR = 8.43, 19, 16, 30

STYLE = """
.page { fill: #fbfbfa; stroke: #d5d9de } .dot { fill: #c3c9d0 } text { fill: #24292f }
.typed { fill: #0550ae } .faint { fill: #5b6570 } .good { fill: #116329 } .bad { fill: #a40e26 } .bold { font-weight: bold }
@media (prefers-color-scheme: dark) {
  .page { fill: #10151c; stroke: #10151c } .dot { fill: #4b5563 } text { fill: #d7dde5 }
  .typed { fill: #8ab4f8 } .faint { fill: #9aa4b2 } .good { fill: #7ddc8f } .bad { fill: #ff8f8a }
}"""


class Screen:
    """What a terminal shows after the bytes that it was sent: enough of one for the progress block."""

    def __init__(self):
        self.lines, self.row, self.column = [""], 0, 0

    def put(self, text):
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[: self.column] + text + line[self.column + len(text) :]
        self.column += len(text)

    def down(self, rows):
        self.row += rows
        self.lines += [""] * (self.row + 1 - len(self.lines))

    def feed(self, text):
        for escape, count, command, char in re.findall(r"(\x1b\[\??([0-9;]*)([A-Za-z]))|([^\x1b])", text):
            if char == "\n":
                self.down(1)
            elif char == "\r":
                self.column = 0
            elif char:
                if self.column == COLUMNS:
                    self.column = 0
                    self.down(1)
                self.put(char)
            elif command == "A":
                self.row -= int(count or 1)
            elif command == "B":
                self.down(int(count or 1))
            elif command == "K":
                self.lines[self.row] = ""
            assert char or command in "ABKmhl", repr(escape)


def run(program):
    """The progress block in the middle of a run, and the report at its end."""
    main, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen, began, progress = Screen(), time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        command = [os.path.abspath(program), "launch", "quickstart"]
        child = subprocess.Popen(command, cwd=folder, stdin=terminal, stdout=terminal, stderr=terminal)
        os.close(terminal)
        while True:
            try:
                screen.feed(os.read(main, 65536).decode(errors="replace"))
            except OSError:
                break
            shown = [line.rstrip() for line in screen.lines]
            start = next((at for at, line in enumerate(shown) if line.startswith("quickstart  ")), None)
            # Between two blocks the lines are erased.
            if start is not None and all(shown[start : start + BLOCK]) and time.monotonic() - began < PROGRESS_AT_S:
                progress = shown[start : start + BLOCK]
        assert child.wait() == 0, "the run did not pass"
    shown = [line.rstrip() for line in screen.lines]
    return progress, shown[next(at for at, line in enumerate(shown) if line.startswith("quickstart: ")) :]


def style(line):
    if line.startswith("quickstart: "):
        return "good bold" if line.endswith("passed") else "bad bold"
    words = {"met": "good", "not met": "bad"}
    return next((name for word, name in words.items() if re.match(rf"{word}  +", line)), "")


def draw(progress, report):
    rows = [(TYPED, "typed")] + [(line, "faint") for line in progress] + [("", "")]
    rows += [(line, style(line)) for line in report]
    while not rows[-1][0]:
        rows.pop()
    columns = max(len(line) for line, _ in rows)
    width, height = round(columns * WIDTH + 2 * MARGIN), BAR + len(rows) * HEIGHT + MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"'
    yield ' aria-label="A terminal: a run of the quickstart, its progress and its report">'
    yield f"<style>{STYLE}\n</style>"
    yield f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>'
    yield "".join(f'<circle class="dot" cx="{x}" cy="18" r="5"/>' for x in (20, 38, 56))
    yield '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="14">'
    for at, (line, name) in enumerate(rows):
        if line:
            y, length = BAR + MARGIN + at * HEIGHT, round(len(line) * WIDTH, 1)
            name = f' class="{name}"' if name else ""
            # Viewers differ in what they do with several spaces; no-break spaces stay as they are.
            text = html.escape(line).replace(" ", "\u00a0")
            yield f'<text x="{MARGIN}" y="{y}" textLength="{length}"{name}>{text}</text>'
    yield "</g></svg>"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    picture = pathlib.Path(__file__).with_name("quickstart.svg")
    picture.write_text("\n".join(draw(*run(sys.argv[1]))) + "\n", encoding="utf-8")
    print(picture)


main()
