#!/usr/bin/env python3
"""Small changes, each with the exact records that one window must tell of it, on every backend.

A case is a file cases/NAME.case, plain text:

    # What it is about. Lines that begin with # are comments.
    before              the tree at `ready`; the same operations as in `do`
      mkdir d
      write d/f one
    do                  what is done, in one window
      mv d/f d/g
      write d/g "no quotes: the rest of the line is the text"
    net                 the records told, in any order
      rename d/f -> d/g f
      modify d/g f
    net poll            in place of `net`, for the backends named
      ...

Each case has a directory of its own, and all paths are below it; `@/x` is x in a directory outside of
the root, on the same file system. In paths `\\n`, `\\\\` and `\\xHH` are bytes (`\\x20` a space), and
`<n*255>` is n, 255 times. Operations, as the shell has them unless they are said to be otherwise:

    mkdir PATH          mkdir-p PATH        rmdir PATH          rm PATH             rmtree PATH
    mv FROM TO          ln FROM TO          symlink TARGET PATH fifo PATH           chmod MODE PATH
    touch PATH          (the times become now; a file is made)
    write PATH TEXT     (open with O_TRUNC, write, close; TEXT may be empty)
    append PATH TEXT    truncate PATH SIZE  fill PATH SIZE      (so many bytes)
    save PATH TEXT      (PATH.tmp is written and synchronized, and renamed over PATH)
    rewrite PATH TEXT   (in place, and the modification time is put back)
    mmap PATH TEXT      (written through a mapping, without write(2))
    swap ONE TWO        (renameat2 with RENAME_EXCHANGE)

Records: `create PATH FTYPE`, `modify PATH FTYPE [replaced]`, `delete PATH FTYPE`, `attrib PATH FTYPE`,
`rename FROM -> PATH FTYPE [replaced]`, and `exchange ONE TWO FTYPE`, which is the three renames through
a name of the program's own (docs/interface.md; FTYPE is `d/f` when they are not of one type).
`create?`, `attrib?` ... may be told or not. Deletes of what is below a directory that is deleted are
passed over: that directory speaks for them. After `net ordered` the order counts; after `net any` only
the replay says whether it is right. With `known-bug: REASON`, in place of a section, what is told may
differ, and is printed; with `known-bug poll steps: REASON` only on these backends, in these modes.

All cases of a backend are done in one window of one process, three times: `burst`, as fast as it goes;
`stopped`, while the program is, so that it sees the end only; `steps`, so that it sees each state. What
is told must be the same.
"""

import glob
import mmap
import os
import re
import signal
import sys
import time
import unittest

from harness import (BACKENDS, HERE, POLL_SECONDS, Watch, on_each_backend, remove_tree,
                     temporary_directory)
from storm import exchange

MODES = ("burst", "stopped", "steps")

SETTLE = "700ms"

# A poll that is late sees a step late: the window must stay open all the same.
SETTLE_OF_POLL_IN_STEPS = "1500ms"

# A poll may look in the middle of a rename, and sees its halves in two looks: delete and create, to
# it. So what exactly it tells can be said only where one look sees it all; elsewhere the replay counts.
EXACT_MODES = {"inotify": MODES, "fanotify": MODES, "poll": ("stopped",)}

# Half of SETTLE: when a step took longer, the window may have been closed in the middle.
HELD_UP = 0.35
ATTEMPTS = 10

# Longer than a look takes and than a name that is gone is waited for (30 ms).
STEP = 0.05



class CaseError(Exception):
    """The case itself does not make sense."""


# -- reading a case ------------------------------------------------------------------------------------

_ESCAPE = re.compile(r"\\(n|\\|x[0-9a-f]{2})|<([^*<>]+)\*(\d+)>")


def read_path(word):
    def meant(found):
        escape, text, times = found.groups()
        if text:
            return text * int(times)
        return {"n": "\n", "\\": "\\"}.get(escape) or chr(int(escape[1:], 16))
    # Bytes above 0x7f are written as escapes or as UTF-8, which goes through latin-1 unharmed.
    return _ESCAPE.sub(meant, word.encode().decode("latin-1")).encode("latin-1")


