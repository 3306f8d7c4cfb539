"""The words that cells may use: units, currencies (ISO 4217), and other names for kinds, roles and columns."""

_ISO_4217 = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL XXX
"""
CURRENCIES = frozenset(_ISO_4217.split())
"""ISO 4217; XXX is its code for no currency."""

SYMBOLS = {
    "£": "GBP",
    "€": "EUR",
    "¥": "JPY or CNY",
    "$": "USD",
    "US$": "USD",
    "UKP": "GBP",
    "YEN": "JPY",
    "RMB": "CNY",
}
"""What people write for a currency, for the hint only: none of them is taken for one."""

UNITS: dict[str, dict[str, float]] = {
    "gbps": {"gbps": 1.0, "gbit/s": 1.0, "tbps": 1000.0, "tbit/s": 1000.0, "mbps": 0.001, "mbit/s": 0.001},
    "km": {"km": 1.0, "m": 0.001},
    "ms": {"ms": 1.0, "us": 0.001, "s": 1000.0},
    "w": {"w": 1.0, "kw": 1000.0},
}
"""Units that a field's own unit can be written in, and what they are of it."""

KINDS = {
    "oru": "o_ru",
    "ru": "o_ru",
    "rrh": "radio",
    "rru": "radio",
    "aau": "radio",
    "air": "radio",
    "antenna_integrated_radio": "radio",
    "integrated_radio": "radio",
    "bbu": "baseband",
    "du": "o_du",
    "odu": "o_du",
    "cu": "o_cu",
    "ocu": "o_cu",
    "core_function": "core",
    "packet_core": "core",
    "microwave": "transport",
    "router": "transport",
    "backhaul": "transport",
    "dwdm": "optical",
    "cable": "submarine",
    "2g": "2g",
    "gsm": "2g",
    "umts": "3g",
    "lte": "4g",
    "nr": "5g",
    "macro_site": "macro",
    "small_cell_site": "small_cell",
    "landing": "landing_station",
    "cls": "landing_station",
    "national_security_site": "national_security",
    "government": "national_security",
    "emergency_service": "emergency",
    "emergency_services": "emergency",
    "air_traffic_control": "air_traffic",
    "atc": "air_traffic",
    "fiber": "fibre",
    "radio_link": "microwave",
    "passed": "pass",
    "failed": "fail",
}
"""Other words for kinds, layers, roles, media and verdicts."""

COLUMNS = {
    "site": {
        "site": "id",
        "site_id": "id",
        "site_name": "id",
        "lat": "latitude_deg",
        "latitude": "latitude_deg",
        "lon": "longitude_deg",
        "lng": "longitude_deg",
        "long": "longitude_deg",
        "longitude": "longitude_deg",
        "role": "roles",
        "population": "people",
        "people_served": "people",
        "traffic": "traffic_gbps",
        "mno": "operator",
        "parent": "served_by",
        "hub": "served_by",
        "class": "site_class",
    },
    "equipment": {
        "site_id": "site",
        "site_name": "site",
        "equipment": "id",
        "equipment_id": "id",
        "asset": "id",
        "asset_id": "id",
        "serial": "id",
        "type": "kind",
        "equipment_kind": "kind",
        "equipment_type": "kind",
        "vendor": "supplier",
        "manufacturer": "supplier",
        "model": "product",
        "version": "release",
        "software": "release",
        "layer": "layers",
        "technology": "layers",
        "technologies": "layers",
        "rat": "layers",
        "quantity": "count",
        "qty": "count",
        "traffic_share": "share_of_traffic",
        "purchased": "bought",
        "purchase_date": "bought",
        "installed": "bought",
        "eos": "end_of_support",
        "eol": "end_of_support",
        "end_of_life": "end_of_support",
    },
    "link": {
        "link": "id",
        "link_id": "id",
        "from": "a",
        "to": "b",
        "site_a": "a",
        "site_b": "b",
        "end_a": "a",
        "end_b": "b",
        "vendor": "supplier",
        "capacity": "capacity_gbps",
        "length": "length_km",
        "delay": "delay_ms",
        "latency": "delay_ms",
        "srlg": "risk_groups",
    },
    "cable": {"cable": "id", "rfs": "ready_for_service", "capacity": "capacity_gbps", "length": "length_km"},
    "demand": {"from": "a", "to": "b", "traffic": "traffic_gbps", "class": "traffic_class"},
    "supplier": {"supplier": "name", "vendor": "name", "origin": "country", "exit": "leaves"},
    "operator": {"operator": "name", "subscribers": "customers"},
    "item": {
        "item": "id",
        "vendor": "supplier",
        "kind": "kinds",
        "model": "product",
        "lead_time": "lead_time_quarters",
    },
}
"""Other names of columns, by what a row is; written in lower case, with _ between words."""

COLUMNS["inventory"] = {
    **{name: column for name, column in COLUMNS["site"].items() if column not in ("id", "site_class", "served_by")},
    **COLUMNS["equipment"],
}
