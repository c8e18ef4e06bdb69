"""The functions that a query may call: a closed list for each dialect, by the names that the engine knows.

A list holds what the engine's own catalog names (so no macro that somebody defined), less what `DENIED` names. A test
compares it with the installed engine: a new version's functions are reviewed before they are allowed.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

DENIED = re.compile(
    r"pg_.*|has_.*_privilege|current_(?!date$|time$|timestamp$|localtime).*|session_user|user|version|"
    r"query|query_table|json_.*sql|json_serialize_plan|getenv|getvariable|setseed|setval|nextval|currval|"
    r"in_search_path|sleep_ms|error|assert_true|write_log|parse_duckdb_log_message|txid_current|stats|vector_type|"
    r"col_description|obj_description|shobj_description|inet_.*|map_to_pg_oid|add_parquet_key|"
    r"format_(pg_)?type|get_block_size|index_key|"
    r"make_type|get_type|cast_to_type|replace_type|can_cast_implicitly|"
    r"_.*|(icu_)?collate_.*|icu_sort_key|create_sort_key|.*_byte_comparable|constant_or_null|remap_struct|invoke|"
    r"to_aggregate_state|combine|combine_aggr|finalize|json_copy_.*|hive_partition_component|unpivot_list|"
    r"variant_(bytes_to_variant|comparator|normalize|to_parquet_variant)"
)
"""Session, settings, catalog (also below macros) and log; SQL in strings; what only waits or fails; types by name; and
what the engine calls for itself."""


@lru_cache
def allowed_functions(dialect: str) -> frozenset[str]:
    """The lower-case names; none for a dialect that has no reviewed list."""
    listed = Path(__file__).with_name(f"functions_{dialect}.txt")
    return frozenset(listed.read_text().split()) if listed.is_file() else frozenset()


def reviewed(names: Iterable[str]) -> list[str]:
    """What of an engine's function names may be called, sorted: the content of its list."""
    return sorted({name for name in names if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and not DENIED.fullmatch(name)})
