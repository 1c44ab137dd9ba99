"""Runs the program on a real directory, and replays what it tells.

Nothing here waits for luck: a test waits for a condition, with a deadline. That everything was
reported is known by a sentinel: a file made last, whose record comes after all before it.
"""

import base64
import binascii
import functools
import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.path.abspath(
    os.environ.get("ACTORS_BINARY", os.path.join(HERE, "../../build/dev/bin/actors")))

# Long enough for a machine that builds something else meanwhile; a passing test never waits it out.
PATIENCE = 20.0

# Whether the program was built with sanitizers: slower, larger.
SANITIZED = bool(os.environ.get("ACTORS_SANITIZE"))

SENTINEL = b".sentinel-"

CHANGES = ("create", "modify", "delete", "rename", "attrib")
MARKERS = ("ready", "overflow", "recovered", "root_lost", "root_back", "mount", "unmount",
           "degraded", "error")

_numbers = itertools.count(1)


class Timeout(AssertionError):
    pass


def wait_until(condition, deadline=PATIENCE, what="the condition", interval=0.01):
    """For conditions that nobody signals (files in /proc, the end of a process)."""
    until = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise Timeout("not within %.1f s: %s" % (deadline, what))
        time.sleep(interval)


# -- the disk ----------------------------------------------------------------------------------------

class Entry:
    """What stands at a path: ftype f, d, l or o; of a file, its size and a digest of its bytes."""
    __slots__ = ("ftype", "size", "digest")

    def __init__(self, ftype, size=None, digest=None):
        self.ftype = ftype
        self.size = size
        self.digest = digest

    def __repr__(self):
        return "%s(%s)" % (self.ftype, self.size)


def _ftype(mode):
    if stat.S_ISREG(mode):
        return "f"
    if stat.S_ISDIR(mode):
        return "d"
    return "l" if stat.S_ISLNK(mode) else "o"


def snapshot(root):
    """The tree below `root` (not itself), as {path: Entry}. Goes by descriptors, so that a path may be
    longer than PATH_MAX. Nothing may change meanwhile."""
    root = os.fsencode(root)
    found = {}

    def visit(fd, path):
        with os.scandir(fd) as entries:
            names = [os.fsencode(x.name) for x in entries]
        for name in names:
            st = os.stat(name, dir_fd=fd, follow_symlinks=False)
            ftype = _ftype(st.st_mode)
            here = path + b"/" + name
            if ftype == "f":
                try:
                    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=fd)
                except PermissionError:
                    found[here] = Entry("f", st.st_size)
                    continue
                with open(file, "rb") as f:
                    found[here] = Entry("f", st.st_size, hashlib.md5(f.read()).digest())
            else:
                found[here] = Entry(ftype)
            if ftype == "d":
                below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
                try:
                    visit(below, here)
                finally:
                    os.close(below)

    try:
        fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return found
    try:
        visit(fd, root)
    finally:
        os.close(fd)
    return found


def write(path, data=b"x", mode="wb"):
    with open(path, mode) as f:
        f.write(data if isinstance(data, bytes) else data.encode())


# -- records -----------------------------------------------------------------------------------------

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

# The documented order; what stands in parentheses may be missing.
_CHANGE_FIELDS = ("seq", "type", "(from)", "(from_b64)", "path", "(path_b64)", "ftype", "(size)",
                  "(time)", "(replaced)", "(initial)")
_FIELDS = {
    "ready": ("seq", "type", "root", "(root_b64)", "backend", "dirs", "files", "ms"),
    "recovered": ("seq", "type", "root", "(root_b64)", "changes", "ms"),
}
_MARKER_FIELDS = ("seq", "type", "(root)", "(root_b64)", "(path)", "(path_b64)", "(reason)",
                  "(baseline)")


def _order_fault(keys, order):
    """None when `keys` follow `order`, with nothing required missing and nothing unknown."""
    at = 0
    for want in order:
        name = want.strip("()")
        if at < len(keys) and keys[at] == name:
            at += 1
        elif name == want:
            return "field %r is missing or misplaced" % name
    return None if at == len(keys) else "field %r is unknown or misplaced" % keys[at]


