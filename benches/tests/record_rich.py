"""Records what rich says of the time left, for `rich_recording.rs`.

    python3 -m venv venv && venv/bin/pip install rich
    venv/bin/python benches/tests/record_rich.py > benches/tests/data/rich_eta.json

A clock that is set by hand drives `rich.progress.Progress`. Each row is a moment in
seconds, how many items were advanced then (null: none, and it was only asked), and what
`time_remaining` says right after. Moments are multiples of 1/64 s, which are exact.
"""

import importlib.metadata
import io
import json
import random

from rich.console import Console
from rich.progress import Progress

PERIOD = 30.0


def record(name, total, steps):
    """Plays steps, each a pause in 1/64 s and a count or None; returns the rows."""
    now = 0.0
    progress = Progress(
        console=Console(file=io.StringIO()),
        auto_refresh=False,
        get_time=lambda: now,
        speed_estimate_period=PERIOD,
    )
    task_id = progress.add_task(name, total=total)
    (task,) = progress.tasks
    rows = []
    for pause, n in steps:
        now += pause / 64
        if n is not None:
            progress.advance(task_id, n)
        rows.append([now, n, task.time_remaining])
    return {"name": name, "total": total, "rows": rows}


def steady():
    """One each half second, asked in between as well, up to the end and beyond it."""
    for _ in range(40):
        yield 16, None
        yield 16, 1
    yield 64, None


def warm_up(rng):
    for idx in range(60):
        slowness = 1 + 4 * 0.93**idx
        yield int(rng.uniform(8, 16) * slowness), 1


def stall(rng):
    """Longer than the period of the estimate: what was before it is forgotten."""
    for idx in range(90):
        yield 45 * 64 if idx == 45 else rng.randint(8, 24), 1
        yield 8, None


def pieces(rng):
    """Of all sizes, nothing among them."""
    for _ in range(80):
        yield rng.randint(0, 90), rng.choice([0, 1, 1, 2, 7, 30])


def heavy_tail(rng):
    for _ in range(80):
        yield int(8 * rng.paretovariate(1.2)), 1


def dense():
    """More than the thousand that are kept, within the period."""
    for idx in range(1300):
        yield 1 if idx < 700 else 2, 1


def main():
    rng = random.Random(1)
    jobs = [
        record("steady", 40, steady()),
        record("warm-up", 80, warm_up(rng)),
        record("stall", 100, stall(rng)),
        record("pieces", 600, pieces(rng)),
        record("heavy tail", 100, heavy_tail(rng)),
        record("dense", 2000, dense()),
    ]
    rows = ",\n".join(json.dumps(job) for job in jobs)
    version = importlib.metadata.version("rich")
    print(f'{{"rich": "{version}", "period": {PERIOD}, "jobs": [\n{rows}\n]}}')


if __name__ == "__main__":
    main()
