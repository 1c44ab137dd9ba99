"""tools/bench plot FILE... [--into DIRECTORY]

Draws what `tools/bench ... --json FILE` measured, as SVG: performance-files.svg, what a change costs each watcher and
who missed some, and performance-links.svg, what goes over a link; each from the least to the most of all rounds. Of several
files the later count where they have the same figure. What was not measured is not drawn.
"""

import argparse
import pathlib
import re
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "actors", "svg.fonttype": "none", "font.size": 9,
                            "axes.spines.top": False, "axes.spines.right": False})

import matplotlib.pyplot as plt  # after use()

from figures import Figures, short

OURS, PEERS, LIMIT, GOOD = "#1f6feb", "#9aa4ad", "#3d444d", "#d0d7de"

WORKLOADS = {"churn": "churn: 200,000 creates,\nwrites, renames, deletes",
             "checkout": "checkout: 2,000 directories\nof files made at once",
             "paced": "paced: churn at\n20,000 a second"}
WATCHERS = {"raw-inotify-batch": "limit (raw reader)", "actors": "actors", "actors-inotify": "actors on inotify",
            "inotifywait": "inotifywait", "fswatch": "fswatch", "watchman": "watchman",
            "parcel-watcher": "@parcel/watcher", "chokidar": "chokidar"}
LINKS = {"raw-tcp": ("plain TCP socket", LIMIT, "o"), "zeromq": ("ZeroMQ", PEERS, "s"),
         "link": ("link", OURS, "o"), "link-tls": ("link with TLS", OURS, "^"),
         "collector": ("link, until stored", OURS, "v")}


def colour_of(who):
    return OURS if who.startswith("actors") else LIMIT if who.startswith("raw") else PEERS


def draw_files(figures):
    drawn = [x for x in WORKLOADS if figures.median(x, "actors", "us_per_operation") is not None]
    if not drawn:
        return None
    picture, charts = plt.subplots(1, len(drawn), figsize=(9, 3.2), sharey=True, squeeze=False)
    for chart, workload in zip(charts[0], drawn):
        watchers = list(WATCHERS)
        longest = max(figures.median(workload, x, "us_per_operation") or 0 for x in watchers)
        for place, who in enumerate(watchers):
            cost = figures.median(workload, who, "us_per_operation")
            if cost is None:
                continue
            missed = figures.median(workload, who, "missed")
            below, above = figures.spread(workload, who, "us_per_operation")
            chart.barh(place, cost, color=colour_of(who), alpha=0.35 if missed else 1, hatch="////" if missed else "",
                       xerr=[[below], [above]], error_kw={"elinewidth": 1, "ecolor": LIMIT})
            chart.text((cost + above) * 1.15, place, short(cost) + (f", missed {short(missed)}" if missed else ""),
                       va="center", fontsize=8)
        chart.set_xscale("log")
        chart.set_xlim(1, longest * 12)
        chart.set_yticks(range(len(watchers)), [WATCHERS[x] for x in watchers])
        chart.invert_yaxis() if chart is charts[0][0] else None
        chart.set_title(WORKLOADS[workload], fontsize=9)
        chart.set_xlabel("processor, us an operation")
    picture.suptitle("What a change costs each watcher, and what it missed (hatched)", fontsize=10)
    return picture


def draw_links(figures):
    lines = {}
    for workload, who, metric in figures:
        size = re.fullmatch(r"link b=(\d+)", workload)
        if size and metric == "records/s" and who in LINKS:
            here = (workload, who, metric)
            lines.setdefault(who, []).append((int(size.group(1)), figures.median(*here), *figures.spread(*here)))
    if not lines:
        return None
    picture, chart = plt.subplots(figsize=(6, 3.6))
    for who in (x for x in LINKS if x in lines):
        name, colour, marker = LINKS[who]
        sizes, rates, below, above = zip(*sorted(lines[who]))
        chart.errorbar(sizes, rates, yerr=[below, above], elinewidth=1, marker=marker, color=colour, label=name,
                       linestyle="--" if "tls" in who else ":" if "collector" in who else "-")
    chart.set_xscale("log", base=2)
    chart.set_yscale("log")
    chart.set_xticks(sorted({size for line in lines.values() for size, *_ in line}))
    chart.get_xaxis().set_major_formatter(matplotlib.ticker.ScalarFormatter())
    chart.grid(color=GOOD, linewidth=0.5)
    chart.set_xlabel("records in a batch")
    chart.set_ylabel("records a second")
    chart.set_title("From one process to another over loopback", fontsize=10)
    chart.legend(frameon=False)
    return picture


def main():
    parser = argparse.ArgumentParser(prog="tools/bench plot", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--into", type=pathlib.Path, default=pathlib.Path("."), metavar="DIRECTORY")
    options = parser.parse_args()
    figures = Figures(options.files)
    drawn = {"performance-files.svg": draw_files(figures), "performance-links.svg": draw_links(figures)}
    for name, picture in drawn.items():
        if picture is not None:
            picture.tight_layout()
            picture.savefig(options.into / name, metadata={"Date": None})
            print(options.into / name)
    return 0 if any(drawn.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
