"""tools/bench report [FILE...] [--page PAGE] [--check]

Writes the tables of docs/performance.md from what `tools/bench ... --json FILE` measured, each between its two marks
(`<!-- figures: NAME -->` and `<!-- end of figures -->`); what stands around them is left alone. Of several files the later
count where they have the same figure. Without FILE it is docs/performance.json, of which the page and the plots are.
--check changes nothing, and fails when the page says something else than the file (CTest `docs_figures`).
"""

import argparse
import pathlib
import re
import sys

from figures import Figures, short

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"

WATCHERS = {"actors": "**actors**", "actors-fanotify": "... on fanotify", "actors-inotify": "... on inotify",
            "actors-settled": "... `--settle 300ms`", "raw-inotify-batch": "raw reader, batches",
            "raw-inotify": "raw reader", "raw-fanotify-batch": "raw reader of fanotify, batches",
            "inotifywait": "inotifywait", "fswatch": "fswatch", "watchman": "watchman", "chokidar": "chokidar",
            "parcel-watcher": "@parcel/watcher"}
LINKS = {"raw-tcp": "plain TCP socket", "zeromq": "ZeroMQ", "link": "link", "link-tls": "link with TLS",
         "collector": "link, until stored"}
WORKERS = {"fan-in-hold": "`hold`", "fan-in-drop_newest": "`drop_newest`", "fan-in-drop_oldest": "`drop_oldest`",
           "fan-in-conflate": "`conflate`"}


def table(heads, rows):
    return "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
                     for cells in [heads, ["---"] * len(heads), *rows])


def by_watcher(heads, cells):
    """A row a watcher, of whom at least one figure is there."""
    rows = [[name, *cells(who)] for who, name in WATCHERS.items()]
    return table(["", *heads], [row for row in rows if any(row[1:])])


def files_cost(figures):
    workloads = ("churn", "paced", "checkout", "deep", "stall")

    def cell(workload, who):
        cost = figures.cell(workload, who, "us_per_operation")
        missed = figures.cell(workload, who, "missed")
        return cost + (f", missed {missed}" if missed not in ("", "0") else "")

    return by_watcher(workloads, lambda who: [cell(x, who) for x in workloads])


def files_more(figures):
    return by_watcher(
        ["latency p50, us", "p99, us", "records a save", "ready on 10,000 directories, s", "on 100,000, s", "RSS then, MiB",
         "RSS after churn, MiB"],
        lambda who: [figures.cell("latency", who, "latency_p50_us"), figures.cell("latency", who, "latency_p99_us"),
                     figures.cell("save", who, "records_per_save"), figures.cell("start10k", who, "ready_s"),
                     figures.cell("start100k", who, "ready_s"), figures.cell("start100k", who, "rss_mib"),
                     figures.cell("churn", who, "rss_peak_mib")])


def files_targets(figures):
    reference = "raw-inotify-batch"
    backends = ("actors-fanotify", "actors-inotify")

    def ratios(name, target, workload, metric, against=reference):
        return [name, *(figures.ratio(workload, metric, who, against) for who in backends), target]

    def plain(name, target, workload, metric, **how):
        return [name, *(figures.cell(workload, who, metric, **how) for who in backends), target]

    memory = []
    for who in backends:
        parts = [figures.median("memory", who, f"bytes_per_{x}") for x in ("directory", "file")]
        memory.append(short(sum(parts)) if None not in parts else "")
    return table(["", "on fanotify", "on inotify", "target"], [
        ratios("processor on churn, to the batch reader", "3", "churn", "us_per_operation"),
        ratios("... on checkout", "3", "checkout", "us_per_operation"),
        ratios("... on stall, to watchman", "0.3", "stall", "us_per_operation", "watchman"),
        ratios("ready on 100,000 directories, to the raw reader", "1.5", "start100k", "ready_s",
               "raw-inotify"),
        ratios("latency p50, to the batch reader", "2", "latency", "latency_p50_us"),
        ratios("... p99", "2", "latency", "latency_p99_us"),
        plain("delay beyond `--settle 50ms`, p50, us", "500", "latency_settled", "beyond_settle_p50_us"),
        plain("... p99, us", "2,000", "latency_settled", "beyond_settle_p99_us"),
        plain("the writer's time on churn, to that without a watcher", "1.2", "churn", "writer_slow_down"),
        ["a directory with a file in it, bytes", *memory, "330"],
        plain("RSS on an empty tree, MiB", "12", "start10k", "rss_base_mib"),
    ])


def messages(figures):
    credit = "raw-caf-credit"
    rows = []
    for batch, events in ((1, "1 event"), (64, "64 events"), (256, "256 events")):
        row = [events]
        for way in ("mailbox", "pipeline"):
            workload = f"{way}-{batch}"
            row += [figures.cell(workload, "actors", "messages_per_s", scale=1e-6),
                    figures.ratio(workload, "messages_per_s", "actors", credit),
                    figures.ratio(workload, "messages_per_s", "actors", "raw-caf")]
        rows.append(row)
    return table(["batches of", "one mailbox, M/s", "to credit", "to no bound", "pipeline, M/s", "to credit",
                  "to no bound"], rows)


def messages_waits(figures):
    names = {"actors": "**actors**", "raw-caf-credit": "CAF with credit", "raw-caf": "CAF without a bound"}
    return table(
        ["", "200,000 a second: age p50, us", "p99, us", "p99.9, us", "flat out: age p50, us",
         "flat out: memory, MiB", "slow sink: part of its rate", "slow sink: memory, MiB"],
        [[name, figures.cell("pipeline-1-paced", who, "age_p50_us"), figures.cell("pipeline-1-paced", who, "age_p99_us"),
          figures.cell("pipeline-1-paced", who, "age_p999_us"), figures.cell("pipeline-1", who, "age_p50_us"),
          figures.cell("pipeline-1", who, "memory_growth_mib"), figures.cell("pipeline-1-slow", who, "share_of_sink_rate"),
          figures.cell("pipeline-1-slow", who, "memory_growth_mib")] for who, name in names.items()])


