"""The model that only imitates: which pair it takes, how it fills blanks, and when it declines."""

import json

from vedder_core.chat.chat_model import Message
from vedder_core.chat.imitating import ImitatingChatModel

SIGHT = """## Vetted pairs near the question: follow their ways
### Pair `flights/departures`
Question: How many flights left {origin} in {month}?
Also asked as: Departures of {origin} in {month}
Teaches: cancelled flights do not count
Put a value in the place of each parameter:
- `:origin`: a value of `nyc.flights.origin` ("EWR", "JFK" and 1 more)
- `:month`: a month as a number from 1 to 12, 7 where the question does not say
```sql
SELECT count(*) FROM nyc.flights
WHERE origin = :origin AND month = :month
```

### Pair `flights/carriers`
Question: Which airlines fly from here?
Teaches: names are in another table
```sql
SELECT DISTINCT carrier FROM nyc.flights
```
"""


def said(question: str, *after: Message) -> tuple[str, dict[str, object]]:
    messages = [Message("system", "rules"), Message("user", f"{SIGHT}\n\n# The question\n{question}"), *after]
    (call,) = ImitatingChatModel().reply(messages, most_tokens=100, seconds=1).calls
    return call.name, json.loads(call.arguments)


def test_it_runs_the_pair_that_is_worded_most_like_the_question_with_its_blanks_filled() -> None:
    name, arguments = said("Tell me how many flights left JFK in March")
    assert name == "run_sql"
    assert arguments["sql"] == "SELECT count(*) FROM nyc.flights\nWHERE origin = 'JFK' AND month = 3"


def test_a_blank_that_the_question_does_not_fill_gets_its_default() -> None:
    assert "month = 7" in str(said("how many flights left EWR")[1]["sql"])


def test_another_question_gets_another_pair() -> None:
    assert said("Which airlines fly from here, please?")[1]["sql"] == "SELECT DISTINCT carrier FROM nyc.flights"


def test_it_declines_what_is_worded_like_no_pair() -> None:
    assert said("Do passengers enjoy breakfast?")[0] == "not_covered"


def test_it_finishes_with_the_query_that_ran_and_declines_after_an_error() -> None:
    ran = Message("tool", json.dumps({"query": "q1", "rows": [[1]]}), answers="a")
    assert said("how many flights left EWR", ran) == (
        "finish",
        {"answer": "The rows are those of the nearest vetted pair's SQL.", "queries": ["q1"]},
    )
    failed = Message("tool", json.dumps({"error": "no such column", "hint": ""}), answers="a")
    assert said("how many flights left EWR", failed)[0] == "not_covered"
