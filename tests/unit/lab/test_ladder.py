"""The ladder keeps its form, whatever those say who are in it."""

from io import StringIO

from awase.lab.dissection import Sight
from awase.lab.ladder import Ladder


def test_what_a_peer_has_chosen_stays_one_line_and_commands_no_terminal() -> None:
    file = StringIO()
    ladder = Ladder(file, 0, ["smf", "amf"])
    nasty = "500 \x1b[2J\r\nContent-Type: x\u2028\x9b31m"
    ladder.message(1_000, "smf", "amf", "N11", [Sight("sbi", nasty, nasty, None), Sight("sbi", nasty, "", None)], False)
    ladder.event(1_000, "smf", nasty)
    text = file.getvalue()
    assert text.count("\n") == 3
    assert all(line.isprintable() for line in text.splitlines())
    assert "500 \\u001b[2J\\u000d\\u000aContent-Type" in text
