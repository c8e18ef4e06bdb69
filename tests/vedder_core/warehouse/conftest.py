"""The contract's assertions speak like those of any test."""

import pytest

pytest.register_assert_rewrite("tests.vedder_core.warehouse.contract")
