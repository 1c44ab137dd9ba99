"""What is done to the trees: storm.c's work, in the sizes that are measured."""

import dataclasses
from typing import Callable

# They would take minutes (chokidar was ready after 8 s on 10,000 directories, with two busy cores).
SLOW_TO_START = ("fswatch", "chokidar", "parcel-watcher")


def _who_tells_at_once(who):
    return not who.polls() and not who.is_settled()


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    kind: str  # how it is measured: "storm", "latency", "start" or "memory"
    storm: str  # storm.c's name for the work
    count: int
    storm_options: tuple = ()
    setup_options: tuple = ()
    settle_ms: int | None = None  # of all contestants that can settle, instead of their own
    takes: Callable = lambda who: not who.polls()  # contestants of whom something is learnt here
    with_nobody: bool = False  # the writer's time alone is measured too
    stops_watcher: bool = False
    rounds_max: int = 1000

    def command(self, step, seed, log, root):
        options = ["-n", str(self.count), *self.setup_options]
        if step == "run":
            options += ["-s", str(seed), "-o", log, *self.storm_options]
        return [*options, step, self.storm, root]


def workloads(quick, large):
    """All of them. start1m takes so long that it is measured once, and only when asked for."""
    def size(full, small):
        return small if quick else full

    def start(name, directories, files=1, **more):
        more = {"takes": lambda who: not who.is_settled()} | more
        return Workload(name, "start", "tree", directories, setup_options=("-f", str(files)), **more)

    anyone = {"takes": lambda who: True}
    found = [
        Workload("churn", "storm", "churn", size(200_000, 40_000), with_nobody=True),
        Workload("paced", "storm", "churn", size(100_000, 20_000), ("-r", "20000")),
        Workload("stall", "storm", "churn", size(200_000, 40_000), ("-w",), stops_watcher=True),
        Workload("checkout", "storm", "checkout", size(2_000, 400), with_nobody=True, **anyone),
        Workload("deep", "storm", "deep", size(500, 100), with_nobody=True, **anyone),
        # `actors` is in it once, as actors-settled.
        Workload("save", "storm", "save", size(10, 3), settle_ms=300,
                 takes=lambda who: not who.polls() and who.name != "actors"),
        Workload("latency", "latency", "latency", size(1_000, 200), takes=_who_tells_at_once),
        # `actors` waits until the whole tree is quiet: writes are further apart than that.
        Workload("latency_settled", "latency", "latency", size(200, 40), ("-p", "60000"), settle_ms=50,
                 takes=lambda who: who.is_ours() and _who_tells_at_once(who)),
        start("start10k", 10_000),
    ]
    if not quick:
        # A poller's next look at so many comes later than one waits for it here.
        found.append(start("start100k", 100_000, takes=lambda who: not who.is_settled() and not who.polls()))
    found.append(Workload("memory", "memory", "tree", size(50_000, 10_000),
                          takes=lambda who: (who.is_ours() or who.is_raw()) and not who.is_settled()
                          and not who.polls()))
    if large:
        found.append(start("start1m", 100_000, files=10, rounds_max=1,
                           takes=lambda who: not who.is_settled() and who.name not in SLOW_TO_START))
    return found
