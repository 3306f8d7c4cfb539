"""Open5GS as a core, or its UPF beside our SMF, or our UPF beside its core (written for 2.7 and 2.8).

Its functions find one another through its NRF, so that all those that speak SBI are cast together. Subscribers
are in MongoDB: the commands that put them there are written beside the configuration.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from awase.suppliers.adapter import Brief, Plan, Program, Sign, WrittenFile, options_of, program_path
from awase.suppliers.open5gs_configuration import Configuration, Hosts
from awase.suppliers.open5gs_subscribers import dbctl_script, mongo_script
from awase.suppliers.yaml_text import yaml_text

SBI_FUNCTIONS = ("amf", "smf", "ausf", "udm", "udr")
HELPERS = ("nrf", "pcf", "bsf", "nssf")
"""What an Open5GS core needs besides, which has no part in our networks."""
START_ORDER = ("nrf", "udr", "udm", "ausf", "pcf", "bsf", "nssf", "upf", "smf", "amf")

_LEVEL = r"\b{0}: (.*?)(?: \(\.\./\S+\))?$"
_GENERAL = (
    Sign(_LEVEL.format("FATAL"), "ForeignFailure", "it gives up: {0}", "error"),
    Sign(_LEVEL.format("ERROR"), "ForeignError", "it says: {0}", "warning"),
)
_SIGNS: Mapping[str, tuple[Sign, ...]] = {
    "amf": (
        Sign(r"gNB-N2 accepted\[(\S+?)\]", "AssociationUp", "the gNB at {0} has an SCTP association with it"),
        Sign(r"gNB-N2\[(\S+?)\] connection refused", "AssociationLost", "the gNB at {0} is gone", "warning"),
        Sign(
            r"NG-Setup failure:? ?(.*)",
            "NgSetupRefused",
            "it refused an NG Setup: {0}; compare PLMN, TAC and slices of gNB and AMF (it names an unknown PLMN "
            "where it means a slice, open5gs#1064)",
            "error",
        ),
        Sign(r"Non cleartext IEs is included", "NonCleartextIe",
             "it rejects a registration (cause 95) for a Requested NSSAI in clear: with UERANSIM's UE on our gNB, set "
             "the option strip_requested_nssai of this adapter", "error"),
        Sign(r"max_num_of_ostreams", "TooFewStreams",
             "it takes no UE from a gNB whose association has fewer than 2 streams towards the gNB", "error"),
        Sign(r"\[(imsi-\d+)\] Registration complete|Registration complete \[(imsi-\d+)\]", "Registered",
             "{0}{1} is registered"),
    ),
    "smf": (
        Sign(r"PFCP associated \[(\S+?)\]", "PfcpAssociated", "it is associated with the UPF at {0}"),
        Sign(r"PFCP de-associated \[(\S+?)\]", "PfcpLost", "it lost the UPF at {0}", "warning"),
        Sign(r"UE SUPI\[(\S+)\] DNN\[(\S+)\] IPv4\[(\S*)\]", "SessionEstablished", "{0} has a session to {1}: {2}"),
    ),
    "upf": (
        Sign(r"PFCP associated \[(\S+?)\]", "PfcpAssociated", "it is associated with the SMF at {0}"),
        Sign(r"PFCP de-associated \[(\S+?)\]", "PfcpLost", "it lost the SMF at {0}", "warning"),
        Sign(r"ogs_tun_open\(dev:(\S+)\) failed", "NoTun",
             "it cannot open the TUN device {0}: run setup-tun.sh as root first", "error"),
    ),
    "udr": (
        Sign(r"Cannot find IMSI in DB : (\S+)", "UnknownSubscriber",
             "{0} is not in its database: run subscribers.sh, or mongosh open5gs subscribers.js", "error"),
        Sign(r"(?:No suitable servers|Failed to connect to server).*", "NoDatabase",
             "it does not reach MongoDB: start mongod, or set the option db_uri", "error"),
    ),
}  # fmt: skip


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of `cast: {core: {supplier: open5gs, options: {...}}}`.

    `directory`: where the daemons are, if not on PATH. `db_uri`: the MongoDB with the subscribers. `device`: the
    UPF's TUN device. `ready_s`: how long a daemon may take to start. `log_level`: as Open5GS names it.
    `strip_requested_nssai`: have our gNB remove the Requested NSSAI from a plain REGISTRATION REQUEST, as nr-gnb
    does; Open5GS rejects what holds one (WIRE section 1.3; needed with UERANSIM's UE on our gNB).
    `nrf`, `pcf`, `bsf`, `nssf`: addresses of the functions that our networks have no part for.
    """

    directory: str | None = None
    db_uri: str = "mongodb://localhost/open5gs"
    device: str = "ogstun"
    ready_s: float = 60.0
    log_level: str = "info"
    strip_requested_nssai: bool = False
    nrf: str = "127.0.0.10"
    pcf: str = "127.0.0.13"
    nssf: str = "127.0.0.14"
    bsf: str = "127.0.0.15"


