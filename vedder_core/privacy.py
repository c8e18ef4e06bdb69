"""Which columns' values may never be shown or sampled, and why: by curator, by name, or by what the values look like.

Everything here gives the reason in words, None where there is none. It errs towards withholding: a curator reads the
reason in the profile. What is still measured of a withheld column (nulls, how many distinct) is the engines' part.
"""

import re
from collections.abc import Callable, Iterable

from vedder_core.cluster import Dataset
from vedder_core.schema import Column

RULES = "1"
"""Changed whenever a rule here changes, so that profiles made under older rules are made again."""

PEOPLE = "first|last|middle|given|family|maiden|full|sur|fore|user|contact|customer|client|person|patient|passenger|employee|guest|student|driver|cardholder|holder"  # fmt: skip  # noqa: E501
PERSONAL_NAMES = (
    ("e-mail addresses", r"e ?mails?|e ?mail (address|addr)(es)?|mail|mail (address|addr)"),
    ("phone numbers", r"((tele)?phones?|mobile|cell|fax|tel)( (number|no|num)s?)?|cell ?phone|msisdn"),
    ("names of people", rf"({PEOPLE}) ?names?|surname|forename|login name"),
    ("dates of birth", r"birth( ?(date|day|year))?|(date|year) of birth|birthday|dob|yob"),
    ("network addresses", r"ip|ip addr(ess)?|mac addr(ess)?"),
    ("postal addresses", r"(address|addr)(es)?( line)?( ?\d)?|street"),
    ("national ids", r"(social security|insurance|passport)( (number|no|num|id))?|national id|tax (id|number)"),
    ("national ids", r"ssn|nino|tin|cpf|dni|nif|aadhaar|licen[sc]e (number|no)"),
    ("bank or card numbers", r"(card|cc|account) (number|no|num)|pan|iban|bank account|cvv|cvc"),
    ("secrets", r"password|passwd|pwd|secret|api ?key|token"),
)  # fmt: skip
NAMED = tuple((what, re.compile(rf"(?:\w+ )*(?:{words})")) for what, words in PERSONAL_NAMES)
COUNTED = re.compile(r"(is|has|n|nr|num|count|number of|count of|total) .*")

SUSPECT = re.compile(r"@|\d(?:[^\d\n]{0,2}\d){5}|(?:\d+\.){3}")
"""What every personal value has in it."""

MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
PHONE = re.compile(
    r"(?:\+|00)[\d ().\-/]{8,22}|0\d(?:[ .\-]\d{2}){4}|\(?\d{2,5}\)?[ \-./]\(?\d{2,4}\)?[ \-.]\d{3,4}(?:[ \-.]\d{2,4})?"
)
DATE = re.compile(r"(?:\d{4}([-./ ])\d{1,2}\1\d{1,2}|\d{1,2}([-./ ])\d{1,2}\2\d{2,4})(?:[ T]\d{1,2}:.*)?")
NETWORK = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?:[:/]\d+)?")
CARD = re.compile(r"[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ -]?)\d{6}\2\d{5}")
SOCIAL_SECURITY = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
NATIONAL_INSURANCE = re.compile(r"(?![DFIQUV])[A-Z](?![DFIOQUV])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]")
CPF = re.compile(r"\d{3}\.\d{3}\.\d{3}-\d{2}")
DNI = re.compile(r"([XYZ\d])(\d{7})-?([A-Z])")
INSEE = re.compile(r"([12]\d{2}(?:0[1-9]|1[0-2])\d{2}\d{6})(\d{2})")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z\d]{11,30}")


def withheld_before_looking(dataset: Dataset, column: Column) -> str | None:
    """Why no value of this column may be read at all: its curator or its name says so."""
    note = next((n for name, n in dataset.columns.items() if name.casefold() == column.name.casefold()), None)
    if note is not None and note.hidden:
        return "hidden by its curator"
    if note is not None and note.sensitive:
        return "marked as sensitive by its curator"
    what = None if column.type.upper() == "BOOLEAN" else personal_by_name(column.name)
    return f"its name tells of {what}" if what else None


def withheld_by_values(values: Iterable[str]) -> str | None:
    """Why a column with such values must be withheld: a good share of them look like personal data."""
    seen = [value.strip() for value in values]
    if not may_be_personal(seen):
        return None
    for what, share, looks_so in DETECTORS:
        hits = sum(1 for value in seen if looks_so(value))
        if hits and hits >= share * len(seen):
            return f"its values look like {what}"
    return None


def may_be_personal(values: Iterable[str]) -> bool:
    """Can any of the values be personal? Most columns have none that could, and are done after this one search."""
    return SUSPECT.search("\n".join(values)) is not None


def personal_by_name(name: str) -> str | None:
    """What personal data the name of a column tells of; a flag or a count of such data is none."""
    words = _words(name)
    if COUNTED.fullmatch(words):
        return None
    return next((what for what, pattern in NAMED if pattern.fullmatch(words)), None)


def personal_value(value: str) -> str | None:
    """What personal data one value looks like."""
    if not may_be_personal([value]):
        return None
    return next((what for what, _, looks_so in DETECTORS if looks_so(value.strip())), None)


def personal_among(values: Iterable[str]) -> frozenset[str]:
    """Those of the values that look like personal data."""
    return frozenset(value for value in values if personal_value(value) is not None)


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.split(r"[\W_]+", spaced)).strip().casefold()


def _is_mail(value: str) -> bool:
    return MAIL.search(value) is not None


def _is_phone(value: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    return 9 <= digits <= 15 and PHONE.fullmatch(value) is not None and DATE.fullmatch(value) is None


def _is_network_address(value: str) -> bool:
    return NETWORK.fullmatch(value) is not None


def _is_card(value: str) -> bool:
    """A card's length and first digit, and the check digit of Luhn."""
    digits = re.sub(r"[ -]", "", value)
    if not 13 <= len(digits) <= 19 or CARD.fullmatch(value) is None:
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def _is_national_id(value: str) -> bool:
    return any(shape.fullmatch(value) for shape in (SOCIAL_SECURITY, NATIONAL_INSURANCE, CPF))


def _is_checked_id(value: str) -> bool:
    """Ids that only their check digits tell from other codes: the Spanish DNI and NIE, the French INSEE number."""
    if found := DNI.fullmatch(value):
        number = int(str("XYZ".find(found[1])) + found[2]) if found[1] in "XYZ" else int(found[1] + found[2])
        return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == found[3]
    found = INSEE.fullmatch(value.replace(" ", ""))
    return found is not None and 97 - int(found[1]) % 97 == int(found[2])


def _is_iban(value: str) -> bool:
    account = value.replace(" ", "")
    if IBAN.fullmatch(account) is None:
        return False
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97 == 1


DETECTORS: tuple[tuple[str, float, Callable[[str], bool]], ...] = (
    ("e-mail addresses", 0.1, _is_mail),
    ("national ids", 0.1, _is_national_id),
    ("network addresses", 0.1, _is_network_address),
    ("phone numbers", 0.1, _is_phone),
    ("bank account numbers", 0.1, _is_iban),
    ("card numbers", 0.5, _is_card),  # one in ten long numbers passes Luhn by chance
    ("national ids", 0.5, _is_checked_id),
)
"""What is looked for, from which share of a column's values on the column counts as such, and the test."""
