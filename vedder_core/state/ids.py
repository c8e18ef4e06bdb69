"""Identifiers that sort by the time they were made and that nobody guesses: a turn's id is half of a key to it."""

import secrets
import time


def new_id() -> str:
    """48 bits of milliseconds and 80 of chance, in hexadecimal digits."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
