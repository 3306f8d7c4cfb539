"""UERANSIM's nr-gnb and nr-ue as gNB and UE (https://github.com/aligungr/UERANSIM, written for 3.3).

They need the kernel's SCTP (nr-gnb) and root for a TUN device (nr-ue). What nr-gnb 3.3.0 cannot do against any
core (integrity-protected initial NAS messages: it finds no AMF for them) is no fault of the network beside it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from awase.suppliers.adapter import (
    Brief,
    CastPart,
    Plan,
    Program,
    Sign,
    WrittenFile,
    options_of,
    plmn_digits,
    program_path,
)
from awase.suppliers.ueransim_nas import unread_elements
from awase.suppliers.yaml_text import Hex, yaml_text

LINK_PORT = 4997
_HEAD = "Written by awase from the network file: change that one."
_GENERAL = (Sign(r"\[(?:error|fatal|err)\]\s*(.*)", "ForeignError", "it says: {0}", "warning"),)
_GNB_SIGNS = (
    Sign(r"SCTP connection established \((.*)\)", "AssociationUp", "SCTP association with the AMF at {0} is up"),
    Sign(r"NG Setup procedure is successful", "NgSetupAccepted", "its NG Setup was accepted"),
    Sign(
        r"NG Setup.*(?:fail|reject)\w*\W*(.*)",
        "NgSetupRefused",
        "its NG Setup was refused: {0}; compare PLMN, TAC and slices of gNB and AMF",
        "error",
    ),
    Sign(
        r"AMF selection[^\n]*fail",
        "AmfSelectionFailed",
        "it found no AMF for a UE: the AMF's PLMN support list holds no slice with the SST that the UE asks for, or "
        "the UE's first message is integrity protected, which nr-gnb 3.3.0 cannot place",
        "error",
    ),
    Sign(
        r"Protocol not supported|SCTP socket could not be created",
        "NoKernelSctp",
        "its kernel has no SCTP: modprobe sctp, or use our gNB, which brings its own",
        "error",
    ),
)
_UE_SIGNS = (
    Sign(r"Initial Registration is successful", "Registered", "it is registered"),
    Sign(r"Initial Registration failed \[(.*)\]", "RegistrationRejected", "its registration failed: {0}", "error"),
    Sign(r"PDU Session establishment is successful PSI\[(\d+)\]", "SessionEstablished", "PDU session {0} is there"),
    Sign(
        r"PDU Session Establishment Reject received \[(.*)\]",
        "SessionRejected",
        "its PDU session was refused: {0}",
        "error",
    ),
    Sign(r"TUN interface\[(\S+), (\S+)\] is up", "TunUp", "its session is the interface {0} with the address {1}"),
    Sign(
        r"TUN allocation failure",
        "NoTun",
        "it could not make a TUN device, which takes root: run awase up as root",
        "error",
    ),
    Sign(
        r"MAC mismatch|MAC failure",
        "AuthenticationFailed",
        "it does not accept the network's MAC: K, OP or OPc of UE and core differ",
        "error",
    ),
    Sign(r"[Cc]ell selection failure", "NoCell", "it finds no suitable cell: compare PLMN and TAC, and gNB's link"),
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of `cast: {gnb1: {supplier: ueransim, options: {...}}}`.

    `directory`: where nr-gnb and nr-ue are, if not on PATH. `ignore_stream_ids`: whether nr-gnb overlooks
    which SCTP streams the AMF uses. `cell_access_type`: nr-gnb's cellAccessType. `ready_s`: how long to wait.
    `pdu_sessions`: whether nr-ue asks for its sessions by itself. `release_15_nas`: have our AMF leave out the NAS
    elements that nr-ue does not read; it drops a message that has one.
    """

    directory: str | None = None
    ignore_stream_ids: bool = True
    cell_access_type: str | None = None
    ready_s: float = 60.0
    pdu_sessions: bool = True
    release_15_nas: bool = False


class Ueransim:
    """The adapter."""

    functions = ("gnb", "ue")

    def plan(self, brief: Brief) -> Plan:
        """One program for each gNB and each UE."""
        files, programs = [], []
        for part in (*brief.of("gnb"), *brief.of("ue")):
            options = options_of(part, Options)
            document = _gnb(part, options) if part.function == "gnb" else _ue(part, options)
            path = f"{part.name}.yaml"
            files.append(WrittenFile(path, yaml_text(document, _HEAD)))
            make = _nr_gnb if part.function == "gnb" else _nr_ue
            programs.append(make(part, options, f"{brief.directory}/{path}"))
        return Plan(files=tuple(files), programs=tuple(programs))

    def settings_of_ours(self, brief: Brief) -> Mapping[str, Mapping[str, Any]]:
        """What the options ask of our parts."""
        asked = any(options_of(part, Options).release_15_nas for part in brief.of("gnb", "ue"))
        return {"amf": {"omit_elements": unread_elements()}} if asked else {}


def _nr_gnb(part: CastPart, options: Options, path: str) -> Program:
    return Program(
        name=part.name,
        plays=(part.name,),
        command=(program_path(options.directory, "nr-gnb"), "-c", path),
        ready=r"NG Setup procedure is successful",
        ready_s=options.ready_s,
        signs=(*_GNB_SIGNS, *_GENERAL),
        needs_kernel_sctp=True,
    )


