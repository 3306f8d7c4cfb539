"""Programs under other suppliers' names: they read those suppliers' files as strictly as they do, and then speak.

Each is a part of ours behind nr-gnb's, nr-ue's or Open5GS's command line, configuration and log. Whatever the part
knows comes from the files that the adapter wrote, so that a network of them proves that the files say enough.
"""

import asyncio
import json
import os
import re
import signal
import stat
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from awase.lab.catalogue import installed
from awase.model.part import Event
from awase.transports.host import Host, HostedPart, HostSettings, TransportError

TESTS = Path(__file__).parents[1]

# What the programs' readers of their files accept: key -> what its value must be. "?" is optional; others are missed.
SLICE = {"sst": range(256), "sd?": range(0x1000000)}
GNB = {
    "mcc": r"\d{3}",
    "mnc": r"\d{2,3}",
    "nci": r"0x[0-9a-f]{9}",
    "idLength": range(22, 33),
    "tac": range(0x1000000),
    "linkIp": r"[0-9.]+",
    "ngapIp": r"[0-9.]+",
    "gtpIp": r"[0-9.]+",
    "gtpAdvertiseIp?": r"[0-9.]+",
    "ignoreStreamIds": bool,
    "cellAccessType?": r"[a-z-]+",
    "amfConfigs": [{"address": r"[0-9.]+", "port": range(1024, 65536)}],
    "slices": [SLICE],
}
UE = {
    "supi": r"imsi-\d{15}",
    "mcc": r"\d{3}",
    "mnc": r"\d{2,3}",
    "protectionScheme": range(2),
    "homeNetworkPublicKey?": r"[0-9a-f]{64}",
    "homeNetworkPublicKeyId?": range(256),
    "routingIndicator": r"\d{4}",
    "key": r"[0-9A-F]{32}",
    "op": r"[0-9A-F]{32}",
    "opType": r"OPC?",
    "amf": r"[0-9A-Fa-f]{4}",
    "imei": r"\d{15}",
    "imeiSv": r"\d{16}",
    "tunNetmask?": r"[0-9.]+",
    "gnbSearchList": [r"[0-9.]+"],
    "uacAic": {"mps": bool, "mcs": bool},
    "uacAcc": {"normalClass": range(10), **{f"class{n}": bool for n in range(11, 16)}},
    "sessions": [{"type": "IPv4", "apn?": ".+", "slice?": SLICE}],
    "configured-nssai": [SLICE],
    "default-nssai": [SLICE],
    "integrity": {f"IA{n}": bool for n in (1, 2, 3)},
    "ciphering": {f"EA{n}": bool for n in (1, 2, 3)},
    "integrityMaxRate": {"uplink": r"full|64kbps", "downlink": r"full|64kbps"},
}
PLMN = {"mcc": r"\d{3}", "mnc": r"\d{2,3}"}
S_NSSAI = {"sst": range(256), "sd?": r"[0-9a-f]{6}"}
AT = [{"address": r"[0-9.]+", "port?": range(1, 65536)}]
SBI = {"server": AT, "client?": {"nrf": [{"uri": r"http://[0-9.]+:\d+"}], "nsi?": [{"uri": ".+", "s_nssai": S_NSSAI}]}}
METRICS = {"server": AT}
SESSION = {"subnet": r"[0-9./]+", "gateway": r"[0-9.]+", "dnn?": ".+", "dev?": ".+"}
OPEN5GS: dict[str, Any] = {
    "nrf": {"serving": [{"plmn_id": PLMN}], "sbi": SBI},
    "amf": {
        "sbi": SBI,
        "ngap": {"server": AT},
        "metrics": METRICS,
        "guami": [{"plmn_id": PLMN, "amf_id": {"region": range(256), "set": range(1024), "pointer?": range(64)}}],
        "tai": [{"plmn_id": PLMN, "tac": range(0x1000000)}],
        "plmn_support": [{"plmn_id": PLMN, "s_nssai": [S_NSSAI]}],
        "security": {"integrity_order": [r"NIA[012]"], "ciphering_order": [r"NEA[012]"]},
        "network_name": {"full": ".+", "short?": ".+"},
        "amf_name": ".+",
        "time": {"t3512": {"value": int}},
    },
    "smf": {
        "sbi": SBI,
        "pfcp": {"server": AT, "client": {"upf": AT}},
        "gtpc": {"server": AT},
        "gtpu": {"server": AT},
        "metrics": METRICS,
        "session": [SESSION],
        "dns?": [r"[0-9.]+"],
        "mtu": int,
        "info": [{"s_nssai": [{**S_NSSAI, "dnn": [".+"]}]}],
    },
    "upf": {"pfcp": {"server": AT}, "gtpu": {"server": AT}, "session": [SESSION], "metrics": METRICS},
    "ausf": {"sbi": SBI},
    "udm": {"hnet?": [{"id": range(256), "scheme": range(1, 3), "key": ".+"}], "sbi": SBI},
    "udr": {"sbi": SBI},
    "pcf": {"sbi": SBI, "metrics": METRICS},
    "bsf": {"sbi": SBI},
    "nssf": {"sbi": SBI},
}
WITHOUT_PART = ("nrf", "pcf", "bsf", "nssf")


