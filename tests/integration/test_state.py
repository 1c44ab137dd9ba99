#!/usr/bin/env python3
"""`--state FILE`: what changed while the program was away is told at its next start; what the file
says never runs ahead of what the reader was told, wherever the program is killed."""

import os
import random
import re
import signal
import subprocess
import threading
import time
import unittest
import zlib

import harness
from harness import (BINARY, Record, Replayer, Watch, backends, can_be_nobody, finish_storm,
                     program_for_nobody, remove_tree, run_program, snapshot, start_storm,
                     temporary_directory, wait_until, write)

AS_NOBODY = harness.AS_NOBODY


def read(path):
    with open(path, "rb") as f:
        return f.read()


class KeepingReader(Replayer):
    """A reader that keeps what it knows over the runs of the program. Until `ready` it may be told
    again what it knows: then a record says what is true of a path, whatever the reader thought. From
    `ready` on it is strict, and a rename must always be of something it knows."""

    def __init__(self, root):
        super().__init__([root], snapshot(root))
        self.is_ready = True
        self.told_again = 0

    def begin_run(self):
        self.next_seq = 1
        self.is_ready = False

    def _on_ready(self, record):
        self.is_ready = True

    def _on_create(self, record):
        parent, name = self._parent(record.path)
        if not self.is_ready and parent is not None and name in parent.children:
            self.told_again += 1
            old = parent.children.pop(name)
            super()._on_create(record)
            if old.ftype == record["ftype"]:
                parent.children[name].children = old.children
        else:
            super()._on_create(record)

    def _on_delete(self, record):
        parent, name = self._parent(record.path)
        if not self.is_ready:
            self.told_again += 1
            if parent is not None:
                parent.children.pop(name, None)
        else:
            super()._on_delete(record)

    def _on_modify(self, record):
        parent, name = self._parent(record.path)
        if not self.is_ready and parent is not None:
            node = parent.children.get(name)
            if node is None or node.ftype != record["ftype"]:
                self.told_again += 1
                parent.children[name] = harness._Node(record["ftype"])
        super()._on_modify(record)

    def _on_rename(self, record):
        parent, name = self._parent(record.path)
        if not self.is_ready and parent is not None and record.get("replaced"):
            if name not in parent.children:
                self.told_again += 1
                parent.children[name] = harness._Node(record["ftype"])
        super()._on_rename(record)


class Run:
    """One run of the program while the tree changes: no snapshot is taken of it."""

    def __init__(self, root, state, settle, backend, options=()):
        self.read = threading.Event()
        self.read.set()
        self.home = temporary_directory()
        arguments = [BINARY, "watch", root, "--state", state, "--settle", settle, "--admin",
                     os.path.join(self.home, "s"), *harness.backend_options(backend), *options]
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, bufsize=0,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.data = bytearray()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            self.read.wait()
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            if not data:
                return
            self.data += data

    def end(self, number):
        """Ends it; the records of whole lines."""
        self.process.send_signal(number)
        self.process.wait(20)
        self.read.set()
        self.thread.join(20)
        self.log = self.process.stderr.read().decode("utf-8", "replace")
        self.process.stdout.close()
        self.process.stderr.close()
        remove_tree(self.home)
        lines = bytes(self.data).split(b"\n")
        return [Record(x) for x in lines[:-1]]


