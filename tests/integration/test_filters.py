#!/usr/bin/env python3
"""What is left out, and what is not: patterns, .gitignore files, depth, links, kinds. The judge is the
reader's mind: the paths that are there after all records, against those that should be told."""

import glob
import os
import random
import shutil
import subprocess
import time
import unittest

from harness import TreeTest, Watch, on_each_backend, remove_tree, run_program, wait_until, write


def mind(watch, before=()):
    """The paths, relative to the root, that a reader believes in who knew `before` at ready. A record
    that does not fit raises. A directory need not be known for what is in it to be told."""
    known = set(before)
    for x in watch.told():
        kind, path = x[0], x[1]
        below = {y for y in known if y.startswith(path + "/")}
        if kind == "create":
            if path in known:
                raise AssertionError("duplicate create of %s\n%s" % (path, watch.describe()))
            known.add(path)
        elif kind == "delete":
            if path not in known:
                raise AssertionError("unknown delete of %s\n%s" % (path, watch.describe()))
            known -= below | {path}
        elif kind == "rename":
            old = x[2]
            if old not in known:
                raise AssertionError("unknown rename of %s\n%s" % (old, watch.describe()))
            if (path in known) != ("replaced" in x):
                raise AssertionError("rename %r and replaced\n%s" % (x, watch.describe()))
            moved = {y for y in known if y == old or y.startswith(old + "/")}
            known = (known - moved) | {path + y[len(old):] for y in moved}
        elif path not in known:
            raise AssertionError("unknown %s of %s\n%s" % (kind, path, watch.describe()))
    return known


def inotify_watches(pid):
    """How many directories the process watches, all its instances together."""
    count = 0
    for path in glob.glob("/proc/%d/fdinfo/*" % pid):
        try:
            with open(path) as f:
                count += sum(x.startswith("inotify wd:") for x in f)
        except FileNotFoundError:
            pass
    return count


class FilterTest(TreeTest):
    backend = "inotify"

    def make(self, *paths):
        """Files, and directories where the path ends in a slash, with all above them."""
        for path in paths:
            os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
            if not path.endswith("/"):
                write(self.path(path))

    def watch(self, *options, **more):
        return Watch(self.root, options=list(options), backend=self.backend, **more)

    def expect(self, watch, before, after, quiet=True):
        """All has been told, and the reader believes in just this."""
        if quiet:
            watch.wait_quiet()
        try:
            wait_until(lambda: mind(watch, before) == set(after), 3, "")
        except AssertionError:
            pass
        self.assertEqual(sorted(mind(watch, before)), sorted(after), watch.describe())

    def believe(self, watch, before, should, kept=lambda path: True):
        """The reader believes, soon, what it should, as far as that is `kept`."""
        def differences():
            believed, want = {x for x in mind(watch, before) if kept(x)}, should()
            return sorted(believed - want), sorted(want - believed)

        try:
            wait_until(lambda: differences() == ([], []), 3, "", interval=0.05)
        except AssertionError:
            pass
        self.assertEqual(differences(), ([], []), "wrongly believed, and missing\n%s" %
                         watch.describe())

    def end(self, watch):
        self.assertEqual(watch.stop(), 0, watch.describe())
        self.assertEqual([x.seq for x in watch.records], list(range(1, len(watch.records) + 1)))
        self.assertEqual(watch.broken, [])
        self.assertEqual([list(x.form_faults()) for x in watch.records if list(x.form_faults())], [])


@on_each_backend
class Excluded(FilterTest):
    def test_an_excluded_directory_is_never_told(self):
        self.make("node_modules/a/b/f", "src/f", "src/node_modules/x/f")
        with self.watch("--exclude", "node_modules/") as watch:
            write(self.path("node_modules/a/b/f"), b"more")
            self.make("node_modules/new/f", "src/node_modules/y/f", "src/new", "lib/node_modules/z/f")
            os.rename(self.path("node_modules"), self.path("node_modules-gone"))  # told as created
            os.rename(self.path("src/node_modules"), self.path("node_modules"))
            self.expect(watch, ["src", "src/f"],
                        ["src", "src/f", "src/new", "lib", "node_modules-gone",
                         "node_modules-gone/a", "node_modules-gone/a/b", "node_modules-gone/a/b/f",
                         "node_modules-gone/new", "node_modules-gone/new/f"])
            os.rename(self.path("node_modules-gone"), self.path("src/node_modules"))
            write(self.path("src/node_modules/a/b/f"), b"even more")
            self.expect(watch, ["src", "src/f"], ["src", "src/f", "src/new", "lib"])
            self.end(watch)

    def test_a_name_that_changes_from_excluded_to_not_and_back(self):
        self.make("f.tmp", "g")
        with self.watch("--exclude", "*.tmp", "--exclude", "!kept.tmp") as watch:
            os.rename(self.path("f.tmp"), self.path("f"))
            self.expect(watch, ["g"], ["f", "g"])
            os.rename(self.path("f"), self.path("f.tmp"))
            os.rename(self.path("g"), self.path("kept.tmp"))
            self.expect(watch, ["g"], ["kept.tmp"])
            # The usual save: what is written aside is not told, and then has the name.
            write(self.path("kept"), b"1")
            watch.wait_quiet()
            write(self.path("kept.1.tmp"), b"22")
            os.rename(self.path("kept.1.tmp"), self.path("kept"))
            self.expect(watch, ["g"], ["kept.tmp", "kept"])
            last = [x for x in watch.changes() if x.path.endswith(b"/kept")][-1]
            self.assertEqual((last.type, last.get("replaced"), last["size"]), ("modify", True, 2))
            self.end(watch)

    def test_a_pattern_with_a_slash_is_anchored_to_the_root(self):
        self.make("build/f", "a/build/f")
        with self.watch("--exclude", "/build", "--exclude", "a/b*/f") as watch:
            self.make("build/g", "a/build/g", "a/bin/f", "a/bin/g")
            self.expect(watch, ["a", "a/build"], ["a", "a/build", "a/build/g", "a/bin", "a/bin/g"])
            self.end(watch)


