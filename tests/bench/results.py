"""Every figure of a run of the bench, and how they are shown."""

import statistics

# Who everybody is compared with.
REFERENCES = {"watch": "raw-inotify-batch", "messages": "raw-caf-credit", "supervision": "raw-caf",
              "links": "raw-tcp"}
# The raw readers do not repair what they lose there: who does is the measure.
REFERENCES_OF_WORKLOADS = {"stall": "watchman"}
TROUBLES = ("missed", "seq_gaps", "failed")


class Results:
    """Every figure of every round."""

    def __init__(self):
        self.values = {}  # (workload, who, metric): a value for each round
        self.kinds = {}  # workload: the key of REFERENCES
        self.notes = []

    def add(self, kind, workload, who, figures):
        self.kinds[workload] = kind
        for metric, value in figures.items():
            if metric == "note":
                self.notes.append(f"{workload}, {who}: {value}")
            else:
                self.values.setdefault((workload, who, metric), []).append(value)

    def add_slow_downs(self):
        """What a watcher costs the program that writes: its time against the median of no watcher."""
        for (workload, who, metric), values in list(self.values.items()):
            alone = self.values.get((workload, "nobody", "writer_s"))
            if metric == "writer_s" and who != "nobody" and alone:
                base = statistics.median(alone)
                self.values[workload, who, "writer_slow_down"] = [value / base for value in values]

    def wrongs_of_ours(self):
        return sum(sum(values) for (_, who, metric), values in self.values.items()
                   if who.split("-")[0] == "actors" and metric in TROUBLES)

    def _is_wrong(self, workload, who):
        return any(any(self.values.get((workload, who, metric), ())) for metric in TROUBLES)

    def _reference(self, workload):
        """Who the others are compared with there."""
        usual = REFERENCES[self.kinds[workload]]
        special = REFERENCES_OF_WORKLOADS.get(workload, usual)
        return special if any(key[:2] == (workload, special) for key in self.values) else usual

    def rows(self):
        return [{"workload": workload, "who": who, "metric": metric,
                 "median": round_to_4(statistics.median(values)), "min": round_to_4(min(values)),
                 "max": round_to_4(max(values)), "n": len(values)}
                for (workload, who, metric), values in self.values.items()]

    def table(self):
        """Metric by metric, so that those to be compared stand below each other. Leaves out what is
        zero for everyone, as counts of trouble should be; but that nothing was missed is said.
        """
        rows = self.rows()
        told = {(row["workload"], row["metric"]) for row in rows if row["max"] or row["metric"] == "missed"}
        rows = [row for row in rows if (row["workload"], row["metric"]) in told]
        median = {(row["workload"], row["who"], row["metric"]): row["median"] for row in rows}
        places = {}
        for row in rows:
            places.setdefault((row["workload"], row["metric"]), len(places))
        rows.sort(key=lambda row: (list(self.kinds).index(row["workload"]),
                                   places[row["workload"], row["metric"]], row["who"]))
        lines = [("workload", "metric", "who", "median", "min .. max", "n", "ratio")]
        before = None
        for row in rows:
            here = (row["workload"], row["metric"])
            if here != before and before is not None:
                lines.append(("",) * 7)
            before = here
            reference = median.get((row["workload"], self._reference(row["workload"]), row["metric"]))
            ratio = f"{row['median'] / reference:.2f}" if reference and reference > 0 else "-"
            wrong = "!" if self._is_wrong(row["workload"], row["who"]) else ""
            lines.append((*here, row["who"], f"{row['median']:g}{wrong}",
                          f"{row['min']:g} .. {row['max']:g}", str(row["n"]), ratio))
        widths = [max(len(line[i]) for line in lines) for i in range(7)]
        left = {0, 1, 2}
        return "\n".join("  ".join(cell.ljust(width) if i in left else cell.rjust(width)
                                   for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
                         for line in lines)


def round_to_4(value):
    return float(f"{value:.4g}") if isinstance(value, float) else value