class Record(dict):
    """A record as it came; `path`, `from_path` and `root` are bytes."""

    def __init__(self, line):
        pairs = json.loads(line.decode("utf-8"), object_pairs_hook=list)
        super().__init__(pairs)
        self.line = line
        self.keys_in_order = [key for key, _ in pairs]
        self.path = self._bytes("path")
        self.from_path = self._bytes("from")
        self.root = self._bytes("root")

    @property
    def type(self):
        return self["type"]

    @property
    def seq(self):
        return self["seq"]

    def _bytes(self, key):
        if key + "_b64" in self:
            return base64.b64decode(self[key + "_b64"])
        return self[key].encode() if key in self else None

    def is_change(self):
        return self["type"] in CHANGES

    def is_sentinel(self):
        return self.path is not None and os.path.basename(self.path).startswith(SENTINEL)

    def form_faults(self):
        """What is wrong with the line itself."""
        text = self.line.decode("utf-8")
        if re.search(r"\s", _STRING.sub("", text)):
            yield "white space between fields"
        kind = self.get("type")
        if kind in CHANGES:
            fault = _order_fault(self.keys_in_order, _CHANGE_FIELDS)
            if fault:
                yield fault
            if ("from" in self) != (kind == "rename"):
                yield "a rename, and only a rename, has from"
            if self.get("ftype") not in ("f", "d", "l", "o"):
                yield "ftype is %r" % self.get("ftype")
            if (kind in ("create", "modify") and self.get("ftype") == "f") != ("size" in self):
                yield "size belongs to a create or modify of a file"
            if "time" in self and not _TIME.match(self["time"]):
                yield "time is %r" % self["time"]
        elif kind in MARKERS:
            fault = _order_fault(self.keys_in_order, _FIELDS.get(kind, _MARKER_FIELDS))
            if fault:
                yield fault
            if "root" not in self and "path" not in self:
                yield "neither root nor path"
        else:
            yield "type %r is unknown" % kind
        for key in ("path", "from", "root"):
            if key + "_b64" in self:
                try:
                    base64.b64decode(self[key + "_b64"], validate=True).decode("utf-8")
                    yield key + "_b64 of a path that is UTF-8"
                except UnicodeDecodeError:
                    if "\ufffd" not in self[key]:
                        yield key + " has no U+FFFD though it is not UTF-8"
                except binascii.Error:
                    yield key + "_b64 is not base64"


# -- the replay --------------------------------------------------------------------------------------

class _Node:
    __slots__ = ("ftype", "children", "digest", "size", "told")

    def __init__(self, ftype, digest=None, size=None, told=False):
        self.ftype = ftype
        self.children = {}
        self.digest = digest  # at `ready`, while nothing was told of it
        self.size = size      # as told last
        self.told = told


