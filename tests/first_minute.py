#!/usr/bin/env python3
"""Measures the first minute of a new user.

    tests/first_minute.py target/release/vajra-cloud [--runs 5]
    tests/first_minute.py --cold [--peer oha]

The first form measures two times: from Enter to the first request, and from the last answer to the report. Each run
launches a local load of one second against a server in this script. The script prints the median and the range of the
runs.

The second form measures the time from a clone to the first report. It uses the command of the README, an empty target
folder and downloaded crates. If a peer is named, it also measures how long cargo needs to install this program.
"""

import argparse
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import threading
import time

SCENARIO = """name: first
target: http://127.0.0.1:{port}
load: {{ constant: {{ rate: 50/s, duration: 1s }} }}
requests: [ {{ name: home, url: / }} ]
"""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers every request immediately, and records the times of the first request and of the last answer."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.first = None
        self.last = None
        self.requests = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        pending = b""
        while piece := connection.recv(65536):
            now = time.monotonic()
            with self.lock:
                self.first = self.first or now
            pending += piece
            while b"\r\n\r\n" in pending:
                _, pending = pending.split(b"\r\n\r\n", 1)
                connection.sendall(ANSWER)
                with self.lock:
                    self.requests += 1
                    self.last = time.monotonic()


def run(program):
    server = Server()
    with tempfile.TemporaryDirectory() as folder:
        scenario = pathlib.Path(folder) / "first.yaml"
        scenario.write_text(SCENARIO.format(port=server.port))
        began = time.monotonic()
        subprocess.run([program, "launch", scenario], cwd=folder, check=True, capture_output=True, timeout=60)
        ended = time.monotonic()
    assert server.requests == 50, server.requests
    return server.first - began, ended - server.last


def timed(command, folder, **environment):
    began = time.monotonic()
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, **environment})
    return time.monotonic() - began


def cold(peer):
    """Prints the time from a clone to the first report. If `peer` is given, also times its installation."""
    here = pathlib.Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        clone = pathlib.Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", here, clone], check=True)
        subprocess.run(["cargo", "fetch", "--locked"], cwd=clone, check=True)
        command = ["cargo", "run", "--release", "--locked", "--", "launch", "quickstart"]
        took = timed(command, clone, CARGO_TARGET_DIR=f"{folder}/target")
        print(f"clone to the first report    {took:.0f} s")
    if peer:
        with tempfile.TemporaryDirectory() as folder:
            command = ["cargo", "install", "--locked", "--root", folder, peer]
            took = timed(command, folder, CARGO_TARGET_DIR=f"{folder}/target")
            print(f"cargo install {peer:<14} {took:.0f} s")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program", type=pathlib.Path, nargs="?")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--cold", action="store_true")
    arguments.add_argument("--peer")
    asked = arguments.parse_args()
    if asked.cold:
        cold(asked.peer)
        return
    if asked.program is None:
        arguments.error("name the program to measure, or give --cold")
    measured = [run(asked.program.resolve()) for _ in range(asked.runs)]
    names = ("Enter to the first request", "last answer to the report")
    for name, values in zip(names, zip(*measured)):
        shown = f"{statistics.median(values):.3f} s ({min(values):.3f} to {max(values):.3f})"
        print(f"{name:<28} {shown}")


if __name__ == "__main__":
    main()