class Costs(FilterTest):
    def test_an_excluded_directory_has_no_watch(self):
        self.make("src/f", *["node_modules/d%d/e/f" % i for i in range(40)])
        with self.watch() as watch:
            all_of_it = inotify_watches(watch.pid)
        with self.watch("--exclude", "node_modules/") as watch:
            self.assertEqual(all_of_it - inotify_watches(watch.pid), 81)
            self.make("node_modules/new/e/f", "sub/node_modules/x/y")
            watch.wait_quiet()
            self.assertEqual(all_of_it - inotify_watches(watch.pid), 80)  # sub has one
            ready = watch.records[0]
            self.assertEqual((ready["dirs"], ready["files"]), (2, 1))
            self.end(watch)

    def test_what_becomes_excluded_loses_its_watches(self):
        self.make("d/e/f")
        with self.watch("--exclude", "ex*") as watch:
            before = inotify_watches(watch.pid)
            os.rename(self.path("d"), self.path("ex"))
            watch.wait_record("delete", self.path("d"))
            wait_until(lambda: inotify_watches(watch.pid) == before - 2, 5, "two watches less")
            write(self.path("ex/e/g"))
            os.rename(self.path("ex"), self.path("d"))
            self.expect(watch, ["d", "d/e", "d/e/f"], ["d", "d/e", "d/e/f", "d/e/g"])
            self.assertEqual(inotify_watches(watch.pid), before)
            self.end(watch)

    def test_depth_bounds_the_watches(self):
        self.make("a/b/c/d/f")
        with self.watch("--depth", "1") as watch:
            flat = inotify_watches(watch.pid)
        with self.watch("--depth", "3") as watch:
            self.assertEqual(inotify_watches(watch.pid), flat + 2)  # a and b are read; c is told


