"""Promises of alerts: each drop is told once, to its own channel, and no endpoint holds up another."""

import json
import time
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from tests.vedder_pipelines.alerts.hooks import Answer, serving
from vedder_core.errors import SettingsError
from vedder_core.health import Action, Health, Reading
from vedder_pipelines.alerts.channels import Channels, channels_of
from vedder_pipelines.alerts.posting import NotTold, post
from vedder_pipelines.alerts.telling import MOST_POSTS, MOST_ROUNDS, tell_changes
from vedder_pipelines.remembered import TOLD
from vedder_pipelines.resources import ClusterFiles, resources_of

START = datetime(2026, 11, 21, 8, tzinfo=UTC)
BANDS = {"healthy": 0.95, "degraded": 0.7, "critical": 0.3}


def measured(shop, cluster, band, hour, *, action="Repair `orders`."):
    score = BANDS[band]
    readings = (
        Reading("pair_validity", score, 0.4, (f"{score:.0%} of pairs bind.",), (Action(action, 0.2),)),
        Reading("curation_age", 1.0, 0.1),
    )
    history = resources_of(shop.settings)["store"].history()
    history.append(Health(cluster, score, band, readings, START + timedelta(hours=hour)))


def round_of(shop, channels, *, hour=0, **others):
    store = resources_of(shop.settings)["store"]
    clusters = ClusterFiles(folder=str(shop.settings.clusters), dialect="duckdb").read().clusters
    return tell_changes(clusters, store.history(), store.memory(), channels, START + timedelta(hours=hour), **others)


def to(default=None, **others):
    return Channels.model_validate({"default": default, **others})


def test_a_drop_is_told_once_to_the_teams_own_channel(shop):
    with serving() as hooks:
        channels = to(hooks.url("/all"), teams={"sales": hooks.url("/sales")})
        measured(shop, "sales", "healthy", 0)
        round_of(shop, channels)
        assert hooks.got == []
        measured(shop, "sales", "degraded", 1)
        assert round_of(shop, channels).told == ("`sales` is degraded",)
        measured(shop, "sales", "degraded", 2)
        round_of(shop, channels)
        (path, body, headers) = hooks.got[0]
        assert len(hooks.got) == 1
        assert path == "/sales"
        assert body["kind"] == "band_drop"
        assert body["band"] == {"before": "healthy", "now": "degraded"}
        assert body["score"] == {"before": 0.95, "now": 0.7}
        assert body["signals"] == [
            {"signal": "pair_validity", "before": 0.95, "now": 0.7, "evidence": "70% of pairs bind."}
        ]
        assert body["action"] == "Repair `orders`."
        assert body["contact"] == "#sales"
        assert headers["Idempotency-Key"] == body["id"]


def test_a_further_drop_is_told_and_one_after_a_recovery_too(shop):
    with serving() as hooks:
        for hour, band in enumerate(["healthy", "degraded", "critical", "healthy", "critical"]):
            measured(shop, "sales", band, hour)
            round_of(shop, to(hooks.url("/")))
        bands = [body["band"] for body in hooks.bodies("/")]
        assert bands == [
            {"before": "healthy", "now": "degraded"},
            {"before": "degraded", "now": "critical"},
            {"before": "healthy", "now": "critical"},
        ]


def test_a_recovery_is_told_where_that_is_wanted(shop):
    with serving() as hooks:
        for hour, band in enumerate(["critical", "healthy"]):
            measured(shop, "sales", band, hour)
            round_of(shop, to(hooks.url("/"), recoveries=True))
        (body,) = hooks.bodies("/")
        assert body["kind"] == "band_recovery"


def test_slack_gets_text_and_blocks_in_which_nothing_calls_or_links(shop):
    with serving() as hooks:
        channel = {"url": hooks.url("/slack"), "form": "slack"}
        channels = to(channel, dagster="http://dagster:3000/")
        measured(shop, "sales", "healthy", 0)
        round_of(shop, channels)
        measured(shop, "sales", "critical", 1, action="See <!channel> & <https://evil.example|this>")
        round_of(shop, channels)
        (body,) = hooks.bodies("/slack")
        assert body["text"] == "Sales (sales) fell from healthy (0.95) to critical (0.30). Owner: #sales"
        said = json.dumps(body)
        assert "<!channel>" not in said
        assert "&lt;!channel&gt; &amp; &lt;https://evil.example|this&gt;" in said
        assert "pair_validity: 0.95 → 0.30" in json.dumps(body, ensure_ascii=False)
        assert "<http://dagster:3000/assets/sales/health|Open in Dagster>" in said


