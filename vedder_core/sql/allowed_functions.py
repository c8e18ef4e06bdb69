"""The functions that a query may call: a closed list for each dialect, by the names that the engine knows.

A list holds what the engine's own catalog names (so nothing that somebody defined), less what `DENIED` names. A test
compares it with the engine at hand: a new version's functions are reviewed before they are allowed. Until then they
are refused; a name that an older server does not have is that server's own error.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

DENIED_IN_DUCKDB = re.compile(
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


DENIED_IN_POSTGRES = re.compile(
    r"pg_(?!size_pretty$|size_bytes$).*|has_.*_privilege|current_(?!date$|time$|timestamp$|localtime).*|"
    r"session_user|user|version|getpgusername|getdatabaseencoding|get_current_ts_config|inet_(client|server)_.*|"
    r"row_security_active|set_config|.*_description|format_type|to_reg.*|reg(?!exp_|r_).*|in_range|"
    r"acl.*|makeaclitem|mxid_age|txid_.*|xid\d?|oid.*|currtid.*|tid.*|satisfies_hash_partition|"
    r"setseed|setval|nextval|currval|lastval|"
    r"xml.*|xpath.*|.*_to_xml.*|table_to_.*|"
    r"ts_(stat|rewrite|debug|parse|token_type|lexize)|crosstab.*|connectby|dblink.*|"
    r"lo_.*|loread|lowrite|amvalidate|brin_.*|gin_.*|binary_upgrade_.*|plpgsql_.*|fmgr_.*|postgresql_fdw_validator|"
    r"json(b)?_populate_record(set)?|array_fill|"
    r".*(send|recv|validator|typmodin|typmodout|_support|sel|joinsel|_transfn|_finalfn|_subdiff|_canonical)|"
    r"hash.*|varbit|name|bpchar|char|int[248]|float[48]|bool|timetz|cidr"
)
"""Session, role, settings, catalog and sizes of tables; names as numbers of the catalog (`regclass`); sequences and
large objects; SQL in strings, also below XML; tables named in strings; text search over tables; records in the shape of
somebody's type; what only builds one giant value; and what the engine calls for itself, under types' names too."""

# fmt: off
NEWER_IN_POSTGRES = frozenset((
    "any_value", "array_sample", "array_shuffle", "date_add", "date_subtract", "erf", "erfc", "random_normal",
    "json_array", "json_arrayagg", "json_objectagg", "json_scalar", "json_serialize", "json_value", "json_query",
    "json_exists", "to_bin", "to_oct", "unicode_assigned", "uuid_extract_timestamp", "uuid_extract_version",
    "array_reverse", "array_sort", "casefold", "crc32", "crc32c", "gamma", "lgamma", "uuidv4", "uuidv7",
))
# fmt: on
"""Of PostgreSQL 16 to 18, reviewed by their documentation: the list is made from a server of version 15. A test on a
newer server names what else is new there."""

DENIED: Mapping[str, re.Pattern[str]] = {"duckdb": DENIED_IN_DUCKDB, "postgres": DENIED_IN_POSTGRES}


@lru_cache
def allowed_functions(dialect: str) -> frozenset[str]:
    """The lower-case names; none for a dialect that has no reviewed list."""
    listed = Path(__file__).with_name(f"functions_{dialect}.txt")
    return frozenset(listed.read_text().split()) if listed.is_file() else frozenset()


def reviewed(names: Iterable[str], dialect: str) -> list[str]:
    """What of an engine's function names may be called, sorted: the content of its list."""
    denied = DENIED[dialect]
    return sorted({name for name in names if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and not denied.fullmatch(name)})
