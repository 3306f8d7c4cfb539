"""The records of a JSON document: an array, one object, or one object a line as mongoexport writes it."""

import json
from collections.abc import Iterator
from typing import Any

from awase.suppliers.subscriber_documents.records import MAX_RECORDS, DocumentError, RecordError, plain


def split(text: str) -> Iterator[tuple[int, dict[str, Any] | RecordError]]:
    """Each record by its number, from 1; one that is none as the error that it is. Raises DocumentError."""
    for number, record in enumerate(_records(text), 1):
        if number > MAX_RECORDS:
            raise DocumentError(f"more than {MAX_RECORDS} records")
        if isinstance(record, RecordError):
            yield number, record
        elif isinstance(record, dict):
            yield number, plain(record)
        else:
            yield number, RecordError("", "is no object", "each record is one: {...}")


def _records(text: str) -> Iterator[Any]:
    whole = _parsed(text)
    if not isinstance(whole, RecordError):
        yield from whole if isinstance(whole, list) else [whole]
        return
    lines = [line for line in text.splitlines() if line.strip()]
    parsed = [_parsed(line) for line in lines]
    if len(lines) < 2 or not any(isinstance(record, dict) for record in parsed):
        raise DocumentError(f"{whole.what}: neither JSON nor one JSON object a line")
    yield from parsed


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        return RecordError("", f"{error.msg} (line {error.lineno}, column {error.colno})", "correct the JSON")
    except RecursionError:
        return RecordError("", "nested too deeply", "no record needs that")
    except ValueError as error:
        # What `json` says of numbers of thousands of digits.
        return RecordError("", str(error).split(";")[0][:100])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key[:60]!r} is there twice")
        found[key] = value
    return found
