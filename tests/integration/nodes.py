"""Nodes that send to each other, each a process of its own: collectors, and watchers that link to them.

What was stored is read with SQLite, as an operator would. Other tests may use all of this:

    with Collector(home) as top, Watcher(home, root, top) as leaf:
        ...
        wait_stored(top, leaf, root)
"""

import contextlib
import functools
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import time

from harness import BINARY, PATIENCE, Timeout, backend_options, run_program, snapshot, wait_until


def free_port():
    """Of loopback; nobody else is likely to get it before it is used."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@functools.lru_cache(None)
def make_certificates(directory, *names):
    """An authority and certificates for those names, in that directory."""
    done = run_program("certs", directory, *names)
    if done.returncode != 0:
        raise AssertionError("actors certs: %s" % done.stderr)
    return directory


def tls_options(directory, name):
    return ["--tls-ca", directory + "/ca.pem", "--tls-cert", "%s/%s.pem" % (directory, name),
            "--tls-key", "%s/%s.key" % (directory, name)]


class Process:
    """The program with these arguments; may be killed, stopped, continued and started again. What it
    says goes to files, which survive it."""

    def __init__(self, home, name, arguments, env=None):
        self.name = name
        self.admin = os.path.join(home, name + ".sock")
        self.arguments = [BINARY, *arguments, "--admin", self.admin]
        self.out_file = os.path.join(home, name + ".out")
        self.log_file = os.path.join(home, name + ".log")
        # The address sanitizer keeps 256 MiB of what was freed, which would be taken for growth.
        kept = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=8"]))
        self.env = {**os.environ, "XDG_RUNTIME_DIR": home, "ASAN_OPTIONS": kept, **(env or {})}
        self.process = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        with open(self.out_file, "ab") as out, open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                                            env=self.env)
        self.pid = self.process.pid

    def kill(self):
        """kill -9, also of one that is stopped; a second call does nothing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def restart(self):
        self.kill()
        self.start()

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    def stop(self, deadline=PATIENCE):
        """In order; the exit code."""
        os.kill(self.pid, signal.SIGTERM)
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise Timeout("%s still runs\n%s" % (self.name, self.log[-3000:])) from None

    @property
    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    def mark(self):
        """A place in the log, for `wait_log`."""
        return len(self.log)

    def wait_log(self, pattern, deadline=PATIENCE, since=0):
        return wait_until(lambda: re.search(pattern, self.log[since:]), deadline,
                          "%s in the log of %s\n%s" % (pattern, self.name, self.log[-3000:]))

    def status(self):
        answer = run_program("status", "--json", "--admin", self.admin)
        if answer.returncode != 0:
            raise AssertionError("actors status of %s: %d %s\n%s" % (
                self.name, answer.returncode, answer.stderr, self.log[-2000:]))
        return json.loads(answer.stdout)

    def is_alive(self):
        return self.process.poll() is None

    # -- what it costs --

    def resident_kib(self):
        with open("/proc/%d/status" % self.pid) as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))

    def processor_seconds(self):
        with open("/proc/%d/stat" % self.pid) as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Collector(Process):
    """`actors collect` at a port of loopback; in the clear, or with certificates: the one it `shows`, and
    those of `allow`."""

    def __init__(self, home, name="collector", certificates=None, allow=("*",), options=(), shows="collector",
                 env=None):
        self.certificates = certificates
        self.address = "127.0.0.1:%d" % free_port()
        self.store = os.path.join(home, name + ".db")
        identity = ["--insecure-loopback"]
        if certificates:
            identity = tls_options(certificates, shows)
            for each in allow:
                identity += ["--allow", each]
        super().__init__(home, name, ["collect", "--listen", self.address, "--store", self.store,
                                      "--node", name, *identity, *options], env)
        self.wait_listening()

    def restart(self):
        super().restart()
        self.wait_listening()

    def wait_listening(self):
        host, _, port = self.address.rpartition(":")

        def try_it():
            if not self.is_alive():
                raise AssertionError("%s has ended\n%s" % (self.name, self.log[-3000:]))
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
                return True
        wait_until(try_it, what="%s listens\n%s" % (self.name, self.log[-3000:]))

    @contextlib.contextmanager
    def connect(self):
        """The store, to be read."""
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % self.store, uri=True,
                                                timeout=PATIENCE)) as file:
            yield file

    def query(self, text, *values):
        """Rows; none while the store is not there."""
        try:
            with self.connect() as file:
                return file.execute(text, values).fetchall()
        except sqlite3.OperationalError as x:
            if "no such table" in str(x) or "unable to open" in str(x):
                return []
            raise

    def count(self, node):
        return self.query("SELECT count(*) FROM events WHERE node = ?", node)[0][0]

    def streams(self):
        """{(node, stream): (records, distinct numbers, least, largest)}"""
        rows = self.query("SELECT node, stream, count(*), count(DISTINCT seq), min(seq), max(seq)"
                          " FROM events GROUP BY node, stream")
        return {row[:2]: row[2:] for row in rows}

    def faults(self):
        """Streams with something twice, or not at all."""
        return ["%s %s: %d records, %d numbers, from %d to %d" % (*key, *row)
                for key, row in self.streams().items()
                if not row[0] == row[1] == row[3] - row[2] + 1 or row[2] != 1]

    def records(self, node):
        """Of that node, in the order in which they were stored: rows of (stream, seq, type, path, from,
        ftype, size, replaced, baseline)."""
        return self.query("SELECT stream, seq, type, path, from_path, ftype, size, replaced, baseline"
                          " FROM events WHERE node = ? ORDER BY id", node)


