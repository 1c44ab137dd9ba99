"""One run: a fresh tree in memory, one contestant or nobody, one workload, one seed."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

import stream_belief
from watcher import ContestantFailed, Watcher

IDLE_S = 3.0
STORM_TIMEOUT_S = 300
# The two trees of the workload `memory` differ in the files of a directory alone.
MEMORY_FILES = 4


@contextlib.contextmanager
def fresh_tree(root):
    """An empty directory, in a file system of its own where we may mount one: fanotify marks whole file
    systems, and what the bench itself writes beside the tree should not wake anybody.
    """
    os.mkdir(root)
    # nr_inodes=0: as many as there is memory for (tmpfs(5)).
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "nr_inodes=0,mode=755", "actors-bench", root],
        stderr=subprocess.DEVNULL).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", root], check=True)
        shutil.rmtree(root)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Course:
    def __init__(self, programs, scratch, workload, seed):
        self.programs, self.scratch, self.workload, self.seed = programs, scratch, workload, seed
        self.root = f"{scratch}/tree"
        self.log = f"{scratch}/log"

    def run(self, who):
        """The figures of the run, by the names of their metrics."""
        with fresh_tree(self.root):
            self._storm("setup")
            if who is None:
                self._storm("run")
                return {"writer_s": stream_belief.Storm.read(self.log).seconds}
            known = stream_belief.tree(self.root)
            with self._watched_by(who) as watcher:
                figures = {"ready_s": watcher.await_ready(known)}
                if self.workload.kind != "start":
                    del figures["ready_s"]  # of a small tree: says nothing
                measure = {"storm": self._measure_storm, "latency": self._measure_latency,
                           "start": self._measure_start, "memory": self._measure_start}[self.workload.kind]
                figures |= measure(watcher)
            return self._judge(watcher, known, figures)

    def base_rss_mib(self, who):
        """Of a watcher on an empty tree."""
        with fresh_tree(self.root), self._watched_by(who) as watcher:
            watcher.await_ready(set())
            watcher.await_quiet()
            return watcher.rss_mib()

    @contextlib.contextmanager
    def _watched_by(self, who):
        watcher = Watcher(who, self.programs, self.root, self.scratch, who.settle_for(self.workload))
        try:
            yield watcher
        finally:
            watcher.end()
            shutil.rmtree(f"{self.scratch}/state", ignore_errors=True)

    def _storm(self, step, watcher=None):
        command = [f"{self.programs}/bench_storm",
                   *self.workload.command(step, self.seed, self.log, self.root)]
        if step == "setup" or not self.workload.stops_watcher:
            subprocess.run(command, check=True, timeout=STORM_TIMEOUT_S)
            return
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as storm:
            for act in (watcher.stop, lambda: watcher.signal(signal.SIGCONT)):
                storm.stdout.readline()
                act()
                storm.stdin.write(b"\n")
            if storm.wait(STORM_TIMEOUT_S) != 0:
                raise subprocess.CalledProcessError(storm.returncode, command)

    def _measure_storm(self, watcher):
        watcher.await_quiet()
        before = watcher.cpu()
        self._storm("run", watcher)
        watcher.await_quiet()
        return {"cpu_s": watcher.cpu() - before, "rss_peak_mib": watcher.rss_peak_mib()}

    def _measure_latency(self, watcher):
        watcher.await_quiet()
        cpu, wake_ups = watcher.cpu(), watcher.wake_ups()
        time.sleep(IDLE_S)  # what is measured: nothing happens
        figures = {"idle_cpu_percent": 100 * (watcher.cpu() - cpu) / IDLE_S,
                   "idle_wake_ups": watcher.wake_ups() - wake_ups}
        self._storm("run")
        watcher.await_quiet()
        return figures

    def _measure_start(self, watcher):
        self._storm("run")  # at once: what is written the moment it says ready must be seen
        watcher.await_quiet()
        return {"start_cpu_s": watcher.cpu(), "rss_mib": watcher.rss_mib(),
                "rss_peak_mib": watcher.rss_peak_mib()}

    def _judge(self, watcher, known, figures):
        """Adds what was missed; a time is worth nothing without it."""
        storm = stream_belief.Storm.read(self.log)
        belief = stream_belief.Belief(self.root, known)
        try:
            belief.follow(watcher.lines(), watcher.who.parse)
        except (LookupError, TypeError, ValueError) as error:
            raise ContestantFailed(f"says what cannot be read: {error!r}") from error
        wrong = belief.missed(storm)
        figures["missed"] = sum(wrong.values())
        figures["seq_gaps"] = belief.gaps
        figures["overflows"] = belief.overflows
        if self.workload.kind == "latency":
            figures |= self._delays(watcher, storm, belief, wrong)
            figures["missed"] = sum(wrong.values())
        elif self.workload.kind == "storm":
            figures |= self._costs(storm, belief, figures["cpu_s"])
        if figures["missed"] or figures["seq_gaps"]:
            figures["note"] = f"{wrong}, {belief.gaps} gaps; {watcher.complaints()[-200:]}"
        return figures

    def _delays(self, watcher, storm, belief, wrong):
        delays = belief.delays(storm)
        wrong["never told"] = storm.operations - len(delays)
        if not delays:
            return {}
        settles = self.workload.settle_ms is not None
        names = ("beyond_settle",) if settles else ("latency", "latency_from_open")
        figures = {}
        for place, name in enumerate(names):
            values = [delay[place] - (watcher.settle_s if settles else 0) for delay in delays]
            for share in (50, 99):
                figures[f"{name}_p{share}_us"] = 1e6 * percentile(values, share / 100)
        return figures

    def _costs(self, storm, belief, cpu_s):
        figures = {"us_per_operation": 1e6 * cpu_s / storm.operations}
        if self.workload.with_nobody:
            figures["writer_s"] = storm.seconds
        if self.workload.storm == "save":
            saves = sum(kind == "R" for kind, *_ in storm.steps)
            figures["records_per_save"] = belief.records / saves
        return figures