class BadFile(Exception):
    """A file that the program would not take."""


def check(value: Any, wanted: Any, path: str) -> None:
    """Compare a value with what a program accepts. Raises BadFile."""
    if isinstance(wanted, dict):
        _check_keys(value, wanted, path)
        return
    if isinstance(wanted, list):
        if not isinstance(value, list):
            raise BadFile(f"Field {path} is not a sequence")
        for index, item in enumerate(value):
            check(item, wanted[0], f"{path}[{index}]")
        return
    if isinstance(wanted, range):
        right = type(value) is int and value in wanted
    elif isinstance(wanted, str):
        right = isinstance(value, str) and re.fullmatch(wanted, value) is not None
    else:
        right = type(value) is wanted
    if not right:
        raise BadFile(f"Field {path} has an invalid value: {value}")


def _check_keys(value: Any, wanted: Mapping[str, Any], path: str) -> None:
    if not isinstance(value, dict):
        raise BadFile(f"Field {path} is not a map")
    dot = "." if path else ""
    known = {key.removesuffix("?"): kind for key, kind in wanted.items()}
    for key in wanted:
        if not key.endswith("?") and key not in value:
            raise BadFile(f"Field is missing: {path}{dot}{key}")
    for key, item in value.items():
        if key not in known:
            raise BadFile(f"unknown key `{path}{dot}{key}`")
        check(item, known[key], f"{path}{dot}{key}")


# What the parts are told, from the files alone.


