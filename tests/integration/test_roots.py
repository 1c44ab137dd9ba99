#!/usr/bin/env python3
"""What is watched, under which name, what is told when it is lost or may not be read, and when the
program ends by itself."""

import os
import time
import unittest

from harness import (AS_NOBODY, TreeTest, Watch, can_be_nobody, check_end, finish_storm,
                     program_for_nobody, remove_tree, run_program, start_storm, wait_until, write)

QUICK = ("--poll-interval", "50ms")


class RootTest(TreeTest):
    def state(self, watch):
        """None while the pipeline is being put together."""
        found = [x["state"] for x in watch.status()["children"] if x["id"] == "watch/watcher"]
        return found[0] if found else None

    def wait_state(self, watch, state):
        wait_until(lambda: self.state(watch) == state, 5,
                   "the watcher is %s\n%s" % (state, watch.describe()))


class SeveralRoots(RootTest):
    def check(self, settle, children):
        roots = [os.path.join(self.home, settle, x) for x in ("one", "two", "three")]
        outside = os.path.join(self.home, settle, "outside")
        for root in roots + [outside]:
            os.makedirs(root)
        with Watch(*roots, settle=settle) as watch:
            finish_storm(*[start_storm(x, outside + "/", k, 300, "w%d" % k)
                           for k, x in enumerate(roots)])
            self.assertEqual([x["id"] for x in watch.status()["children"]], children)
            check_end(self, watch)
            for root in roots:
                self.assertTrue([x for x in watch.changes()
                                 if x.path.startswith(os.fsencode(root) + b"/")], root)
            self.assertEqual([x.seq for x in watch.records],
                             list(range(1, len(watch.records) + 1)))

    def test_each_has_a_child_and_all_share_one_sequence(self):
        watchers = ["watch/watcher", "watch/watcher-2", "watch/watcher-3"]
        self.check("50ms", ["watch/emitter", "watch/debouncer"] + watchers)
        self.check("0", ["watch/emitter", "watch/sequencer"] + watchers)

    def test_one_is_lost_and_the_other_goes_on(self):
        other = os.path.join(self.home, "other")
        os.mkdir(other)
        with Watch(self.root, other, options=QUICK) as watch:
            os.rmdir(other)
            watch.wait_record("root_lost", other)
            write(self.path("f"))
            watch.wait_record("create", self.path("f"))
            wait_until(lambda: watch.child("watcher-2")["state"] == "degraded", what="degraded")
            self.assertEqual(self.state(watch), "ready")
            os.mkdir(other)
            watch.wait_record("root_back", other)
            check_end(self, watch)


class Written(RootTest):
    """Paths are told as the user wrote the root, made absolute."""

    def check(self, written, told, cwd=None):
        with self.subTest(written=written):
            name = "f%s" % len(os.listdir(self.root))
            with Watch(written, told_roots=[told], cwd=cwd) as watch:
                os.mkdir(self.path(name))
                check_end(self, watch)
                self.assertEqual([x.path for x in watch.changes()],
                                 [os.fsencode(os.path.join(told, name))])
                self.assertEqual({x.root for x in watch.records if x.root}, {os.fsencode(told)})

    def test_a_root_through_a_link(self):
        os.symlink("root", self.home + "/link")
        self.check(self.home + "/link", self.home + "/link")
        os.symlink(self.home, self.home + "/above")
        self.check(self.home + "/above/root", self.home + "/above/root")
        self.check("link", self.home + "/link", cwd=self.home)

    def test_relative_roots(self):
        self.check(".", self.root, cwd=self.root)
        self.check("./", self.root, cwd=self.root)
        self.check("root", self.root, cwd=self.home)
        self.check("./root", self.root, cwd=self.home)

    def test_slashes_at_the_end_and_doubled(self):
        self.check(self.root + "/", self.root)
        self.check(self.root + "///", self.root)
        self.check("root/", self.root, cwd=self.home)
        self.check(self.root + "/.", self.root)

    def test_a_name_that_is_not_utf_8(self):
        os.mkdir(os.fsencode(self.home) + b"/caf\xe9")
        self.root = os.fsdecode(os.fsencode(self.home) + b"/caf\xe9")
        self.check(self.root, self.root)