class Replayer:
    """A strict reader: applies records to the tree at `ready`, and notes everything that does not
    fit."""

    def __init__(self, roots, baseline=None):
        self.faults = []
        self.trees = {os.fsencode(root): _Node("d") for root in roots}
        self.known = set(self.trees)  # roots that exist in the reader's mind
        self.next_seq = 1
        for path, entry in sorted((baseline or {}).items()):
            parent, name = self._parent(path)
            parent.children[name] = _Node(entry.ftype, entry.digest, entry.size)

    def _fault(self, record, text):
        self.faults.append("%s: %s" % (text, record.line.decode("utf-8", "replace")[:600]))

    def _parent(self, path):
        """The node of the directory of `path` and the last name; None when it is not known."""
        for root in sorted(self.trees, key=len, reverse=True):
            if path.startswith(root.rstrip(b"/") + b"/"):
                node = self.trees[root]
                parts = path[len(root.rstrip(b"/")) + 1:].split(b"/")
                for part in parts[:-1]:
                    node = node.children.get(part) if node.ftype == "d" else None
                    if node is None:
                        return None, parts[-1]
                return (node if node.ftype == "d" else None), parts[-1]
        return None, path

    def _find(self, path):
        if path in self.trees:
            return self.trees[path]
        parent, name = self._parent(path)
        return parent.children.get(name) if parent else None

    def apply(self, record):
        for fault in record.form_faults():
            self._fault(record, "form: " + fault)
        if record.get("seq") != self.next_seq:
            self._fault(record, "seq gap, expected %d" % self.next_seq)
        self.next_seq = record.get("seq", self.next_seq) + 1
        handler = getattr(self, "_on_" + record.type, None)
        if handler:
            handler(record)

    def _on_create(self, record):
        parent, name = self._parent(record.path)
        if parent is None:
            return self._fault(record, "create in an unknown parent")
        if name in parent.children:
            return self._fault(record, "duplicate create")
        parent.children[name] = _Node(record["ftype"], size=record.get("size"), told=True)

    def _on_delete(self, record):
        parent, name = self._parent(record.path)
        if parent is None or name not in parent.children:
            return self._fault(record, "unknown delete")
        if parent.children[name].ftype != record["ftype"]:
            self._fault(record, "delete of another type")
        del parent.children[name]

    def _on_modify(self, record):
        node = self._find(record.path)
        if node is None:
            return self._fault(record, "unknown modify")
        if record.get("replaced"):
            if (node.ftype == "d") != (record["ftype"] == "d"):
                self._fault(record, "a directory and something else replace each other in a modify")
            if record["ftype"] == "d":
                self._fault(record, "modify of a directory")
            node.ftype = record["ftype"]
            node.children = {}
        elif node.ftype != record["ftype"]:
            self._fault(record, "modify of another type")
        node.told = True
        node.size = record.get("size")

    def _on_attrib(self, record):
        node = self._find(record.path)
        if node is None:
            return self._fault(record, "unknown attrib")
        if node.ftype != record["ftype"]:
            self._fault(record, "attrib of another type")

    def _on_rename(self, record):
        parent, name = self._parent(record.from_path)
        node = parent.children.get(name) if parent else None
        if node is None:
            return self._fault(record, "unknown rename")
        if node.ftype != record["ftype"]:
            self._fault(record, "rename of another type")
        target, target_name = self._parent(record.path)
        if target is None:
            return self._fault(record, "rename into an unknown parent")
        if target_name in target.children and not record.get("replaced"):
            self._fault(record, "rename over something without replaced")
        if target_name not in target.children and record.get("replaced"):
            self._fault(record, "rename with replaced over nothing")
        if (record.path + b"/").startswith(record.from_path + b"/"):
            return self._fault(record, "rename into itself")
        del parent.children[name]
        target.children[target_name] = node

    def _on_overflow(self, record):
        if record.get("baseline"):
            self.trees[record.root] = _Node("d")

    def _on_root_lost(self, record):
        if self.trees[record.root].children:
            self._fault(record, "root_lost before its content was told as deleted")

    def compare(self, disk):
        """What differs between the reader's mind and the disk."""
        mind = {}

        def visit(node, path):
            for name, child in node.children.items():
                mind[path + b"/" + name] = child
                visit(child, path + b"/" + name)

        for root, node in self.trees.items():
            visit(node, root.rstrip(b"/"))
        result = []
        for path in sorted(set(mind) | set(disk)):
            node, entry = mind.get(path), disk.get(path)
            if node is None:
                result.append("missing: %s %r" % (entry.ftype, path))
            elif entry is None:
                result.append("not on disk: %s %r" % (node.ftype, path))
            elif node.ftype != entry.ftype:
                result.append("type %s, on disk %s: %r" % (node.ftype, entry.ftype, path))
            elif entry.ftype == "f" and not node.told and node.digest != entry.digest:
                result.append("content changed, never told: %r" % path)
            elif entry.ftype == "f" and node.told and node.size != entry.size:
                result.append("last told with size %s, on disk %s: %r" %
                              (node.size, entry.size, path))
        return result


# -- the program -------------------------------------------------------------------------------------

def temporary_directory(below=None):
    """Open to others than the owner: some tests run the program as another user."""
    path = os.path.realpath(tempfile.mkdtemp(prefix="actors-test-", dir=below))
    os.chmod(path, 0o755)
    return path


def remove_tree(path):
    """Whatever the modes in it."""
    def allow(function, name, _):
        try:
            if name != path:  # what is above it is not ours
                os.chmod(os.path.dirname(name), 0o700)
            os.chmod(name, 0o700)
            function(name)
        except OSError:
            pass
    shutil.rmtree(path, onerror=allow)


