#!/usr/bin/env python3
"""`actors watch PATH... -- CMD`: when the command runs, with what, and that nothing of it is left."""

import os
import signal
import unittest

from harness import TreeTest, Watch, run_program, wait_until, write


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read().decode()
    except FileNotFoundError:
        return ""


def is_gone(pid):
    """It has ended, even if nobody has taken note of it."""
    stat = read("/proc/%d/stat" % pid)
    return not stat or stat.rpartition(")")[2].split()[0] in "ZX"


class CommandTest(TreeTest):
    def setUp(self):
        super().setUp()
        self.out = os.path.join(self.home, "out")
        self.go = os.path.join(self.home, "go")

    def start(self, script, *options, arguments=("sh", "{}"), settle="20ms", env=()):
        """Runs `script` by a shell, in which $OUT and $GO are files of the test."""
        watch = Watch(self.root, options=["-v", *options, "--", "sh", "-c", script, *arguments],
                      settle=settle, raw=True, wait_ready=False,
                      env={"OUT": self.out, "GO": self.go, **dict(env)})
        self.addCleanup(watch.close)
        watch.wait_log("event=child_ready .*child=watch/watcher")
        return watch

    def wait_out(self, text):
        wait_until(lambda: read(self.out) == text,
                   what="%r in the file, not %r" % (text, read(self.out)))

    def pids(self, count):
        """Those that the command has written down."""
        wait_until(lambda: len(read(self.out).splitlines()) == count, what="%d pids" % count)
        return [int(x) for x in read(self.out).splitlines()]


WAIT = 'while [ ! -e "$GO" ]; do sleep 0.01; done; '


class Running(CommandTest):
    def test_the_paths_are_arguments_and_the_changes_are_on_its_input(self):
        watch = self.start('echo "$# $1"; cat; echo $ACTORS_COUNT $ACTORS_PATH $ACTORS_TYPE')
        write(self.path("a b;c"))
        wait_until(lambda: watch.output.count(b"\n") == 3, what="three lines")
        lines = watch.output.decode().splitlines()
        self.assertEqual(lines[0], "1 " + self.path("a b;c"))
        self.assertIn('"type":"create"', lines[1])
        self.assertEqual(lines[2], "1 %s create" % self.path("a b;c"))
        self.assertEqual(watch.stop(), 0, watch.describe())

    def test_nothing_runs_at_ready_and_with_initial_it_runs_once(self):
        write(self.path("old"))
        watch = self.start('echo "$# $ACTORS_TYPE" >> "$OUT"', "--initial")
        self.wait_out("0 ready\n")
        watch.wait_log("event=command_ended")
        write(self.path("new"))
        self.wait_out("0 ready\n1 create\n")
        watch.stop()
        os.unlink(self.out)
        watch = self.start('echo "$# $ACTORS_TYPE" >> "$OUT"')
        write(self.path("newer"))
        self.wait_out("1 create\n")

    def test_a_storm_during_a_run_is_one_more_run(self):
        self.start('echo run >> "$OUT"; ' + WAIT)
        write(self.path("a"))
        self.wait_out("run\n")
        for k in range(2000):
            write(self.path("f%d" % k))
        write(self.go)
        wait_until(lambda: read(self.out).count("run") >= 2, what="another run")
        self.assertLessEqual(read(self.out).count("run"), 3)

    def test_more_paths_than_fit_are_said_to_be_left_out(self):
        deep = self.path(*["x" * 200] * 18)
        os.makedirs(deep)
        watch = self.start('echo $# >> "$OUT"; wc -l >> "$OUT"', settle="200ms")
        for k in range(1_000):  # some 3.7 MB; getconf ARG_MAX says 2 MB
            write(os.path.join(deep, str(k)))
        wait_until(lambda: sum(int(x) for x in read(self.out).split()[1::2]) >= 1_000,
                   what="all on the input")
        self.assertEqual(watch.stop(), 0, watch.describe())
        runs = [int(x) for x in read(self.out).split()]
        if max(runs[1::2]) > 900:  # the machine was quick enough for one window
            self.assertIn("event=command_paths_left_out", watch.log)
            self.assertLess(max(runs[0::2]), max(runs[1::2]))

    def test_restart_and_signal(self):
        watch = self.start('echo start >> "$OUT"; exec sleep 1000', "--on-busy", "restart")
        write(self.path("a"))
        self.wait_out("start\n")
        write(self.path("b"))
        self.wait_out("start\nstart\n")
        self.assertEqual(watch.stop(), 0)
        os.unlink(self.out)
        watch = self.start('trap "echo usr >> $OUT" USR1; echo start >> "$OUT"; ' + WAIT,
                           "--on-busy", "signal", "--signal", "USR1")
        write(self.path("c"))
        self.wait_out("start\n")
        write(self.path("d"))
        self.wait_out("start\nusr\n")
        self.assertEqual(watch.stop(), 0)


