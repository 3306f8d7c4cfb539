"""A network with a cast, and the plan that an adapter makes of it."""

from pathlib import Path
from typing import Any

import yaml

from awase.lab.assemble import Options, assemble
from awase.lab.live.casting import Play, plays_of
from awase.lab.network_file import load_network, parse_network

NETWORK = """
name: mixed
plmn: "001-01"
tac: 7
slices:
  - {sst: 1, sd: "00000a"}
  - {sst: 2}
dnns:
  - {name: internet, pool: 10.45.0.0/16, dns: [10.45.0.1], mtu_bytes: 1390}
subscribers:
  - supi: imsi-001010000000001
    k: "465b5ce8b199b49faa5f0a2ee238a6bc"
    opc: "cd63cb71954a9f4e48a5994e37a02baf"
    ambr: {downlink_mbps: 100, uplink_mbps: 50}
    sqn: "000000000020"
home_network_keys:
  - {id: 1, scheme: profile-a, private_key: "c53c22208b61860b06c62e5406a7b330c2b577aa5558981510d128247d38bd1d"}
parts:
  ue1:
    function: ue
    subscriber: imsi-001010000000001
    suci_scheme: profile-a
    sessions: [{dnn: internet, slice: {sst: 1, sd: "00000a"}}]
  gnb1: {function: gnb, gnb_id: 5, cell_id: 3}
  amf: {function: amf, ciphering: [NEA2, NEA0], t3512_s: 600}
  smf: {function: smf}
  upf: {function: upf}
  ausf: {function: ausf}
  udm: {function: udm}
  udr: {function: udr}
  internet: {function: data_network}
"""


def staged(*cast: str, more: str = "", source: str = NETWORK, directory: Path = Path("plan")) -> Any:
    """The network with this cast, and the plays."""
    file = parse_network((source + more).encode(), "f.yaml")
    return plays_of(assemble(file, Options(cast=cast, loopback=0)), directory)


def document(play: Play, path: str) -> Any:
    """A YAML file of a plan, as its reader has it."""
    return yaml.safe_load(next(file.text for file in play.plan.files if file.path == path))


def text(play: Play, path: str) -> str:
    """A file of a plan."""
    return next(file.text for file in play.plan.files if file.path == path)


def load(name: str) -> Any:
    """A shipped network."""
    return load_network(name)