@on_each_backend
class Included(FilterTest):
    INCLUDE = ("--include", "*.c", "--include", ".sentinel*")

    def test_only_what_matches_is_told(self):
        self.make("a/x.c", "a/x.h", "b/")
        with self.watch(*self.INCLUDE) as watch:
            self.make("a/y.c", "a/y.h", "b/deep/er/z.c", "b/deep/z.h")
            write(self.path("a/x.c"), b"more")
            write(self.path("a/x.h"), b"more")
            self.expect(watch, ["a/x.c"], ["a/x.c", "a/y.c", "b/deep/er/z.c"])
            self.assertIn(("modify", "a/x.c"), watch.told())
            remove_tree(self.path("b"))
            os.unlink(self.path("a/x.h"))
            self.expect(watch, ["a/x.c"], ["a/x.c", "a/y.c"])
            self.end(watch)

    def test_files_move_with_a_silent_directory(self):
        self.make("a/deep/x.c", "a/deep/x.h", "a/y.c", "b/")
        before = ["a/deep/x.c", "a/y.c"]
        with self.watch(*self.INCLUDE) as watch:
            os.rename(self.path("a"), self.path("b/a2"))
            self.expect(watch, before, ["b/a2/deep/x.c", "b/a2/y.c"])
            os.rename(self.path("b"), self.path("c"))
            write(self.path("c/a2/deep/new.c"))
            write(self.path("c/a2/deep/x.c"), b"longer")
            self.expect(watch, before, ["c/a2/deep/x.c", "c/a2/y.c", "c/a2/deep/new.c"])
            self.assertFalse([x for x in watch.changes() if x["ftype"] == "d"], watch.describe())
            os.rename(self.path("c"), self.home + "/away")
            self.expect(watch, before, [])
            os.rename(self.home + "/away", self.path("d"))
            self.expect(watch, before, ["d/a2/deep/x.c", "d/a2/y.c", "d/a2/deep/new.c"])
            self.end(watch)

    def test_a_rename_from_included_to_not_and_back(self):
        self.make("x.c", "y.h")
        with self.watch(*self.INCLUDE) as watch:
            os.rename(self.path("x.c"), self.path("x.o"))
            self.expect(watch, ["x.c"], [])
            os.rename(self.path("x.o"), self.path("x.c"))
            os.rename(self.path("y.h"), self.path("y.c"))
            self.expect(watch, ["x.c"], ["x.c", "y.c"])
            os.rename(self.path("y.h" if os.path.exists(self.path("y.h")) else "y.c"),
                      self.path("x.c"))
            self.expect(watch, ["x.c"], ["x.c"])
            os.mkdir(self.path("dir.c"))
            write(self.path("dir.c/anything"))
            self.expect(watch, ["x.c"], ["x.c", "dir.c", "dir.c/anything"])
            os.rename(self.path("dir.c"), self.path("dir"))  # a told directory becomes a silent one
            self.expect(watch, ["x.c"], ["x.c"])
            write(self.path("dir/z.c"))
            self.expect(watch, ["x.c"], ["x.c", "dir/z.c"])
            os.rename(self.path("dir"), self.path("dir.c"))
            self.expect(watch, ["x.c"], ["x.c", "dir.c", "dir.c/anything", "dir.c/z.c"])
            self.end(watch)

    def test_exclude_takes_from_what_include_gives(self):
        self.make("a/x.c", "a/x_test.c", "third/x.c")
        with self.watch(*self.INCLUDE, "--exclude", "*_test.c", "--exclude", "third/") as watch:
            self.make("a/y.c", "a/y_test.c", "third/y.c")
            self.expect(watch, ["a/x.c"], ["a/x.c", "a/y.c"])
            self.end(watch)

    def test_initial_tells_only_what_matches(self):
        self.make("a/x.c", "a/x.h", "b/")
        with self.watch(*self.INCLUDE, "--initial") as watch:
            self.assertEqual(watch.told(), [("create", "a/x.c")])


@on_each_backend
class Gitignore(FilterTest):
    def rules(self, text, *where):
        write(self.path(*where, ".gitignore"), text)

    def test_nested_files_and_negation(self):
        self.make(".git/HEAD", "a/x.log", "a/keep.log", "b/x.log", "b/only", "out/f")
        self.rules("*.log\nout/\n")
        self.rules("!keep.log\n", "a")
        self.rules("!*.log\n/only\n", "b")
        before = [".gitignore", "a", "a/.gitignore", "a/keep.log", "b", "b/.gitignore", "b/x.log"]
        with self.watch("--gitignore") as watch:
            self.make(".git/index", "a/y.log", "a/keep.log2", "b/y.log", "b/c/only", "out/g", "z.log")
            self.expect(watch, before, before + ["a/keep.log2", "b/y.log", "b/c", "b/c/only"])
            self.end(watch)

    def test_rules_that_change(self):
        self.make("x.log", "d/y.log", "d/z", "e/y.log")
        self.rules("*.tmp\n")
        before = [".gitignore", "x.log", "d", "d/y.log", "d/z", "e", "e/y.log"]
        with self.watch("--gitignore") as watch:
            self.rules("*.log\ne/\n")
            self.expect(watch, before, [".gitignore", "d", "d/z"])
            self.make("e/new", "d/new.log")
            self.rules("!y.log\n", "d")
            self.expect(watch, before, [".gitignore", "d", "d/z", "d/.gitignore", "d/y.log"])
            os.unlink(self.path(".gitignore"))
            after = ["x.log", "d", "d/z", "d/.gitignore", "d/y.log", "d/new.log", "e", "e/y.log",
                     "e/new"]
            self.expect(watch, before, after)
            write(self.path("e/y.log"), b"longer")  # it is watched again
            watch.wait_record("modify", self.path("e/y.log"))
            write(self.home + "/rules", "e/\n")  # written aside, as an editor does
            os.rename(self.home + "/rules", self.path(".gitignore"))
            self.expect(watch, before, [x for x in after if x[0] != "e"] + [".gitignore"])
            self.end(watch)

    def test_rules_move_with_their_directory(self):
        self.make("a/deep/x.log", "a/deep/f", "b/y.log")
        self.rules("*.log\n", "a")
        before = ["a", "a/.gitignore", "a/deep", "a/deep/f", "b", "b/y.log"]
        with self.watch("--gitignore") as watch:
            os.rename(self.path("a"), self.path("c"))
            write(self.path("c/deep/new.log"))
            self.expect(watch, before, ["c", "c/.gitignore", "c/deep", "c/deep/f", "b", "b/y.log"])
            os.rename(self.path("c/deep"), self.path("b/deep"))  # out from under the rules
            after = ["c", "c/.gitignore", "b", "b/y.log", "b/deep", "b/deep/f", "b/deep/x.log",
                     "b/deep/new.log"]
            self.expect(watch, before, after)
            os.rename(self.path("b/deep"), self.path("c/deep"))
            self.expect(watch, before, ["c", "c/.gitignore", "c/deep", "c/deep/f", "b", "b/y.log"])
            os.rename(self.path("c/.gitignore"), self.path("b/.gitignore"))
            self.expect(watch, before, ["c", "c/deep", "c/deep/f", "c/deep/x.log", "c/deep/new.log",
                                        "b", "b/.gitignore"])
            self.end(watch)

    def test_the_rules_of_a_repository_above_the_root_hold(self):
        os.mkdir(self.home + "/.git")
        write(self.home + "/.git/HEAD", b"ref: refs/heads/main\n")
        write(self.home + "/.gitignore", b"*.o\n/root/gen/\nroot/kept/no\n")
        self.make("x.o", "x.c", "gen/f", "sub/gen/f", "kept/no", "kept/yes")
        self.rules("!y.o\n", "kept")
        before = ["x.c", "sub", "sub/gen", "sub/gen/f", "kept", "kept/yes", "kept/.gitignore"]
        with self.watch("--gitignore") as watch:
            self.assertEqual(watch.records[0]["files"], 4)
            self.make("y.o", "kept/y.o", "gen/g", "sub/gen/y.o")
            self.expect(watch, before, before + ["kept/y.o"])
            self.end(watch)

    def test_options_have_the_word_before_the_files(self):
        self.make("a.log", "b.log", "c.txt")
        self.rules("*.log\n!b.log\n")
        with self.watch("--gitignore", "--exclude", "!a.log", "--exclude", "c*") as watch:
            self.make("d.log", "c2")
            os.chmod(self.path("a.log"), 0o600)
            self.expect(watch, [".gitignore", "a.log", "b.log"], [".gitignore", "a.log", "b.log"])
            self.end(watch)

    def test_a_rules_file_that_is_none(self):
        """A pipe must not be waited for, a link is not followed (git does not either)."""
        os.mkfifo(self.path(".gitignore"))
        write(self.home + "/rules", b"*.log\n")
        self.make("d/x.log")
        os.symlink(self.home + "/rules", self.path("d/.gitignore"))
        before = [".gitignore", "d", "d/.gitignore", "d/x.log"]
        with self.watch("--gitignore") as watch:
            self.make("d/y.log")
            self.expect(watch, before, before + ["d/y.log"])
            self.end(watch)


