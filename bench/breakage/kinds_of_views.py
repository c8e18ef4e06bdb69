"""Changes of views, and of the tables below them."""

from bench.breakage.changes import Change, Subject
from bench.breakage.worlds import View, quoted


def view_renames(subject: Subject) -> Change | None:
    return _redefine(subject, "view renames column", drop=False)


def view_drops(subject: Subject) -> Change | None:
    return _redefine(subject, "view drops column", drop=True)


def _redefine(subject: Subject, kind: str, *, drop: bool) -> Change | None:
    tops = [view for view in subject.world.views if view in subject.world.listed()]
    if not tops:
        return None
    top = subject.rng.choice(sorted(tops))
    column = subject.column(top)
    view = subject.world.views[top]
    if column is None or len(view.columns) < 2:
        return None
    now = subject.new_column(top, column)
    columns = {
        (now if name == column else name): inner
        for name, inner in view.columns.items()
        if not (drop and name == column)
    }
    statements = (f"DROP VIEW {quoted(top)}", _create_view(top, View(view.below, columns)))
    became = {} if drop else {f"{top}.{column}": f"{top}.{now}"}
    return Change(kind, statements, frozenset({top}), became)


def _create_view(name: str, view: View) -> str:
    return f"CREATE VIEW {quoted(name)} AS {view.sql()}"


def view_over_renamed_table(subject: Subject) -> Change | None:
    """A table below a view is renamed, and the view follows: what the pairs read is what it was."""
    return _base_renamed(subject, "view follows rename", follow=True)


def base_renamed_under_view(subject: Subject) -> Change | None:
    """A table below a view is renamed, and nobody tells the view. (PostgreSQL's views follow by themselves.)"""
    return _base_renamed(subject, "base renamed under view", follow=False)


def _base_renamed(subject: Subject, kind: str, *, follow: bool) -> Change | None:
    direct = [name for name, view in subject.world.views.items() if view.below in subject.world.tables]
    if not direct:
        return None
    view = subject.rng.choice(sorted(direct))
    base = subject.world.views[view].below
    now = f"{base}_2"
    statements: tuple[str, ...] = (f'ALTER TABLE {quoted(base)} RENAME TO "{now.rpartition(".")[2]}"',)
    if follow:
        again = _create_view(view, View(now, subject.world.views[view].columns))
        statements += (again.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1),)
    return Change(kind, statements, frozenset({base, view} if follow else {base}), tables={base: now})
