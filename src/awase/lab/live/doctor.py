"""What this host offers to a network on real sockets, and what that means."""

import msgspec

from awase.transports import probe
from awase.transports.hosting import SctpOptions
from awase.transports.probe import Finding
from awase.transports.sctp import choose

_CARRIERS = {"kernel": "kernel", "raw": "raw IP", "udp": "UDP"}

PROGRAMS: tuple[tuple[str, str, str], ...] = (
    *((f"open5gs-{name}d", "-v", "Open5GS") for name in ("amf", "smf", "upf", "ausf", "udm", "udr", "nrf", "pcf")),
    ("mongosh", "--version", "the database of Open5GS's subscribers"),
    ("nr-gnb", "--version", "UERANSIM"),
    ("nr-ue", "--version", "UERANSIM"),
    ("free5gc", "--version", "free5GC"),
    ("gnb", "--version", "srsRAN Project"),
    ("ocudu", "--version", "OCUDU"),
    ("nr-softmodem", "--help", "OpenAirInterface"),
    ("nr-uesoftmodem", "--help", "OpenAirInterface"),
    ("tshark", "--version", "reads captures"),
    ("h2load", "--version", "loads the SBI"),
    ("curl", "--version", "asks the SBI"),
    ("iperf3", "--version", "loads the user plane"),
)
"""Program, how it is asked for its version, what it is."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about the host. `needed`: whether the default network needs it."""

    name: str
    there: bool
    detail: str
    meaning: str
    needed: bool = False


class FoundProgram(msgspec.Struct, frozen=True, kw_only=True):
    """A third party's program on PATH."""

    name: str
    of: str
    path: str
    version: str


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `sctp`: the carrier that `awase up` will take."""

    host: str
    python: str
    cores: int
    root: bool
    sctp: str
    facts: tuple[Fact, ...]
    programs: tuple[FoundProgram, ...]

    @property
    def healthy(self) -> bool:
        """Whether the default network can be up here."""
        return all(fact.there for fact in self.facts if fact.needed)


def diagnose() -> Diagnosis:
    """Look."""
    machine = probe.machine()
    return Diagnosis(
        host=machine.system,
        python=machine.python,
        cores=machine.cores,
        root=machine.root,
        sctp=_CARRIERS[choose(SctpOptions())],
        facts=_facts(),
        programs=tuple(found for row in PROGRAMS if (found := _found(*row)) is not None),
    )


def _facts() -> tuple[Fact, ...]:
    offload = ("several datagrams a system call", "a system call for each datagram")
    return (
        _fact(
            "loopback range",
            probe.loopback_range(),
            "each part has an address of its own",
            "virtual time is what works here: awase run",
            needed=True,
        ),
        _fact(
            "SCTP kernel",
            probe.sctp_kernel(),
            "taken for N2",
            "ours is taken; nr-gnb and open5gs-amfd cannot run here (modprobe sctp)",
        ),
        _fact(
            "SCTP raw IP",
            probe.sctp_raw(),
            "our SCTP speaks to any peer, where the kernel has none",
            "needs root: without, our SCTP goes over UDP",
        ),
        _fact(
            "SCTP over UDP",
            probe.udp(),
            "between our own parts, without any privilege (RFC 6951, port 9899)",
            "no network on real sockets",
            needed=True,
        ),
        _fact(
            "TUN",
            probe.tun(),
            "tun: true lets ordinary programs use the session",
            "needs root; the built-in traffic and data network serve",
        ),
        _fact("UDP GSO", probe.udp_gso(), *offload),
        _fact("UDP GRO", probe.udp_gro(), *offload),
        _fact(
            "tshark",
            probe.tshark(),
            "opens a Run's capture.pcapng",
            "apt-get install tshark opens a Run's capture.pcapng",
        ),
    )


def _fact(name: str, found: Finding, if_there: str, if_not: str, *, needed: bool = False) -> Fact:
    meaning = if_there if found.there else if_not
    return Fact(name=name, there=found.there, detail=found.detail, meaning=meaning, needed=needed)


def _found(name: str, question: str, of: str) -> FoundProgram | None:
    found = probe.program(name, question)
    return None if found is None else FoundProgram(name=name, of=of, path=found[0], version=found[1])