class Case:
    """The sections of a file; `net` by backend, with None for the rest."""

    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".case")]
        self.before, self.do, self.net, self.ordered, self.known_bugs = [], [], {}, set(), {}
        section = None
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                try:
                    section = self._take(line.rstrip("\n"), section)
                except (CaseError, ValueError, KeyError) as x:
                    raise CaseError("%s:%d: %s" % (path, number, x)) from None
        if not self.do or None not in self.net:
            raise CaseError("%s: no `do` or no `net`" % path)

    def _take(self, line, section):
        if not line.strip() or line.startswith("#"):
            return section
        if line.startswith("known-bug"):
            where, _, reason = line.partition(":")
            where = where.split()[1:]
            if not set(where) <= {*BACKENDS, *MODES}:
                raise CaseError("not backends and modes: %s" % where)
            for backend in [x for x in BACKENDS if x in where] or BACKENDS:
                for mode in [x for x in MODES if x in where] or MODES:
                    self.known_bugs[backend, mode] = reason.strip()
            return None
        if not line.startswith(" "):
            return self._begin(line.split())
        section.append(line.strip())
        return section

    def _begin(self, words):
        if words in (["before"], ["do"]):
            return getattr(self, words[0])
        if words[0] != "net":
            raise CaseError("no section is called %r" % " ".join(words))
        records = None if "any" in words else []
        for backend in [x for x in words[1:] if x not in ("any", "ordered")] or [None]:
            if backend not in (None, *BACKENDS):
                raise CaseError("no backend is called %r" % backend)
            self.net[backend] = records
            if "ordered" in words:
                self.ordered.add(backend)
        return records

    def _key(self, backend):
        return backend if backend in self.net else None

    def is_open(self, backend):
        return self.net[self._key(backend)] is None

    def wanted(self, backend):
        """([record that must be told], {one that may be}, whether the order counts)."""
        key = self._key(backend)
        must, may = [], set()
        for line in self.net[key] or ():
            type, *words = line.split()
            record = self._record(type.rstrip("?"), words)
            if type.endswith("?"):
                may.add(record)
            else:
                must.append(record)
        return must, may, key in self.ordered

    def _record(self, type, words):
        replaced = ("replaced",) if words[-1] == "replaced" else ()
        *paths, ftype = words[:-1] if replaced else words
        if type == "rename":
            paths.remove("->")
        count = 2 if type in ("rename", "exchange") else 1
        if ftype not in ("f", "d", "l", "o", "d/f") or len(paths) != count:
            raise CaseError("%s: not a record: %s %s" % (self.name, type, " ".join(words)))
        return (type, *map(read_path, paths), ftype, *replaced)


CASES = [Case(x) for x in sorted(glob.glob(os.path.join(HERE, "cases", "*.case")))]


# -- doing it -----------------------------------------------------------------------------------------

def _put(path, text, flags):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644)
    try:
        while text:
            text = text[os.write(fd, text):]
    finally:
        os.close(fd)


def _write(path, text=b""):
    _put(path, text, os.O_TRUNC)


def _append(path, text):
    _put(path, text, os.O_APPEND)


def _fill(path, size):
    _put(path, b"z" * int(size), os.O_TRUNC)


def _save(path, text):
    fd = os.open(path + b".tmp", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(fd, text)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(path + b".tmp", path)


def _rewrite(path, text):
    st = os.stat(path)
    _put(path, text, 0)
    os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))


def _mmap(path, text):
    fd = os.open(path, os.O_RDWR)
    try:
        with mmap.mmap(fd, 0) as mapped:
            mapped[:len(text)] = text
    finally:
        os.close(fd)


def _touch(path):
    if not os.path.lexists(path):
        _write(path)
    os.utime(path)


def _rmtree(path):
    """Fails, where remove_tree forgives."""
    for where, directories, files in os.walk(path, topdown=False):
        for name in files:
            os.unlink(os.path.join(where, name))
        for name in directories:
            below = os.path.join(where, name)
            (os.unlink if os.path.islink(below) else os.rmdir)(below)
    os.rmdir(path)


