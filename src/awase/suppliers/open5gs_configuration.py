"""The YAML files of Open5GS's daemons, from the network (keys as of 2.7 and 2.8)."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

import msgspec

from awase.model.network import Network
from awase.suppliers.adapter import Brief, CastPart, WrittenFile, plmn_digits

SBI_PORT = 7777
METRICS_PORT = 9090
_SCHEMES = {"profile-a": 1, "profile-b": 2}


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """Where the functions are that our networks have no part for."""

    nrf: str
    pcf: str
    bsf: str
    nssf: str


def plmn_id(plmn: str) -> dict[str, str]:
    """A PLMN; Open5GS reads digits as text or numbers, text keeps their zeros."""
    mcc, mnc = plmn_digits(plmn)
    return {"mcc": mcc, "mnc": mnc}


def s_nssai(item: Any) -> dict[str, Any]:
    """A slice; `sd` is text in hexadecimal."""
    sst, sd = (item["sst"], item.get("sd")) if isinstance(item, Mapping) else (item.sst, item.sd)
    return {"sst": sst} if sd is None else {"sst": sst, "sd": sd}


class Configuration:
    """Writes the document of each daemon."""

    def __init__(self, brief: Brief, hosts: Hosts, db_uri: str, device: str, log_level: str) -> None:
        self._brief = brief
        self._network: Network = brief.network
        self._hosts = hosts
        self._db_uri = db_uri
        self._device = device
        self._log_level = log_level

    def of(self, function: str) -> dict[str, Any]:
        """The document of one daemon."""
        head: dict[str, Any] = {}
        if function in ("udr", "pcf"):
            head["db_uri"] = self._db_uri
        ues = max(1024, 2 * len(self._network.subscribers))
        return {
            **head,
            "logger": {"file": {"path": f"{self._brief.directory}/{function}.log"}, "level": self._log_level},
            "global": {"max": {"ue": ues, "peer": 64}},
            function: getattr(self, f"_{function}", lambda: self._plain(function))(),
        }

    def key_files(self) -> list[WrittenFile]:
        """The home network's private keys in the form that the UDM reads (PEM)."""
        from awase.suppliers.home_network_keys import private_key_pem

        return [
            WrittenFile(f"hnet-{key.id}.key", private_key_pem(key.scheme, key.private_key))
            for key in self._network.home_network_keys
            if key.private_key is not None
        ]

    def tun_script(self) -> str:
        """Commands that make the UPF's TUN device, to be run as root."""
        lines = ["#!/bin/sh", "# Written by awase: the UPF's TUN device, to be made as root.", "set -e"]
        lines.append(f"ip link show {self._device} >/dev/null 2>&1 || ip tuntap add name {self._device} mode tun")
        lines += [f"ip address replace {self._gateway(dnn)} dev {self._device}" for dnn in self._network.dnns]
        lines.append(f"ip link set {self._device} up")
        return "\n".join(lines) + "\n"

    def _part(self, function: str) -> CastPart:
        return self._brief.of(function)[0]

    def _sbi(self, host: str, *, client: bool = True) -> dict[str, Any]:
        sbi: dict[str, Any] = {"server": [{"address": host, "port": SBI_PORT}]}
        if client:
            sbi["client"] = {"nrf": [{"uri": f"http://{self._hosts.nrf}:{SBI_PORT}"}]}
        return sbi

    def _plain(self, function: str) -> dict[str, Any]:
        host = getattr(self._hosts, function, None) or self._part(function).host("sbi")
        return {"sbi": self._sbi(host)}

    def _nrf(self) -> dict[str, Any]:
        return {"serving": [{"plmn_id": plmn_id(self._network.plmn)}], "sbi": self._sbi(self._hosts.nrf, client=False)}

    def _nssf(self) -> dict[str, Any]:
        sbi = self._sbi(self._hosts.nssf)
        uri = f"http://{self._hosts.nrf}:{SBI_PORT}"
        sbi["client"]["nsi"] = [{"uri": uri, "s_nssai": s_nssai(item)} for item in self._network.slices]
        return {"sbi": sbi}

    def _pcf(self) -> dict[str, Any]:
        return {
            "sbi": self._sbi(self._hosts.pcf),
            "metrics": {"server": [{"address": self._hosts.pcf, "port": METRICS_PORT}]},
        }

    def _udm(self) -> dict[str, Any]:
        document: dict[str, Any] = {"sbi": self._sbi(self._part("udm").host("sbi"))}
        keys = [
            {"id": key.id, "scheme": _SCHEMES[key.scheme], "key": f"{self._brief.directory}/hnet-{key.id}.key"}
            for key in self._network.home_network_keys
            if key.private_key is not None
        ]
        return {"hnet": keys, **document} if keys else document

    def _amf(self) -> dict[str, Any]:
        part = self._part("amf")
        config = part.config
        plmn = config["plmn"]
        support = config.get("plmn_support") or [{"plmn": plmn, "slices": config.get("slices", ())}]
        tais = config.get("tais") or [{"plmn": plmn, "tacs": [config["tac"]]}]
        amf_id: dict[str, int] = {"region": config.get("amf_region_id", 2), "set": config.get("amf_set_id", 1)}
        if config.get("amf_pointer"):
            amf_id["pointer"] = config["amf_pointer"]
        host, port = part.host("n2"), int(part.addresses["n2"].rpartition(":")[2])
        return {
            "sbi": self._sbi(part.host("sbi")),
            "ngap": {"server": [{"address": host, "port": port}]},
            "metrics": {"server": [{"address": part.host("sbi"), "port": METRICS_PORT}]},
            "guami": [{"plmn_id": plmn_id(plmn), "amf_id": amf_id}],
            "tai": [{"plmn_id": plmn_id(tai["plmn"]), "tac": _one_or_list(tai["tacs"])} for tai in tais],
            "plmn_support": [
                {"plmn_id": plmn_id(item["plmn"]), "s_nssai": [s_nssai(one) for one in item["slices"]]}
                for item in support
            ],
            "security": {
                "integrity_order": list(config.get("integrity", ("NIA2",))),
                "ciphering_order": list(config.get("ciphering", ("NEA2", "NEA0"))),
            },
            "network_name": {"full": "Awase", "short": "Awase"},
            "amf_name": config.get("amf_name") or part.name,
            "time": {"t3512": {"value": config.get("t3512_s", 540)}},
        }

    def _smf(self) -> dict[str, Any]:
        part = self._part("smf")
        host = part.host("n4")
        upfs = [{"address": peer["address"].rpartition(":")[0]} for peer in part.peers.get("N4", ())]
        dns = [address for dnn in self._network.dnns for address in dnn.dns][:2]
        names = [dnn.name for dnn in self._network.dnns]
        return {
            "sbi": self._sbi(part.host("sbi")),
            "pfcp": {"server": [{"address": host}], "client": {"upf": upfs}},
            "gtpc": {"server": [{"address": host}]},
            "gtpu": {"server": [{"address": host}]},
            "metrics": {"server": [{"address": host, "port": METRICS_PORT}]},
            "session": [self._session(dnn) for dnn in self._network.dnns],
            **({"dns": dns} if dns else {}),
            "mtu": min((dnn.mtu_bytes for dnn in self._network.dnns), default=1400),
            "info": [{"s_nssai": [{**s_nssai(item), "dnn": names} for item in self._network.slices]}],
        }

    def _upf(self) -> dict[str, Any]:
        part = self._part("upf")
        return {
            "pfcp": {"server": [{"address": part.host("n4")}]},
            "gtpu": {"server": [{"address": part.host("n3")}]},
            "session": [{**self._session(dnn), "dev": self._device} for dnn in self._network.dnns],
            "metrics": {"server": [{"address": part.host("n4"), "port": METRICS_PORT}]},
        }

    def _session(self, dnn: Any) -> dict[str, str]:
        return {"subnet": dnn.pool, "gateway": self._gateway(dnn).partition("/")[0], "dnn": dnn.name}

    @staticmethod
    def _gateway(dnn: Any) -> str:
        pool = IPv4Network(dnn.pool)
        return f"{dnn.gateway or pool.network_address + 1}/{pool.prefixlen}"


def _one_or_list(numbers: Any) -> Any:
    return numbers[0] if len(numbers) == 1 else list(numbers)
