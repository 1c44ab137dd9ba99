"""What a reader of a watcher's stream would believe, against what is on the disk."""

import dataclasses
import json
import os
import struct


@dataclasses.dataclass
class Storm:
    """What storm.c says it did."""

    operations: int
    failed: int
    seconds: float
    steps: list  # (kind, before, after, path, new path or None), paths below the root

    @classmethod
    def read(cls, path):
        with open(path, encoding="ascii") as log:
            operations, failed, nanoseconds = map(int, log.readline().split())
            steps = []
            for line in log:
                kind, before, after, *paths = line.rstrip("\n").split("\t")
                steps.append((kind, int(before), int(after), paths[0], paths[1] if paths[1:] else None))
        return cls(operations, failed, nanoseconds / 1e9, steps)

    def last_changes(self):
        """When the last change of each path began."""
        last = {}
        for _, before, _, path, new_path in self.steps:
            last[path] = before
            if new_path is not None:
                last[new_path] = before
        return last


def arrivals(output, stamps):
    """Every complete line, with the time at which its end arrived."""
    with open(output, "rb") as file:
        data = file.read()
    with open(stamps, "rb") as file:
        raw = file.read()
    start = 0
    for time, size in struct.iter_unpack("<QQ", raw[: len(raw) // 16 * 16]):
        while (end := data.find(b"\n", start, size)) >= 0:
            yield time, data[start:end]
            start = end + 1


def read_json(line):
    """(type, path, old path) of a line of `actors` or of raw_inotify."""
    record = json.loads(line)
    return record["type"], record.get("path", record.get("root")), record.get("from")


def read_inotifywait(line):
    """The same of `inotifywait --format '%e %w%f'`. Its two halves of a rename are on their own."""
    events, _, path = line.decode().partition(" ")
    events = set(events.split(","))
    if events & {"DELETE", "MOVED_FROM"}:
        return "delete", path, None
    return "create" if events & {"CREATE", "MOVED_TO"} else "modify", path, None


def tree(root):
    """Every path below root."""
    found = set()
    for directory, directories, files in os.walk(root):
        found.update(os.path.join(directory, name) for name in directories + files)
    return found


class Belief:
    """Follows a stream. No workload renames or deletes a directory, so that one path is one entry."""

    def __init__(self, root, known):
        self.root = root
        self.there = set(known)
        self.told_at = {}
        self.lines_of = {}  # the times of all lines about a path
        self.overflows = 0
        self.gaps = 0
        self.next_seq = None

    def follow(self, lines, parse):
        for time, line in lines:
            if parse is read_json:
                self._check_number(line)
            kind, path, old_path = parse(line)
            if kind == "overflow":
                self.overflows += 1
                if b'"baseline":true' in line:
                    self.there.clear()
            elif kind == "delete":
                self._tell(path, time)
                self.there.discard(path)
            elif kind in ("create", "modify", "rename", "attrib"):
                self._tell(path, time)
                self.there.add(path)
                if old_path is not None:
                    self._tell(old_path, time)
                    self.there.discard(old_path)

    def _tell(self, path, time):
        self.told_at[path] = time
        self.lines_of.setdefault(path, []).append(time)

    def _check_number(self, line):
        """`actors` numbers its records without gaps; raw_inotify does not number them."""
        if not line.startswith(b'{"seq":'):
            return
        seq = int(line[7 : line.index(b",")])
        self.gaps += self.next_seq is not None and seq != self.next_seq
        self.next_seq = seq + 1

    def missed(self, storm):
        """How many paths the reader is wrong about: unseen, ghosts and stale ones."""
        disk = tree(self.root)
        unseen = disk - self.there
        ghosts = self.there - disk
        last = {os.path.join(self.root, path): time for path, time in storm.last_changes().items()}
        stale = {path for path in (disk & self.there) if self.told_at.get(path, 0) < last.get(path, 0)}
        return {"unseen": len(unseen), "ghost": len(ghosts), "stale": len(stale)}

    def delays(self, storm):
        """For each write that was told: seconds to the first line about it, from the write's return,
        and from before the file was opened. The first may be negative: a reader that is woken from
        within write() can be done before write() is, above all on a busy machine.
        """
        found = []
        for _, before, after, path, _ in storm.steps:
            times = self.lines_of.get(os.path.join(self.root, path), ())
            told = next((time for time in times if time >= before), None)
            if told is not None:
                found.append(((told - after) / 1e9, (told - before) / 1e9))
        return found
