"""What this host offers to a network on real sockets, and what that means."""

import msgspec

from awase.transports import probe
from awase.transports.hosting import SctpOptions
from awase.transports.probe import Finding
from awase.transports.sctp import choose

_CARRIERS = {"kernel": "kernel", "raw": "raw IP", "udp": "UDP"}

_CORE = "Open5GS", "--cast core=open5gs"
PROGRAMS: tuple[tuple[str, str, str, str], ...] = (
    *((f"open5gs-{name}d", "-v", *_CORE) for name in ("amf", "smf", "ausf", "udm", "udr", "nrf", "scp")),
    *((f"open5gs-{name}d", "-v", *_CORE) for name in ("pcf", "bsf", "nssf")),
    ("open5gs-upfd", "-v", "Open5GS", "--cast upf=open5gs, or with the core"),
    ("mongosh", "--version", "MongoDB's shell", "puts the subscribers into the database of Open5GS"),
    ("mongod", "--version", "MongoDB", "the database of Open5GS"),
    ("nr-gnb", "--version", "UERANSIM", "--cast gnb=ueransim"),
    ("nr-ue", "--version", "UERANSIM", "--cast ue=ueransim; as root it makes TUN devices of its own"),
    ("free5gc", "--version", "free5GC", "no adapter: cast an external address"),
    ("gnb", "--version", "srsRAN Project or OCUDU", "no adapter: awase up golden-core serves it"),
    ("ocudu", "--version", "OCUDU", "no adapter: awase up golden-core serves it"),
    ("nr-softmodem", "--help", "OpenAirInterface", "no adapter: awase up golden-core serves it"),
    ("nr-uesoftmodem", "--help", "OpenAirInterface", "its radio is none that ours speaks"),
    ("tshark", "--version", "Wireshark", "reads captures"),
    ("h2load", "--version", "nghttp2", "loads the SBI"),
    ("curl", "--version", "curl", "asks the SBI, and goes over a session with tun: true"),
    ("ping", "-V", "iputils", "goes over a session with tun: true"),
    ("iperf3", "--version", "iperf", "goes over a session with tun: true"),
)
"""Program, how it is asked for its version, whose it is, what it is good for."""
OF_KERNEL_SCTP = ("open5gs-amfd", "nr-gnb", "nr-softmodem", "gnb", "ocudu")
"""Those that speak SCTP by the kernel alone."""


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
    meaning: str


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
        programs=_programs(),
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
            "it takes root and /dev/net/tun; without, the built-in traffic and data network serve",
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


def _programs() -> tuple[FoundProgram, ...]:
    found = probe.programs({name: question for name, question, _, _ in PROGRAMS})
    kernel = probe.sctp_kernel().there
    return tuple(
        FoundProgram(
            name=name,
            of=of,
            path=found[name][0],
            version=found[name][1],
            meaning=meaning + ("; not here: the kernel has no SCTP" if name in OF_KERNEL_SCTP and not kernel else ""),
        )
        for name, _, of, meaning in PROGRAMS
        if name in found
    )
