"""Charts: a Vega-Lite specification becomes an SVG. The only file that draws; `vl-convert` is the extra `plots`.

Deliberately not here: what any chart shows.
"""

from collections.abc import Mapping
from pathlib import Path

from vedder_core.errors import SettingsError

Spec = Mapping[str, object]

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
"""For the key `$schema` of a specification."""


def svg_of(spec: Spec) -> str:
    """The chart as SVG. Raises SettingsError where the extra is not installed."""
    try:
        import vl_convert
    except ImportError as error:
        raise SettingsError("Charts need vl-convert.", hint="Install it: pip install 'vedder[plots]'.") from error
    return str(vl_convert.vegalite_to_svg(dict(spec)))


def write_svg(spec: Spec, file: Path) -> None:
    """Draw the chart into a file; its folder is made. Raises SettingsError where the extra is not installed."""
    svg = svg_of(spec)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(svg, encoding="utf-8")