def test_what_failed_is_told_by_a_later_round_and_then_no_more(shop):
    with serving(lambda path, number: Answer(400 if number == 0 else 200)) as hooks:
        channels = to(hooks.url("/"))
        measured(shop, "sales", "healthy", 0)
        round_of(shop, channels)
        measured(shop, "sales", "degraded", 1)
        assert round_of(shop, channels).waiting == ("`sales`: it answered 400",)
        assert round_of(shop, channels).waiting == ()  # its pause is not over
        assert round_of(shop, channels, hour=1).told == ("`sales` is degraded",)
        assert round_of(shop, channels, hour=2).told == ()
        keys = [headers["Idempotency-Key"] for _, _, headers in hooks.got]
        assert len(keys) == 2
        assert len(set(keys)) == 1


def test_it_is_given_up_after_some_rounds_and_said_once(shop):
    with serving(lambda path, number: Answer(404)) as hooks:
        measured(shop, "sales", "healthy", 0)
        round_of(shop, to(hooks.url("/")))
        measured(shop, "sales", "degraded", 1)
        rounds = [round_of(shop, to(hooks.url("/")), hour=2 * n) for n in range(MOST_ROUNDS + 2)]
        assert [bool(one.given_up) for one in rounds] == [n == MOST_ROUNDS - 1 for n in range(MOST_ROUNDS + 2)]
        assert len(hooks.got) == MOST_ROUNDS


def test_a_failing_endpoint_holds_up_nobody_else(shop):
    def plan(path, number):
        return Answer(silent=True) if path == "/dead" else Answer()

    with serving(plan) as hooks:
        channels = to(hooks.url("/alive"), teams={"sales": hooks.url("/dead")})
        for hour, band in enumerate(["healthy", "critical"]):
            measured(shop, "sales", band, hour)
            measured(shop, "shipping", band, hour)
            if band == "healthy":
                round_of(shop, channels)
        done = round_of(shop, channels, post_one=lambda c, m, key: post(c, m, key=key, seconds=0.2))
        assert done.told == ("`shipping` is critical",)
        assert done.waiting == ("`sales`: it did not answer in time",)


def test_many_drops_of_one_failing_team_take_nobodys_turn(shop):
    card = (shop.root / "clusters/sales/cluster.yaml").read_text()
    names = [f"sales{number:02}" for number in range(MOST_POSTS + 5)]
    for name in names:
        shop.write(f"{name}/cluster.yaml", card)
    with serving(lambda path, number: Answer(500 if path == "/dead" else 200)) as hooks:
        channels = to(hooks.url("/alive"), teams={"sales": hooks.url("/dead")})
        for hour, band in enumerate(["healthy", "critical"]):
            for name in (*names, "shipping"):
                measured(shop, name, band, hour)
            if band == "healthy":
                round_of(shop, channels)
        tried = []

        def once(channel, message, key):
            tried.append(message["cluster"])
            if message["team"] == "sales":
                raise NotTold("it answered 500", again=True)
            post(channel, message, key=key)

        done = round_of(shop, channels, post_one=once)
        assert done.told == ("`shipping` is critical",)
        assert tried == ["sales00", "shipping"] or tried == ["shipping", "sales00"]


def test_a_round_posts_no_more_than_its_cap_and_the_next_one_goes_on(shop):
    card = (shop.root / "clusters/sales/cluster.yaml").read_text()
    names = [f"sales{number:02}" for number in range(MOST_POSTS + 5)]
    for name in names:
        shop.write(f"{name}/cluster.yaml", card)
        measured(shop, name, "healthy", 0)
    told = []
    channels = to("http://127.0.0.1:9/")
    round_of(shop, channels)
    for name in names:
        measured(shop, name, "critical", 1)
    for _ in range(3):
        round_of(shop, channels, post_one=lambda c, message, key: told.append(message["cluster"]))
    assert sorted(told) == names


def test_a_team_without_a_channel_is_named_and_told_once_it_has_one(shop):
    with serving() as hooks:
        measured(shop, "sales", "healthy", 0)
        round_of(shop, to(None))
        measured(shop, "sales", "degraded", 1)
        assert round_of(shop, to(None)).unrouted == ("`sales` is degraded",)
        assert round_of(shop, to(hooks.url("/"))).told == ("`sales` is degraded",)


# one post


def channel_to(url):
    return Channels.model_validate({"default": url}).default


def test_a_busy_server_is_asked_again_after_the_time_that_it_names():
    with serving(lambda path, number: Answer(429, {"Retry-After": "1"}) if number == 0 else Answer()) as hooks:
        started = time.monotonic()
        post(channel_to(hooks.url("/")), {"a": 1}, key="k")
        assert time.monotonic() - started >= 1
        assert len(hooks.got) == 2