class Ending(CommandTest):
    def test_once_waits_for_the_command_and_ends_as_it_did(self):
        for script, code in (("sleep 0.2; echo done >> $OUT", 0), ("exit 3", 1),
                             ("kill -KILL $$", 1), ("exec /no/such/program", 1)):
            with self.subTest(script=script):
                watch = self.start(script, "--once")
                write(self.path("f%d" % abs(hash(script))))
                self.assertEqual(watch.wait_exit(), code, watch.describe())
        self.assertEqual(read(self.out), "done\n")

    def test_a_signal_ends_the_command_and_all_its_children(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            watch = self.start('sleep 1000 & echo $! >> "$OUT"; echo $$ >> "$OUT"; wait')
            write(self.path("f%d" % number))
            pids = self.pids(2)
            self.assertEqual(watch.stop(number), 0, watch.describe())
            self.assertTrue(all(is_gone(x) for x in pids))
            os.unlink(self.out)

    def test_a_command_that_ignores_the_signal_is_killed_after_the_timeout(self):
        watch = self.start('trap "" TERM; sleep 1000 & echo $! >> "$OUT"; echo $$ >> "$OUT"; wait',
                           "--stop-timeout", "100ms")
        write(self.path("f"))
        pids = self.pids(2)
        self.assertEqual(watch.stop(), 0, watch.describe())
        self.assertIn("event=command_killed", watch.log)
        self.assertTrue(all(is_gone(x) for x in pids))

    def test_a_second_signal_kills_at_once(self):
        watch = self.start('trap "" TERM; sleep 1000 & echo $! >> "$OUT"; echo $$ >> "$OUT"; wait',
                           "--stop-timeout", "1h")
        write(self.path("f"))
        pids = self.pids(2)
        watch.send(signal.SIGTERM)
        watch.wait_log("event=draining|event=sink_ended|shutdown_report")
        watch.send(signal.SIGTERM)
        self.assertEqual(watch.wait_exit(), 1, watch.describe())
        self.assertTrue(all(is_gone(x) for x in pids))

    def test_a_program_that_is_killed_takes_its_command_along(self):
        watch = self.start('echo $$ >> "$OUT"; while :; do sleep 0.05; done')
        write(self.path("f"))
        pid, = self.pids(1)
        watch.send(signal.SIGKILL)
        wait_until(lambda: is_gone(pid), what="the end of the command")

    def test_a_command_that_does_not_read_or_is_not_read_holds_nobody_up(self):
        watch = self.start('exec <&-; echo x >> "$OUT"')
        for k in range(5):
            write(self.path("f%d" % k))
            wait_until(lambda: read(self.out).count("x") > k, what="run %d" % k)
        self.assertEqual(watch.stop(), 0, watch.describe())

    def test_a_timeout_does_not_end_a_run(self):
        watch = self.start('sleep 1.5; echo done >> "$OUT"', "-t", "1s")
        write(self.path("f"))
        self.assertEqual(watch.wait_exit(), 0, watch.describe())
        self.assertEqual(read(self.out), "done\n")

    def test_a_crash_of_the_sink_does_not_end_a_run(self):
        watch = self.start('echo run >> "$OUT"; ' + WAIT, env={
            "ACTORS_FAULT": "emitter:throw@2", "ACTORS_FAULT_BACKOFF": "100ms"})
        write(self.path("a"))
        watch.wait_log("event=child_crashed")
        watch.wait_log("event=child_ready .*child=watch/emitter", count=2)
        self.wait_out("run\n")
        write(self.go)
        watch.wait_log("event=command_ended")
        write(self.path("b"))
        self.wait_out("run\nrun\n")
        self.assertEqual(watch.stop(), 0, watch.describe())


class Refusing(CommandTest):
    def test_what_does_not_make_sense_is_a_usage_error(self):
        for arguments, code, word in (
                (["--"], 64, "a command must follow"),
                (["--format", "text", "--", "true"], 64, "--format"),
                (["--on-busy", "never", "--", "true"], 64, "queue|ignore|restart|signal"),
                (["--stop-signal", "NOPE", "--", "true"], 64, "is no signal"),
                (["--stop-timeout", "soon", "--", "true"], 64, "is not a duration"),
                (["--", "{path}"], 64, "cannot name the command"),
                (["--", "no-such-program-anywhere"], 66, "no such program in PATH")):
            with self.subTest(arguments=arguments):
                answer = run_program("watch", self.root, *arguments)
                self.assertEqual(answer.returncode, code, answer.stderr)
                self.assertIn(word, answer.stderr)


if __name__ == "__main__":
    unittest.main()