# p a path, t the rest of the line, w a word. An operation takes what is given in this order.
OPERATIONS = {
    "mkdir": ("p", os.mkdir), "mkdir-p": ("p", lambda p: os.makedirs(p, exist_ok=True)),
    "rmdir": ("p", os.rmdir), "rm": ("p", os.unlink), "rmtree": ("p", _rmtree),
    "mv": ("pp", os.rename), "ln": ("pp", os.link), "swap": ("pp", exchange),
    "symlink": ("wp", lambda target, p: os.symlink(read_path(target), p)), "fifo": ("p", os.mkfifo),
    "chmod": ("wp", lambda mode, p: os.chmod(p, int(mode, 8))), "touch": ("p", _touch),
    "write": ("pt", _write), "append": ("pt", _append), "save": ("pt", _save),
    "rewrite": ("pt", _rewrite), "mmap": ("pt", _mmap),
    "truncate": ("pw", lambda p, size: os.truncate(p, int(size))), "fill": ("pw", _fill),
}


class Place:
    """Where a case is done."""

    def __init__(self, case, root, outside):
        self.case = case
        self.root = os.path.join(os.fsencode(root), case.name.encode())
        self.outside = os.path.join(os.fsencode(outside), case.name.encode())
        os.mkdir(self.root)
        os.mkdir(self.outside)

    def path(self, word):
        outside = word.startswith("@/")
        return os.path.join(self.outside if outside else self.root,
                            read_path(word[2:] if outside else word))

    def is_excused(self, fault, backend):
        """Of what may be told and was not, the content is not known either."""
        return any(fault == "content changed, never told: %r" % os.path.join(self.root, x[1])
                   for x in self.case.wanted(backend)[1] if x[0] == "modify")

    def run(self, line):
        name, _, rest = line.partition(" ")
        if name not in OPERATIONS:
            raise CaseError("%s: no operation is called %r" % (self.case.name, name))
        kinds, function = OPERATIONS[name]
        arguments = []
        for kind in kinds:
            if kind == "t":
                arguments.append(rest.encode())
            else:
                word, _, rest = rest.partition(" ")
                arguments.append(self.path(word) if kind == "p" else word)
        try:
            function(*arguments)
        except OSError as x:
            raise CaseError("%s: %s: %s" % (self.case.name, line, x)) from x


# -- judging it ---------------------------------------------------------------------------------------

_ASIDE = re.compile(rb"\.\d+\.actors-swap$")


def told_below(changes, root):
    """What was told of one case, as the tuples that Case.wanted gives."""
    prefix = root + b"/"
    result = []
    for x in changes:
        paths = [y for y in (x.from_path, x.path) if y is not None]
        if not any(y.startswith(prefix) for y in paths):
            continue
        paths = [y[len(prefix):] if y.startswith(prefix) else y for y in paths]
        result.append((x.type, *paths, x["ftype"], *(("replaced",) if x.get("replaced") else ())))
    return with_exchanges(result)


def with_exchanges(told):
    """Three renames through a name of the program's are one exchange."""
    result = list(told)
    for first in [x for x in told if x[0] == "rename" and _ASIDE.search(x[2])]:
        _, one, aside, ftype = first[:4]
        last = next((x for x in result if x[0] == "rename" and x[1] == aside), None)
        between = last and next((x for x in result if x[:3] == ("rename", last[2], one)), None)
        if between:
            types = "/".join(sorted({ftype, between[3]}))
            result[result.index(first)] = ("exchange", *sorted((one, last[2])), types)
            result.remove(last)
            result.remove(between)
    return result


def without_implied(told):
    """Less the deletes that the delete of a directory speaks for."""
    gone = [x[1] + b"/" for x in told if x[0] == "delete" and x[2] == "d"]
    return [x for x in told
            if x[0] != "delete" or not any(x[1].startswith(y) for y in gone)]


def in_one_way(record):
    return ("exchange", *sorted(record[1:3]), *record[3:]) if record[0] == "exchange" else record


def judge(case, backend, told):
    """None, or how what was told differs from what must be."""
    if case.is_open(backend):
        return None
    must, may, ordered = case.wanted(backend)
    must, may = [in_one_way(x) for x in must], {in_one_way(x) for x in may}
    got = without_implied(told)
    for record in may:
        if record in got and record not in must:
            got.remove(record)
    if (got == must) if ordered else (sorted(got) == sorted(must)):
        return None
    return "told:\n%s\nwanted%s:\n%s" % (show(told), " in this order" if ordered else "", show(must))


def show(records):
    return "\n".join("  " + " ".join(repr(y)[1:] if isinstance(y, bytes) else y for y in x)
                     for x in records) or "  nothing"


# -- running it ---------------------------------------------------------------------------------------

