"""Promises of the guard over a corpus of attacks and of honest queries on a real PostgreSQL, as the role that owns
everything there: effects are looked at, not error texts."""

from contextlib import closing
from dataclasses import replace

import pytest

from bench import postgres
from bench.mutations import CANARY, judge, open_guard_corpus
from bench.postgres_guard import PostgresOracle, build, in_postgres
from vedder_core.errors import QueryRefused
from vedder_core.sql.guard import guard

CORPUS = open_guard_corpus()
pytestmark = pytest.mark.skipif(CORPUS is None, reason="no `guard` folder in VEDDER_TEST_DATA (default ../shared/data)")


@pytest.fixture(scope="module")
def oracle(postgres_server, tmp_path_factory):
    with postgres.database(postgres_server) as url:
        build(CORPUS, tmp_path_factory.mktemp("guard"), url)
        with closing(PostgresOracle(url)) as oracle:
            yield oracle


def hostile(tmp_path):
    return [replace(s, sql=s.sql.replace("{DIR}", str(tmp_path)).replace("{PORT}", "9")) for s in CORPUS.hostile]


def guarded(sql, granted):
    try:
        return guard(sql, granted, dialect="postgres")
    except QueryRefused:
        return None


def test_every_attack_in_the_servers_dialect_that_must_be_refused_is_refused(oracle, tmp_path):
    granted = oracle.granted()
    attacks = [s for s in hostile(tmp_path) if s.dialect == "postgres" and s.expect == "refuse"]
    assert len(attacks) > 20
    assert [s.id for s in attacks if guarded(s.sql, granted) is not None] == []


def test_an_attack_that_is_let_through_shows_no_canary_and_changes_nothing(oracle, tmp_path):
    """Of other dialects too: what they are in the server's own dialect is refused or harmless."""
    granted = oracle.granted()
    let_through = [q for s in hostile(tmp_path) if s.expect != "bounded" and (q := guarded(s.sql, granted)) is not None]
    assert let_through
    before = oracle.effects()
    for query in let_through:
        assert CANARY not in oracle.told(query.sql), query.sql
        assert (oracle.scans(query.sql) or set()) <= oracle.may_scan(query), query.sql
    assert oracle.effects() == before


def test_every_honest_query_is_let_through_and_keeps_its_result(oracle):
    granted = oracle.granted()
    honest = list(in_postgres(CORPUS.benign, oracle))
    assert len(honest) > 60
    for statement in honest:
        found = oracle.rows(guard(statement.sql, granted, dialect="postgres").sql)
        assert comparable(found) == comparable(oracle.rows(statement.sql)), statement.id


def comparable(rows):
    """Rows without their order, numbers without their type: EXTRACT gives a numeric where `date_part` gave a float."""
    return sorted(repr([float(v) if hasattr(v, "as_integer_ratio") else v for v in row]) for row in rows)


def test_the_oracle_sees_what_must_not_be_read(oracle):
    assert oracle.scans("SELECT pay.employee FROM hr.salaries AS pay") == {"hr.salaries"}
    assert oracle.scans("SELECT count(email) FROM sales.customers") == {
        "sales.customers",
        "hidden sales.customers.email",
    }
    assert any("pg_proc" in name for name in oracle.scans("SELECT public.m_scalar()"))
    assert oracle.scans("SELECT * FROM (SELECT ssn FROM main.v_leak WHERE false) AS x") == {"main.v_leak"}
    assert oracle.shows_canary("SELECT (SELECT max(ssn) FROM hr.salaries)::integer")


def test_whatever_is_edited_at_random_what_is_allowed_reads_only_what_is_granted(oracle, tmp_path):
    """`python -m bench.guard_postgres` does thousands."""
    honest = list(in_postgres(CORPUS.benign, oracle))
    attacks = [s for s in hostile(tmp_path) if s.dialect in ("postgres", "duckdb") and s.expect != "bounded"]
    of_honest = judge(honest, oracle, mutations=300, seed=11)
    of_attacks = judge(attacks, oracle, mutations=300, seed=12)
    assert of_honest.escapes == []
    assert of_attacks.escapes == []
    assert of_honest.bound > 30, "too few edits are allowed for this to say anything"