def _nr_ue(part: CastPart, options: Options, path: str) -> Program:
    return Program(
        name=part.name,
        plays=(part.name,),
        command=(program_path(options.directory, "nr-ue"), "-c", path),
        ready=r"Initial Registration is successful",
        ready_s=options.ready_s,
        signs=(*_UE_SIGNS, *_GENERAL),
        needs_root="nr-ue makes a TUN device for each PDU session",
    )


def _gnb(part: CastPart, options: Options) -> dict[str, Any]:
    config = part.config
    mcc, mnc = plmn_digits(config["plmn"])
    length = int(config.get("gnb_id_length", 32))
    document: dict[str, Any] = {
        "mcc": mcc,
        "mnc": mnc,
        "nci": f"0x{_cell_identity(part, length):09x}",
        "idLength": length,
        "tac": config["tac"],
        "linkIp": part.host("uu"),
        "ngapIp": part.host("n2"),
        "gtpIp": part.host("n3"),
        "amfConfigs": [_amf(peer["address"]) for peer in part.peers.get("N2", ())],
        "slices": [_slice(item) for item in config.get("slices", ())],
        "ignoreStreamIds": options.ignore_stream_ids,
    }
    if options.cell_access_type is not None:
        document["cellAccessType"] = options.cell_access_type
    if not document["amfConfigs"]:
        raise ValueError(f"{part.name}: nr-gnb needs an AMF, and no N2 link joins it to one")
    return document


def _amf(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"address": host, "port": int(port)}


def _cell_identity(part: CastPart, length: int) -> int:
    """The NR cell identity: gNB id, then cell id (TS 38.413 clause 9.3.1.7), as our own gNB chooses it."""
    config = part.config
    if config.get("nr_cell_identity") is not None:
        return int(config["nr_cell_identity"])
    gnb_id = config.get("gnb_id")
    if gnb_id is None:
        third, fourth = part.host("n2").split(".")[2:]
        gnb_id = int(third) << 8 | int(fourth)
    return int(gnb_id) << (36 - length) | int(config.get("cell_id", 1))


def _slice(item: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"sst": item["sst"]}
    if item.get("sd") is not None:
        entry["sd"] = Hex(int(item["sd"], 16))
    return entry


def _ue(part: CastPart, options: Options) -> dict[str, Any]:
    config = part.config
    mcc, mnc = plmn_digits(config.get("home_plmn") or config["plmn"])
    if config.get("algorithm", "milenage") != "milenage":
        raise ValueError(
            f"{part.name}: nr-ue knows Milenage only, and {config['subscriber']} has {config['algorithm']}"
        )
    slices = [_slice(item) for item in config.get("requested_nssai") or config.get("slices", ())]
    document: dict[str, Any] = {
        "supi": config["subscriber"],
        "mcc": mcc,
        "mnc": mnc,
        **_concealment(part),
        "key": config["k"].upper(),
        "op": (config.get("opc") or config["op"]).upper(),
        "opType": "OPC" if config.get("opc") else "OP",
        "amf": config.get("amf", "8000"),
        "imei": config.get("imei", "356938035643803"),
        "imeiSv": config.get("imeisv", "4370816125816151"),
        "tunNetmask": "255.255.255.0",
        "gnbSearchList": [peer["address"].rpartition(":")[0] for peer in part.peers.get("Uu", ())],
        "uacAic": {"mps": False, "mcs": False},
        "uacAcc": {"normalClass": 0, **{f"class{n}": False for n in range(11, 16)}},
        "sessions": _sessions(config) if options.pdu_sessions else [],
        "configured-nssai": slices,
        "default-nssai": slices,
        "integrity": {f"IA{n}": n in config.get("integrity", (1, 2, 3)) for n in (1, 2, 3)},
        "ciphering": {f"EA{n}": n in config.get("ciphering", (0, 1, 2, 3)) for n in (1, 2, 3)},
        "integrityMaxRate": {"uplink": "full", "downlink": "full"},
    }
    if not document["gnbSearchList"]:
        raise ValueError(f"{part.name}: nr-ue needs a gNB, and no Uu link joins it to one")
    return document


def _concealment(part: CastPart) -> dict[str, Any]:
    """The SUCI's protection scheme: null, or profile A; nr-ue has no profile B."""
    config = part.config
    scheme = config.get("suci_scheme", "null")
    document: dict[str, Any] = {"protectionScheme": 0}
    if scheme != "null":
        if scheme != "profile-a":
            raise ValueError(f"{part.name}: nr-ue knows profile-a only, and suci_scheme is {scheme}")
        key = next((key for key in config.get("home_network_keys", ()) if key["scheme"] == scheme), None)
        if key is None:
            raise ValueError(f"{part.name}: no home network key is one of {scheme}")
        document = {
            "protectionScheme": 1,
            "homeNetworkPublicKey": key["public_key"],
            "homeNetworkPublicKeyId": key["id"],
        }
    return {**document, "routingIndicator": config.get("routing_indicator", "0").ljust(4, "0")}


def _sessions(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    sessions = []
    for wanted in config.get("sessions", ()):
        if not wanted.get("requested", True):
            continue
        entry: dict[str, Any] = {"type": "IPv4"}
        if wanted.get("dnn"):
            entry["apn"] = wanted["dnn"]
        if wanted.get("slice"):
            entry["slice"] = _slice(wanted["slice"])
        sessions.append(entry)
    return sessions


ADAPTER = Ueransim()
