#!/usr/bin/env python3
"""Measures the first minute of a new user: from Enter to the first request, and from the last answer to the report.

    tests/first_minute.py target/release/vajra-cloud [--runs 5]

Each run launches a local load of one second against a server of this script. It prints the median and the range.
"""

import argparse
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
    """Answers every request at once, and keeps the times of the first request and of the last answer."""

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


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program", type=pathlib.Path)
    arguments.add_argument("--runs", type=int, default=5)
    asked = arguments.parse_args()
    measured = [run(asked.program.resolve()) for _ in range(asked.runs)]
    names = ("Enter to the first request", "last answer to the report")
    for name, values in zip(names, zip(*measured)):
        shown = f"{statistics.median(values):.3f} s ({min(values):.3f} to {max(values):.3f})"
        print(f"{name:<28} {shown}")


if __name__ == "__main__":
    main()
