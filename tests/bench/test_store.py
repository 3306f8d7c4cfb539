"""What it costs to make something durable: SQLite's commit with a sync of the disk."""

import time

from awase.transports.store import FileStore


def test_a_commit(tmp_path):
    store = FileStore(tmp_path / "part.sqlite")
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(300):
        store.put(f"sqn/{number % 50}", bytes(200))
        store.commit()
    cpu, wall = (time.process_time() - cpu) / 300 * 1e6, (time.perf_counter() - wall) / 300 * 1e3
    print(f"a commit of 200 octets: {cpu:.0f} us of CPU, {wall:.1f} ms until the disk has it")
    store.close()
    assert cpu < 50_000
