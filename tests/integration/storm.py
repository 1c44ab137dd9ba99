"""A seeded writer: random changes in a tree, as fast as it can. Others may write there too, so any
single operation may fail; that is part of the storm.

storm.py ROOT OUTSIDE SEED COUNT NAME [exchange]

With `exchange`, names are also exchanged in one step: within the root, and with what is outside.

Files named h... may have several links and are never written to again: the kernel tells nothing of
the other names when one of them is written through (inotify(7)).
"""

import ctypes
import os
import random
import shutil
import sys

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_libc = ctypes.CDLL(None, use_errno=True)


def exchange(one, two):
    """renameat2(2): each has the other's name, in one step."""
    if _libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(two), _RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2", os.fsdecode(one))


def main():
    root, outside, seed, count, name = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:5]), sys.argv[5]
    storm = Storm(root, outside, random.Random("%d %s" % (seed, name)), name)
    if sys.argv[6:] == ["exchange"]:
        storm.operations += [(storm.exchange, 6), (storm.exchange_with_outside, 3)]
    for _ in range(count):
        storm.step()
    storm.come_home()


class Storm:
    """Depth and numbers stay small, so that the operations meet each other."""

    def __init__(self, root, outside, rng, name):
        self.root, self.outside, self.rng, self.name = root, outside, rng, name
        self.away = []  # (outside path, is it a directory)
        self.number = 0
        self.operations = [
            (self.make_directories, 12), (self.write, 30), (self.append, 12), (self.unlink, 14),
            (self.rename_file, 12), (self.rename_directory, 6), (self.move_out, 4),
            (self.move_in, 4), (self.remove_tree, 2), (self.link, 4), (self.save, 6),
            (self.change_mode, 3)]

    def step(self):
        operation = self.rng.choices([x for x, _ in self.operations],
                                     [x for _, x in self.operations])[0]
        try:
            operation()
        except OSError:
            pass

    def entries(self, directory, directories):
        with os.scandir(directory) as found:
            return sorted(x.path for x in found
                          if x.is_dir(follow_symlinks=False) == directories
                          and not x.name.startswith("."))

    def directory(self, stop=0.4):
        """A random directory, found by going down from the root."""
        where = self.root
        while self.rng.random() > stop:
            below = self.entries(where, True)
            if not below:
                break
            where = self.rng.choice(below)
        return where

    def file(self):
        files = self.entries(self.directory(), False)
        if not files:
            raise FileNotFoundError
        return self.rng.choice(files)

    def fresh(self, kind):
        """A name from a small set: it may be taken."""
        return "%s%d" % (kind, self.rng.randrange(40))

    def data(self):
        return b"y" * self.rng.randrange(200)

    def make_directories(self):
        path = self.directory()
        for _ in range(self.rng.randrange(1, 4)):
            path = os.path.join(path, self.fresh("d"))
        os.makedirs(path)
        for _ in range(self.rng.randrange(4)):
            self.write_to(os.path.join(path, self.fresh("f")), "xb")

    def write_to(self, path, mode):
        with open(path, mode) as f:
            f.write(self.data())

    def write(self):
        self.write_to(os.path.join(self.directory(), self.fresh("f")), "wb")

    def append(self):
        path = self.file()
        if os.path.basename(path).startswith("f"):
            self.write_to(path, "ab")

    def unlink(self):
        os.unlink(self.file())

    def save(self):
        path = os.path.join(self.directory(), self.fresh("f"))
        self.number += 1
        self.write_to(path + ".tmp" + self.name, "wb")
        os.rename(path + ".tmp" + self.name, path)

    def rename_file(self):
        path = self.file()
        os.rename(path, os.path.join(self.directory(), self.fresh(os.path.basename(path)[0])))

    def rename_directory(self):
        path = self.directory(stop=0.2)
        if path != self.root:
            os.rename(path, os.path.join(self.directory(), self.fresh("d")))

    def move_out(self):
        self.number += 1
        there = os.path.join(self.outside, "%s%d" % (self.name, self.number))
        if self.rng.random() < 0.5:
            path = self.directory(stop=0.2)
            if path != self.root:
                os.rename(path, there)
                self.away.append((there, "d"))
        else:
            path = self.file()
            os.rename(path, there)
            self.away.append((there, os.path.basename(path)[0]))

    def move_in(self):
        if self.away:
            path, kind = self.away.pop(self.rng.randrange(len(self.away)))
            if kind == "f" and self.rng.random() < 0.5:
                self.write_to(path, "ab")
            os.rename(path, os.path.join(self.directory(), self.fresh(kind)))

    def exchange(self):
        kind = self.rng.choice((self.file, lambda: self.directory(stop=0.2)))
        one, two = kind(), kind()
        if os.path.basename(one)[0] == os.path.basename(two)[0] and self.root not in (one, two):
            exchange(one, two)

    def exchange_with_outside(self):
        files = [x for x in self.away if x[1] == "f"]
        here = self.file()
        if files and os.path.basename(here).startswith("f"):
            there = self.rng.choice(files)[0]
            exchange(*self.rng.sample((here, there), 2))

    def come_home(self):
        while self.away:
            try:
                self.move_in()
            except OSError:
                pass

    def remove_tree(self):
        path = self.directory(stop=0.2)
        if path != self.root:
            shutil.rmtree(path, ignore_errors=True)

    def link(self):
        if self.rng.random() < 0.5:
            self.write_to(os.path.join(self.directory(), self.fresh("h")), "xb")
        path = self.file()
        if os.path.basename(path).startswith("h"):
            os.link(path, os.path.join(self.directory(), self.fresh("h")))

    def change_mode(self):
        os.chmod(self.file(), self.rng.choice([0o600, 0o644]))


if __name__ == "__main__":
    main()
