#!/usr/bin/env python3
"""How the program ends, what it says of itself meanwhile, and what it costs when nothing happens."""

import json
import os
import re
import signal
import stat
import subprocess
import time
import unittest

from harness import BINARY, TreeTest, Watch, check_end, run_program, wait_until, write


class LifecycleTest(TreeTest):
    def fill_the_pipe(self, watch):
        """Until what is written to standard output waits."""
        watch.may_read.clear()
        for k in range(3_000):
            write(self.path("%0100d" % k))
        wait_until(lambda: watch.child("emitter")["activity"] == "write"
                   and watch.child("emitter")["progress_age_ms"] > 100, what="a full pipe")


class Stopping(LifecycleTest):
    def test_what_was_done_before_the_signal_is_told(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for settle in ("0", "60s"):
                with self.subTest(number=number, settle=settle), \
                        Watch(self.root, settle=settle) as watch:
                    for k in range(500):
                        os.makedirs(self.path("d%d" % (k % 20), "%s%d" % (settle, number)),
                                    exist_ok=True)
                        write(self.path("d%d" % (k % 20), "%s%d" % (settle, number), "f%d" % k))
                    self.assertEqual(watch.stop(number), 0, watch.describe())
                    self.assertEqual(watch.faults()[:20], [], watch.describe())
                    self.assertFalse(os.path.exists(watch.admin))

    def test_a_reader_that_is_gone_ends_the_program(self):
        with Watch(self.root) as watch:
            other = subprocess.Popen(
                [BINARY, "watch", self.root, "--settle", "0", "--admin", self.home + "/other.sock"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=watch.env)
            try:
                self.assertIn(b'"ready"', other.stdout.readline())
                other.stdout.close()
                write(self.path("f"))
                self.assertEqual(other.wait(2), 0)
            finally:
                other.kill()
                other.wait()
                other.stderr.close()

    def test_a_second_signal_ends_at_once(self):
        with Watch(self.root) as watch:
            self.fill_the_pipe(watch)
            watch.send(signal.SIGTERM)
            time.sleep(0.2)  # two signals that are pending together are one
            self.assertIsNone(watch.process.poll())
            begin = time.monotonic()
            watch.send(signal.SIGTERM)
            self.assertEqual(watch.wait_exit(5), 1)
            self.assertLess(time.monotonic() - begin, 1)

    def test_a_blocked_output_delays_the_end_but_not_for_ever(self):
        with Watch(self.root) as watch:
            self.fill_the_pipe(watch)
            begin = time.monotonic()
            code = watch.stop(deadline=25)
            self.assertLess(time.monotonic() - begin, 20)
            self.assertIn(code, (0, 1))
            self.assertRegex(watch.log, "not delivered|abandoned")

    def test_a_stale_socket_is_replaced(self):
        admin = os.path.join(self.home, "own.sock")
        options = ["--admin", admin]
        with Watch(self.root, admin=False, options=options) as watch:
            self.assertEqual(stat.S_IMODE(os.stat(admin).st_mode), 0o600)
            watch.process.kill()
            watch.process.wait()
        self.assertTrue(os.path.exists(admin))
        with Watch(self.root, admin=False, options=options) as watch:
            watch.admin = admin
            self.assertTrue(watch.status()["live"])
            self.assertEqual(watch.stop(), 0)
        self.assertFalse(os.path.exists(admin))

    def test_a_socket_in_use_is_not_taken(self):
        with Watch(self.root) as watch:
            done = run_program("watch", self.root, "--admin", watch.admin, deadline=10)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertTrue(watch.status()["live"])


class Status(LifecycleTest):
    def test_all_nodes_of_a_user_are_shown(self):
        own = {"XDG_RUNTIME_DIR": self.home}
        with Watch(self.root, admin=False, env=own) as one, \
                Watch(self.root, admin=False, env=own) as two:
            done = run_program("status", "--json", env=own)
            self.assertEqual(done.returncode, 0, done.stderr)
            nodes = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(len(nodes), 2)
            names = sorted(os.listdir(self.home + "/actors"))
            self.assertEqual(names, sorted("%d.sock" % x.pid for x in (one, two)))
            self.assertEqual(stat.S_IMODE(os.stat(self.home + "/actors").st_mode), 0o700)
            self.assertEqual((one.stop(), two.stop()), (0, 0))
            self.assertEqual(os.listdir(self.home + "/actors"), [])

    def test_a_child_that_waits_for_its_next_try(self):
        with Watch(self.root, settle="10ms", wait_ready=False, env={
                "ACTORS_FAULT": "debouncer.on_batch:throw@1", "ACTORS_FAULT_BACKOFF": "5s"}) as watch:
            watch.wait_log("event=child_backing_off")
            health = watch.status()
            self.assertEqual(list(health)[:4], ["node", "version", "live", "ready"])
            self.assertEqual((health["live"], health["ready"]), (True, False))
            self.assertEqual([x["id"] for x in health["children"]],
                             ["watch/emitter", "watch/debouncer", "watch/watcher"])
            child = watch.child("debouncer")
            self.assertEqual((child["state"], child["attempt"], child["attempts_max"]),
                             ("backing_off", 1, 5))
            self.assertTrue(0 < child["next_try_in_ms"] <= 5000, child)
            self.assertIn("injected fault", child["last_error"])
            self.assertLess({"depth", "capacity", "bytes", "high_water", "refused", "dropped",
                             "held_ms"}, set(child["mailbox"]))
            self.assertIsNone(watch.child("watcher")["next_try_in_ms"])
            text = watch.status_text()
            line = re.search("debouncer .*", text).group()
            self.assertRegex(line, r"backing_off .*attempt 1/5  next try in ")
            self.assertIn("last error: injected fault at call 1", text)
            self.assertRegex(text, "emitter +ready")
            watch.wait_record("ready")
            wait_until(lambda: watch.status()["ready"], what="ready again")
            self.assertEqual(watch.child("debouncer")["restarts_total"], 1)
            check_end(self, watch)


class Idle(LifecycleTest):
    # Where other tests make no names: the directories above a root are watched too.
    BELOW = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

    def ticks(self, pid):
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def switches(self, pid):
        result = {}
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/status" % (pid, task)) as f:
                text = f.read()
            name = re.search(r"Name:\s+(\S+)", text).group(1)
            result[task, name] = int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", text).group(1))
        return result

    def test_a_watch_without_changes_costs_nothing(self):
        for settle in ("0", "50ms"):
            with self.subTest(settle=settle), Watch(self.root, settle=settle) as watch:
                watch.wait_quiet()

                def calm():
                    """Others may make names in the directories above the root, which are watched too; but
                    not for ever, and a wake-up of our own would come in each of these times."""
                    before, ticks = self.switches(watch.pid), self.ticks(watch.pid)
                    time.sleep(3)  # what is measured is time
                    return (before == self.switches(watch.pid)
                            and self.ticks(watch.pid) - ticks <= 1)

                wait_until(calm, 60, "no wake-ups: %s" % self.switches(watch.pid))


if __name__ == "__main__":
    unittest.main()