def run_program(*arguments, deadline=PATIENCE, env=None, cwd=None, prefix=()):
    """Runs to the end; an object with returncode, stdout and stderr (text)."""
    return subprocess.run([*prefix, BINARY, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=deadline,
                          env={**os.environ, **(env or {})}, cwd=cwd, encoding="utf-8",
                          errors="surrogateescape")


class Watch:
    """`actors watch ROOT...` under way. A context manager: leaving it ends the program, somehow.

    `told_roots` is how the program names the roots, where that is not what was given. `backend` is
    asked for where the program has a choice; the roots must then be watched by it. `command` is
    another one that tells of the roots (`run`, with its configuration), instead of `watch`.
    """

    def __init__(self, *roots, settle="0", options=(), env=None, told_roots=None, prefix=(),
                 cwd=None, reading=True, wait_ready=True, raw=False, program=None, admin=True,
                 backend="inotify", command=None):
        self.roots = [os.fsencode(x) for x in (told_roots or roots)]
        self.home = temporary_directory()
        self.admin = os.path.join(self.home, "admin.sock")
        if prefix:
            os.chmod(self.home, 0o777)
        self.env = {**os.environ, "XDG_RUNTIME_DIR": self.home}
        self.env.pop("ACTORS_FAULT", None)
        self.env.pop("ACTORS_FAULT_BACKOFF", None)
        self.env.update(env or {})
        arguments = [program or BINARY, "watch", *roots]
        if settle is not None:
            arguments += ["--settle", settle]
        if admin:
            arguments += ["--admin", self.admin]
        self.backend = backend
        arguments += backend_options(backend, options)
        self.baseline = {}
        for root in self.roots:
            self.baseline.update(snapshot(root))
        if command:
            arguments = [program or BINARY, *command]
        self.arguments = [*prefix, *arguments, *options]
        self.chunks = []      # (time, number of records before it, bytes)
        self.records = []
        self.raw = raw        # not NDJSON: only the bytes are kept
        self.received = bytearray()
        self.broken = []      # lines that are not records
        self.ended = False    # stdout is at its end
        self.stderr = b""
        self.changed = threading.Condition()
        self.may_read = threading.Event()
        if reading:
            self.may_read.set()
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.env, cwd=cwd, bufsize=0)
        self.pid = self.process.pid
        self.threads = [threading.Thread(target=self._read_output, daemon=True),
                        threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self.threads:
            thread.start()
        try:
            if wait_ready and reading and not raw:
                self.wait_for(lambda: sum(x.type == "ready" for x in self.records)
                              >= len(self.roots), what="ready")
                used = {x["backend"] for x in self.records if x.type == "ready"}
                if used != {backend}:
                    raise AssertionError("asked for %s, watched by %s" % (backend, used))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.may_read.set()
        for thread in self.threads:
            thread.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except OSError:
                pass
        remove_tree(self.home)

    # -- its output --

    def _read_output(self):
        rest = b""
        fd = self.process.stdout.fileno()
        while True:
            self.may_read.wait()
            try:
                data = os.read(fd, 1 << 20)
            except (OSError, ValueError):
                data = b""
            with self.changed:
                self.chunks.append((time.monotonic(), len(self.records), data))
                if self.raw:
                    self.received += data
                else:
                    lines = (rest + data).split(b"\n")
                    rest = lines.pop()
                    for line in lines:
                        try:
                            self.records.append(Record(line))
                        except (ValueError, KeyError) as x:
                            self.broken.append("%s: %r" % (x, line[:600]))
                    if not data and rest:
                        self.broken.append("the last line has no end: %r" % rest[:600])
                self.ended = not data
                self.changed.notify_all()
            if not data:
                return

    def _read_errors(self):
        fd = self.process.stderr.fileno()
        while True:
            try:
                data = os.read(fd, 1 << 16)
            except (OSError, ValueError):
                data = b""
            with self.changed:
                self.stderr += data
                self.changed.notify_all()
            if not data:
                return

    @property
    def output(self):
        """What was read, when it is kept raw."""
        with self.changed:
            return bytes(self.received)

    @property
    def log(self):
        return self.stderr.decode("utf-8", "replace")

    def describe(self):
        with self.changed:
            last = b"\n".join(x.line[:400] for x in self.records[-8:]).decode("utf-8", "replace")
        return "exit code %s\nlast records:\n%s\nstderr:\n%s" % (
            self.process.poll(), last, self.log[-3000:])

    def wait_for(self, predicate, deadline=PATIENCE, what="the condition"):
        """Waits until `predicate()` is true; it is asked again whenever something was read. Returns
        its value."""
        until = time.monotonic() + deadline
        with self.changed:
            while True:
                value = predicate()
                if value:
                    return value
                if self.ended:
                    raise Timeout("the output ended before %s\n%s" % (what, self.describe()))
                left = until - time.monotonic()
                if left <= 0:
                    raise Timeout("not within %.1f s: %s\n%s" % (deadline, what, self.describe()))
                self.changed.wait(left)

    def wait_log(self, pattern, deadline=PATIENCE, count=1):
        """Waits until so many lines of stderr match."""
        return wait_until(lambda: len(re.findall(pattern, self.log)) >= count, deadline,
                          "%d x %s in the log\n%s" % (count, pattern, self.log[-3000:]))

    def mark(self):
        """A place in the output, for `changes` and `wait_record`."""
        with self.changed:
            return len(self.records)

    def wait_record(self, type, path=None, since=0, deadline=PATIENCE):
        path = None if path is None else os.fsencode(path)
        at = [since]

        def look():
            while at[0] < len(self.records):
                record = self.records[at[0]]
                at[0] += 1
                if record.type == type and path in (None, record.path, record.root):
                    return record
            return None

        return self.wait_for(look, deadline, "%s of %r" % (type, path))

    def wait_quiet(self, root=None, deadline=PATIENCE):
        """Waits until all that was done so far has been told, as far as the kernel's queue has it.

        A poll has no order: it may look at the sentinel first. The look after the one that found it
        gone began when all was done; that it ended is known by the next one, which finds the second
        sentinel."""
        for _ in range(2 if self.backend == "poll" else 1):
            for where in [os.fsencode(root)] if root else self.roots:
                path = where.rstrip(b"/") + b"/" + SENTINEL + b"%d-%d" % (os.getpid(), next(_numbers))
                since = self.mark()
                write(path)
                self.wait_record("create", path, since, deadline)
                os.unlink(path)
                self.wait_record("delete", path, since, deadline)

    def changes(self, since=0):
        """The changes told since, without those of sentinels."""
        with self.changed:
            return [x for x in self.records[since:] if x.is_change() and not x.is_sentinel()]

    def told(self, since=0):
        """Changes as tuples for comparison: (type, path[, from]), and "replaced" at the end; paths
        are relative to the first root, as text."""
        result = []
        for x in self.changes(since):
            item = (x.type, self._relative(x.path))
            if x.type == "rename":
                item += (self._relative(x.from_path),)
            if x.get("replaced"):
                item += ("replaced",)
            result.append(item)
        return result

    def _relative(self, path):
        prefix = self.roots[0].rstrip(b"/") + b"/"
        return os.fsdecode(path[len(prefix):] if path.startswith(prefix) else path)

    # -- the promise --

    def replay(self):
        with self.changed:
            records, broken = list(self.records), list(self.broken)
        reader = Replayer(self.roots, self.baseline)
        for record in records:
            reader.apply(record)
        reader.faults += broken
        return reader

    def disk(self):
        found = {}
        for root in self.roots:
            found.update(snapshot(root))
        return found

    def faults(self):
        """Everything by which replay and disk differ, and everything wrong on the way."""
        reader = self.replay()
        return reader.faults + reader.compare(self.disk())

    def wait_equal(self, deadline=PATIENCE):
        """Waits until the replay equals the disk; for when a rescan may still be under way."""
        def equal():
            reader = self.replay()
            return not reader.compare(self.disk())

        until = time.monotonic() + deadline
        while not equal():
            if time.monotonic() > until:
                raise Timeout("replay and disk differ after %.1f s:\n%s\n%s" % (
                    deadline, "\n".join(self.faults()[:20]), self.describe()))
            count = self.mark()
            try:
                self.wait_for(lambda: len(self.records) > count, 0.2)
            except Timeout:
                if self.ended:
                    raise

    # -- its life --

    def send(self, number):
        os.kill(self.pid, number)

    def wait_exit(self, deadline=PATIENCE):
        """The exit code; waits for the end of the output too, unless it is not being read."""
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise Timeout("still running after %.1f s\n%s" % (deadline, self.describe())) from None
        if self.may_read.is_set():
            for thread in self.threads:
                thread.join(5)
        return code

    def stop(self, number=signal.SIGTERM, deadline=PATIENCE):
        self.send(number)
        return self.wait_exit(deadline)

    def status(self):
        """The health of the program, as `actors status --json` prints it."""
        answer = run_program("status", "--json", "--admin", self.admin)
        if answer.returncode != 0:
            raise AssertionError("actors status: %d %s" % (answer.returncode, answer.stderr))
        return json.loads(answer.stdout)

    def status_text(self):
        answer = run_program("status", "--admin", self.admin)
        if answer.returncode != 0:
            raise AssertionError("actors status: %d %s" % (answer.returncode, answer.stderr))
        return answer.stdout

    def child(self, name):
        for child in self.status()["children"]:
            if child["id"] == "watch/" + name:
                return child
        raise AssertionError("no child " + name)

    def memory_peak_kib(self):
        with open("/proc/%d/status" % self.pid) as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))


