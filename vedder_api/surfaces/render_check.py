"""What a person gets to see of `vedder check`, as parts: the problems, file by file, and one line that sums up."""

from vedder_api.checking import Report
from vedder_api.surfaces.layout import Line, Part, counted, lines


def report_parts(report: Report) -> tuple[Part, ...]:
    """Each problem as `file:line [key] message` with its hint below; the sum last."""
    problems = (part for problem in report.problems for part in lines(str(problem)))
    counts = ((report.clusters, "cluster"), (report.datasets, "dataset"), (report.pairs, "pair"), (report.docs, "doc"))
    sums = ", ".join(counted(count, noun) for count, noun in counts)
    found = counted(len(report.problems), "problem") if report.problems else "no problems"
    unchecked = (
        (Line(f"Datasets, columns and pairs were not compared with the warehouse: {report.unchecked}", "warn"),)
        if report.unchecked
        else ()
    )
    return (*problems, *unchecked, Line(f"{sums}: {found}", "warn" if report.problems else "good"))
