"""What the parser takes wrongly of PostgreSQL's SQL, put right in the tree.

Not here: what it writes in other words of the same meaning, such as `EXTRACT` for `date_part`.
"""

from sqlglot import exp


def mended(tree: exp.Query) -> exp.Query:
    """The tree as the server reads its text; the tree itself is changed."""
    for node in list(tree.find_all(exp.Lambda, exp.CurrentTime, exp.Log)):
        if isinstance(node, exp.Lambda):
            _mend_arrow(node)
        elif isinstance(node, exp.CurrentTime) and not node.this:
            node.replace(exp.Var(this="CURRENT_TIME"))  # it would be written with brackets
        elif isinstance(node, exp.Log) and node.expression and node.this.name == "10":
            node.replace(exp.Anonymous(this="log10", expressions=[node.expression]))  # log(10, x) takes numerics alone
    return tree


def _mend_arrow(arrow: exp.Lambda) -> None:
    """`f(doc -> 'key')` is a part of a document, and no function of `doc`."""
    names = arrow.expressions
    if len(names) != 1 or not isinstance(names[0], exp.Identifier):
        return
    body = arrow.this
    first = body
    while isinstance(first, exp.Binary):
        first = first.this
    taken = exp.JSONExtract(this=exp.Column(this=names[0].copy()), expression=first.copy(), only_json_types=True)
    if first is body:
        arrow.replace(taken)
    else:
        first.replace(taken)
        arrow.replace(body)
