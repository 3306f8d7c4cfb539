"""Keeps a network up on real sockets: starts its processes and programs in order, watches them, takes them down.

One asyncio loop, no threads: the supervisor forks.
"""

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import msgspec

from awase.lab.assembly import Assembly, PlacedPart
from awase.lab.books import compare
from awase.lab.live.casting import Play, plays_of, write_plays
from awase.lab.live.feed import Feed
from awase.lab.live.folder import RunFolder
from awase.lab.live.messages import LeftOut, Logged, Refused, Report, Said, Seen, Serving
from awase.lab.live.placement import Group, Hosting, groups_of
from awase.lab.live.process import PartProcess
from awase.lab.live.records import CannotStart, LiveOptions, State
from awase.model.books import BookEntry
from awase.model.network import Network
from awase.model.part import NS_PER_S, Event
from awase.model.run import RunResult
from awase.suppliers.adapter import Program
from awase.suppliers.running import NotStarted, RunningProgram
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
STEADY_S = 30.0
"""A process that lives so long has its next restart at once."""
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
        hosting = self._hosting = Hosting(self.assembly, self.groups, self.folder.stores, options.sctp)
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
        self._restarting: dict[str, float] = {}
        self._asked_to_stop = asyncio.Event()
        self._parts = {part.name: part for part in self.assembly.parts}
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
        gc.collect()
        gc.freeze()
        ticking = loop.create_task(self._tick())
        error: CannotStart | None = None
        try:
            await self._start()
            self.phase = "up"
            if self._on_up is not None:
                self._on_up(self)
            await self._until_done()
        except CannotStart as problem:
            error = problem
        finally:
            gc.unfreeze()
        result = await self._end(ticking)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        if error is not None:
            raise error
        return result

    # Up.

    async def _start(self) -> None:
        self._say_what_does_not_apply()
        write_plays(self._plays)
        for play in self._plays:
            for note in play.plan.notes:
                self.note(note)
        for functions in reversed(_STAGES):
            if self._asked_to_stop.is_set():
                return
            starting = [self.processes[group.name] for group in self.groups if self._stage(group) == functions]
            for process in starting:
                self._fork(process)
            await self._serving(starting)
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

    def _fork(self, process: PartProcess) -> None:
        process.start()
        asyncio.get_running_loop().add_reader(process.fileno(), self._readable, process)

    async def _serving(self, starting: Sequence[PartProcess]) -> None:
        deadline_s = asyncio.get_running_loop().time() + STARTING_S
        while not all(process.serving for process in starting):
            for process in starting:
                if process.refusal or (process.reap() and not process.serving):
                    raise CannotStart(f"{process.name}: {process.refusal or process.obituary()}")
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
        if program.needs_root and os.geteuid() != 0:
            self.note(f"{program.name} needs root: {program.needs_root}; it is started all the same")
        log = (self.folder.logs / f"{program.name}.log").open("ab", buffering=0)
        self._logs[program.name] = log
        deadline_s = asyncio.get_running_loop().time() + program.ready_s
        try:
            running = RunningProgram(program, log)
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
        if any(link.loss or link.duplication or link.reordering or link.jitter_us for link in self.assembly.links):
            self.note("delays and losses of links are for virtual time: real sockets have their own")
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
            self.folder.observer.key(report.record)
        elif isinstance(report, Serving):
            process.serving, process.carriers = True, report.carriers
        elif isinstance(report, Refused):
            process.refusal = f"{report.part}: {report.text}"
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
        if process.name in self._leaving or self.phase != "up":
            return
        again = any(self._parts[part.name].restart == "always" for part in process.parts)
        how = process.obituary()
        loop = asyncio.get_running_loop()
        lived_s = loop.time() - process.started_s
        wait_s = RESTART_FIRST_S
        if lived_s < STEADY_S:
            wait_s = min(RESTART_MOST_S, RESTART_FIRST_S * 2 ** min(process.starts - 1, 20))
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

    def take_in(self, process: PartProcess, new: PlacedPart) -> None:
        """Fork a process that has ended again, with another part in the place of the one of that name."""
        self._drain(process)
        for part in process.parts:
            self.feed.forget(part.name)
        process.parts = tuple(self._hosting.hosted(new) if part.name == new.name else part for part in process.parts)
        self._parts[new.name] = new
        self._fork(process)

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
            await self._compare_books()
        self.feed.advance(self.clock.now_ns(), last=True)
        verdicts = self.folder.observer.verdicts()
        self.phase = "stopping"
        for functions, limit_s in zip(_STAGES, GOODBYE_S, strict=True):
            await self._goodbye(functions, limit_s)
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        self.feed.advance(self.clock.now_ns(), last=True)
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

    async def _compare_books(self) -> None:
        """What only one end of a book holds has leaked; what is on its way is looked at again."""
        lasting = None
        for wait_s in (0.05, 0.25, 0.7):
            await asyncio.sleep(wait_s)
            kept = await self._books()
            if kept is None:
                return
            seen = compare(self.assembly.parts, kept)
            entries = seen.entries
            lasting = seen.disagreements if lasting is None else tuple(d for d in lasting if d in seen.disagreements)
            self.folder.observer.audit = msgspec.structs.replace(seen, entries=entries, disagreements=lasting)
            if not lasting:
                return

    async def _books(self) -> dict[str, tuple[BookEntry, ...]] | None:
        loop = asyncio.get_running_loop()
        kept: dict[str, tuple[BookEntry, ...]] = {}
        waiting = set()
        for process in self.processes.values():
            if not process.alive:
                return None

            def take(result: Any, name: str = process.name) -> None:
                waiting.discard(name)
                for part, entries in result.items():
                    kept[part] = tuple(BookEntry(*entry) for entry in entries)

            waiting.add(process.name)
            process.ask("books", then=take)
        deadline_s = loop.time() + 1.0
        while waiting and loop.time() < deadline_s:
            await asyncio.sleep(0.005)
        return None if waiting else kept

    # What is shown of it.

    def carriers(self) -> dict[str, str]:
        """What carries each open port."""
        return {port: how for process in self.processes.values() for port, how in sorted(process.carriers.items())}

    def state(self, events: int = 20) -> State:
        """How it is doing."""
        observer = self.folder.observer
        registered, sessions, awaited = observer.progress()
        processes: dict[str, dict[str, Any]] = {
            name: {
                "pid": process.pid,
                "alive": process.alive,
                "starts": process.starts,
                "parts": [part.name for part in process.parts],
            }
            for name, process in self.processes.items()
        }
        for name, running in self.programs.items():
            plays = list(running.program.plays)
            processes[name] = {"pid": running.pid, "alive": running.alive, "starts": 1, "parts": plays}
        return State(
            network=self.network.name,
            directory=str(self.folder.directory),
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
            events=[msgspec.to_builtins(event) for event in observer.events[-events:]],
        )
