"""Values of personal columns are never told: curators say so, names tell of them, or the values give them away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedder_core.cluster import ColumnNote, Dataset
from vedder_core.privacy import (
    personal_among,
    personal_by_name,
    personal_value,
    withheld_before_looking,
    withheld_by_values,
)
from vedder_core.schema import Column


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (ColumnNote(hidden=True), "hidden by its curator"),
        (ColumnNote(sensitive=True), "marked as sensitive by its curator"),
        (ColumnNote(note="in euros"), None),
    ],
)
def test_a_curator_decides_whatever_the_spelling(note: ColumnNote, reason: str | None) -> None:
    dataset = Dataset(name="shop.orders", description="Orders.", columns={"SALARY": note})
    assert withheld_before_looking(dataset, Column("Salary", "INTEGER")) == reason


def test_a_name_withholds_unless_the_column_is_a_flag() -> None:
    dataset = Dataset(name="shop.orders", description="Orders.")
    assert withheld_before_looking(dataset, Column("email", "VARCHAR")) == "its name tells of e-mail addresses"
    assert withheld_before_looking(dataset, Column("email", "BOOLEAN")) is None


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("email", "e-mail addresses"),
        ("customerEmail", "e-mail addresses"),
        ("E_Mail_Address", "e-mail addresses"),
        ("work_phone_number", "phone numbers"),
        ("mobile", "phone numbers"),
        ("FirstName", "names of people"),
        ("passenger_name", "names of people"),
        ("surname", "names of people"),
        ("date_of_birth", "dates of birth"),
        ("dob", "dates of birth"),
        ("client_ip", "network addresses"),
        ("ip_address", "network addresses"),
        ("shipping_address_line_2", "postal addresses"),
        ("street", "postal addresses"),
        ("SSN", "national ids"),
        ("passport_no", "national ids"),
        ("credit_card_number", "bank or card numbers"),
        ("IBAN", "bank or card numbers"),
        ("api_key", "secrets"),
        ("password", "secrets"),
    ],
)
def test_names_that_tell_of_personal_data(name: str, what: str) -> None:
    assert personal_by_name(name) == what


@pytest.mark.parametrize(
    "name",
    ["name", "carrier", "tailnum", "origin", "trip", "ship_mode", "mail_class", "address_id", "email_count", "n_phones",
     "has_email", "is_street", "year", "card_type", "prompt_tokens", "manufacturer", "distance", "", "_", "größe"],
)  # fmt: skip
def test_names_that_do_not(name: str) -> None:
    assert personal_by_name(name) is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("ada@example.org", "e-mail addresses"),
        ("write to ada.l+x@mail.example.org today", "e-mail addresses"),
        ("+44 20 7946 0958", "phone numbers"),
        ("(555) 123-4567", "phone numbers"),
        ("06 12 34 56 78", "phone numbers"),
        ("4111 1111 1111 1111", "card numbers"),
        ("378282246310005", "card numbers"),
        ("123-45-6789", "national ids"),
        ("AB 12 34 56 C", "national ids"),
        ("123.456.789-09", "national ids"),
        ("12345678Z", "national ids"),
        ("X1234567L", "national ids"),
        ("GB82 WEST 1234 5698 7654 32", "bank account numbers"),
        ("192.168.100.25", "network addresses"),
    ],
)
def test_values_that_look_personal(value: str, what: str) -> None:
    assert personal_value(value) == what
    assert withheld_by_values([value] * 3 + ["x"] * 3) == f"its values look like {what}"


@pytest.mark.parametrize(
    "value",
    ["", "JFK", "N14228", "2013-01-01", "01-02-2013", "2013-01-01 05:00:00", "4111 1111 1111 1112", "1357016400",
     "10.5", "GB82 WEST 1234 5698 7654 33", "12345678A", "737-7H4", "CL-600-2B19", "Clerk#000000155", "1.2.3",
     "978-0-306-40615-7", "0.00001", "-122.398056", "B737 800 2013"],
)  # fmt: skip
def test_values_that_do_not(value: str) -> None:
    assert personal_value(value) is None


def test_one_personal_value_among_many_does_not_withhold_the_column_but_is_found() -> None:
    values = ["ada@example.org", *(f"note {n}" for n in range(50))]
    assert withheld_by_values(values) is None
    assert personal_among(values) == {"ada@example.org"}


def test_long_numbers_that_pass_the_check_digit_by_chance_withhold_nothing() -> None:
    numbers = [str(4_000_000_000_000_000 + n * 7919) for n in range(500)]
    assert any(personal_value(number) for number in numbers)
    assert withheld_by_values(numbers) is None


@given(st.text(), st.lists(st.text(), max_size=5))
def test_any_text_can_be_asked_about(value: str, others: list[str]) -> None:
    """Never an error, and a value that is found alone is found among others as well."""
    personal_by_name(value)
    found = personal_value(value) is not None
    assert (value in personal_among([*others, value])) == found


@given(st.text(alphabet="0123456789", min_size=15, max_size=15).map(lambda digits: "4" + digits))
def test_of_ten_last_digits_exactly_one_makes_a_card_number(digits: str) -> None:
    assert sum(personal_value(digits[:-1] + last) == "card numbers" for last in "0123456789") == 1