@on_each_backend
class Depth(FilterTest):
    def test_moves_deeper_and_shallower(self):
        self.make("a/b/c/d/f", "x/y/")
        before = ["a", "a/b", "x", "x/y"]
        with self.watch("--depth", "2") as watch:
            self.assertEqual((watch.records[0]["dirs"], watch.records[0]["files"]), (5, 0))
            write(self.path("a/b/unseen"))
            write(self.path("a/g"))
            self.expect(watch, before, before + ["a/g"])
            os.rename(self.path("a/b"), self.path("b"))  # shallower: one level more is told
            after = ["a", "a/g", "x", "x/y", "b", "b/c", "b/unseen"]
            self.expect(watch, before, after)
            os.rename(self.path("b/c"), self.path("c"))
            self.expect(watch, before, [x for x in after if x != "b/c"] + ["c", "c/d"])
            write(self.path("b/seen"))
            os.rename(self.path("c"), self.path("x/c"))  # deeper: what is in it is not told any more
            os.rename(self.path("b"), self.path("x/y/b"))
            self.expect(watch, before, ["a", "a/g", "x", "x/y", "x/c"])
            write(self.path("x/y/b/seen"), b"not any more")
            self.make("x/c/unseen-too", "x/y/b/unseen-too")  # their watches must be gone
            self.expect(watch, before, ["a", "a/g", "x", "x/y", "x/c"])
            self.end(watch)

    def test_no_recursive_is_depth_1(self):
        self.make("d/f", "g")
        for options in (("--no-recursive",), ("--depth", "1")):
            with self.subTest(options=options), self.watch(*options) as watch:
                write(self.path("d", "unseen" + options[0]))
                self.make("e%s/f" % options[0])
                self.expect(watch, ["d", "g"] + [x for x in os.listdir(self.root) if x[0] == "e"
                                                 and x != "e" + options[0]],
                            ["d", "g"] + [x for x in os.listdir(self.root) if x[0] == "e"])
                self.end(watch)


