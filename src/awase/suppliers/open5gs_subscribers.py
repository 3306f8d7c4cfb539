"""The network's subscribers for Open5GS: a script for mongosh, and the same by open5gs-dbctl."""

import json

import msgspec

from awase.model.network import Network
from awase.model.settings import Subscriber
from awase.suppliers.subscriber_documents import open5gs
from awase.suppliers.subscriber_documents.documents import completed

_NO_SD = "ffffff"


def mongo_script(network: Network) -> str:
    """JavaScript for mongosh: each subscriber is put in, or replaced."""
    lines = ["// Written by awase: mongosh mongodb://localhost/open5gs subscribers.js"]
    for subscriber in network.subscribers:
        if subscriber.algorithm != "milenage":
            lines.append(f"// {_imsi(subscriber)}: Open5GS knows no {subscriber.algorithm}")
            continue
        document = json.dumps(open5gs.write(_completed(subscriber, network)), indent=1)
        imsi = _imsi(subscriber)
        lines.append(f'db.subscribers.replaceOne({{imsi: "{imsi}"}}, {document}, {{upsert: true}});')
    return "\n".join(lines) + "\n"


def dbctl_script(network: Network, db_uri: str) -> str:
    """A shell script of open5gs-dbctl commands; it knows OPc only."""
    lines = ["#!/bin/sh", "# Written by awase. subscribers.js says more (rates, SQN, several slices)."]
    for subscriber in network.subscribers:
        if subscriber.opc is None or subscriber.algorithm != "milenage":
            lines.append(f"# {_imsi(subscriber)}: open5gs-dbctl takes OPc only; use subscribers.js")
            continue
        imsi = _imsi(subscriber)
        slices = subscriber.slices or network.slices
        dnns = subscriber.dnns or tuple(dnn.name for dnn in network.dnns)
        command = f"open5gs-dbctl --db_uri={db_uri}"
        first = slices[0] if slices else None
        name = dnns[0] if dnns else "internet"
        keys = f"{imsi} {subscriber.k} {subscriber.opc}"
        if first is None or (first.sst == 1 and first.sd is None):
            lines.append(f"{command} add_ue_with_apn {keys} {name}")
        else:
            lines.append(f"{command} add_ue_with_slice {keys} {name} {first.sst} {first.sd or _NO_SD}")
        lines += [f"{command} update_slice {imsi} {name} {item.sst} {item.sd or _NO_SD}" for item in slices[1:]]
    return "\n".join(lines) + "\n"


def _imsi(subscriber: Subscriber) -> str:
    return subscriber.supi.removeprefix("imsi-")


def _completed(subscriber: Subscriber, network: Network) -> Subscriber:
    """A record as Open5GS takes it: whole, and with 5G AKA, the one method that it knows."""
    whole = completed(subscriber, network.slices, tuple(dnn.name for dnn in network.dnns))
    return msgspec.structs.replace(whole, authentication_method="5G_AKA")
