"""Who is measured: the program in its variants, our raw readers, and peers that can be had here."""

import dataclasses
import pathlib
import shutil
import subprocess
import tempfile
from typing import Callable

import peers
import stream_formats

# Quiet: neither output nor CPU for so long. Longer than any nap of a watcher that is not settling. Some put work
# off by timers of their own: chokidar, and on a busy machine watchman, were seen to miss more with 0.7 s.
QUIET_S, QUIET_OF_SLOW_S = 0.7, 2.0
# Of `--poll-interval`: the program's default.
POLL_INTERVAL_S = 1.0


@dataclasses.dataclass(frozen=True)
class Contestant:
    name: str
    command: tuple  # with {root}, and where it has them {settle_ms}, {settle_s} and {state}, a directory
    ready_on: str  # where it says `ready`: "out" or "err"; "probe": it never says so
    ready: bytes
    parse: Callable
    settle_ms: int = 0  # unless a workload wants another; of a peer, the least it takes
    looks_every_s: float = 0.0  # it polls: is never idle, and says nothing for so long
    environment: tuple = ()  # (name, value)
    quiet_s: float = QUIET_S  # it is done when it was quiet for so long

    def arguments(self, root, state, settle_ms):
        return [part.format(root=root, state=state, settle_ms=settle_ms, settle_s=f"{settle_ms / 1000:g}")
                for part in self.command]

    def settle_for(self, workload):
        """Milliseconds of quiet that it waits for in that workload."""
        can = any("{settle_" in part for part in self.command)
        return workload.settle_ms if can and workload.settle_ms is not None else self.settle_ms

    def is_ours(self):
        return self.name.split("-")[0] == "actors"

    def is_raw(self):
        return self.name.startswith("raw-")

    def is_settled(self):
        return self.name == "actors-settled"

    def polls(self):
        return self.looks_every_s > 0


def everyone(programs, wanted, note):
    """All that can run here; calls note(text) for each that cannot. Fetches no package without need: `wanted` has
    names, or is empty for all.
    """
    fanotify = _complaint_of_fanotify(programs)
    if fanotify is not None:
        note(f"left out, for want of fanotify: raw-fanotify-batch and the backend of that name: {fanotify}")
    found = _variants_of_actors(f"{programs}/actors", fanotify is None)
    readers = [("raw-inotify", ("bench_raw_inotify",)),
               ("raw-inotify-batch", ("bench_raw_inotify", "-n", "1000"))]
    if fanotify is None:
        readers.append(("raw-fanotify-batch", ("bench_raw_fanotify", "-n", "1000")))
    for name, (program, *options) in readers:
        found.append(Contestant(name, (f"{programs}/{program}", *options, "{root}"), "err", b"READY",
                                stream_formats.read_json))
    found += _tools(note)
    if not wanted or wanted & {"chokidar", "parcel-watcher"}:
        found += _packages(pathlib.Path(programs).parent / "peers", note)
    return found


def _variants_of_actors(program, with_fanotify):
    def variant(name, settle_ms, *options, looks_every_s=0.0):
        command = (program, "watch", "--settle", "{settle_ms}ms", *options, "{root}")
        return Contestant(name, command, "out", b'"type":"ready"', stream_formats.read_json, settle_ms,
                          looks_every_s)

    found = [variant("actors", 0), variant("actors-settled", 300)]
    help_text = subprocess.run([program, "watch", "--help"], check=True, capture_output=True, text=True).stdout
    if "--backend" in help_text:
        found.append(variant("actors-inotify", 0, "--backend", "inotify"))
        if with_fanotify:
            found.append(variant("actors-fanotify", 0, "--backend", "fanotify"))
        found.append(variant("actors-poll", 0, "--backend", "poll", "--poll-interval",
                             f"{POLL_INTERVAL_S:g}s", looks_every_s=POLL_INTERVAL_S))
    return found


def _complaint_of_fanotify(programs):
    """None when fanotify works here: for this user, and on file systems in memory."""
    with tempfile.TemporaryDirectory(prefix="actors-bench-", dir="/dev/shm") as root:
        reader = subprocess.Popen([f"{programs}/bench_raw_fanotify", root], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE)
        with reader:
            said = reader.stderr.readline().decode().strip()
            reader.kill()
    return None if said == "READY" else said


def _tools(note):
    here = pathlib.Path(__file__).parent / "peers"
    events = [part for event in ("create", "modify", "close_write", "delete", "move") for part in ("-e", event)]
    known = [
        Contestant("inotifywait", ("inotifywait", "-m", "-r", "--format", "%e %w%f", *events, "{root}"),
                   "err", b"Watches established", stream_formats.read_inotifywait),
        # fswatch(7) forbids a latency below 0.1 s; the program takes it all the same.
        Contestant("fswatch", ("fswatch", "-r", "-x", "--event-flag-separator", ",", "--allow-overflow",
                               "-l", "{settle_s}", "{root}"),
                   "probe", b"", stream_formats.read_fswatch, settle_ms=10),
        Contestant("watchman", (f"{here}/watchman.sh", "{state}", "{settle_ms}", "{root}"),
                   "out", b'"subscribe":', stream_formats.read_watchman, settle_ms=1,
                   quiet_s=QUIET_OF_SLOW_S),
    ]
    for who in known:
        if shutil.which(who.name) is None:
            note(f"left out, not installed: {who.name}")
    return [who for who in known if shutil.which(who.name) is not None]


def _packages(directory, note):
    here = pathlib.Path(__file__).parent / "peers"
    if not peers.install(directory, note):
        return []
    more = {"environment": (("NODE_PATH", f"{directory}/node_modules"),), "quiet_s": QUIET_OF_SLOW_S}
    return [
        Contestant("chokidar", ("node", f"{here}/chokidar.cjs", "{root}", "{settle_ms}"),
                   "out", b"READY", stream_formats.read_plain, **more),
        # It gathers for 50 ms before it tells, which cannot be changed.
        Contestant("parcel-watcher", ("node", f"{here}/parcel.cjs", "{root}"),
                   "out", b"READY", stream_formats.read_plain, settle_ms=50, **more),
    ]