@on_each_backend
class Follow(FilterTest):
    def setUp(self):
        super().setUp()
        self.outside = os.path.join(self.home, "outside")
        os.makedirs(self.outside + "/deep")
        write(self.outside + "/deep/f")

    def follow(self, *options):
        return self.watch("--follow", *options)

    def test_without_it_a_link_is_a_link(self):
        os.symlink(self.outside, self.path("l"))
        with self.watch() as watch:
            write(self.outside + "/g")
            self.expect(watch, ["l"], ["l"])
            self.end(watch)

    def test_what_a_link_outside_leads_to_is_told(self):
        os.symlink(self.outside, self.path("l"))
        before = ["l", "l/deep", "l/deep/f"]
        with self.follow() as watch:
            self.assertEqual((watch.records[0]["dirs"], watch.records[0]["files"]), (3, 1))
            write(self.outside + "/deep/f", b"longer")
            write(self.outside + "/g")
            self.expect(watch, before, before + ["l/g"])
            self.assertIn(("modify", "l/deep/f"), watch.told())
            os.symlink(self.outside + "/deep", self.path("l2"))  # known under another path already
            os.mkdir(self.outside + "/new")
            write(self.outside + "/new/h")
            os.rename(self.outside + "/deep/f", self.path("f"))
            self.expect(watch, before, ["l", "l/deep", "l/g", "l2", "l/new", "l/new/h", "f"])
            self.assertEqual([x["ftype"] for x in watch.changes() if x.path.endswith(b"/l2")][:1],
                             ["l"])
            self.end(watch)

    def test_links_that_lead_back_are_links(self):
        self.make("a/b/f")
        os.symlink("../..", self.path("a/b/up"))
        os.symlink(self.root, self.path("self"))
        os.symlink("b", self.path("a/sibling"))
        os.symlink("round2", self.path("round1"))
        os.symlink("round1", self.path("round2"))
        before = ["a", "a/b", "a/b/f", "a/b/up", "self", "a/sibling", "round1", "round2"]
        with self.follow() as watch:
            self.assertEqual((watch.records[0]["dirs"], watch.records[0]["files"]), (3, 6))
            write(self.path("a/b/g"))
            self.expect(watch, before, before + ["a/b/g"])
            self.end(watch)

    def test_a_link_to_a_directory_above_the_root_ends(self):
        os.symlink("..", self.path("up"))
        with self.follow() as watch:
            write(self.outside + "/g")
            watch.wait_record("create", self.path("up/outside/g"))
            since = watch.mark()
            write(self.path("f"))
            watch.wait_quiet()
            self.assertEqual([x for x in watch.told(since) if x[0] == "create"], [("create", "f")])
            self.end(watch)

    def test_links_outside_that_lead_to_each_other(self):
        os.mkdir(self.home + "/other")
        os.symlink(self.outside, self.home + "/other/to-outside")
        os.symlink(self.home + "/other", self.outside + "/to-other")
        os.symlink(self.outside, self.path("l"))
        with self.follow() as watch:
            self.assertLess(watch.records[0]["dirs"], 10)
            write(self.home + "/other/g")
            watch.wait_record("create", self.path("l/to-other/g"))
            write(self.outside + "/h")
            watch.wait_record("create", self.path("l/h"))
            watch.wait_quiet()
            self.assertEqual(sorted(x[1] for x in watch.told() if x[0] == "create"),
                             ["l/h", "l/to-other/g"])
            self.end(watch)

    def test_a_link_that_is_made_retargeted_and_removed(self):
        other = self.home + "/other"
        os.mkdir(other)
        write(other + "/o")
        with self.follow() as watch:
            os.symlink(self.outside, self.path("l"))
            self.expect(watch, [], ["l", "l/deep", "l/deep/f"])
            os.symlink(other, self.path("l.new"))
            os.rename(self.path("l.new"), self.path("l"))  # a switch
            self.expect(watch, [], ["l", "l/o"])
            write(self.outside + "/unseen")
            write(other + "/seen")
            self.expect(watch, [], ["l", "l/o", "l/seen"])
            os.unlink(self.path("l"))
            self.expect(watch, [], [])
            os.symlink(self.outside, self.path("l"))
            self.expect(watch, [], ["l", "l/deep", "l/deep/f", "l/unseen"])
            self.end(watch)

    def test_a_followed_link_that_is_renamed_is_a_directory_that_is_renamed(self):
        os.symlink(self.outside, self.path("l"))
        before = ["l", "l/deep", "l/deep/f"]
        with self.follow() as watch:
            os.mkdir(self.path("d"))
            os.rename(self.path("l"), self.path("d/m"))
            write(self.outside + "/deep/g")
            self.expect(watch, before, ["d", "d/m", "d/m/deep", "d/m/deep/f", "d/m/deep/g"])
            self.assertIn(("rename", "d/m", "l"), watch.told())
            self.end(watch)

    def test_of_two_links_to_one_directory_the_second_takes_over(self):
        os.symlink(self.outside, self.path("l1"))
        with self.watch("--follow", "--poll-interval", "100ms") as watch:
            os.symlink(self.outside, self.path("l2"))
            before = ["l1", "l1/deep", "l1/deep/f"]
            self.expect(watch, before, before + ["l2"])
            os.unlink(self.path("l1"))
            self.expect(watch, before, ["l2", "l2/deep", "l2/deep/f"])
            self.end(watch)

    def test_a_target_that_goes_and_comes_back(self):
        os.symlink(self.outside, self.path("l"))
        before = ["l", "l/deep", "l/deep/f"]
        with self.watch("--follow", "--poll-interval", "100ms") as watch:
            remove_tree(self.outside)
            self.expect(watch, before, ["l"])  # a link that leads nowhere is there still
            os.makedirs(self.outside + "/again")
            write(self.outside + "/again/f")
            self.expect(watch, before, ["l", "l/again", "l/again/f"])
            os.rename(self.outside, self.outside + "-away")
            self.expect(watch, before, ["l"])
            os.rename(self.outside + "-away", self.outside)
            self.expect(watch, before, ["l", "l/again", "l/again/f"])
            self.end(watch)


