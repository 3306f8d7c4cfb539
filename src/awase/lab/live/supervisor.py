"""Keeps a network up on real sockets: starts its processes and programs in order, watches them, takes them down.

One asyncio loop, no threads: the supervisor forks.
"""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.evidence.core_side import Sightlines
from awase.lab.live.bookkeeping import audit
from awase.lab.live.casting import Play, plays_of, prepare
from awase.lab.live.certificates import Certificates
from awase.lab.live.feed import Feed
from awase.lab.live.folder import RunFolder
from awase.lab.live.holdings import CoreCount
from awase.lab.live.messages import LeftOut, Logged, Refused, Report, Said, Seen, Serving, Warm
from awase.lab.live.placement import Group, Hosting, groups_of
from awase.lab.live.process import PartProcess, waves
from awase.lab.live.records import CannotStart, LiveOptions, State
from awase.model.network import Network
from awase.model.part import NS_PER_S, Event
from awase.model.run import RunResult
from awase.suppliers.adapter import Program
from awase.suppliers.running import NotStarted, RunningProgram
from awase.suppliers.warden import Warden
from awase.transports.clock import Clock

TICK_S = 0.02
SHOW_S = 0.5
NG_SETUP_S = 1.0
"""How long UEs wait for the base stations' NG Setup to be answered, before they are started all the same."""
STARTING_S = 20.0
"""How long a process of ours may take to serve."""
GOODBYE_S = (1.2, 1.0, 0.8, 0.6)
"""How long UEs, base stations, core and user plane each may take to leave: together less than 5 s."""
RESTART_FIRST_S, RESTART_MOST_S = 0.05, 10.0
_STAGES = (("ue",), ("gnb",), ("amf", "smf", "ausf", "udm", "udr"), ("upf", "data_network"))


