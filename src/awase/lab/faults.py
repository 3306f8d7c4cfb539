"""Plays the faults of a network file at their times."""

import msgspec

from awase.lab.assembly import Assembly, PlacedFault
from awase.lab.clockwork import Clockwork
from awase.lab.links import Quality
from awase.model.part import NS_PER_S


class Faults:
    """Those of a run."""

    def __init__(self, assembly: Assembly, clockwork: Clockwork) -> None:
        self.clockwork = clockwork
        self._slow: dict[int, list[PlacedFault]] = {}
        """By link, what makes it worse, the latest last."""
        self._lasting: list[PlacedFault] = []
        self.over = False
        """Whether no more faults are wanted."""
        for fault in assembly.faults:
            clockwork.schedule(assembly.epoch_ns + _ns(fault.entry.at_s), self._begin, (fault,))

    def end_all(self) -> None:
        """End what lasts, and let nothing more go wrong: a part that is gone stays so."""
        self.over = True
        for fault in list(self._lasting):
            self._undo(fault)

    def _begin(self, fault: PlacedFault) -> None:
        if self.over:
            return
        entry = fault.entry
        lasts = f" for {entry.for_s:g} s" if entry.for_s is not None else ""
        self._tell(fault, "FaultBegins", fault.text + lasts)
        if fault.kind in ("kill", "stop", "restart"):
            for name in fault.parts:
                self._end_part(fault, name)
            return
        self._do(fault)
        if entry.for_s is not None:
            self.clockwork.schedule(self.clockwork.now_ns + _ns(entry.for_s), self._end, (fault,))

    def _end(self, fault: PlacedFault) -> None:
        if self.over or fault not in self._lasting:
            return
        self._undo(fault)
        self._tell(fault, "FaultEnds", f"end of {fault.text}")

    def _tell(self, fault: PlacedFault, name: str, text: str) -> None:
        part = fault.parts[0] if len(fault.parts) == 1 else ""
        self.clockwork.tap.fault(self.clockwork.now_ns, part, name, text)

    # The ends and beginnings of parts.

    def _end_part(self, fault: PlacedFault, name: str) -> None:
        clockwork, entry = self.clockwork, fault.entry
        begin_ns = clockwork.now_ns
        if fault.kind == "stop":
            clockwork.stop(name, lambda: self._start_after(fault, name, begin_ns))
            return
        clockwork.kill(name)
        if fault.kind == "restart":
            self._start(fault, name)
        elif entry.restart_after_s is not None:
            self._start_after(fault, name, begin_ns)

    def _start_after(self, fault: PlacedFault, name: str, begin_ns: int) -> None:
        if fault.entry.restart_after_s is not None:
            at_ns = max(self.clockwork.now_ns, begin_ns + _ns(fault.entry.restart_after_s))
            self.clockwork.schedule(at_ns, self._start, (fault, name))

    def _start(self, fault: PlacedFault, name: str) -> None:
        seat = self.clockwork.seats[name]
        if not seat.gone:
            return
        if fault.entry.store == "lost":
            seat.services.lose_store()
        text = f"{name} starts again, its store {fault.entry.store}"
        self.clockwork.tap.fault(self.clockwork.now_ns, name, "FaultEnds", text)
        self.clockwork.start(name)

    # What lasts.

    def _do(self, fault: PlacedFault) -> None:
        self._lasting.append(fault)
        clockwork = self.clockwork
        for link in fault.links:
            if fault.kind == "slow":
                self._slow.setdefault(link, []).append(fault)
                self._set_quality(link)
            else:
                clockwork.outages.cut(link)
        for name in fault.parts:
            if fault.kind == "fill_store":
                clockwork.seats[name].services.store.full = True
            else:
                clockwork.skew(name, _ns(fault.entry.by_s or 0.0))

    def _undo(self, fault: PlacedFault) -> None:
        self._lasting.remove(fault)
        clockwork = self.clockwork
        for link in fault.links:
            if fault.kind == "slow":
                self._slow[link].remove(fault)
                self._set_quality(link)
            else:
                clockwork.outages.heal(link)
        for name in fault.parts:
            if fault.kind == "fill_store":
                clockwork.seats[name].services.store.full = False
            else:
                clockwork.skew(name, -_ns(fault.entry.by_s or 0.0))

    def _set_quality(self, link: int) -> None:
        paths = self.clockwork.paths[link]
        quality = paths[0].link.quality
        for fault in self._slow[link]:
            worse = {name: getattr(fault.entry, name) for name in Quality.__struct_fields__}
            quality = msgspec.structs.replace(quality, **{k: v for k, v in worse.items() if v is not None})
        for path in paths:
            path.channel.change(quality, self.clockwork.now_ns)


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)