class Kinds(FilterTest):
    def check(self, *kinds):
        """One change of each kind, each on another path, which settling does not fold."""
        self.make("modified", "deleted", "renamed", "changed")
        want = {"create": "created", "modify": "modified", "delete": "deleted", "rename": "moved",
                "attrib": "changed"}
        for settle in ("0", "50ms"):
            with self.subTest(kinds=kinds, settle=settle), \
                    self.watch("-e", ",".join(kinds), settle=settle) as watch:
                os.mkdir(self.path("created"))
                write(self.path("modified"), b"longer" + settle.encode())
                os.unlink(self.path("deleted"))
                os.rename(self.path("renamed"), self.path("moved"))
                os.chmod(self.path("changed"), 0o600)
                watch.wait_for(lambda: {x.type for x in watch.changes()} >= set(kinds))
                self.end(watch)
                self.assertEqual(sorted({x[:2] for x in watch.told()}),
                                 sorted((x, want[x]) for x in set(kinds)))
            os.rmdir(self.path("created"))
            os.unlink(self.path("moved"))
            os.chmod(self.path("changed"), 0o644)
            self.make("deleted", "renamed")

    def test_only_those_that_are_asked_for(self):
        for kind in ("create", "modify", "delete", "rename", "attrib"):
            self.check(kind)
        self.check("delete", "rename")
        self.check("modify", "create", "create")

    def test_a_rename_that_is_not_wanted_hides_nothing_wanted(self):
        write(self.path("kept"))
        with self.watch("-e", "create,delete,modify") as watch:
            os.rename(self.path("kept"), self.path("moved"))
            write(self.path("moved"), b"longer")
            watch.wait_record("modify", self.path("moved"))
            watch.wait_quiet()
            self.assertNotIn("rename", {x.type for x in watch.records})
            self.end(watch)

    def test_with_settling_and_markers(self):
        with self.watch("-e", "create", settle="50ms") as watch:
            write(self.path("a"))
            watch.wait_record("create", self.path("a"))
            remove_tree(self.root)
            watch.wait_record("root_lost", self.root)
            os.mkdir(self.root)
            watch.wait_record("root_back", self.root)
            self.assertEqual({x.type for x in watch.records}, {"ready", "create", "root_lost",
                                                               "root_back"})
            self.end(watch)

    def test_once_waits_for_a_change_of_a_wanted_kind(self):
        with self.watch("-e", "delete", "--once") as watch:
            write(self.path("a"))
            time.sleep(0.2)
            self.assertIsNone(watch.process.poll())
            os.unlink(self.path("a"))
            self.assertEqual(watch.wait_exit(), 0)
            self.assertEqual(watch.told(), [("delete", "a")])

    def test_a_timeout_without_a_wanted_change_is_2(self):
        with self.watch("-e", "delete", "-t", "700ms") as watch:
            write(self.path("a"))
            self.assertEqual(watch.wait_exit(), 2)


SEEDS = range(*[int(x) for x in os.environ.get("ACTORS_TEST_SEEDS", "0,1").split(",")])