class Run:
    """All cases, done in one way on one backend."""

    def __init__(self, backend, mode):
        self.mode = mode
        self.told = {}    # by the name of the case
        self.faults = {}  # of the replay, the same way
        for _ in range(ATTEMPTS):
            home = temporary_directory()
            try:
                if self._attempt(home, backend, mode):
                    return
            finally:
                remove_tree(home)
        raise AssertionError("held up %d times: this machine is too busy" % ATTEMPTS)

    def _attempt(self, home, backend, mode):
        """Whether all was done in one window."""
        root, outside = os.path.join(home, "root"), os.path.join(home, "outside")
        os.mkdir(root)
        os.mkdir(outside)
        places = [Place(case, root, outside) for case in CASES]
        for place in places:
            for line in place.case.before:
                place.run(line)
        settle = SETTLE_OF_POLL_IN_STEPS if (backend, mode) == ("poll", "steps") else SETTLE
        with Watch(root, settle=settle, options=["--max-wait", "1h"], backend=backend) as watch:
            since = watch.mark()
            longest = {"burst": do_all, "stopped": do_all_while_stopped,
                       "steps": do_in_steps}[mode](places, watch)
            if longest > HELD_UP:
                return False
            watch.wait_quiet()
            if watch.stop() != 0:
                raise AssertionError(watch.describe())
            changes, faults = watch.changes(since), watch.faults()
            faults += [x.line for x in watch.records if x.type in ("overflow", "degraded", "error")]
        for place in places:
            self.told[place.case.name] = told_below(changes, place.root)
            mine = [x for x in faults if "/root/%s/" % place.case.name in x]
            self.faults[place.case.name] = [x for x in mine if not place.is_excused(x, backend)]
            faults = [x for x in faults if x not in mine]
        if faults:
            raise AssertionError("faults of no case:\n" + "\n".join(faults[:20]))
        return True

    def difference(self, case, backend):
        """What is wrong with what was told of a case, and with its replay; None when all is well."""
        is_exact = self.mode in EXACT_MODES[backend]
        return "\n".join(filter(None, [is_exact and judge(case, backend, self.told[case.name]),
                                       *self.faults[case.name]])) or None


def do_all(places, _):
    """The longest time between two operations."""
    longest, last = 0, time.monotonic()
    for place in places:
        for line in place.case.do:
            place.run(line)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
    return longest


def do_all_while_stopped(places, watch):
    watch.send(signal.SIGSTOP)
    try:
        do_all(places, watch)
    finally:
        watch.send(signal.SIGCONT)
    return 0


def do_in_steps(places, watch):
    """The first operation of each case, then a pause in which the program looks, then the second of
    each, ... A pause too short, on a busy machine, makes the test weaker and does not make it fail."""
    pause = STEP + (POLL_SECONDS if watch.backend == "poll" else 0)
    longest = 0
    for step in range(max(len(x.case.do) for x in places)):
        begin = time.monotonic()
        for place in places:
            if step < len(place.case.do):
                place.run(place.case.do[step])
        time.sleep(pause)
        longest = max(longest, time.monotonic() - begin)
    return longest - pause


_runs = {}


def run_of(backend, mode):
    """Done once; when it failed, each case fails for the same reason."""
    if (backend, mode) not in _runs:
        try:
            _runs[backend, mode] = Run(backend, mode)
        except AssertionError as x:
            _runs[backend, mode] = x
    if isinstance(_runs[backend, mode], AssertionError):
        raise AssertionError("%s, %s: %s" % (backend, mode, _runs[backend, mode]))
    return _runs[backend, mode]


class Cases(unittest.TestCase):
    def check(self, case):
        differences = []
        for mode in MODES:
            difference = run_of(self.backend, mode).difference(case, self.backend)
            if difference:
                difference = "%s, %s, %s: %s" % (case.name, self.backend, mode, difference)
                bug = case.known_bugs.get((self.backend, mode))
                if bug:
                    print("known bug: %s\n%s" % (bug, difference), file=sys.stderr)
                else:
                    differences.append(difference)
        if differences:
            self.fail("\n".join(differences))


def _add_cases():
    for case in CASES:
        setattr(Cases, "test_" + case.name.replace("-", "_"), lambda self, a=case: self.check(a))
    on_each_backend(Cases)


_add_cases()

if __name__ == "__main__":
    unittest.main()
