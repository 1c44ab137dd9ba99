"""Runs watchers on the workloads of storm.c, one at a time, and measures them."""

import contextlib
import dataclasses
import fcntl
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from typing import Callable

import stream_belief

# The pipe to the reader is as large as an unprivileged process may make it, so that the speed of
# our reader is no part of what is measured (pipe(7)).
PIPE_BYTES = 1024 * 1024

# Quiet: neither output nor CPU for so long. Longer than any nap of a watcher that is not settling.
QUIET_S = 0.7
IDLE_S = 3.0
READY_TIMEOUT_S = 120
QUIET_TIMEOUT_S = 60
STORM_TIMEOUT_S = 120


@dataclasses.dataclass(frozen=True)
class Contestant:
    name: str
    command: tuple  # the root follows
    ready_on: str  # the stream, "out" or "err", on which it says `ready`
    ready: bytes
    parse: Callable
    settle_s: float = 0.0


def contestants(programs):
    """All that can run here. raw-inotify-batch is the reference."""
    actors = f"{programs}/actors"
    raw = f"{programs}/bench_raw_inotify"
    ready = b'"type":"ready"'
    json_lines = stream_belief.read_json
    found = [
        Contestant("actors", (actors, "watch", "--settle", "0"), "out", ready, json_lines),
        Contestant("actors-settled", (actors, "watch", "--settle", "300ms"), "out", ready, json_lines, 0.3),
        Contestant("raw-inotify", (raw,), "err", b"READY", json_lines),
        Contestant("raw-inotify-batch", (raw, "-n", "1000"), "err", b"READY", json_lines),
    ]
    if path := shutil.which("inotifywait"):
        command = [path, "-m", "-r", "--format", "%e %w%f"]
        for event in ("create", "modify", "close_write", "delete", "move"):
            command += ["-e", event]
        found.append(Contestant("inotifywait", tuple(command), "err", b"Watches established",
                                stream_belief.read_inotifywait))
    return found


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    storm: str
    count: int
    without: tuple = ()  # contestants of whom nothing is learnt here


def workloads(quick):
    settled = ("actors-settled",)
    if quick:
        return [Workload("churn", "churn", 40_000), Workload("checkout", "checkout", 400),
                Workload("deep", "deep", 100), Workload("latency", "latency", 200, settled),
                Workload("start10k", "tree", 10_000, settled)]
    return [Workload("churn", "churn", 200_000), Workload("checkout", "checkout", 2_000),
            Workload("deep", "deep", 500), Workload("latency", "latency", 1_000, settled),
            Workload("start10k", "tree", 10_000, settled), Workload("start100k", "tree", 100_000, settled)]


class ContestantFailed(Exception):
    """It did not do its part; the bench goes on with the others."""