class Writer:
    """Random changes, on few names, of which some match the patterns of `Storms` and some do not."""

    DIRECTORIES = ("a", "b", "src", "ex", "node_modules", "src.c")
    FILES = ("x.c", "y.h", "z.log", "keep.log", "t.tmp", "keep.tmp", "ex")
    RULES = (b"*.log\n", b"!keep.log\n*.h\n", b"src/\n", b"/a\n*.tmp\n!keep.tmp\n", b"a/b\nex\n", b"")

    def __init__(self, root, outside, seed, with_rules):
        self.root, self.outside, self.random = root, outside, random.Random(seed)
        self.steps = [self.make, self.make, self.write, self.write, self.write, self.rename,
                      self.rename, self.unlink, self.remove, self.out_and_in]
        if with_rules:
            self.steps.append(self.rule)

    def directory(self):
        where = self.root
        while self.random.random() < 0.6:
            below = sorted(x.path for x in os.scandir(where) if x.is_dir(follow_symlinks=False))
            if not below:
                break
            where = self.random.choice(below)
        return where

    def name(self, kinds):
        return os.path.join(self.directory(), self.random.choice(kinds))

    def any(self):
        return self.name(self.DIRECTORIES + self.FILES)

    def make(self):
        os.makedirs(os.path.join(self.name(self.DIRECTORIES), self.random.choice(self.DIRECTORIES)))

    def write(self):
        write(self.name(self.FILES), b"x" * self.random.randrange(1, 50))

    def rename(self):
        os.rename(self.any(), self.any())

    def unlink(self):
        os.unlink(self.name(self.FILES))

    def remove(self):
        if self.random.random() < 0.4:
            remove_tree(self.name(self.DIRECTORIES))

    def out_and_in(self):
        aside = os.path.join(self.outside, "aside")
        os.rename(self.any(), aside)
        if self.random.random() < 0.5:
            time.sleep(self.random.random() * 0.06)  # about the time a name may be on its way
        try:
            os.rename(aside, self.any())
        except OSError:
            remove_tree(aside) if os.path.isdir(aside) else os.unlink(aside)

    def rule(self):
        os.makedirs(self.directory(), exist_ok=True)
        path = os.path.join(self.directory(), ".gitignore")
        if self.random.random() < 0.2:
            os.unlink(path)
        elif self.random.random() < 0.5:
            write(path, self.random.choice(self.RULES))
        else:
            write(self.outside + "/rules", self.random.choice(self.RULES))
            os.rename(self.outside + "/rules", path)

    def run(self, count):
        for _ in range(count):
            try:
                self.random.choice(self.steps)()
            except OSError:
                pass


@on_each_backend
class Storms(FilterTest):
    """What is believed after a storm is what a look at the disk says should be told."""

    COUNT = 400

    def told_of(self, judge):
        """All that should be told: judge(path, is_directory) is None (left out), False (silent) or
        True."""
        found = set()

        def visit(where):
            for x in os.scandir(self.path(where)):
                path = where + x.name
                if x.name.startswith(".sentinel"):
                    continue
                is_directory = x.is_dir(follow_symlinks=False)
                said = judge(path, is_directory)
                if said is None:
                    continue
                if said:
                    found.add(path)
                if is_directory:
                    visit(path + "/")

        visit("")
        return found

    def check(self, options, should, kept=lambda path: True, with_rules=False):
        """`should` gives all that should be told, of which only what is `kept` is compared."""
        for seed in SEEDS:
            remove_tree(self.root)
            os.mkdir(self.root)
            outside = os.path.join(self.home, "outside")
            os.makedirs(outside, exist_ok=True)
            writer = Writer(self.root, outside, seed, with_rules)
            writer.run(100)
            with self.subTest(seed=seed), self.watch(*options, "--initial") as watch:
                writer.run(self.COUNT)
                watch.wait_quiet()
                self.believe(watch, (), should, kept)
                self.end(watch)

    def test_exclude(self):
        def judge(path, is_directory):
            name = os.path.basename(path)
            if name == "node_modules" and is_directory or path == "ex":
                return None
            return None if name.endswith(".tmp") and name != "keep.tmp" else True
        self.check(["--exclude", "node_modules/", "--exclude", "*.tmp", "--exclude", "!keep.tmp",
                    "--exclude", "/ex"], lambda: self.told_of(judge))

    def test_include(self):
        def judge(path, is_directory):
            name = os.path.basename(path)
            if name.endswith(".c") or name == "src" and is_directory or self.is_in_included(path):
                return True
            return False if is_directory else None
        self.check(["--include", "*.c", "--include", "src/", "--include", ".sentinel*"],
                   lambda: self.told_of(judge))

    @staticmethod
    def is_in_included(path):
        return any(x == "src" or x.endswith(".c") for x in path.split("/")[:-1])

    def test_include_and_exclude(self):
        def judge(path, is_directory):
            name = os.path.basename(path)
            if name == "ex":
                return None
            if name.endswith(".c") or any(x.endswith(".c") for x in path.split("/")[:-1]):
                return True
            return False if is_directory else None
        self.check(["--include", "*.c", "--exclude", "ex", "--include", ".sentinel*"],
                   lambda: self.told_of(judge))

    def test_depth(self):
        self.check(["--depth", "2"], lambda: self.told_of(
            lambda path, _: True if path.count("/") < 2 else None))

    def test_gitignore(self):
        """Git itself says which files; what is told of directories is not asked."""
        if not shutil.which("git"):
            self.skipTest("no git")

        def should():
            # The index is elsewhere: a repository in the root would be one more thing that changes.
            listed = subprocess.run(
                ["git", "--git-dir", self.home + "/git", "--work-tree", self.root, "ls-files",
                 "--others", "--exclude-per-directory=.gitignore", "-z"], cwd=self.root,
                stdout=subprocess.PIPE, check=True).stdout
            return {os.fsdecode(x) for x in listed.split(b"\0")
                    if x and not x.startswith(b".sentinel")}

        subprocess.run(["git", "init", "-q", "--bare", self.home + "/git"], check=True)
        subprocess.run(["git", "--git-dir", self.home + "/git", "config", "core.bare", "false"],
                       check=True)
        self.check(["--gitignore"], should, lambda path: not os.path.isdir(self.path(path)),
                   with_rules=True)


