"""Serves drawn clips, or a file, as RTSP cameras until Ctrl-C, and writes a configuration for `watch`; run by hand."""

import argparse
from contextlib import ExitStack
from pathlib import Path
from signal import SIGINT, SIGTERM, sigwait

from cameras import Clip, ScriptedCamera


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path, help="configuration to write")
    parser.add_argument("--cameras", type=int, default=1)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--size", default="720x1280", help="height x width (default: %(default)s)")
    parser.add_argument("--file", type=Path, help="a video to serve in place of a drawn clip")
    parser.add_argument("--grid", default="auto", help="of tiles, such as 1x1")
    parser.add_argument("--density-interval", default='"never"', help="as in the configuration (default: %(default)s)")
    options = parser.parse_args()
    height, width = map(int, options.size.split("x"))
    clip = Clip.of_file(options.file) if options.file else Clip.drawn("h264", size=(height, width))
    with ExitStack() as stack:
        cameras = [stack.enter_context(ScriptedCamera(clip, rate=options.fps)) for _ in range(options.cameras)]
        tables = [
            f'[[cameras]]\nname = "camera {n}"\naddress = "{camera.address}"\nmax_fps = {options.fps}\n'
            f'grid = "{options.grid}"\ndensity_interval_s = {options.density_interval}\n'
            for n, camera in enumerate(cameras, 1)
        ]
        options.config.write_text("\n".join(tables), "utf-8")
        print(f"serving {len(cameras)} cameras, see {options.config}", flush=True)
        sigwait({SIGINT, SIGTERM})


if __name__ == "__main__":
    main()
