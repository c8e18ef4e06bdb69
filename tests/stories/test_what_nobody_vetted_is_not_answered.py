"""The user's view: a pair answers only the question that a person approved for its SQL, whoever edits its file."""

import re
from datetime import date

from vedder_core.answer import Answer, NotCovered

WARM = "What is the average temperature in each month?"
WINDY = "What is the average wind speed at each airport?"


def pair(demo, slug):
    return demo.folder / f"clusters/weather/pairs/{slug}.sql"


def asked(text):
    """The header's lines with the question and its phrasings."""
    return text[text.index("question:") : text.index("teaches:")]


def exchange(demo):
    """Two pairs of the demo get each other's questions; their SQL stays as it is."""
    files = pair(demo, "average_temperature_by_month"), pair(demo, "average_wind_by_station")
    first, second = (file.read_text() for file in files)
    files[0].write_text(first.replace(asked(first), asked(second)))
    files[1].write_text(second.replace(asked(second), asked(first)))
    return files


def test_pairs_that_exchange_their_questions_answer_neither_until_a_person_vets_them(demo) -> None:
    before = demo.ask(WARM)
    assert isinstance(before, Answer)
    assert (before.trust, len(before.rows)) == ("verified", 12)

    edited = exchange(demo)
    demo.run_pipelines()
    for question in (WARM, WINDY):
        declined = demo.ask(question)
        assert isinstance(declined, NotCovered)
        assert f"Nobody vetted its question “{question}”" in declined.reason
        assert "weather_desk (" in declined.reason

    said = [action.text for action in demo.health("weather").actions() if "average_wind_by_station" in action.text]
    assert any(f"Nobody vetted its question “{WARM}”" in text and "set `vetted_on`" in text for text in said)

    for file in edited:
        file.write_text(re.sub(r"vetted_on: .*", f"vetted_on: {date.today()}", file.read_text()))  # noqa: DTZ011 (as a curator does)
    demo.run_pipelines()
    now = demo.ask(WINDY)  # a person took the blame for it
    assert isinstance(now, Answer)
    assert (now.trust, now.rows) == ("verified", before.rows)
