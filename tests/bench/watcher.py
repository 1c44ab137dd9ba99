"""A contestant that runs, with a reader at the end of its pipe."""

import contextlib
import fcntl
import os
import random
import signal
import subprocess
import time

import stream_belief
from stream_formats import PROBE

# The pipe to the reader is as large as an unprivileged process may make it, so that the speed of
# our reader is no part of what is measured (pipe(7)).
PIPE_BYTES = 1024 * 1024

READY_TIMEOUT_S = 120
QUIET_TIMEOUT_S = 60
END_TIMEOUT_S = 5
PROBED_DIRECTORIES = 8


class ContestantFailed(Exception):
    """It did not do its part; the bench goes on with the others."""


class Watcher:
    """All processes of a contestant: those of the session that is begun for it."""

    def __init__(self, who, programs, root, scratch, settle_ms):
        self.who = who
        self.root = root
        self.settle_s = settle_ms / 1000
        self.output = f"{scratch}/output"
        self.stamps = f"{scratch}/stamps"
        self.errors = f"{scratch}/errors"
        self._cpu_of = {}  # process: seconds
        for file in (self.output, self.stamps):  # what the one before said is not to be taken for its word
            with contextlib.suppress(FileNotFoundError):
                os.unlink(file)
        end_to_read, end_to_write = os.pipe()
        fcntl.fcntl(end_to_read, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.reader = subprocess.Popen([f"{programs}/bench_pipe_reader", self.output, self.stamps],
                                       stdin=end_to_read)
        os.close(end_to_read)
        environment = dict(os.environ, XDG_RUNTIME_DIR=scratch, **dict(who.environment))
        with open(self.errors, "wb") as errors:
            self.started = time.monotonic_ns()
            self.process = subprocess.Popen(who.arguments(root, f"{scratch}/state", settle_ms),
                                            stdin=subprocess.DEVNULL, stdout=end_to_write, stderr=errors,
                                            env=environment, start_new_session=True)
        os.close(end_to_write)

    def await_ready(self, known):
        """Seconds from the start until it says that it is ready, or until it tells of every probe."""
        probes = Probes(self.root, known) if self.who.ready_on == "probe" else None
        end = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < end:
            now = time.monotonic_ns()
            said = self._read(self.errors if self.who.ready_on == "err" else self.output)
            if probes.all_told(said) if probes else self.who.ready in said:
                return (now - self.started) / 1e9
            if self.process.poll() is not None:
                break
            if probes:
                probes.make()
            time.sleep(0.0005)
        raise ContestantFailed(f"never ready; {self.complaints()[-300:]}")

    def await_quiet(self):
        """Waits until it has no more to do."""
        end = time.monotonic() + QUIET_TIMEOUT_S
        # Three looks: one in progress, one that finds the last change, and what is said of it.
        needed = self.who.quiet_s + 2 * self.settle_s + 3 * self.who.looks_every_s
        seen, since = None, time.monotonic()
        while time.monotonic() < end and self.process.poll() is None:
            # A hundredth of a core is idle: that much a periodic look at a clock may cost.
            look = (self._size(), 0 if self.who.polls() else round(self.cpu(), 2))
            if look != seen:
                seen, since = look, time.monotonic()
            elif time.monotonic() - since > needed:
                return
            time.sleep(0.05)
        how = "never quiet" if self.process.poll() is None else f"ended with {self.process.returncode}"
        raise ContestantFailed(f"{how}; {self.complaints()[-300:]}")

    def processes(self):
        """Those that live. /proc/PID/stat after the name, which may hold anything: state, parent,
        group, session (proc(5))."""
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit():
                with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
                    state, _, _, session = stat.read().rpartition(b")")[2].split()[:4]
                    if int(session) == self.process.pid and state != b"Z":
                        found.append(int(name))
        return found

    def cpu(self):
        """User and system seconds of all processes, and of all their threads that ended. Of a process that
        ended, what it had used when we last looked.

        The clock behind utime and stime of /proc/PID/stat, which shows it in steps of 10 ms; the
        id is made as by clock_getcpuclockid(3).
        """
        for process in self.processes():
            with contextlib.suppress(OSError):
                self._cpu_of[process] = time.clock_gettime((~process << 3) | 2)
        return sum(self._cpu_of.values())

    def wake_ups(self):
        total = 0
        for process in self.processes():
            for thread in os.listdir(f"/proc/{process}/task"):
                total += self._status(f"{process}/task/{thread}", b"voluntary_ctxt_switches")
        return total

    def rss_mib(self):
        return self._sum(b"VmRSS") / 1024

    def rss_peak_mib(self):
        return self._sum(b"VmHWM") / 1024

    def stop(self):
        """Stops all of it, and waits until it has stopped."""
        stopped = self.processes()
        self.signal(signal.SIGSTOP)
        for process in stopped:
            while self._state(process) in b"RSD":
                time.sleep(0.0005)

    def signal(self, number):
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def end(self):
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        end = time.monotonic() + END_TIMEOUT_S
        while self.processes() and time.monotonic() < end:
            time.sleep(0.01)
        while self.processes():
            self.signal(signal.SIGKILL)
            time.sleep(0.01)
        for process in (self.process, self.reader):
            process.wait()

    def lines(self):
        """All it has said, with the times of arrival; after `end`."""
        return stream_belief.arrivals(self.output, self.stamps)

    def complaints(self):
        return self._read(self.errors).decode(errors="replace")

    def _sum(self, key):
        if self.process.poll() is not None:
            raise ContestantFailed(f"ended with {self.process.returncode}; {self.complaints()[-300:]}")
        return sum(self._status(process, key) for process in self.processes())

    @staticmethod
    def _status(process, key):
        """0 when it has just ended."""
        with contextlib.suppress(OSError), open(f"/proc/{process}/status", "rb") as status:
            for line in status:
                if line.startswith(key + b":"):
                    return int(line.split()[1])
        return 0

    @staticmethod
    def _state(process):
        with contextlib.suppress(OSError), open(f"/proc/{process}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0]
        return b"Z"

    def _size(self):
        with contextlib.suppress(OSError):
            return os.stat(self.output).st_size
        return 0

    @staticmethod
    def _read(path):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            return file.read()
        return b""


class Probes:
    """Files made and removed in the root and in some directories, again and again, until the watcher has told
    of one in each: for one that does not say when it is ready. Those in place are always the same.
    """

    EVERY_S = 0.01

    def __init__(self, root, known):
        directories = sorted(path for path in known if os.path.isdir(path))
        chosen = random.Random(1).sample(directories, min(PROBED_DIRECTORIES, len(directories)))
        self._left = {f"{PROBE}{number}-".encode(): directory
                      for number, directory in enumerate([root, *chosen])}
        self._made = 0
        self._last = 0.0

    def make(self):
        if time.monotonic() - self._last < self.EVERY_S:
            return
        self._last = time.monotonic()
        for name, directory in self._left.items():
            path = os.path.join(directory, f"{name.decode()}{self._made}")
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            os.unlink(path)
        self._made += 1

    def all_told(self, said):
        self._left = {name: directory for name, directory in self._left.items() if name not in said}
        return not self._left
