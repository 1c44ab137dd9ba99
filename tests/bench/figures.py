"""What a run of the bench has measured, as files written by --json keep it."""

import json


class Figures:
    """What was measured, by workload, contestant and metric: a row of the file each."""

    def __init__(self, files):
        self._rows = {}
        for name in files:
            with open(name, encoding="utf-8") as file:
                for row in json.load(file)["rows"]:
                    self._rows[row["workload"], row["who"], row["metric"]] = row

    def __iter__(self):
        """(workload, who, metric) of each."""
        return iter(self._rows)

    def median(self, *which):
        return self._rows[which]["median"] if which in self._rows else None

    def spread(self, *which):
        """How far the least is below the median, and the most above it."""
        row = self._rows[which]
        return row["median"] - row["min"], row["max"] - row["median"]

    def cell(self, *which, scale=1.0, suffix=""):
        """The median, and behind it least and most; empty when it was not measured."""
        if which not in self._rows:
            return ""
        row = self._rows[which]
        median, least, most = (short(scale * row[key]) for key in ("median", "min", "max"))
        return median + suffix + ("" if least == most else f" ({least} to {most})")

    def ratio(self, workload, metric, who, reference):
        ours, theirs = (self.median(workload, x, metric) for x in (who, reference))
        return short(ours / theirs, 2) if ours is not None and theirs else ""


def short(value, digits=3):
    """At most so many digits that mean something."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"