def check_end(test, watch, code=0):
    """Everything was told, nothing twice, nothing wrong; and the program ends as asked."""
    watch.wait_quiet()
    watch.wait_equal()
    test.assertEqual(watch.stop(), code, watch.describe())
    faults = watch.faults()
    test.assertEqual(faults[:20], [], "%d faults\n%s" % (len(faults), watch.describe()))


class TreeTest(unittest.TestCase):
    """Has a directory of its own, and in it the root that is watched."""

    BELOW = None  # where that directory is; None: where temporary ones are

    def setUp(self):
        self.home = temporary_directory(self.BELOW)
        self.addCleanup(remove_tree, self.home)
        self.new_root()

    def new_root(self):
        """The first is called "root"."""
        self.root = os.path.join(self.home, "root%s" % (len(os.listdir(self.home)) or ""))
        os.mkdir(self.root)

    def path(self, *names):
        return os.path.join(self.root, *names)


# -- backends ----------------------------------------------------------------------------------------

BACKENDS = ("inotify", "fanotify", "poll")

# Often enough that a test does not wait for it, seldom enough to leave the disk to the writers.
POLL_INTERVAL = "50ms"
POLL_SECONDS = 0.05


@functools.lru_cache(None)
def _backends_offered():
    """What --help names after --backend; a program that has no choice has inotify."""
    told = run_program("watch", "--help").stdout.partition("--backend")[2][:300]
    return tuple(x for x in BACKENDS if re.search(r"(?<![\w-])%s(?![\w-])" % x, told))


