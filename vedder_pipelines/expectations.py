"""Great Expectations, and all that knows it: expectations in, passed or not and what was found out.

The library is imported inside the one function that needs it, because it costs seconds in every process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from vedder_core.cluster import Expectation

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch

CANNOT = "that it cannot be checked"


@dataclass(frozen=True, slots=True)
class Frames:
    """What expectations are checked on: `values` of the columns that they name, the table's `columns`, its `rows`.

    The table's shape needs no data: its columns are in the catalog, and its rows were counted by the profile.
    """

    values: pa.Table
    columns: tuple[str, ...]
    rows: int


def validate(
    expectations: Sequence[Expectation], frames: Frames, *, counts_only: Sequence[Expectation] = ()
) -> tuple[tuple[bool, str], ...]:
    """For each expectation, whether it holds and what was found; one that cannot be checked does not hide others.

    Of the ones in `counts_only` nothing is told that is in the data or in an error: numbers of values at most.
    """
    batches = _batches(frames)
    return tuple(
        _validate(expectation, batches[frame_of(expectation)], told=expectation not in counts_only)
        for expectation in expectations
    )


def frame_of(expectation: Expectation) -> str:
    """The frame that answers an expectation: "rows", "columns" or "values"."""
    if expectation.expect.startswith("expect_table_row_count"):
        return "rows"
    about_shape = expectation.expect.startswith("expect_table_") or expectation.expect == "expect_column_to_exist"
    return "columns" if about_shape else "values"


def _batches(frames: Frames) -> dict[str, "Batch"]:
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("warehouse")
    data = {
        "values": frames.values.to_pandas(timestamp_as_object=True),
        "columns": pd.DataFrame(columns=list(frames.columns)),
        "rows": pd.DataFrame(index=pd.RangeIndex(frames.rows)),
    }
    return {
        name: source.add_dataframe_asset(name)
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame})
        for name, frame in data.items()
    }


def _validate(expectation: Expectation, batch: "Batch", *, told: bool) -> tuple[bool, str]:
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    try:
        configured = ExpectationConfiguration(expectation.expect, dict(expectation.arguments)).to_domain_obj()
        result = batch.validate(configured)
    except (GreatExpectationsError, ValueError, TypeError) as error:
        return False, f"{CANNOT}: {' '.join(str(error).split())}" if told else CANNOT
    return bool(result.success), _found(result, told=told)


def _found(result: "ExpectationValidationResult", *, told: bool) -> str:
    figures = result.result
    if figures.get("unexpected_count"):
        counts = f"{figures['unexpected_count']:,} of {figures['element_count']:,} values unexpected"
        examples = dict.fromkeys(str(value) for value in figures.get("partial_unexpected_list", [])[:5])
        return f"{counts}, e.g. {', '.join(examples)}" if told else counts
    if "observed_value" in figures and told:
        return str(figures["observed_value"])
    if figures.get("element_count") is not None and figures.get("unexpected_count") is not None:
        return f"{figures['element_count']:,} values as expected"
    if result.success:
        return "as expected"
    return _raised(result.exception_info, told=told)


def _raised(information: Mapping[str, object], *, told: bool) -> str:
    """Great Expectations keys what went wrong by metric; the first message is the cause."""
    messages = [value.get("exception_message") for value in information.values() if isinstance(value, Mapping)]
    message = next((message for message in messages if message), information.get("exception_message"))
    if not message:
        return "otherwise"
    return f"{CANNOT}: {str(message).rstrip('.')}" if told else CANNOT