class Watcher(Process):
    """`actors watch ROOT --to COLLECTOR...`; with a spool when it is given one."""

    def __init__(self, home, root, *collectors, name="leaf", spool=None, options=(), backend="inotify",
                 env=None):
        self.root = root
        self.spool = spool
        first = collectors[0]
        to = []
        for each in collectors:
            to += ["--to", each if isinstance(each, str) else each.address]
        identity = ["--insecure-loopback"]
        if getattr(first, "certificates", None):
            identity = [*tls_options(first.certificates, name), "--server-name", "collector"]
        more = ["--spool", spool] if spool else []
        super().__init__(home, name, ["watch", root, "--settle", "0", "--node", name, *to, *identity, *more, "-v",
                                      *backend_options(backend, options), *options], env)

    def spooled(self):
        """Batches in its spool that are not acknowledged; when it has ended, as it keeps the file to itself."""
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % self.spool, uri=True, timeout=PATIENCE)) as file:
            return file.execute("SELECT count(*) FROM batches").fetchone()[0]

    def wait_up(self, deadline=PATIENCE, since=0):
        """Its link was welcomed, and it watches."""
        self.wait_log("event=link_up", deadline, since)
        wait_until(lambda: self.count_printed("ready") > 0, deadline, "%s watches" % self.name)

    def count_printed(self, kind):
        with open(self.out_file) as file:
            return file.read().count('"type":"%s"' % kind)


def replayed(collector, node, root, stream=None):
    """The tree that the records of a node (or of one of its streams) tell of: {path: (ftype, size)}."""
    tree = {}

    def below(path):
        return [x for x in tree if x.startswith(path + "/")]

    for row in collector.records(node):
        if stream is not None and row[0] != stream:
            continue
        _, _, kind, path, origin, ftype, size, replaced, baseline = row
        path = os.fsdecode(path) if isinstance(path, bytes) else path
        origin = os.fsdecode(origin) if isinstance(origin, bytes) else origin
        if kind in ("create", "modify"):
            if kind == "modify" and replaced:
                for x in below(path):
                    del tree[x]
            if path != root:
                tree[path] = (ftype, size)
        elif kind == "delete":
            for x in [path, *below(path)]:  # with --state, after a kill, all below goes with it
                tree.pop(x, None)
        elif kind == "rename":
            if origin not in tree:  # told before, by a run that was killed before it noted so
                tree.setdefault(path, (ftype, None))
                continue
            for x in [path, *below(path)]:
                tree.pop(x, None)
            for x in [origin, *below(origin)]:
                tree[path + x[len(origin):]] = tree.pop(x)
        elif kind == "overflow" and baseline:
            tree = {}
    return tree


def on_disk(root):
    return {os.fsdecode(k): (x.ftype, x.size if x.ftype == "f" else None) for k, x in snapshot(root).items()}


def wait_stored(collector, watcher, deadline=PATIENCE):
    """Waits until the replay of what is stored is what is on the disk."""
    root = watcher.root

    def difference():
        mind, disk = replayed(collector, watcher.name, root), on_disk(root)
        return (["missing: %s %r" % x for x in sorted(set(disk.items()) - set(mind.items()))]
                + ["not on disk: %s %r" % x for x in sorted(set(mind.items()) - set(disk.items()))])
    try:
        wait_until(lambda: not difference(), deadline, "the store tells of the disk", interval=0.05)
    except Timeout:
        differ = difference()
        path = (re.findall(r": (\S+) ", differ[0]) or [""])[0] if differ else ""
        told = [x for x in collector.records(watcher.name) if path in x[3:5]]
        raise Timeout("the store and the disk differ:\n%s\n%s\n%s\n%s" % (
            "\n".join(differ[:20]), "\n".join(map(repr, told)), watcher.log[-2000:], collector.log[-2000:])) from None


# -- strangers -----------------------------------------------------------------------------------------

PREFACE = b"ACTORS\r\n" + bytes((1, 0, 1, 0)) + bytes(4)
BASP = b"\1" + bytes(31)


def connect(address, timeout=1.0):
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout)


def client_context(directory, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(directory + "/ca.pem")
    if name:
        context.load_cert_chain("%s/%s.pem" % (directory, name), "%s/%s.key" % (directory, name))
    return context
