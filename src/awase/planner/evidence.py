"""What fits with what: which pair records speak for two pieces that stand together, and whether they still count."""

from collections.abc import Iterable

import msgspec

from awase.model.calendar import Date, months_after
from awase.model.plan import JOINTS, Equipment, Joint, Market, PairRecord, Product


class Meeting(msgspec.Struct, frozen=True):
    """Two pieces of one site that must work together."""

    a: Equipment
    b: Equipment
    joint: Joint


def meetings(pieces: Iterable[Equipment]) -> list[Meeting]:
    """The pairs of a site's pieces that must work together: of kinds that meet, and of a layer that both have."""
    own = tuple(pieces)
    return [
        Meeting(a, b, joint)
        for joint in JOINTS
        for a in own
        if a.kind == joint.a
        for b in own
        if b.kind == joint.b and (not a.layers or not b.layers or any(layer in b.layers for layer in a.layers))
    ]


def speaks_for(side: Product, piece: Equipment) -> bool:
    """Whether one side of a record is about a piece; an empty product or release is about any."""
    return (
        side.kind == piece.kind
        and side.supplier == piece.supplier
        and side.product in ("", piece.product)
        and side.release in ("", piece.release)
    )


def records_for(market: Market, meeting: Meeting) -> list[PairRecord]:
    """The records about a pair, either way round, in their order."""
    return [
        record
        for record in market.evidence
        if record.interface == meeting.joint.interface
        and (
            (speaks_for(record.a, meeting.a) and speaks_for(record.b, meeting.b))
            or (speaks_for(record.a, meeting.b) and speaks_for(record.b, meeting.a))
        )
    ]


def latest_verdict(market: Market, meeting: Meeting, day: Date, max_age_months: int | None = None) -> str:
    """The verdict of the latest dated record up to a day: "pass", "fail", "inconclusive", "too old" or "none".

    Of records of one day a fail counts before a pass. What is declared, or has no date, proves nothing.
    """
    dated = [
        (record.date, record.verdict == "fail", record.verdict)
        for record in records_for(market, meeting)
        if record.date is not None and record.date <= day and record.verdict != "declared"
    ]
    if not dated:
        return "none"
    latest, _, verdict = max(dated)
    if max_age_months is not None and months_after(latest, max_age_months) < day:
        return "too old"
    return verdict