class Options(RootTest):
    def test_no_recursive_tells_of_the_root_only(self):
        os.mkdir(self.path("d"))
        with Watch(self.root, options=["--no-recursive"]) as watch:
            write(self.path("d", "unseen"))
            os.makedirs(self.path("e", "unseen"))
            os.rename(self.path("d"), self.path("f"))
            watch.wait_quiet()
            write(self.path("f", "unseen-too"))
            write(self.path("e", "unseen-too"))
            watch.wait_quiet()
            self.assertEqual(watch.stop(), 0)
            # A directory's own change of time or links may be told: its names are not.
            told = [x for x in watch.told() if x[0] != "attrib"]
            self.assertEqual(sorted(told), [("create", "e"), ("rename", "f", "d")])

    def test_initial_tells_all_that_is_there_before_ready(self):
        for i in range(30):
            os.makedirs(self.path("d%d" % i, "e"))
            write(self.path("d%d" % i, "e", "f"))
        os.symlink("nowhere", self.path("link"))
        for settle in ("0", "300ms"):
            with self.subTest(settle=settle), \
                    Watch(self.root, settle=settle, options=["--initial"]) as watch:
                watch.baseline.clear()
                types = [x.type for x in watch.records]
                self.assertEqual(types, ["create"] * 91 + ["ready"])
                self.assertEqual({x.path for x in watch.changes()}, set(watch.disk()))
                since = watch.mark()
                os.mkdir(self.path("new" + settle))
                check_end(self, watch)
                os.rmdir(self.path("new" + settle))
                self.assertEqual([x.get("initial") for x in watch.changes()], [True] * 91 + [None])
                self.assertEqual(watch.told(since), [("create", "new" + settle)])

    def check_lines(self, form, steps):
        with Watch(self.root, raw=True, options=["--format", form]) as watch:
            want = b""
            if form == "text":
                want = os.fsencode("ready     %s (inotify, 1 directories, 0 files)\n" % self.root)
                watch.wait_for(lambda: watch.output, what="ready")
            else:
                wait_until(lambda: os.path.exists(watch.admin), what="the socket")
                self.wait_state(watch, "ready")
            for step, line in steps:
                step()
                want += line
                watch.wait_for(lambda: len(watch.output) >= len(want), what=repr(want))
            self.assertEqual(watch.stop(), 0)
            self.assertEqual(watch.output, want)

    def steps(self):
        one, two = self.path("a b"), os.fsencode(self.root) + b"/c\n\\\xe9"
        return one, two, [lambda: os.mkdir(one), lambda: os.rename(one, two), lambda: os.rmdir(two),
                          lambda: os.symlink("x", one)]

    def test_text(self):
        one, two, steps = self.steps()
        one, shown = os.fsencode(one), os.fsencode(self.root) + rb"/c\x0a\x5c\xe9"
        self.check_lines("text", list(zip(steps, [
            b"create    " + one + b"/\n", b"rename    " + one + b" -> " + shown + b"/\n",
            b"delete    " + shown + b"/\n", b"create    " + one + b"\n"])))

    def test_paths_with_a_nul_each(self):
        one, two, steps = self.steps()
        one = os.fsencode(one)
        self.check_lines("0", list(zip(steps, [one + b"\0", two + b"\0", two + b"\0", one + b"\0"])))