def _slices(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for item in items:
        sd = item.get("sd")
        found.append({"sst": item["sst"], **({} if sd is None else {"sd": f"{sd:06x}" if type(sd) is int else sd})})
    return found


def _gnb(file: dict[str, Any], _directory: Path) -> dict[str, Any]:
    nci, length = int(file["nci"], 16), file["idLength"]
    amfs = [
        {"part": f"amf{n}", "function": "amf", "address": f"{amf['address']}:{amf['port']}"}
        for n, amf in enumerate(file["amfConfigs"])
    ]
    return {
        "plmn": f"{file['mcc']}-{file['mnc']}",
        "tac": file["tac"],
        "slices": _slices(file["slices"]),
        "gnb_id": nci >> (36 - length),
        "gnb_id_length": length,
        "nr_cell_identity": nci,
        "strip_requested_nssai": True,
        "addresses": {
            "uu": f"{file['linkIp']}:4997",
            "n2": f"{file['ngapIp']}:38412",
            "n3": f"{file['gtpIp']}:2152",
        },
        "peers": {"N2": amfs},
    }


def _ue(file: dict[str, Any], _directory: Path) -> dict[str, Any]:
    keys = []
    if file["protectionScheme"]:
        public = file["homeNetworkPublicKey"]
        keys = [{"id": file["homeNetworkPublicKeyId"], "scheme": "profile-a", "public_key": public}]
    sessions = []
    for wanted in file["sessions"]:
        session = {"dnn": wanted["apn"]} if "apn" in wanted else {}
        if "slice" in wanted:
            (session["slice"],) = _slices([wanted["slice"]])
        sessions.append(session)
    cells = [
        {"part": f"gnb{n}", "function": "gnb", "address": f"{host}:4997"}
        for n, host in enumerate(file["gnbSearchList"])
    ]
    return {
        "subscriber": file["supi"],
        "k": file["key"],
        file["opType"].lower(): file["op"],
        "amf": file["amf"],
        "plmn": f"{file['mcc']}-{file['mnc']}",
        "suci_scheme": "profile-a" if keys else "null",
        "home_network_keys": keys,
        "routing_indicator": file["routingIndicator"],
        "requested_nssai": _slices(file["configured-nssai"]),
        "sessions": sessions,
        "integrity": [n for n in (1, 2, 3) if file["integrity"][f"IA{n}"]],
        "ciphering": [0, *(n for n in (1, 2, 3) if file["ciphering"][f"EA{n}"])],
        "imei": file["imei"],
        "imeisv": file["imeiSv"],
        # nr-ue takes any port, of whatever address its host gives it.
        "addresses": {"uu": f"127.0.0.1:{20_000 + os.getpid() % 40_000}"},
        "peers": {"Uu": cells},
    }


def _sbi(directory: Path, function: str) -> str:
    # The repository's part is played by the others' files: each says where its function is.
    (server,) = yaml.safe_load((directory / f"{function}.yaml").read_text())[function]["sbi"]["server"]
    return f"{server['address']}:{server['port']}"


def _peer(directory: Path, function: str) -> list[dict[str, str]]:
    return [{"part": function, "function": function, "address": _sbi(directory, function)}]


def _plmn(item: dict[str, str]) -> str:
    return f"{item['mcc']}-{item['mnc']}"


def _amf(file: dict[str, Any], directory: Path) -> dict[str, Any]:
    (guami,), (tai,), (support,) = file["guami"], file["tai"], file["plmn_support"]
    (ngap,) = file["ngap"]["server"]
    return {
        "plmn": _plmn(guami["plmn_id"]),
        "tac": tai["tac"],
        "slices": _slices(support["s_nssai"]),
        "amf_name": file["amf_name"],
        "amf_region_id": guami["amf_id"]["region"],
        "amf_set_id": guami["amf_id"]["set"],
        "integrity": file["security"]["integrity_order"],
        "ciphering": file["security"]["ciphering_order"],
        "t3512_s": file["time"]["t3512"]["value"],
        "addresses": {"n2": f"{ngap['address']}:{ngap.get('port', 38412)}"},
        "peers": {"N8": _peer(directory, "udm"), "N11": _peer(directory, "smf"), "N12": _peer(directory, "ausf")},
    }


def _smf(file: dict[str, Any], directory: Path) -> dict[str, Any]:
    (pfcp,), (gtpu,) = file["pfcp"]["server"], file["gtpu"]["server"]
    upfs = [
        {"part": f"upf{n}", "function": "upf", "address": f"{upf['address']}:{upf.get('port', 8805)}"}
        for n, upf in enumerate(file["pfcp"]["client"]["upf"])
    ]
    dnns = [{"name": item["dnn"], "pool": item["subnet"], "dns": file.get("dns", [])} for item in file["session"]]
    return {
        "slices": _slices(file["info"][0]["s_nssai"]),
        "dnns": dnns,
        "addresses": {"n4": f"{pfcp['address']}:8805", "n4u": f"{gtpu['address']}:2152"},
        "peers": {"N4": upfs, "N10": _peer(directory, "udm"), "N11": _peer(directory, "amf")},
    }


def _upf(file: dict[str, Any], _directory: Path) -> dict[str, Any]:
    (pfcp,), (gtpu,) = file["pfcp"]["server"], file["gtpu"]["server"]
    return {
        "dnns": [{"name": item["dnn"], "pool": item["subnet"]} for item in file["session"]],
        "addresses": {"n3": f"{gtpu['address']}:2152", "n4": f"{pfcp['address']}:8805"},
    }


def _ausf(_file: dict[str, Any], directory: Path) -> dict[str, Any]:
    amf = yaml.safe_load((directory / "amf.yaml").read_text())["amf"]
    return {"plmn": _plmn(amf["guami"][0]["plmn_id"]), "peers": {"N13": _peer(directory, "udm")}}


def _udm(file: dict[str, Any], directory: Path) -> dict[str, Any]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    keys = []
    for item in file.get("hnet", ()):
        key: Any = load_pem_private_key(Path(item["key"]).read_bytes(), None)
        if item["scheme"] == 1:
            octets = key.private_bytes_raw()
        else:
            octets = key.private_numbers().private_value.to_bytes(32, "big")
        keys.append({"id": item["id"], "scheme": f"profile-{' ab'[item['scheme']]}", "private_key": octets.hex()})
    return {"home_network_keys": keys, "peers": {"N35": _peer(directory, "udr")}}


def _udr(_file: dict[str, Any], directory: Path) -> dict[str, Any]:
    import msgspec

    from awase.suppliers.subscriber_documents import open5gs

    records = json.loads((directory / "database.json").read_text())
    return {"subscribers": [msgspec.to_builtins(open5gs.read(record).subscriber) for record in records]}


_TOLD: dict[str, Callable[[dict[str, Any], Path], dict[str, Any]]] = {
    "gnb": _gnb, "ue": _ue, "amf": _amf, "smf": _smf, "upf": _upf, "ausf": _ausf, "udm": _udm, "udr": _udr,
}  # fmt: skip


# How they speak.


def say(tag: str, level: str, text: str) -> None:
    """A line of UERANSIM's log."""
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    print(f"[{now}.000] [{tag}] [{level}] {text}", flush=True)


def say_open5gs(module: str, level: str, text: str) -> None:
    """A line of Open5GS's log."""
    now = time.strftime("%m/%d %H:%M:%S")
    print(f"{now}.000: [{module}] {level}: {text} (../src/{module}/init.c:1)", flush=True)


class Watcher:
    """Turns the part's events into the lines that the program would log."""

    def __init__(self, program: str) -> None:
        self._program = program

    def packet(self, record: Any) -> None:
        """Not logged."""

    def key(self, time_ns: int, part: str, record: Any) -> None:
        """Kept secret."""

    def event(self, time_ns: int, part: str, event: Event) -> None:
        """A line, where the program has one for it."""
        line = _LINES.get((self._program, event.name))
        if line is not None:
            line(event)
        elif event.level == "error":
            say("app", "error", event.text)


def _session_up(event: Event) -> None:
    number, address = event.text.split()[2], event.text.rpartition(" ")[2]
    say("nas", "info", f"PDU Session establishment is successful PSI[{number}]")
    up = f"Connection setup for PDU session[{number}] is successful, TUN interface[uesimtun0, {address}] is up."
    say("app", "info", up)


_LINES: dict[tuple[str, str], Callable[[Event], None]] = {
    ("nr-gnb", "NgSetupComplete"): lambda event: say("ngap", "info", "NG Setup procedure is successful"),
    ("nr-gnb", "NgSetupRefused"): lambda event: say("ngap", "error", f"NG Setup procedure is failed. {event.text}"),
    ("nr-ue", "Registered"): lambda event: say("nas", "info", "Initial Registration is successful"),
    ("nr-ue", "RegistrationRejected"): lambda event: say("nas", "error", f"Initial Registration failed [{event.text}]"),
    ("nr-ue", "SessionEstablished"): _session_up,
    ("open5gs-amfd", "NgSetup"): lambda event: say_open5gs("amf", "INFO", f"gNB-N2 accepted[{event.subject}]"),
    ("open5gs-smfd", "UpfAssociated"): lambda event: say_open5gs("smf", "INFO", f"PFCP associated [{event.subject}]"),
}


async def _live(program: str, function: str, config: dict[str, Any]) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    host = Host(Watcher(program), HostSettings(tap=False))
    await host.add(_hosted(program, function, config))
    if function == "upf":
        # Instead of its TUN device and what is behind: a data network in the same process.
        await host.add(_hosted("internet", "data_network", {"dnns": config["dnns"]}))
    if program.startswith("open5gs"):
        say_open5gs("app", "INFO", f"{function.upper()} initialize...done")
    await stopping.wait()
    await host.stop(limit_s=1.0)
    return 0


def _hosted(name: str, function: str, config: dict[str, Any]) -> HostedPart:
    part_type = installed().part_type("awase", function)
    assert part_type is not None
    addresses = config.get("addresses", {})
    return HostedPart(
        name=name,
        function=function,
        ports=tuple(port for port in part_type.ports if port in addresses or port == "n6"),
        addresses=addresses,
        build=lambda services: part_type.build(name, config, services),
    )


def _fault(program: str) -> str:
    """What the test wants to go wrong with this program: AWASE_FAULT=nr-gnb:crash."""
    name, _, fault = os.environ.get("AWASE_FAULT", "").partition(":")
    return fault if name == program else ""


def main(program: str) -> int:
    """What the program does."""
    if program == "mongosh":
        return _mongosh()
    path = Path(sys.argv[sys.argv.index("-c") + 1])
    daemon = re.fullmatch(r"open5gs-(\w+)d", program)
    function = daemon[1] if daemon else program.removeprefix("nr-")
    document = yaml.safe_load(path.read_text())
    try:
        if daemon:
            head = {"db_uri?": ".+", "logger": {"file": {"path": ".+"}, "level": ".+"}}
            check(document, {**head, "global": {"max": {"ue": int, "peer": int}}, function: OPEN5GS[function]}, "")
        else:
            check(document, GNB if function == "gnb" else UE, "")
    except BadFile as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    if _fault(program) == "silent":
        time.sleep(600)
    if _fault(program) == "crash":
        print(f"{program}: assertion failed: ran_ue", flush=True)
        os.abort()
    if function in WITHOUT_PART:
        say_open5gs("app", "INFO", f"{function.upper()} initialize...done")
        signal.sigwait({signal.SIGTERM})
        return 0
    file = document[function] if daemon else document
    config = _TOLD[function](file, path.parent)
    if "sbi" in file:
        config.setdefault("addresses", {})["sbi"] = _sbi(path.parent, function)
    return _speak(program, function, config)


def _speak(program: str, function: str, config: dict[str, Any]) -> int:
    if program.startswith("nr-"):
        print("UERANSIM v3.3.0", flush=True)
    if program == "nr-gnb":
        say("sctp", "info", f"Trying to establish SCTP connection... ({config['peers']['N2'][0]['address']})")
    if _fault(program) == "crash-later":
        signal.signal(signal.SIGALRM, lambda *_: (print("terminate called after throwing", flush=True), os.abort()))
        signal.setitimer(signal.ITIMER_REAL, 4.0)
    try:
        return asyncio.run(_live(program, function, config))
    except TransportError as error:
        say("gtp", "error", f"GTP/UDP task could not be created. Socket bind failed: {error}")
        return 1


def _mongosh() -> int:
    script = Path(sys.argv[-1])
    pattern = r"replaceOne\(\{imsi: \"(\d+)\"\}, (\{.*?\n\}), \{upsert: true\}\);"
    records = []
    for found in re.finditer(pattern, script.read_text(), re.DOTALL):
        record = json.loads(found[2])
        assert record["imsi"] == found[1]
        records.append(record)
    (script.parent / "database.json").write_text(json.dumps(records))
    return 0


PROGRAMS = ("nr-gnb", "nr-ue", "mongosh", *(f"open5gs-{function}d" for function in OPEN5GS))


def put_on_path(directory: Path) -> str:
    """Make the programs in a directory; the PATH with it."""
    directory.mkdir()
    for program in PROGRAMS:
        file = directory / program
        file.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(TESTS)!r})\n"
            f"from live.stand_ins import main\nsys.exit(main({program!r}))\n"
        )
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return f"{directory}{os.pathsep}{os.environ['PATH']}"
