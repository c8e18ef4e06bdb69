"""What a person gets to see of `vedder check`, as parts: the problems, file by file, and one line that sums up."""

from vedder_api.checking import LEFT_OUT, Report
from vedder_api.surfaces.layout import Line, Part, Tone, counted, lines


def report_parts(report: Report) -> tuple[Part, ...]:
    """Each problem as `file:line [key] message` with its hint below; the sum last. What failed is said elsewhere."""
    problems = (part for problem in report.problems for part in lines(str(problem)))
    counts = ((report.clusters, "cluster"), (report.datasets, "dataset"), (report.pairs, "pair"), (report.docs, "doc"))
    sums = ", ".join(counted(count, noun) for count, noun in counts)
    found = counted(len(report.problems), "problem") if report.problems else "no problems"
    where = " in the files" if report.unchecked else ""
    left_out = (Line(unchecked_line(report), "warn"),) if report.unchecked == LEFT_OUT else ()
    tone: Tone = "good" if report.outcome == "clean" else "warn"
    return (*problems, *left_out, Line(f"{sums}: {found}{where}", tone))


def unchecked_line(report: Report) -> str:
    """Why the warehouse was not asked, or not all that was to be."""
    return f"Datasets, columns and pairs were not compared with the warehouse: {report.unchecked}"