class Lost(RootTest):
    def fill(self):
        os.makedirs(self.path("a", "b"))
        write(self.path("a", "b", "f"))
        write(self.path("g"))

    def test_a_deleted_root_is_lost_and_comes_back(self):
        for settle in ("0", "300ms"):
            self.fill()
            with self.subTest(settle=settle), Watch(self.root, settle=settle, options=QUICK) as watch:
                remove_tree(self.root)
                lost = watch.wait_record("root_lost", self.root)
                self.assertIn("No such file", lost["reason"])
                self.assertEqual(watch.faults(), [])  # what was in it was told as deleted, just before
                self.assertEqual({x[0] for x in watch.told()}, {"delete"})
                self.wait_state(watch, "degraded")
                self.assertIn("root lost", watch.child("watcher")["last_error"])
                since = watch.mark()
                os.mkdir(self.root)
                self.fill()
                watch.wait_record("root_back", self.root)
                watch.wait_equal()
                self.wait_state(watch, "ready")
                self.assertEqual([x.type for x in watch.records[since:]].count("root_back"), 1)
                self.assertEqual(watch.records[since].type, "root_back")
                check_end(self, watch)
                self.assertEqual(sorted(x[1] for x in watch.told(since) if x[0] == "create"),
                                 ["a", "a/b", "a/b/f", "g"])
            remove_tree(self.root)
            os.mkdir(self.root)

    def test_a_root_that_is_renamed_is_lost_until_it_has_its_name_again(self):
        self.fill()
        away = self.root + "-away"
        with Watch(self.root, options=QUICK) as watch:
            os.rename(self.root, away)
            watch.wait_record("root_lost", self.root)
            self.assertEqual(watch.replay().compare({}), [])
            since = watch.mark()
            write(os.path.join(away, "unseen"))
            os.rename(away, self.root)
            watch.wait_record("root_back", self.root)
            watch.wait_equal()
            self.assertEqual(watch.records[since].type, "root_back")
            check_end(self, watch)

    def test_a_root_replaced_by_another_is_lost_and_back(self):
        self.fill()
        with Watch(self.root, options=QUICK) as watch:
            os.mkdir(self.home + "/other")
            write(self.home + "/other/h")
            os.rename(self.root, self.root + "-away")
            os.rename(self.home + "/other", self.root)
            watch.wait_record("root_lost", self.root)
            watch.wait_record("root_back", self.root)
            write(self.root + "-away/unseen")
            check_end(self, watch)
            self.assertEqual(watch.replay().compare(watch.disk()), [])

    def test_a_directory_above_the_root_is_renamed(self):
        self.fill()
        above = os.path.join(self.home, "above")
        os.makedirs(above)
        os.rename(self.root, above + "/root")
        self.root = above + "/root"
        with Watch(self.root, options=QUICK) as watch:
            os.rename(above, above + "-away")
            write(above + "-away/root/a/seen-nowhere")  # a move above is noticed by a look
            watch.wait_record("root_lost", self.root)
            os.rename(above + "-away", above)
            watch.wait_record("root_back", self.root)
            check_end(self, watch)

    def test_exit_on_lost_ends_with_3_after_telling_so(self):
        for settle in ("0", "300ms"):
            self.fill()
            with self.subTest(settle=settle), \
                    Watch(self.root, settle=settle, options=["--exit-on-lost"]) as watch:
                remove_tree(self.root)
                self.assertEqual(watch.wait_exit(), 3, watch.describe())
                self.assertEqual(watch.records[-1].type, "root_lost")
                self.assertEqual(watch.faults(), [])
                self.assertEqual(watch.replay().compare({}), [])
            os.mkdir(self.root)


class ByItself(RootTest):
    def test_once_ends_after_the_first_batch(self):
        write(self.path("before"))
        for settle in ("0", "300ms"):
            with self.subTest(settle=settle), \
                    Watch(self.root, settle=settle, options=["--once", "--initial"]) as watch:
                watch.baseline.clear()
                self.assertIsNone(watch.process.poll())  # what --initial told does not count
                os.mkdir(self.path("first" + settle))
                self.assertEqual(watch.wait_exit(), 0, watch.describe())
                self.assertEqual(watch.told()[-1], ("create", "first" + settle))
                self.assertEqual(watch.log, "")
                self.assertEqual(watch.faults(), [])

    def test_once_ends_after_the_first_batch_though_more_follows(self):
        for settle in ("0", "20ms"):
            with self.subTest(settle=settle), Watch(
                    self.root, settle=settle, options=["--once", "--max-wait", "20ms"]) as watch:
                number = 0
                until = time.monotonic() + 10
                while watch.process.poll() is None and time.monotonic() < until:
                    number += 1
                    os.mkdir(self.path("%s-%d" % (settle, number)))
                self.assertEqual(watch.wait_exit(1), 0, watch.describe())
                self.assertEqual(watch.log, "")
                reader = watch.replay()
                self.assertEqual(reader.faults, [])
                self.assertTrue(0 < len(watch.changes()), number)

    def test_a_timeout_without_a_change_is_2_and_with_one_is_0(self):
        begin = time.monotonic()
        done = run_program("watch", self.root, "-t", "300ms", "--admin", self.home + "/a")
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        self.assertEqual(done.stdout.count('"ready"'), 1)
        self.assertGreater(time.monotonic() - begin, 0.3)
        with Watch(self.root, options=["-t", "500ms"]) as watch:
            os.mkdir(self.path("d"))
            watch.wait_record("create", self.path("d"))
            begin = time.monotonic()
            self.assertEqual(watch.wait_exit(), 0, watch.describe())
            self.assertGreater(time.monotonic() - begin, 0.4)
            self.assertEqual(watch.log, "")


