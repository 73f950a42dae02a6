"""A PostgreSQL server of the tests' own: made in a temporary folder, frozen and stopped at will, gone at the end."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

USER, PASSWORD = "guard", "hunter2"
START_S = 60
NOBODY = "nobody"  # who runs it where the tests run as root, as which PostgreSQL refuses to


class Server:
    """A server on this computer, with a password; its data are worth nothing, so it keeps them loosely."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def make(self) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if os.getuid() == 0:
            for path in (self._folder, secret):
                shutil.chown(path, NOBODY)
        login = ("-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256")
        self._run("initdb", "-D", self._folder / "data", *login, "--no-sync", "--encoding=UTF8", "--no-locale")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        log = self._folder / "log"
        self._run("pg_ctl", "start", "-w", "-t", START_S, "-D", self._folder / "data", "-l", log, "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._folder / "data")

    def database(self, name: str = "counts") -> str:
        """Returns the URL, as users write it, of a database that is empty: emptied, since each one is 300 files."""
        import psycopg

        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchall():
                connection.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(self._url(name), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self._url(name)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nothing answers while the block runs, and no socket is closed, as if the network were lost."""
        server = psutil.Process(int((self._folder / "data" / "postmaster.pid").read_text().split()[0]))
        server.suspend()  # first, so that it makes no more of them
        processes = [*server.children(recursive=True), server]
        try:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.suspend()
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def _url(self, name: str) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        owner = _nobody() if os.getuid() == 0 else {}
        # Into a file: the server that pg_ctl leaves behind would hold a pipe open.
        with (self._folder / f"{program}.out").open("w+b") as said:
            streams = {"stdout": said, "stderr": said, "cwd": self._folder}
            done = subprocess.run(command, check=False, timeout=2 * START_S, **streams, **owner)
            said.seek(0)
            assert done.returncode == 0, said.read().decode(errors="replace")


def _nobody() -> dict[str, object]:
    import pwd  # Windows has none

    return {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}


@contextmanager
def serving() -> Iterator[Server]:
    """Yields a server that runs; skips the test where PostgreSQL or its Python package is missing."""
    pytest.importorskip("psycopg", reason="the extra 'postgresql' is needed: pip install 'deepcount[postgresql]'")
    found = shutil.which("initdb")
    programs = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL's programs are needed: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="deepcount-postgresql-") as folder:
        server = Server(programs[-1], Path(folder))
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