def fan_in(figures):
    return table(["100 threads, one mailbox with", "sent, M/s", "handled, M/s", "fairness", "a ping meanwhile, p50, us", "p99, ms"],
                 [[name, figures.cell(x, "actors", "sent_per_s", scale=1e-6),
                   figures.cell(x, "actors", "delivered_per_s", scale=1e-6), figures.cell(x, "actors", "fairness"),
                   figures.cell(x, "actors", "ping_p50_us"), figures.cell(x, "actors", "ping_p99_us", scale=1e-3)]
                  for x, name in WORKERS.items()])


def supervision(figures):
    def row(name, workload, metric, target="", scale=1.0, beside=False):
        to_caf = figures.ratio(workload, metric, "actors", "raw-caf") if beside else ""
        return [name, figures.cell(workload, "actors", metric, scale=scale), to_caf, target]

    return table(["", "measured", "to plain CAF", "target"], [
        row("10,000 workers crash at once, until all are ready again, ms", "storm-10000", "ms", "150"),
        row("... to 1,000 of them, times", "storm-10000", "ratio_to_1000", "12"),
        row("... health asked meanwhile, p99, us", "storm-10000", "health_p99_us"),
        row("a start after 1, 2, 4, 8, 16 s comes late by, p50, ms", "schedule", "late_p50_us", scale=1e-3),
        row("... p99, ms", "schedule", "late_p99_us", "5", scale=1e-3),
        row("... the earliest, ms", "schedule", "late_least_us", scale=1e-3),
        row("a thread asks a worker, p50, us", "ask", "p50_us", "25", beside=True),
        row("... p99, us", "ask", "p99_us", beside=True),
        row("100 threads ask one worker, thousand answers a second", "ask-100", "answers_per_s", scale=1e-3, beside=True),
        row("... p99, us", "ask-100", "p99_us", beside=True),
        row("100 threads ask one that is busy: how late after their 100 ms they know, p50, us", "ask-in-vain", "late_p50_us"),
        row("... p99, us", "ask-in-vain", "late_p99_us"),
        row("... memory while 10,000 questions wait, MiB", "ask-in-vain", "memory_growth_mib"),
        row("... when they have been passed over, MiB", "ask-in-vain", "memory_left_mib"),
        row("health of 10,000 children: the numbers, p50, us", "health", "numbers_p50_us", "20"),
        row("... all rows, in pages of 1,000, p50, ms", "health", "all_rows_p50_ms", "10"),
        row("... while 100 of them crash a second: the numbers, p50, us", "health-busy", "numbers_p50_us", "20"),
        row("... the numbers, p99, us", "health-busy", "numbers_p99_us"),
        row("... all rows, p50, ms", "health-busy", "all_rows_p50_ms", "10"),
        row("... and one is sent, thousand messages a second", "health-busy", "meanwhile_messages_per_s", scale=1e-3),
        row("100,000 workers, until all are ready, us each", "spawn", "start_us_per_child", "8"),
        row("... until all are stopped, us each", "spawn", "stop_us_per_child", "8"),
        row("... memory of a worker with an idle stage, bytes", "spawn", "bytes_per_child", "2,500"),
        row("... left after the third time, beyond the first, MiB", "spawn", "memory_kept_mib"),
    ])


def links(figures):
    sizes = (1, 64, 256, 1024)
    return table(["records a second, thousands", *(f"batches of {x:,}" for x in sizes)],
                 [[name, *(figures.cell(f"link b={x}", who, "records/s", scale=1e-3) for x in sizes)]
                  for who, name in LINKS.items()])


def links_more(figures):
    return table(["", "processor of both ends, us a record, batches of 256", "one record: p50, us", "p99, us",
                  "receiver stopped: growth of the sender, MiB"],
                 [[name, figures.cell("link b=256", who, "cpu us/record"), figures.cell("link latency", who, "p50 us"),
                   figures.cell("link latency", who, "p99 us"), figures.cell("link stopped", who, "growth MiB")]
                  for who, name in LINKS.items()])


TABLES = {"files-cost": files_cost, "files-more": files_more, "files-targets": files_targets, "messages": messages,
          "messages-waits": messages_waits, "fan-in": fan_in, "supervision": supervision, "links": links,
          "links-more": links_more}
PLACE = re.compile(r"(<!-- figures: ([\w-]+) -->\n).*?(<!-- end of figures -->)", re.S)


def filled(page, figures):
    return PLACE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]](figures)}\n\n{found[3]}", page)


def main():
    parser = argparse.ArgumentParser(prog="tools/bench report", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", default=[DOCS / "performance.json"])
    parser.add_argument("--page", type=pathlib.Path, default=DOCS / "performance.md", metavar="PAGE")
    parser.add_argument("--check", action="store_true", help="whether the page says what the file does")
    options = parser.parse_args()
    before = options.page.read_text(encoding="utf-8")
    after = filled(before, Figures(options.files))
    absent = [name for name in TABLES if f"<!-- figures: {name} -->" not in before]
    if options.check:
        wrong = [a for a, b in zip(before.splitlines(), after.splitlines()) if a != b]
        print("\n".join([*(f"not what was measured: {x}" for x in wrong), *(f"no place for {x}" for x in absent)])
              or "the page says what was measured")
        return 1 if wrong or absent or before != after else 0
    options.page.write_text(after, encoding="utf-8")
    print(f"{options.page}: {len(PLACE.findall(before))} tables")
    return 0


if __name__ == "__main__":
    sys.exit(main())