def test_a_server_that_wants_a_long_rest_gets_it():
    with (
        serving(lambda path, number: Answer(429, {"Retry-After": "600"})) as hooks,
        pytest.raises(NotTold) as refused,
    ):
        post(channel_to(hooks.url("/")), {"a": 1}, key="k")
    assert refused.value.wait == 600
    assert len(hooks.got) == 1


@pytest.mark.parametrize(("status", "posts"), [(500, 3), (503, 3), (400, 1), (403, 1), (404, 1), (302, 1), (307, 1)])
def test_only_what_may_pass_is_tried_again_and_no_redirect_is_followed(status, posts):
    with (
        serving(lambda path, number: Answer(status, {"Location": "/elsewhere"})) as hooks,
        pytest.raises(NotTold, match=str(status)),
    ):
        post(channel_to(hooks.url("/hook")), {"a": 1}, key="k")
    assert [path for path, _, _ in hooks.got] == ["/hook"] * posts


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/s3cret", "https://127.0.0.1:9/s3cret", "http://[::1/s3cret"])
def test_no_error_and_no_log_names_the_address(url, caplog):
    caplog.set_level("DEBUG")
    with pytest.raises((NotTold, ValueError)) as failed:
        post(channel_to(url), {"a": 1}, key="k", seconds=1)
    assert "s3cret" not in f"{failed.value!r} {failed.value} {failed.value.__cause__!r}"
    with serving() as hooks:
        post(channel_to(hooks.url("/s3cret")), {"a": 1}, key="k")
    assert "s3cret" not in caplog.text


# the setting


def test_channels_come_from_a_file_or_from_json(shop, tmp_path):
    file = tmp_path / "alerts.yaml"
    file.write_text("default: https://hooks.slack.com/x\nteams:\n  ops: {url: 'https://ops.example/y', form: slack}\n")
    for given in (str(file), '{"default": "https://hooks.slack.com/x", "teams": {"ops": "https://ops.example/y"}}'):
        channels = channels_of(settings_with(shop, given))
        assert channels.of("anyone").takes == "slack"
        assert channels.of("ops").takes == ("slack" if given == str(file) else "json")


def settings_with(shop, alerts):
    return type(shop.settings).model_validate({**shop.settings.model_dump(), "alerts": alerts})


@pytest.mark.parametrize(
    "given",
    [
        "https://hooks.example/s3cret",
        '{"default": "ftp://hooks.example/s3cret"}',
        '{"teams": {"https://hooks.example/s3cret": "ops"}}',
        '{"default": ["https://hooks.example/s3cret"]}',
        '{"default": "https://hooks.example/s3cret"',
        '{"default": {"url": "https://hooks.example/s3cret", "form": "s3cret"}}',
        "there/is/no/such/file.yaml",
    ],
)
def test_a_wrong_setting_is_told_without_a_word_of_the_address(shop, given):
    with pytest.raises(SettingsError) as refused:
        channels_of(settings_with(shop, given))
    assert "VEDDER_ALERTS" in refused.value.message
    assert "s3cret" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


# the sensor


def tick(shop, instance, alerts):
    from vedder_pipelines.definitions import graph

    settings = settings_with(shop, alerts)
    with dg.build_sensor_context(instance=instance, resources=resources_of(settings)) as context:
        return graph(settings).resolve_sensor_def("band_drops")(context)


def test_the_sensor_tells_and_says_so_without_the_address(shop):
    with serving() as hooks, dg.DagsterInstance.ephemeral() as instance:
        alerts = json.dumps({"default": hooks.url("/s3cret")})
        measured(shop, "sales", "healthy", 0)
        assert tick(shop, instance, alerts).skip_message == "No cluster fell into a worse band."
        measured(shop, "sales", "critical", 1)
        assert tick(shop, instance, alerts).skip_message == "Told: `sales` is critical."
        assert len(hooks.got) == 1
        assert "s3cret" not in json.dumps(TOLD.recall(shop.memory), default=str)


def test_without_the_setting_the_sensor_does_nothing_and_says_so(shop):
    with dg.DagsterInstance.ephemeral() as instance:
        assert "VEDDER_ALERTS is not set" in tick(shop, instance, None).skip_message


def test_dagster_accepts_the_sensor_and_shows_no_address(shop):
    from vedder_pipelines.definitions import graph

    with serving() as hooks:
        definitions = graph(settings_with(shop, json.dumps({"default": hooks.url("/s3cret")})))
        resources = resources_of(shop.settings)
        with (
            dg.DagsterInstance.ephemeral() as instance,
            dg.build_sensor_context(
                instance=instance, repository_def=definitions.get_repository_def(), resources=resources
            ) as context,
        ):
            evaluated = definitions.resolve_sensor_def("band_drops").evaluate_tick(context)
        assert not evaluated.run_requests
        assert "s3cret" not in str(definitions.get_repository_def().get_top_level_resources())