@unittest.skipUnless(can_be_nobody(), "only root can become another user")
class Denied(RootTest):
    """The program runs as a user from whom directories are taken; the test goes on as root."""

    def watch(self, **more):
        return Watch(self.root, prefix=AS_NOBODY, program=program_for_nobody(self.home),
                     options=QUICK, **more)

    def test_a_directory_that_may_not_be_read_is_told_and_read_later(self):
        os.makedirs(self.path("den", "below"))
        write(self.path("den", "below", "f"))
        write(self.path("seen"))
        os.chmod(self.path("den"), 0)
        with self.watch() as watch:
            for path in [x for x in watch.baseline if b"/den/" in x]:
                del watch.baseline[path]
            degraded = watch.wait_record("degraded", self.path("den"))
            self.assertIn("Permission denied", degraded["reason"])
            self.wait_state(watch, "degraded")
            self.assertIn("event=watch_degraded", watch.log)
            write(self.path("goes-on"))
            watch.wait_quiet()
            self.assertIn(("create", "goes-on"), watch.told())
            os.chmod(self.path("den"), 0o755)
            watch.wait_equal()
            self.wait_state(watch, "ready")
            write(self.path("den", "below", "g"))
            check_end(self, watch)
            self.assertEqual(sorted(x[1] for x in watch.told() if x[0] == "create"),
                             ["den/below", "den/below/f", "den/below/g", "goes-on"])

    def test_a_new_directory_that_may_not_be_read(self):
        with self.watch() as watch:
            os.mkdir(self.home + "/den", 0)
            write(self.home + "/den/f")
            os.rename(self.home + "/den", self.path("den"))
            watch.wait_record("degraded", self.path("den"))
            self.wait_state(watch, "degraded")
            os.chmod(self.path("den"), 0o755)
            watch.wait_record("create", self.path("den", "f"))
            self.wait_state(watch, "ready")
            check_end(self, watch)

    def check_taken(self, mode):
        """Nothing of what may not be read any more is told as deleted; what changed there meanwhile is
        told when it may be read again, however long that was."""
        os.makedirs(self.path("den", "below", "deep"))
        for name in ("old", "kept", "below/f", "below/gone", "below/deep/f"):
            write(self.path("den", name))
        with self.watch() as watch:
            os.chmod(self.path("den"), mode)
            watch.wait_record("degraded", self.path("den"), deadline=5)
            self.wait_state(watch, "degraded")
            for attempt in range(2):
                write(self.path("den", "new%d" % attempt))
                os.mkdir(self.path("den", "below", "deep", "new%d" % attempt))
                if attempt == 0:
                    os.unlink(self.path("den", "old"))
                    os.unlink(self.path("den", "below", "gone"))
                time.sleep(1)  # looks are put off for 100 ms, then comes a comparison of all
            watch.wait_quiet()
            touched = ("/old", "/gone", "/new0", "/new1")
            told = [x for x in watch.told() if x[0] != "attrib" and not x[1].endswith(touched)]
            self.assertEqual(told, [])
            os.chmod(self.path("den"), 0o755)
            watch.wait_equal(5)
            self.wait_state(watch, "ready")
            check_end(self, watch)

    def test_a_directory_that_is_taken_is_not_deleted(self):
        self.check_taken(0)

    def test_a_directory_whose_names_may_not_be_read_is_not_deleted(self):
        self.check_taken(0o711)

    def test_a_directory_that_may_be_read_and_not_entered_is_not_deleted(self):
        self.check_taken(0o744)

    def test_a_root_that_is_taken_is_not_lost(self):
        os.makedirs(self.path("d"))
        write(self.path("f"))
        with self.watch() as watch:
            os.chmod(self.root, 0)
            watch.wait_record("degraded", self.root, deadline=5)
            write(self.path("new"))
            write(self.path("d", "new"))
            time.sleep(0.3)
            os.chmod(self.root, 0o755)
            watch.wait_equal(5)
            self.wait_state(watch, "ready")
            check_end(self, watch)
            self.assertEqual([x for x in watch.records if x.type in ("delete", "root_lost")
                              and not x.is_sentinel()], [])


if __name__ == "__main__":
    unittest.main()