class Watcher:
    """A contestant that runs, with a reader at the end of its pipe."""

    def __init__(self, who, programs, root, scratch):
        self.who = who
        self.output = f"{scratch}/output"
        self.stamps = f"{scratch}/stamps"
        self.errors = f"{scratch}/errors"
        end_to_read, end_to_write = os.pipe()
        fcntl.fcntl(end_to_read, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.reader = subprocess.Popen([f"{programs}/bench_pipe_reader", self.output, self.stamps],
                                       stdin=end_to_read)
        os.close(end_to_read)
        environment = dict(os.environ, XDG_RUNTIME_DIR=scratch)
        with open(self.errors, "wb") as errors:
            self.started = time.monotonic_ns()
            self.process = subprocess.Popen([*who.command, root], stdin=subprocess.DEVNULL,
                                            stdout=end_to_write, stderr=errors, env=environment)
        os.close(end_to_write)

    def await_ready(self):
        """Seconds from the start until it says that it is ready."""
        end = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < end:
            now = time.monotonic_ns()
            if self.who.ready in self._read(self.errors if self.who.ready_on == "err" else self.output):
                return (now - self.started) / 1e9
            if self.process.poll() is not None:
                break
            time.sleep(0.0005)
        raise ContestantFailed(f"never ready; {self.complaints()[-300:]}")

    def await_quiet(self):
        """Waits until it has no more to do."""
        end = time.monotonic() + QUIET_TIMEOUT_S
        needed = QUIET_S + 2 * self.who.settle_s
        seen, since = None, time.monotonic()
        while time.monotonic() < end and self.process.poll() is None:
            # A hundredth of a core is idle: that much a periodic look at a clock may cost.
            look = (self._size(), round(self.cpu(), 2))
            if look != seen:
                seen, since = look, time.monotonic()
            elif time.monotonic() - since > needed:
                return
            time.sleep(0.05)
        how = "never quiet" if self.process.poll() is None else f"ended with {self.process.returncode}"
        raise ContestantFailed(f"{how}; {self.complaints()[-300:]}")

    def cpu(self):
        """User and system seconds of all its threads, those that ended among them.

        The clock behind utime and stime of /proc/PID/stat, which shows it in steps of 10 ms; the
        id is made as by clock_getcpuclockid(3).
        """
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def wake_ups(self):
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(OSError):
                total += self._status(f"task/{thread}/status", b"voluntary_ctxt_switches")
        return total

    def peak_rss_mib(self):
        return self._status("status", b"VmHWM") / 1024

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        for process in (self.process, self.reader):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def lines(self):
        """All it has said; after `end`. inotifywait's and our own output are both lines."""
        return stream_belief.arrivals(self.output, self.stamps)

    def complaints(self):
        return self._read(self.errors).decode(errors="replace")

    def _status(self, file, key):
        with open(f"/proc/{self.process.pid}/{file}", "rb") as status:
            for line in status:
                if line.startswith(key + b":"):
                    return int(line.split()[1])
        raise ContestantFailed(f"/proc shows no {key}: it has ended; {self.complaints()[-300:]}")

    def _size(self):
        with contextlib.suppress(OSError):
            return os.stat(self.output).st_size
        return 0

    @staticmethod
    def _read(path):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            return file.read()
        return b""


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Course:
    """One run: a fresh tree in memory, one contestant or nobody, one workload, one seed."""

    def __init__(self, programs, scratch, workload, seed):
        self.programs, self.scratch, self.workload, self.seed = programs, scratch, workload, seed
        self.root = f"{scratch}/tree"
        self.log = f"{scratch}/log"

    def storm(self, step):
        command = [f"{self.programs}/bench_storm", "-n", str(self.workload.count)]
        if step == "run":
            command += ["-s", str(self.seed), "-o", self.log]
        subprocess.run([*command, step, self.workload.storm, self.root], check=True, timeout=STORM_TIMEOUT_S)

    def run(self, who):
        """The figures of the run, by the names of their metrics."""
        os.mkdir(self.root)
        try:
            self.storm("setup")
            if who is None:
                self.storm("run")
                return {"writer_s": stream_belief.Storm.read(self.log).seconds}
            known = stream_belief.tree(self.root)
            watcher = Watcher(who, self.programs, self.root, self.scratch)
            try:
                figures = self._measure(watcher)
            finally:
                watcher.end()
            return self._judge(watcher, known, figures)
        finally:
            shutil.rmtree(self.root)

    def _measure(self, watcher):
        figures = {"ready_s": watcher.await_ready()}
        if self.workload.storm == "tree":
            self.storm("run")  # at once: what is written the moment it says ready must be seen
        watcher.await_quiet()
        if self.workload.storm == "tree":
            figures["ready_rss_mib"] = watcher.peak_rss_mib()
            return figures
        del figures["ready_s"]  # of a small tree: says nothing
        if self.workload.storm == "latency":
            figures |= self._idle(watcher)
        before = watcher.cpu()
        self.storm("run")
        watcher.await_quiet()
        figures["cpu_s"] = watcher.cpu() - before
        figures["rss_mib"] = watcher.peak_rss_mib()
        return figures

    @staticmethod
    def _idle(watcher):
        cpu, wake_ups = watcher.cpu(), watcher.wake_ups()
        time.sleep(IDLE_S)
        return {"idle_cpu_percent": 100 * (watcher.cpu() - cpu) / IDLE_S,
                "idle_wake_ups": watcher.wake_ups() - wake_ups}

    def _judge(self, watcher, known, figures):
        """Adds what was missed; a time is worth nothing without it."""
        storm = stream_belief.Storm.read(self.log)
        belief = stream_belief.Belief(self.root, known)
        belief.follow(watcher.lines(), watcher.who.parse)
        wrong = belief.missed(storm)
        figures["missed"] = sum(wrong.values())
        figures["seq_gaps"] = belief.gaps
        figures["overflows"] = belief.overflows
        if self.workload.storm == "latency":
            delays = belief.delays(storm)
            figures["missed"] += storm.operations - len(delays)
            for place, name in enumerate(("latency", "latency_from_open")):
                for share in (50, 99) if delays else ():
                    values = [delay[place] for delay in delays]
                    figures[f"{name}_p{share}_us"] = 1e6 * percentile(values, share / 100)
            del figures["cpu_s"]  # a thousand wake-ups, milliseconds apart: the latency's price
        elif self.workload.storm != "tree":
            figures["us_per_operation"] = 1e6 * figures["cpu_s"] / storm.operations
            figures["writer_s"] = storm.seconds
        if figures["missed"] or figures["seq_gaps"]:
            figures["note"] = f"{wrong}, {belief.gaps} gaps; {watcher.complaints()[-200:]}"
        return figures


def measure(programs, quick, only, rounds, seed, report):
    """Runs everyone on everything, round by round; calls report(workload, who, figures) after each."""
    everyone = contestants(programs)
    with tempfile.TemporaryDirectory(prefix="actors-bench-", dir="/dev/shm") as scratch:
        for number in range(rounds):
            for workload in (x for x in workloads(quick) if not only or x.name in only):
                starters = [who for who in everyone if who.name not in workload.without]
                if workload.storm not in ("latency", "tree"):
                    starters.append(None)
                random.Random(f"{seed} {number} {workload.name}").shuffle(starters)
                for who in starters:
                    try:
                        figures = Course(programs, scratch, workload, seed + number).run(who)
                    except ContestantFailed as failure:
                        figures = {"failed": 1, "note": str(failure)}
                    report(workload.name, who.name if who else "nobody", figures)