def backend_options(backend, options=()):
    if not _backends_offered():
        return []
    poll = ["--poll-interval", POLL_INTERVAL]
    return (["--backend", backend] if "--backend" not in options else []) + (
        poll if backend == "poll" and "--poll-interval" not in options else [])


@functools.lru_cache(None)
def why_not(backend):
    """Why tests on this backend cannot run here; None when they can."""
    wanted = os.environ.get("ACTORS_TEST_BACKENDS")
    if wanted and backend not in wanted.split(","):
        return "ACTORS_TEST_BACKENDS leaves %s out" % backend
    if backend not in (_backends_offered() or ("inotify",)):
        return "the program has no backend " + backend
    if backend != "fanotify":
        return None
    if os.geteuid() != 0:
        return "fanotify marks of a file system are for root"
    directory = temporary_directory()
    try:
        Watch(directory, backend=backend).close()
    except AssertionError as x:
        return "fanotify does not work here: %s" % x
    finally:
        remove_tree(directory)
    return None


def backends():
    """Those that the program offers and that can run here, less what ACTORS_TEST_BACKENDS leaves
    out."""
    return [x for x in BACKENDS if why_not(x) is None]


def _on(method, backend):
    @functools.wraps(method)
    def run(self):
        reason = why_not(backend)
        if reason:
            raise unittest.SkipTest(reason)
        self.backend = backend
        method(self)
    return run


def on_each_backend(test_class):
    """Makes of each test one a backend, which finds it in `self.backend`."""
    for name, method in list(vars(test_class).items()):
        if name.startswith("test_"):
            delattr(test_class, name)
            for backend in BACKENDS:
                setattr(test_class, "%s_on_%s" % (name, backend), _on(method, backend))
    return test_class


# -- another user ------------------------------------------------------------------------------------

NOBODY = 65534
AS_NOBODY = ("setpriv", "--reuid", str(NOBODY), "--clear-groups")


def can_be_nobody():
    return os.geteuid() == 0 and shutil.which("setpriv") is not None


def program_for_nobody(directory):
    """A copy that another user may run: the build may lie where only its owner may go."""
    path = os.path.join(directory, "actors")
    shutil.copy(BINARY, path)
    os.chmod(path, 0o755)
    return path


def start_storm(root, outside, seed, count, name="a", *more):
    """A writer process (storm.py); wait for it with finish_storm."""
    return subprocess.Popen([sys.executable, os.path.join(HERE, "storm.py"), os.fspath(root),
                             os.fspath(outside), str(seed), str(count), name, *more])


def finish_storm(*writers, deadline=60):
    for writer in writers:
        if writer.wait(deadline) != 0:
            raise AssertionError("a writer failed: the test itself is broken")
