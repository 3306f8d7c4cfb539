"""The grammar files are what tools/asn1.py makes of pycrate's modules, octet for octet."""

import pytest

from unit.tool import tool

ASN1 = tool("asn1")


@pytest.mark.parametrize("protocol", ASN1.PROTOCOLS, ids=lambda protocol: protocol.folder)
def test_a_grammar_file_is_what_the_tool_makes(protocol):
    path = ASN1.ROOT / protocol.folder / "grammar.json"
    assert path.read_text() == ASN1.extract(protocol)