class Open5gs:
    """The adapter."""

    functions = ("amf", "smf", "upf", "ausf", "udm", "udr")

    def plan(self, brief: Brief) -> Plan:
        """A daemon for each part, the helpers of a core, a TUN device for the UPF, subscribers for the UDR."""
        wanted = [part.function for part in brief.of(*self.functions)]
        self._check(brief, wanted)
        options = _options(brief)
        core = any(function in SBI_FUNCTIONS for function in wanted)
        functions = [name for name in START_ORDER if name in wanted or (core and name in HELPERS)]
        configuration = Configuration(brief, _hosts(options), options.db_uri, options.device, options.log_level)
        files, programs = [], []
        for function in functions:
            path = f"{function}.yaml"
            files.append(WrittenFile(path, yaml_text(configuration.of(function), "Written by awase.")))
            programs.append(_daemon(brief, function, options))
        notes: list[str] = []
        if core:
            files += configuration.key_files()
            files.append(WrittenFile("subscribers.js", mongo_script(brief.network)))
            files.append(WrittenFile("subscribers.sh", dbctl_script(brief.network, options.db_uri), 0o700))
            programs.insert(0, _provision(brief, options))
            notes.append(
                f"Open5GS keeps its subscribers in MongoDB at {options.db_uri}, which must be running: "
                f"{brief.directory}/subscribers.js puts those of this network there (mongosh {options.db_uri} FILE); "
                "subscribers.sh does the same by open5gs-dbctl"
            )
        if "upf" in wanted:
            files.append(WrittenFile("setup-tun.sh", configuration.tun_script(), 0o700))
            programs.insert(0, _tun(brief))
        notes += _advice(brief, options)
        return Plan(files=tuple(files), programs=tuple(programs), notes=tuple(notes))

    def settings_of_ours(self, brief: Brief) -> Mapping[str, Mapping[str, Any]]:
        """What the options ask of our parts."""
        return {"gnb": {"strip_requested_nssai": True}} if _options(brief).strip_requested_nssai else {}

    @staticmethod
    def _check(brief: Brief, wanted: list[str]) -> None:
        speaking = [function for function in SBI_FUNCTIONS if function in wanted]
        missing = [function for function in SBI_FUNCTIONS if brief.all_of(function) and function not in wanted]
        if speaking and missing:
            raise ValueError(
                f"Open5GS's {', '.join(speaking)} would look for {', '.join(missing)} in its NRF, where ours are not: "
                "cast core=open5gs (with upf=awase for our UPF), or upf=open5gs alone"
            )
        for function in wanted:
            if wanted.count(function) > 1:
                raise ValueError(f"the open5gs adapter plays one {function}, and {wanted.count(function)} are cast")


def _options(brief: Brief) -> Options:
    """One core has one set of options: those of its parts taken together."""
    together: dict[str, Any] = {}
    for name in brief.mine:
        options_of(brief.parts[name], Options)
        together.update(brief.parts[name].options)
    return msgspec.convert(together, Options)


def _hosts(options: Options) -> Hosts:
    return Hosts(nrf=options.nrf, pcf=options.pcf, bsf=options.bsf, nssf=options.nssf)


def _daemon(brief: Brief, function: str, options: Options) -> Program:
    plays = tuple(part.name for part in brief.of(function))
    return Program(
        name=f"open5gs-{function}d",
        plays=plays,
        command=(
            program_path(options.directory, f"open5gs-{function}d"),
            "-c",
            f"{brief.directory}/{function}.yaml",
        ),
        ready=rf"{function.upper()} initialize\.\.\.done",
        ready_s=options.ready_s,
        signs=(*_SIGNS.get(function, ()), *_GENERAL),
        needs_kernel_sctp=function == "amf",
        needs_root="open5gs-upfd opens a TUN device" if function == "upf" else "",
    )


def _provision(brief: Brief, options: Options) -> Program:
    return Program(
        name="subscribers",
        plays=(),
        command=("mongosh", "--quiet", options.db_uri, f"{brief.directory}/subscribers.js"),
        signs=(Sign(r"(MongoNetworkError.*|MongoServerSelectionError.*)", "NoDatabase", "{0}", "error"),),
        optional=True,
    )


def _tun(brief: Brief) -> Program:
    return Program(
        name="setup-tun",
        plays=(),
        command=("sh", f"{brief.directory}/setup-tun.sh"),
        needs_root="the UPF's TUN device has to be made",
        optional=True,
    )


def _advice(brief: Brief, options: Options) -> list[str]:
    notes = []
    foreign_ue = any(part.supplier == "ueransim" for part in brief.all_of("ue"))
    our_gnb = any(part.supplier == "awase" for part in brief.all_of("gnb"))
    if foreign_ue and our_gnb and brief.of("amf") and not options.strip_requested_nssai:
        notes.append(
            "UERANSIM's UE sends its Requested NSSAI in clear, and Open5GS rejects that with cause 95: set the option "
            "strip_requested_nssai of open5gs, so that our gNB removes it as nr-gnb does"
        )
    tuak = [item.supi for item in brief.network.subscribers if item.algorithm != "milenage"]
    if tuak and brief.of("udm"):
        notes.append(f"Open5GS knows Milenage only: {', '.join(tuak[:5])} cannot register with it")
    return notes


ADAPTER = Open5gs()
