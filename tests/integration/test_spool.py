#!/usr/bin/env python3
"""Whatever was written to the spool arrives, however often the process is killed.

    NUMBERED_SOURCE=build/dev/bin/numbered_source tests/integration/test_spool.py [--rounds N]
"""
import contextlib
import http.server
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = os.environ["NUMBERED_SOURCE"]
ROUNDS = 12


class Receiver(http.server.ThreadingHTTPServer):
    """Takes posts, each key once; one of ten it refuses, or takes and says so to nobody."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.keys = set()
        self.paths = []
        self.dice = random.Random(5)
        self.is_kind = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/in"

    def handle_error(self, request, client_address):
        pass  # killed clients


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        receiver = self.server
        if len(body) < size:  # killed in the middle of it
            self.close_connection = True
            return
        with receiver.lock:
            mood = 1.0 if receiver.is_kind else receiver.dice.random()
            if mood > 0.05 and self.headers["Idempotency-Key"] not in receiver.keys:
                receiver.keys.add(self.headers["Idempotency-Key"])
                receiver.paths += re.findall(rb'"path":"([^"]*)"', body)
        if 0.05 < mood < 0.1:
            self.close_connection = True
            return
        self.send_response(503 if mood <= 0.05 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def spooled(spool, copy):
    """The records (stream, from, to) that lie in the spool of a process that was killed."""
    for ending in ("", "-wal"):
        if pathlib.Path(f"{spool}{ending}").exists():
            shutil.copy(f"{spool}{ending}", f"{copy}{ending}")
    with contextlib.closing(sqlite3.connect(copy)) as file:
        rows = file.execute("SELECT s.name, first_seq, count FROM batches JOIN streams s ON s.id=stream").fetchall()
    for path in pathlib.Path(copy).parent.glob(pathlib.Path(copy).name + "*"):
        path.unlink()
    return rows


class Killed(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="actors-spool-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.spool = f"{self.directory}/spool"
        self.receiver = Receiver()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)

    def start(self, run, records=0):
        child = subprocess.Popen([PROGRAM, self.receiver.url, self.spool, run, str(records)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, child)
        self.assertEqual(child.stdout.readline(), b"started\n")
        return child

    @staticmethod
    def end(child):
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()

    def wait_until(self, holds, what):
        due = time.monotonic() + 60
        while not holds():
            self.assertLess(time.monotonic(), due, what)
            time.sleep(0.01)

    def test_every_record_in_the_spool_arrives_in_order(self):
        dice = random.Random(7)
        must_arrive = set()
        for number in range(ROUNDS):
            child = self.start(f"run{number}")
            time.sleep(dice.uniform(0.01, 0.3))  # the moment of the kill is what is random here
            child.kill()
            child.wait()
            rows = spooled(self.spool, f"{self.directory}/copy")
            must_arrive |= {f"{stream}-{first}-{first + count - 1}" for stream, first, count in rows}
        self.receiver.is_kind = True
        last = self.start("last", 50)
        self.wait_until(lambda: b"/last/50" in self.receiver.paths[-1:], "the last run did not arrive")
        last.stdin.close()
        self.assertEqual(last.wait(20), 0)
        self.assertEqual(spooled(self.spool, f"{self.directory}/copy"), [])
        self.assertLessEqual(must_arrive, self.receiver.keys)
        arrived = {}
        for path in self.receiver.paths:
            _, run, number = path.decode().split("/")
            arrived.setdefault(run, []).append(int(number))
        for run, numbers in arrived.items():
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), f"{run}: not each once, in order")
        self.assertGreater(sum(map(len, arrived.values())), 100)


if __name__ == "__main__":
    if "--rounds" in sys.argv:
        at = sys.argv.index("--rounds")
        ROUNDS = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main()
