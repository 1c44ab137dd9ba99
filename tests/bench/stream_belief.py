"""What a reader of a watcher's stream would believe, against what is on the disk."""

import dataclasses
import os
import struct

from stream_formats import PROBE


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
        self.looked_at = set()  # those of which the last line said only that one should look
        self.told_at = {}
        self.lines_of = {}  # the times of all lines about a path
        self.records = 0  # about paths; of a rename, one
        self.overflows = 0
        self.gaps = 0
        self.next_seq = None

    def follow(self, lines, parse):
        for time, line in lines:
            self._check_number(line)
            for kind, path, old_path in parse(line):
                if kind in ("overflow", "baseline"):
                    self.overflows += 1
                    if kind == "baseline":
                        self.there.clear()
                        self.looked_at.clear()
                elif path != self.root and f"/{PROBE}" not in path:
                    self._take(time, kind, path, old_path)

    def _take(self, time, kind, path, old_path):
        self.records += 1
        self._tell(path, time)
        (self.looked_at.add if kind == "look" else self.looked_at.discard)(path)
        if kind in ("exists", "changed"):
            self.there.add(path)
        elif kind == "gone":
            self.there.discard(path)
        if old_path is not None:
            self._tell(old_path, time)
            self.looked_at.discard(old_path)
            self.there.discard(old_path)

    def _tell(self, path, time):
        self.told_at[path] = time
        self.lines_of.setdefault(path, []).append(time)

    def _check_number(self, line):
        """`actors` numbers its records without gaps; nobody else numbers them so."""
        if not line.startswith(b'{"seq":'):
            return
        seq = int(line[7 : line.index(b",")])
        self.gaps += self.next_seq is not None and seq != self.next_seq
        self.next_seq = seq + 1

    def missed(self, storm):
        """How many paths the reader is wrong about: unseen, ghosts and stale ones. Who looked after the
        last change of a path is right about it, and else believes what was told before.
        """
        disk = tree(self.root)
        last = {os.path.join(self.root, path): time for path, time in storm.last_changes().items()}
        told_late = {path for path in self.looked_at if self.told_at[path] >= last.get(path, 0)}
        there = (self.there - told_late) | (told_late & disk)
        stale = {path for path in disk & there if self.told_at.get(path, 0) < last.get(path, 0)}
        return {"unseen": len(disk - there), "ghost": len(there - disk), "stale": len(stale)}

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