class LinkWriter(Writer):
    """Also links to directories outside, at most one to each, and changes there."""

    def __init__(self, root, outside, seed):
        super().__init__(root, outside, seed, False)
        self.steps += [self.link, self.link, self.move_link, self.change_target, self.change_target,
                       self.take_target]

    def place(self):
        """A directory of the root itself: no link is made behind a link."""
        where = self.root
        while self.random.random() < 0.6:
            below = sorted(x.path for x in os.scandir(where) if x.is_dir(follow_symlinks=False))
            if not below:
                break
            where = self.random.choice(below)
        return where

    def directory(self):
        where = self.root
        while self.random.random() < 0.6:
            below = sorted(x.path for x in os.scandir(where) if x.is_dir())
            if not below:
                break
            where = self.random.choice(below)
        return where

    def find(self, name):
        for base in (self.root, self.outside):
            for where, directories, files in os.walk(base):
                if name in directories + files:
                    return os.path.join(where, name)
        return None

    def target(self):
        return self.outside + "/o" + self.random.choice("123")

    def link(self):
        target = self.target()
        if not self.find("l" + target[-1]):
            os.symlink(target, os.path.join(self.place(), "l" + target[-1]))

    def move_link(self):
        path = self.find("l" + self.random.choice("123"))
        if path and self.random.random() < 0.4:
            os.unlink(path)
        elif path:
            os.rename(path, os.path.join(self.place(), os.path.basename(path)))

    def change_target(self):
        target = self.target()
        os.makedirs(target + "/" + self.random.choice("ab"), exist_ok=True)
        write(target + "/" + self.random.choice(("f", "a/f", "b/f")),
              b"x" * self.random.randrange(50))

    def take_target(self):
        target = self.target()
        if self.random.random() < 0.5:
            remove_tree(target)
        else:
            os.rename(target, target + "-away")
            time.sleep(0.01 * self.random.random())
            os.rename(target + "-away", target)


@on_each_backend
class FollowStorm(FilterTest):
    def walk(self):
        """All there is, behind links too."""
        found = set()

        def visit(where):
            for x in os.scandir(self.path(where)):
                if not x.name.startswith(".sentinel"):
                    found.add(where + x.name)
                    if x.is_dir():
                        visit(where + x.name + "/")
        visit("")
        return found

    def test_all_behind_links_is_believed(self):
        for seed in SEEDS:
            outside = os.path.join(self.home, "outside")
            for path in (self.root, outside):
                remove_tree(path)
                os.mkdir(path)
            writer = LinkWriter(self.root, outside, seed)
            writer.run(80)
            before = self.walk()
            with self.subTest(seed=seed), self.watch("--follow", "--poll-interval", "50ms") as watch:
                writer.run(300)
                watch.wait_quiet()
                self.believe(watch, before, self.walk)
                self.end(watch)


class Mistakes(FilterTest):
    def check(self, *options, says):
        with self.subTest(options=options):
            done = run_program("watch", self.root, "--admin", self.home + "/a", "-t", "1ms", *options)
            self.assertEqual(done.returncode, 64, (done.stdout, done.stderr))
            self.assertEqual(done.stdout, "")
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            for text in says:
                self.assertIn(text, done.stderr)

    def test_kinds(self):
        self.check("-e", "create,moved", says=["-e", "moved", "create", "delete", "rename"])
        self.check("-e", "", says=["-e"])
        self.check("-e", "create,,delete", says=["-e"])
        self.check("-e", "ready", says=["-e", "ready"])

    def test_depth(self):
        self.check("--depth", "0", says=["--depth"])
        self.check("--depth", "-1", says=["--depth"])
        self.check("--depth", "many", says=["--depth"])

    def test_backend(self):
        self.check("--backend", "kqueue", says=["--backend", "kqueue", "inotify"])

    def test_patterns(self):
        """What can match nothing was not meant."""
        for option in ("--exclude", "--include"):
            self.check(option, "", says=[option])
            self.check(option, "# a comment", says=[option])
            self.check(option, "a[b", says=[option, "a[b"])
            self.check(option, "x" * 5000, says=[option])


if __name__ == "__main__":
    unittest.main()
