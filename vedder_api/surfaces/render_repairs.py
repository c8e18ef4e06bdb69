"""What a person gets to see of proposed repairs, as parts. How outcomes look is in `render`."""

from collections.abc import Iterator

from vedder_api.repairs import RepairList, files
from vedder_api.surfaces.layout import Code, Line, Part, counted
from vedder_core.repair import Repair


def repair_parts(listed: RepairList) -> tuple[Part, ...]:
    """Each proposal with what it changes, what speaks for it, and its difference."""
    last = Line(f"Context {listed.context_version}", "quiet")
    many = counted(listed.withheld, "repair")
    untold = f"{many} would tell what some cluster hides or withholds: see the pair's page in Dagster."
    withheld = (Line(untold, "warn"),) if listed.withheld else ()
    if not listed.repairs:
        return (*withheld, *(() if withheld else (Line("No repair is proposed.", "quiet"),)), last)
    proven = sum(repair.proof.proven for repair in listed.repairs)
    shown: set[str] = set()
    return (
        *(part for repair in listed.repairs for part in _repair(repair, shown)),
        *withheld,
        Line(f"{counted(len(listed.repairs), 'repair')}, {proven} proven. Nothing is applied by itself; see --diff."),
        last,
    )


def _repair(repair: Repair, shown: set[str]) -> Iterator[Part]:
    """With its difference, but for what stands in another one's already: its cluster's own file."""
    proof = repair.proof
    said = "proven: it binds, and its result is the one that the pair gave." if proof.proven else "not proven."
    yield Line(f"{' '.join(repair.changes)}", mark=f"{repair.cluster}/{repair.slug}:")
    yield Line(" ".join((said, *proof.missing)), "good" if proof.proven else "warn", "Proof:")
    own = [part for part in files(repair.diff) if part not in shown]
    shown.update(own)
    yield Code("".join(own).rstrip("\n"), "diff")