class Supervisor:
    """A network that is up."""

    def __init__(
        self,
        assembly: Assembly,
        options: LiveOptions,
        *,
        on_event: Callable[[int, str, Event], None] | None = None,
        on_show: Callable[["Supervisor"], None] | None = None,
        on_up: Callable[["Supervisor"], None] | None = None,
    ) -> None:
        self.clock = Clock()
        self.options = options
        self.phase = "starting"
        self.notes: list[str] = []
        self.figures: dict[str, Any] = {}
        self._on_event, self._on_show, self._on_up = on_event, on_show, on_up
        assembly = msgspec.structs.replace(assembly, epoch_ns=self.clock.now_ns())
        self.assembly, self._plays = plays_of(assembly, options.directory / "suppliers")
        self.groups: tuple[Group, ...] = groups_of(self.assembly, options.processes)
        self.folder = RunFolder(options.directory, self.assembly, clear=options.clear)
        self.feed = Feed(self.assembly, self.folder.observer)
        self._core = CoreCount(self.assembly.parts)
        certificates = Certificates(self.assembly, options.directory, clear=options.clear)
        hosting = self._hosting = Hosting(self.assembly, self.groups, self.folder.stores, options.sctp, certificates)
        hosts = frozenset(part.host for group in self.groups for part in group.parts)
        self.processes = {
            group.name: PartProcess(
                group.name,
                [hosting.hosted(part) for part in group.parts],
                hosts,
                self.folder.logs / f"{group.name}.log",
            )
            for group in self.groups
        }
        self.programs: dict[str, RunningProgram] = {}
        self._logs: dict[str, BinaryIO] = {}
        self._warden = Warden()
        self._restarting: dict[str, float] = {}
        self._asked_to_stop = asyncio.Event()
        self._parts = {part.name: part for part in self.assembly.parts}
        self.swapping = ""
        """The part in whose place another comes."""
        self._leaving: set[str] = set()
        """Processes that are meant to end."""

    @property
    def network(self) -> Network:
        """What is up."""
        return self.assembly.network

    def stop(self) -> None:
        """Take the network down, in order; the run ends then."""
        self._asked_to_stop.set()

    async def run(self) -> RunResult:
        """Bring the network up, keep it up, take it down; the Run folder is whole when it returns."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        # What is there before the fork is shared with the children as long as nobody writes to it.
        gc.freeze()
        ticking = loop.create_task(self._tick())
        ticking.add_done_callback(lambda _: self.stop())
        error: CannotStart | None = None
        try:
            await self._start()
            self.phase = "up"
            if self._on_up is not None:
                self._on_up(self)
            await self._until_done()
        except (CannotStart, OSError) as problem:
            error = CannotStart.of(problem)
        finally:
            gc.unfreeze()
        result = await self._end(ticking)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        if error is None and self.folder.fault:
            error = CannotStart(self.folder.fault)
        if error is not None:
            raise error
        return result

    # Up.

    async def _start(self) -> None:
        self._say_what_does_not_apply()
        for note in prepare(self._plays):
            self.note(note)
        for functions in reversed(_STAGES):
            if self._asked_to_stop.is_set():
                return
            starting = [self.processes[group.name] for group in self.groups if self._stage(group) == functions]
            for wave in waves(starting):
                for process in wave:
                    self._fork(process)
                await self._serving(wave)
            if functions == ("gnb",) and starting:
                await self._ng_setup()
            for play in self._plays:
                for program in play.plan.programs:
                    if self._stage_of(program) == functions:
                        await self._start_program(play, program)

    @staticmethod
    def _stage(group: Group) -> tuple[str, ...]:
        functions = {part.function for part in group.parts}
        return next(stage for stage in reversed(_STAGES) if functions.intersection(stage))

    def _stage_of(self, program: Program) -> tuple[str, ...]:
        functions = {self._parts[name].function for name in program.plays}
        return next((stage for stage in reversed(_STAGES) if functions.intersection(stage)), _STAGES[-1])

    def _fork(self, process: PartProcess, *, held: bool = False) -> None:
        process.start(held=held)
        asyncio.get_running_loop().add_reader(process.fileno(), self._readable, process)

    async def _serving(self, starting: Sequence[PartProcess]) -> None:
        deadline_s = asyncio.get_running_loop().time() + STARTING_S
        while not all(process.serving for process in starting):
            for process in starting:
                if process.refusal or (process.reap() and not process.serving):
                    self.read_out(process)
                    raise CannotStart(process.refusal or f"{process.name}: {process.obituary()}")
                if asyncio.get_running_loop().time() > deadline_s:
                    raise CannotStart(f"{process.name} did not serve within {STARTING_S:g} s; see {process.log}")
            await asyncio.sleep(0.002)

    async def _ng_setup(self) -> None:
        """Let base stations get to know their AMFs: a UE that comes before is sent away, and waits."""
        ues = sum(part.function == "ue" for part in self.assembly.parts)
        deadline_s = asyncio.get_running_loop().time() + NG_SETUP_S
        while asyncio.get_running_loop().time() < deadline_s:
            if self.folder.observer.progress()[2] <= ues:
                return
            await asyncio.sleep(0.005)

    async def _start_program(self, play: Play, program: Program) -> None:
        log = (self.folder.logs / f"{program.name}.log").open("ab", buffering=0)
        self._logs[program.name] = log
        deadline_s = asyncio.get_running_loop().time() + program.ready_s
        try:
            running = RunningProgram(program, log, warden=self._warden)
            self.programs[program.name] = running
            while not (running.ready if program.ready else not running.alive):
                self._hear(running)
                if not running.alive and program.ready:
                    raise NotStarted(running.obituary())
                if asyncio.get_running_loop().time() > deadline_s:
                    words = running.last_words
                    raise NotStarted(f"{program.name} was not ready in {program.ready_s:g} s; its last words: {words}")
                if self._asked_to_stop.is_set():
                    return
                await asyncio.sleep(TICK_S)
            if not program.ready and running.returncode:
                raise NotStarted(running.obituary())
        except NotStarted as error:
            if not program.optional:
                raise CannotStart(f"{play.supplier}: {error}") from None
            self.note(f"{play.supplier}: {error}")

    def _say_what_does_not_apply(self) -> None:
        for note in self._hosting.notes():
            self.note(note)
        if any(link.loss or link.duplication or link.reordering or link.jitter_us for link in self.assembly.links):
            self.note("delays and losses of links are for virtual time: real sockets have their own")
        flows = any("udp" in entry for part in self.assembly.parts for entry in part.config.get("traffic", ()))
        if flows and not Sightlines.of(self.assembly).flows:
            self.note("flows are not measured behind a UPF of others: echoes are, where they come back")
        if self.assembly.faults:
            self.note("the faults of the network file are for virtual time: awase run")

    def note(self, text: str) -> None:
        """Something that a person should know, that is no event of a part."""
        self.notes.append(text)
        if self._on_event is not None:
            self._on_event(self.clock.now_ns(), "awase", Event(name="Note", text=text, level="warning"))

    # While it is up.

    async def _until_done(self) -> None:
        loop = asyncio.get_running_loop()
        limit_s = self.options.for_s
        if limit_s is None and self.options.until_settled:
            limit_s = self.network.run.limit_s
        deadline_s = None if limit_s is None else loop.time() + limit_s
        while not self._asked_to_stop.is_set():
            if deadline_s is not None and loop.time() >= deadline_s:
                return
            if self.options.until_settled and self.folder.observer.all_settled:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked_to_stop.wait(), TICK_S)

    async def _tick(self) -> None:
        shown_s = 0.0
        loop = asyncio.get_running_loop()
        while True:
            self.feed.advance(self.clock.now_ns())
            for process in self.processes.values():
                if process.pid and process.status is None and process.reap():
                    self._drain(process)
                    self._died(process)
            for running in list(self.programs.values()):
                self._hear(running)
            if loop.time() - shown_s >= SHOW_S:
                shown_s = loop.time()
                self.folder.flush()
                if self.folder.fault and not self._asked_to_stop.is_set():
                    self.note(f"{self.folder.fault}; the network is taken down")
                    self.stop()
                self._core.ask(self.processes.values())
                if self._on_show is not None:
                    self._on_show(self)
            await asyncio.sleep(TICK_S if self.phase == "up" else TICK_S / 4)

    def _readable(self, process: PartProcess) -> None:
        descriptor = process.fileno()
        for report in process.read():
            self._take(process, report)
        if process.fileno() < 0 <= descriptor:
            asyncio.get_running_loop().remove_reader(descriptor)

    def _drain(self, process: PartProcess) -> None:
        """Read to the end what a process left in the channel."""
        while process.fileno() >= 0:
            before = process.fileno()
            reports = process.read()
            for report in reports:
                self._take(process, report)
            if process.fileno() < 0:
                asyncio.get_running_loop().remove_reader(before)
            elif not reports:
                asyncio.get_running_loop().remove_reader(before)
                process.close()

    def _take(self, process: PartProcess, report: Report) -> None:
        if isinstance(report, Seen):
            self.feed.packet(report.record)
        elif isinstance(report, Said):
            self.event(report.time_ns, report.part, report.event)
        elif isinstance(report, Logged):
            self.feed.key(report.time_ns, report.record)
        elif isinstance(report, Warm):
            process.warm = True
        elif isinstance(report, Serving):
            process.serving, process.carriers = True, report.carriers
        elif isinstance(report, Refused):
            process.refusal = report.text if report.part in report.text else f"{report.part}: {report.text}"
        elif isinstance(report, LeftOut):
            self.feed.left_out += report.packets

    def event(self, time_ns: int, part: str, event: Event) -> None:
        """A part, or whoever watches it, has something to say."""
        self.feed.event(time_ns, part, event)
        if self._on_event is not None:
            self._on_event(time_ns, part, event)

    def _hear(self, running: RunningProgram) -> None:
        was_alive = running.alive
        said = running.poll()
        names = running.program.plays or ()
        for event in said.events:
            for name in names[:1]:
                self.event(self.clock.now_ns(), name, event)
            if not names:
                self.note(event.text)
        if was_alive and not running.alive and running.program.ready and self.phase == "up":
            for name in names:
                text = f"{name} is gone: {running.obituary()}"
                self.event(self.clock.now_ns(), name, Event(name="PartFailed", text=text, level="error"))

    def _died(self, process: PartProcess) -> None:
        """A process has ended that should not have."""
        for part in process.parts:
            self.feed.forget(part.name)
            self._core.forget(part.name)
        if process.name in self._leaving or self.phase != "up":
            return
        again = any(self._parts[part.name].restart == "always" for part in process.parts)
        how = process.obituary()
        loop = asyncio.get_running_loop()
        wait_s = min(RESTART_MOST_S, RESTART_FIRST_S * 2 ** min(process.early_ends() - 1, 20))
        for part in process.parts:
            if again:
                text = f"the process of {part.name} {how}; it is started again"
                event = Event(name="ProcessDied", text=text, level="warning")
            else:
                hint = "`restart: always` in its section has it started again"
                event = Event(name="PartFailed", text=f"the process of {part.name} {how}; {hint}", level="error")
            self.event(self.clock.now_ns(), part.name, event)
        if again:
            loop.call_later(wait_s, self._start_again, process)

    def _start_again(self, process: PartProcess) -> None:
        if self.phase == "up" and not process.alive:
            self._fork(process)

    # Another part in the place of one.

    @contextmanager
    def leaving(self, process: str) -> Iterator[None]:
        """While it lasts, a process is meant to end."""
        self._leaving.add(process)
        try:
            yield
        finally:
            self._leaving.discard(process)

    def hold_ready(self, process: PartProcess, new: PlacedPart) -> PartProcess:
        """Fork a process like this one, with another part in the place of the one of that name, that opens no port."""
        hosted = self._hosting.hosted(new)
        successor = process.successor([hosted if part.name == new.name else part for part in process.parts])
        successor.starts = process.starts
        self._fork(successor, held=True)
        return successor

    def take_in(self, process: PartProcess, part: PlacedPart) -> None:
        """From now on a process stands where the one of its name stood, and plays this part."""
        ended = self.processes[process.name]
        self._drain(ended)
        for gone in ended.parts:
            self.feed.forget(gone.name)
        self.processes[process.name] = process
        self._parts[part.name] = part
        parts = tuple(part if each.name == part.name else each for each in self.assembly.parts)
        self.assembly = msgspec.structs.replace(self.assembly, parts=parts)

    def start_again(self, process: PartProcess) -> None:
        """Fork a process that has ended."""
        self._drain(process)
        self._fork(process)

    def read_out(self, process: PartProcess) -> None:
        """Take what a process that has ended still had to say."""
        if not process.alive:
            self._drain(process)

    def discard(self, process: PartProcess) -> None:
        """End a process that no other needs to know of."""
        process.signal(signal.SIGKILL)
        if process.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(process.fileno())
            process.close()

    async def started(self, process: PartProcess) -> None:
        """Wait until it serves. Raises ValueError if it cannot."""
        try:
            await self._serving([process])
        except CannotStart as error:
            raise ValueError(str(error)) from None

    # Down.

    async def _end(self, ticking: "asyncio.Task[None]") -> RunResult:
        """Judge, let all leave in order, write the end."""
        came_up = self.phase == "up"
        if came_up and self.options.books:
            found = await audit(self.assembly, self.processes.values())
            self.folder.observer.audit = self.folder.observer.audit if found is None else found
        self.feed.advance(self.clock.now_ns(), last=True)
        verdicts = self.folder.observer.verdicts()
        self.phase = "stopping"
        for functions, limit_s in zip(_STAGES, GOODBYE_S, strict=True):
            await self._goodbye(functions, limit_s)
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        self.feed.advance(self.clock.now_ns(), last=True)
        self._warden.close()
        for log in self._logs.values():
            log.close()
        record = {
            "carriers": self.carriers(),
            "processes": {group.name: [part.name for part in group.parts] for group in self.groups},
            "programs": {name: list(running.program.command) for name, running in self.programs.items()},
            "notes": self.notes,
            "packets_left_out": self.feed.left_out,
        }
        return self.folder.finish(self.clock.now_ns(), verdicts, self.figures, record)

    async def _goodbye(self, functions: tuple[str, ...], limit_s: float) -> None:
        loop = asyncio.get_running_loop()
        leaving = [self.processes[group.name] for group in self.groups if self._stage(group) == functions]
        programs = [
            running
            for running in self.programs.values()
            if running.alive and self._stage_of(running.program) == functions
        ]
        for process in leaving:
            self._leaving.add(process.name)
            process.signal(signal.SIGTERM)
        for running in programs:
            running.stop()
        deadline_s = loop.time() + limit_s
        while any(p.pid and not p.reap() for p in leaving) or any(r.alive for r in programs):
            if loop.time() > deadline_s:
                for process in leaving:
                    process.signal(signal.SIGKILL)
                for running in programs:
                    running.kill()
            await asyncio.sleep(0.005)
        for process in leaving:
            if process.pid:
                self._drain(process)

    # What is shown of it.

    def carriers(self) -> dict[str, str]:
        """What carries each open port."""
        return {port: how for process in self.processes.values() for port, how in sorted(process.carriers.items())}

    def state(self, events: int = 20) -> State:
        """How it is doing."""
        observer = self.folder.observer
        registered, sessions, awaited = observer.progress()
        if self._core.counts:
            registered, sessions = self._core.registered, self._core.sessions
        processes: dict[str, dict[str, Any]] = {
            name: {
                "pid": process.pid,
                "alive": process.alive,
                "serving": process.serving,
                "starts": process.starts,
                "parts": [part.name for part in process.parts],
            }
            for name, process in self.processes.items()
        }
        for name, running in self.programs.items():
            plays = list(running.program.plays)
            up = {"pid": running.pid, "alive": running.alive, "serving": running.ready, "starts": 1}
            processes[name] = {**up, "parts": plays}
        return State(
            network=self.network.name,
            directory=str(self.folder.directory.absolute()),
            up_s=(self.clock.now_ns() - self.assembly.epoch_ns) / NS_PER_S,
            phase=self.phase,
            registered=registered,
            sessions=sessions,
            awaited=awaited,
            ues=sum(part.function == "ue" for part in self.assembly.parts),
            associations=self.feed.associations,
            processes=processes,
            interfaces={
                name: {"messages": figures.messages, "octets": figures.octets}
                for name, figures in observer.interfaces().items()
            },
            carriers=self.carriers(),
            events=[msgspec.to_builtins(event) for event in islice(reversed(observer.latest), events)][::-1],
        )