class State(unittest.TestCase):
    def setUp(self):
        self.home = temporary_directory()
        self.addCleanup(remove_tree, self.home)
        self.root = os.path.join(self.home, "root")
        self.state = os.path.join(self.home, "state")
        os.mkdir(self.root)

    def path(self, *names):
        return os.path.join(self.root, *names)

    def options(self, *more):
        return ["--state", self.state, *more]

    def watch(self, *more, **how):
        return Watch(self.root, options=self.options(*more), **how)

    def run_once(self, *more, **how):
        """A run without changes; what it told before `ready`."""
        with self.watch(*more, **how) as watch:
            self.assertEqual(watch.stop(), 0, watch.describe())
            return watch.told()

    # -- while away --

    def make_tree(self):
        for name in ("a", "b", "c", "same"):
            write(self.path(name), name)
        for name in ("d", "e", "e/deep"):
            os.mkdir(self.path(name))
        write(self.path("e/deep/f"), "f")
        os.symlink("a", self.path("link"))

    def test_nothing_is_told_when_nothing_changed(self):
        self.make_tree()
        self.assertEqual(self.run_once(), [])
        self.assertEqual(self.run_once(), [])
        self.assertEqual(sorted(os.listdir(self.home)), ["root", "state"])
        self.assertEqual(os.stat(self.state).st_mode & 0o777, 0o600)

    def check_away(self, change, told, settle):
        self.make_tree()
        self.run_once(settle=settle)
        change()
        with self.watch(settle=settle) as watch:
            self.assertEqual(sorted(watch.told()), sorted(told))
            types = [x.type for x in watch.records]
            self.assertEqual(types[-1], "ready")
            watch.wait_quiet()
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(settle=settle), [])

    def test_a_create_while_away(self):
        def change():
            os.mkdir(self.path("new"))
            write(self.path("new/file"), "12345")
        self.check_away(change, [("create", "new"), ("create", "new/file")], "100ms")

    def test_a_modify_of_the_same_size_while_away(self):
        self.check_away(lambda: write(self.path("same"), "emas"), [("modify", "same")], "0")

    def test_a_rename_of_a_directory_while_away(self):
        self.check_away(lambda: os.rename(self.path("e"), self.path("moved")),
                        [("rename", "moved", "e")], "0")

    def test_a_delete_while_away(self):
        def change():
            os.unlink(self.path("a"))
            os.unlink(self.path("e/deep/f"))
            os.rmdir(self.path("e/deep"))
        self.check_away(change, [("delete", "a"), ("delete", "e/deep/f"), ("delete", "e/deep")], "0")

    def test_a_file_of_the_same_name_while_away(self):
        def change():
            write(self.path(".x"), "b")
            st = os.stat(self.path("b"))
            os.utime(self.path(".x"), ns=(st.st_atime_ns, st.st_mtime_ns))
            os.rename(self.path(".x"), self.path("b"))
        self.check_away(change, [("modify", "b", "replaced")], "0")

    def test_a_change_of_mode_while_away(self):
        def change():
            os.chmod(self.path("c"), 0o600)
            os.chmod(self.path("d"), 0o700)
        self.check_away(change, [("attrib", "c"), ("attrib", "d")], "100ms")

    def test_changes_behind_ready_are_not_told_again_after_a_clean_stop(self):
        self.make_tree()
        with self.watch() as watch:
            write(self.path("new"))
            os.rename(self.path("e"), self.path("z"))
            watch.wait_quiet()
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(), [])

    def test_what_once_has_told_is_not_told_again(self):
        self.make_tree()
        with self.watch("--once", settle="100ms") as watch:
            write(self.path("new"))
            self.assertEqual(watch.wait_exit(), 0)
        self.assertEqual(self.run_once(), [])

    def test_a_single_file_is_remembered(self):
        write(self.path("only"), "1")
        root = self.path("only")
        with Watch(root, options=self.options(), told_roots=[self.root]) as watch:
            self.assertEqual(watch.stop(), 0)
        write(self.path("only"), "123")
        write(self.path("other"), "1")
        with Watch(root, options=self.options(), told_roots=[self.root]) as watch:
            self.assertEqual([(x.type, x.path) for x in watch.changes()],
                             [("modify", os.fsencode(root))])
            self.assertEqual(watch.stop(), 0)

    def test_a_root_that_is_gone_is_told_when_it_is_waited_for(self):
        self.make_tree()
        self.run_once()
        os.rename(self.root, self.root + ".away")
        with self.watch("--wait-for-path", wait_ready=False) as watch:
            watch.wait_record("root_lost")
            self.assertEqual(len([x for x in watch.changes() if x.type == "delete"]), 9)
            os.rename(self.root + ".away", self.root)
            watch.wait_record("root_back")
            watch.wait_record("create", self.path("e/deep/f"))
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(), [])

    def test_initial_is_for_the_first_run(self):
        self.make_tree()
        with self.watch("--initial") as watch:
            self.assertEqual(len(watch.changes()), 9)
            self.assertEqual(watch.stop(), 0)
        write(self.path("new"))
        with self.watch("--initial") as watch:
            self.assertEqual(watch.told(), [("create", "new")])
            self.assertFalse(watch.changes()[0].get("initial"))
            self.assertEqual(watch.stop(), 0)

    # -- killed --

    def kill(self, watch):
        watch.send(signal.SIGKILL)
        watch.wait_exit()

    def test_what_comes_behind_ready_is_found_though_killed_at_once(self):
        self.make_tree()
        with self.watch() as watch:
            self.kill(watch)
        write(self.path("new"))
        self.assertEqual(self.run_once(), [("create", "new")])

    def test_a_reader_that_is_ahead_of_the_file_hears_what_became_of_it(self):
        self.make_tree()
        with self.watch() as watch:
            write(self.path("short"))
            os.rename(self.path("e"), self.path("z"))
            watch.wait_record("create", self.path("short"))
            watch.wait_record("rename", self.path("z"))
            self.kill(watch)
        os.unlink(self.path("short"))  # the file never knew of it, the reader does
        os.rename(self.path("z"), self.path("e"))
        told = self.run_once()
        self.assertIn(("delete", "short"), told)
        self.assertIn(("delete", "z"), told)
        self.assertIn(("create", "e/deep/f"), told)

    def test_the_file_follows_within_seconds(self):
        self.make_tree()
        with self.watch() as watch:
            write(self.path("new"))
            watch.wait_record("create", self.path("new"))
            wait_until(lambda: not os.path.exists(self.state + ".told")
                       and not os.path.exists(self.state + ".told.old"), what="a newer image")
            self.kill(watch)
        self.assertEqual(self.run_once(), [])

    def test_nothing_counts_that_a_reader_has_not_taken(self):
        with self.watch(settle="0", reading=False, wait_ready=False) as watch:
            wait_until(lambda: os.path.exists(self.state), what="the first image")
            first = os.stat(self.state).st_ino
            for i in range(800):  # more than the pipe holds, less than the mailboxes
                write(self.path("file-%d-%s" % (i, "x" * 100)))
            wait_until(lambda: os.path.exists(self.state + ".tmp"), what="an image")
            time.sleep(1.5)  # nobody tells that a file is not moved
            self.assertEqual(os.stat(self.state).st_ino, first)
            self.kill(watch)
        with self.watch() as watch:
            self.assertEqual(watch.replay().compare(watch.disk()), [])
            created = {x.path for x in watch.changes() if x.type in ("create", "modify")}
            self.assertEqual(len(created), 800)

    def test_killed_before_the_first_image_of_initial(self):
        """The reader knows a part, and nobody knows which: it is told to forget it."""
        for i in range(2_000):  # more than the pipe holds
            write(self.path("file-%d-%s" % (i, "x" * 100)))
        with self.watch("--initial", reading=False, wait_ready=False) as watch:
            wait_until(lambda: any(os.path.exists(self.state + x) for x in (".told", ".told.old")),
                       what="something told")
            self.kill(watch)
            self.assertFalse(os.path.exists(self.state))
        with self.watch("--initial") as watch:
            self.assertEqual(watch.records[0].type, "overflow")
            self.assertTrue(watch.records[0]["baseline"])
            self.assertEqual(len(watch.changes()), 2_000)

    def test_killed_after_a_new_baseline(self):
        """The watcher hung, and the reader was told to forget the root: the file of before is void."""
        self.make_tree()
        env = {"ACTORS_FAULT": "watcher.look:stall@4=30s", "ACTORS_FAULT_HANG": "300ms",
               "ACTORS_FAULT_BACKOFF": "10ms"}
        with self.watch(env=env, settle="0") as watch:
            for i in range(20):
                write(self.path("x%d" % i))
                time.sleep(0.02)
            watch.wait_record("overflow")
            watch.wait_record("recovered")
            self.kill(watch)
        with self.watch() as watch:
            self.assertIn("overflow", [x.type for x in watch.records])
            self.assertEqual(Replayer.compare(self.replay_from_nothing(watch), watch.disk()), [])
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(), [])

    def replay_from_nothing(self, watch):
        reader = Replayer([self.root])
        for record in watch.records:
            reader.apply(record)
        return reader

    def test_a_watcher_that_crashes(self):
        self.make_tree()
        for fault in ("watcher.look:throw@3", "watcher.scan:throw@1", "watcher.emit:throw@2",
                      "debouncer:throw@2", "emitter:throw@2", "watcher.state:throw@2"):
            with self.subTest(fault):
                reader = KeepingReader(self.root)
                reader.begin_run()
                with self.watch(settle="50ms", env={
                        "ACTORS_FAULT": fault, "ACTORS_FAULT_BACKOFF": "10ms"}) as watch:
                    for i in range(5):
                        write(self.path("f%d" % i), fault)
                        time.sleep(0.06)
                    os.rename(self.path("f0"), self.path("g"))
                    watch.wait_quiet()
                    self.kill(watch)
                    for record in watch.records:
                        reader.apply(record)
                os.unlink(self.path("g"))
                reader.begin_run()
                with self.watch() as watch:
                    self.assertEqual(watch.stop(), 0)
                    for record in watch.records:
                        reader.apply(record)
                self.assertEqual(reader.compare(snapshot(self.root)), [])
                self.assertEqual(self.run_once(), [])

    def test_stopped_for_a_while(self):
        self.make_tree()
        with self.watch() as watch:
            watch.send(signal.SIGSTOP)
            write(self.path("new"))
            time.sleep(0.5)
            watch.send(signal.SIGCONT)
            watch.wait_record("create", self.path("new"))
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(), [])

    # -- what the file may be --

    def test_a_file_of_another_root_is_refused(self):
        self.run_once()
        other = os.path.join(self.home, "other")
        os.mkdir(other)
        before = read(self.state)
        answer = run_program("watch", other, "--state", self.state, "-t", "100ms")
        self.assertEqual(answer.returncode, 64)
        self.assertIn("it is of %s, not of %s" % (self.root, other), answer.stderr)
        self.assertEqual(read(self.state), before)

    def test_several_roots_are_refused(self):
        other = os.path.join(self.home, "other")
        os.mkdir(other)
        answer = run_program("watch", self.root, other, "--state", self.state, "-t", "100ms")
        self.assertEqual(answer.returncode, 64)
        self.assertIn("it is of one root", answer.stderr)

    def test_one_process_at_a_time(self):
        with self.watch() as watch:
            answer = run_program("watch", self.root, "--state", self.state, "-t", "100ms")
            self.assertEqual(answer.returncode, 1)
            self.assertIn("another process has it", answer.stderr)
            write(self.path("new"))
            watch.wait_record("create", self.path("new"))
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(), [])

    def check_unusable(self, change, reason):
        self.make_tree()
        self.run_once()
        with open(self.state, "r+b") as f:
            data = f.read()
            f.seek(0)
            f.truncate()
            f.write(change(data))
            bad = change(data)
        with self.watch() as watch:
            self.assertEqual([x.type for x in watch.records], ["error", "ready"])
            self.assertIn(reason, watch.records[0]["reason"])
            watch.wait_log("event=state_unusable .*" + reason)
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(read(self.state + ".bad"), bad)
        self.assertEqual(self.run_once(), [])

    def test_a_damaged_file_is_put_aside(self):
        self.check_unusable(lambda x: x[:-20] + b"?" + x[-19:], "damaged")

    def test_a_file_that_is_cut_off_is_put_aside(self):
        self.check_unusable(lambda x: x[:-20], "cut off")

    def test_a_foreign_file_is_put_aside(self):
        self.check_unusable(lambda x: b"hello\n", "no state file")

    def test_a_newer_file_is_put_aside(self):
        self.check_unusable(lambda x: x[:8] + b"\x09" + x[9:], "version 9")

    def test_a_device_with_another_number_is_not_another_tree(self):
        """As after a reboot. Only what looks different is told."""
        self.make_tree()
        self.run_once()
        with open(self.state, "r+b") as f:
            data = bytearray(f.read())
            at = 10
            for _ in range(3):
                self.assertLess(data[at], 0x80)
                at += 1 + data[at]
            device = os.stat(self.root).st_dev
            self.assertEqual(int.from_bytes(data[at:at + 8], "little"), device)
            data[at:at + 8] = (device + 1).to_bytes(8, "little")
            # Every identity is another one too: all of them are derived from the device.
            for entry in self.identities(data, at + 8):
                data[entry] ^= 0x55
            data[-4:] = zlib.crc32(bytes(data[10:-4])).to_bytes(4, "little")
            f.seek(0)
            f.write(data)
        write(self.path("same"), "longer")
        self.assertEqual(self.run_once(), [("modify", "same", "replaced")])
        self.assertEqual(self.run_once(), [])

    @staticmethod
    def identities(data, at):
        """Where in the image the identities begin."""
        def varint():
            nonlocal at
            value = shift = 0
            while True:
                byte = data[at]
                at += 1
                value |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    return value
        for i in range(varint() + 1):
            varint()
            at += 1
            if i > 0:
                size = varint()
                at += size
            yield at
            at += 8
            for _ in range(5):
                varint()
            at += 8
            varint()
        assert at == len(data) - 4

    def test_a_state_file_in_the_tree_is_not_told(self):
        self.state = self.path("[odd] *name!")
        with self.watch(settle="0") as watch:
            write(self.path("new"))
            watch.wait_record("create", self.path("new"))
            wait_until(lambda: not any(".told" in x for x in os.listdir(self.root)),
                       what="a newer image")
            watch.wait_quiet()
            self.assertEqual({x[1] for x in watch.told()}, {"new"}) # created, perhaps modified
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(), [])

    # -- where it may be --

    @unittest.skipUnless(can_be_nobody(), "only root can be nobody")
    def test_a_directory_that_may_not_be_written(self):
        program = program_for_nobody(self.home)
        closed = os.path.join(self.home, "closed")
        os.mkdir(closed)
        answer = subprocess.run(
            [*AS_NOBODY, program, "watch", self.root, "--state", os.path.join(closed, "s")],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(answer.returncode, 77, answer.stderr)
        self.assertRegex(answer.stderr, "state file .*closed/s: .*Permission denied")

    def test_a_directory_that_is_not_there(self):
        answer = run_program("watch", self.root, "--state", os.path.join(self.home, "no", "s"))
        self.assertEqual(answer.returncode, 66)
        self.assertIn("No such file or directory", answer.stderr)

    def small_disk(self, kib):
        disk = os.path.join(self.home, "disk")
        os.mkdir(disk)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk,nr_inodes=100" % kib, "none", disk],
                              capture_output=True)
        if done.returncode != 0:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        return disk

    def fill(self, disk):
        with open(os.path.join(disk, "filler"), "ab", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass

    def test_a_full_disk_at_the_start(self):
        disk = self.small_disk(64)
        self.fill(disk)
        answer = run_program("watch", self.root, "--state", os.path.join(disk, "s"))
        self.assertEqual(answer.returncode, 1)
        self.assertIn("No space left on device", answer.stderr)

    def test_a_disk_that_becomes_full(self):
        """Changes are told all the same; and should it be killed, all is told again."""
        disk = self.small_disk(64)
        self.state = os.path.join(disk, "s")
        self.make_tree()
        with self.watch(settle="0") as watch:
            self.fill(disk)
            for i in range(300):
                write(self.path("file-%d" % i))
            watch.wait_log("state_not_written")
            watch.wait_quiet()
            self.kill(watch)
        os.unlink(self.path("file-7"))
        os.unlink(os.path.join(disk, "filler"))
        with self.watch() as watch:
            self.assertEqual(self.replay_from_nothing(watch).compare(watch.disk()), [])
            self.assertEqual(watch.stop(), 0)
        self.assertEqual(self.run_once(), [])

    # -- a storm --

    def check_storm(self, seed, settle):
        rng = random.Random(seed)
        able = backends()
        backend = able[seed % len(able)]
        outside = os.path.join(self.home, "outside")
        os.mkdir(outside)
        finish_storm(start_storm(self.root, outside, seed, 300, "before"))
        self.run_once(settle=settle, backend=backend)
        reader = KeepingReader(self.root)
        ready = kills = 0
        writers = []
        for turn in range(14):
            if not writers or all(x.poll() is not None for x in writers):
                writers.append(start_storm(self.root, outside, seed + turn, 6_000, "w%d" % turn))
            run = Run(self.root, self.state, settle, backend)
            span = rng.choice((0.05, 0.2, 0.5, 1.0, 3.0, 5.0)) * rng.random()
            if rng.random() < 0.2:
                run.read.clear()
            time.sleep(span)  # the moment of the kill is what is tested
            number = signal.SIGTERM if rng.random() < 0.1 else signal.SIGKILL
            if number == signal.SIGTERM:
                run.read.set()
            kills += number == signal.SIGKILL
            reader.begin_run()
            for record in run.end(number):
                reader.apply(record)
                ready += record.type == "ready"
            if rng.random() < 0.3:
                time.sleep(rng.random() * 0.3)  # the tree changes with nobody there
        finish_storm(*writers, deadline=100)
        self.assertGreater(ready, 2)
        reader.begin_run()
        with self.watch(settle=settle, backend=backend) as watch:
            self.assertEqual(watch.stop(), 0)
            for record in watch.records:
                reader.apply(record)
        faults = reader.faults + reader.compare(snapshot(self.root))
        self.assertEqual(faults[:20], [], "%d faults; %d runs were ready" % (len(faults), ready))
        self.assertEqual(self.run_once(settle=settle, backend=backend), [])


def _add_seeds():
    for seed in range(1, int(os.environ.get("ACTORS_STATE_SEEDS", "3")) + 1):
        settle = "0" if seed % 2 else "100ms"
        name = "test_killed_in_a_storm_with_seed_%d_and_settle_%s" % (seed, settle)
        setattr(State, name, lambda self, a=seed, b=settle: self.check_storm(a, b))


_add_seeds()

if __name__ == "__main__":
    unittest.main()
