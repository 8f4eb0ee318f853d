"""What image operations cost in Pillow: `python -c <this> FILE [OUT]`.

Reads lines `<workload> <iterations>` and answers each with the CPU nanoseconds that the
process took, as the arms of `safelight-benches` do: see `benches/src/arm.rs`.
`write_<workload>` leaves in OUT what it makes, and `peak_rss` is the highest resident set of
this process so far, in bytes.
"""

import io
import sys
import time

from PIL import Image

FILE = sys.argv[1]
OUT = sys.argv[2] if len(sys.argv) > 2 else None
BOX = (256, 256)
LOADED = []


def decode():
    image = Image.open(FILE)
    image.load()
    return image


def thumbnail():
    image = Image.open(FILE)
    image.thumbnail(BOX)
    return image


def jpeg_of(image):
    if image.mode not in ("RGB", "L"):
        image = image.convert("RGB")
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=85)
    return sink


def loaded():
    if not LOADED:
        LOADED.append(decode())
    return LOADED[0]


def encode():
    return jpeg_of(loaded())


def to_jpeg():
    return jpeg_of(Image.open(FILE))


def to_png():
    sink = io.BytesIO()
    Image.open(FILE).save(sink, "PNG")
    return sink


def header():
    with Image.open(FILE) as image:
        return image.size


WORKLOADS = {run.__name__: run for run in (thumbnail, decode, encode, to_jpeg, to_png, header)}


def peak_rss():
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    # Elsewhere than on Linux: bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def write(made):
    if isinstance(made, io.BytesIO):
        with open(OUT, "wb") as out:
            out.write(made.getvalue())
    else:
        made.save(OUT, "PNG", compress_level=0)
    return 0


def answer(name, n):
    if name == "peak_rss":
        return peak_rss()
    if name.startswith("write_"):
        return write(WORKLOADS[name[len("write_"):]]())
    run = WORKLOADS[name]
    if run is encode:
        # What it begins with is not what it costs.
        loaded()
    before = time.process_time_ns()
    for _ in range(n):
        run()
    return time.process_time_ns() - before


for line in sys.stdin:
    try:
        name, n = line.split()
        print(answer(name, int(n)), flush=True)
    except Exception as error:
        print("error: " + f"{type(error).__name__}: {error}".replace("\n", " "), flush=True)
