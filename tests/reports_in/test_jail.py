"""The jail: whatever happens in the child, the parent gets an answer or a reason, in time, and nothing is left behind."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from reports_in.confinement import Guard
from reports_in.jail import SERVED, Died, Jail, ask_for_time, network_guard

MEMORY = 256 * 1024 * 1024
PATIENCE = 120.0  # seconds for what is to end; it takes a moment on an idle machine


def answered(work: Callable[[bytes], Iterable[bytes]], request: bytes = b"x", seconds: float = PATIENCE) -> bytes:
    jail = Jail(work, memory_bytes=MEMORY)
    try:
        return b"".join(jail.ask(request, seconds))
    finally:
        jail.stop()


def tried(action: Callable[[], object]) -> Callable[[bytes], Iterator[bytes]]:
    """Work that tells how the action ended."""

    def work(_: bytes) -> Iterator[bytes]:
        try:
            action()
        except Exception as error:
            yield type(error).__name__.encode()
        else:
            yield b"done"

    return work


def test_an_answer_comes_in_the_pieces_that_it_was_given_in():
    jail = Jail(lambda request: [request, b"", request * 200_000])

    assert [len(piece) for piece in jail.ask(b"abc", PATIENCE)] == [3, 0, 600_000]
    jail.stop()


def test_one_child_serves_many_requests_and_is_then_replaced():
    jail = Jail(lambda _: [str(os.getpid()).encode()])
    pids = [b"".join(jail.ask(b"", PATIENCE)) for _ in range(2 * SERVED)]
    jail.stop()

    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [SERVED, SERVED]


def test_the_child_sees_what_the_parent_had_loaded():
    loaded = {"rules": 85}

    assert answered(lambda _: [str(loaded["rules"]).encode()]) == b"85"


def endless(_: bytes) -> Iterator[bytes]:
    while True:
        pass


def endless_in_c(_: bytes) -> Iterator[bytes]:
    import hashlib

    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 2_000_000_000)
    yield b""


def segfault(_: bytes) -> Iterator[bytes]:
    ctypes.string_at(0)
    yield b""


def too_big_an_object(_: bytes) -> Iterator[bytes]:
    yield bytes(4 << 30)


def growing_list(_: bytes) -> Iterator[bytes]:
    held = []
    while True:
        held.append(bytearray(1 << 20))


def leave(_: bytes) -> Iterator[bytes]:
    os._exit(3)


def hang_up(_: bytes) -> Iterator[bytes]:
    os.closerange(3, 100)
    yield b""


def half_an_answer(_: bytes) -> Iterator[bytes]:
    yield b"half"
    time.sleep(600)


def huge_answer(_: bytes) -> Iterator[bytes]:
    yield bytes(120 << 20)


def raises(_: bytes) -> Iterator[bytes]:
    raise ValueError("a defect of the reader")


DEATHS: dict[str, tuple[Callable[[bytes], Iterator[bytes]], str, bool]] = {
    "an endless loop": (endless, "解析超过1秒仍未完成，已停止", True),
    "an endless loop in C": (endless_in_c, "解析超过1秒仍未完成，已停止", True),
    "half an answer": (half_an_answer, "解析超过1秒仍未完成，已停止", True),
    "a segmentation fault": (segfault, "解析进程崩溃（信号11 SIGSEGV）", False),
    "4 GB at once": (too_big_an_object, "解析所需内存超过256 MB，已停止", True),
    "a list that grows": (growing_list, "解析所需内存超过256 MB，已停止", True),
    "an exit": (leave, "解析进程崩溃（退出码3）", False),
    "a closed pipe": (hang_up, "解析进程崩溃（退出码70）", False),
    "an answer of 120 MB": (huge_answer, "解析结果超过100 MB，已停止", True),
    "an exception": (raises, "解析进程崩溃（退出码70）", False),
}


@pytest.mark.parametrize(("work", "fault", "by_limit"), DEATHS.values(), ids=DEATHS.keys())
def test_whatever_ends_the_child_is_said_and_the_next_request_is_served(work, fault, by_limit):
    jail = Jail(lambda request: work(request) if request == b"bad" else [b"good"], memory_bytes=MEMORY)
    with pytest.raises(Died) as died:
        b"".join(jail.ask(b"bad", 1.0 if "1秒" in fault else PATIENCE))

    assert (died.value.fault, died.value.by_limit, list(jail.ask(b"fine", PATIENCE))) == (fault, by_limit, [b"good"])
    jail.stop()


def test_what_the_parent_holds_is_not_held_against_a_child_that_crashes():
    held = b"\x01" * (MEMORY + (64 << 20))
    jail = Jail(segfault, memory_bytes=MEMORY)
    with pytest.raises(Died) as died:
        b"".join(jail.ask(b"bad", PATIENCE))

    assert (died.value.by_limit, len(held) > MEMORY) == (False, True)


def test_a_request_may_ask_for_more_time_for_itself():
    def work(request: bytes) -> Iterator[bytes]:
        if request == b"slow":
            ask_for_time(PATIENCE)
        time.sleep(3.0)
        yield b"done"

    jail = Jail(work)

    assert b"".join(jail.ask(b"slow", 2.0)) == b"done"
    with pytest.raises(Died, match="解析超过2秒"):
        b"".join(jail.ask(b"quick", 2.0))


def reach(family: int, address: object) -> Callable[[], None]:
    def connect() -> None:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.settimeout(20)
            tried.connect(address)

    return connect


@pytest.mark.skipif(network_guard() is Guard.NONE, reason="this machine has no network guard")
def test_no_network_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        outcome = answered(tried(reach(socket.AF_INET, server.getsockname())))
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()

    assert outcome in (b"PermissionError", b"OSError")


@pytest.mark.skipif("系统调用" not in network_guard(), reason="this machine has no system call filter")
def test_other_sockets_than_local_ones_are_refused_by_the_filter():
    def pair() -> None:
        for end in socket.socketpair():
            end.close()

    kinds = [
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET6, socket.SOCK_STREAM),
        (socket.AF_NETLINK, socket.SOCK_RAW),
    ]
    asked = [answered(tried(partial(socket.socket, *kind))) for kind in kinds]

    assert (asked, answered(tried(pair))) == ([b"PermissionError"] * 3, b"done")


def test_a_big_file_cannot_be_written():
    def write() -> None:
        with tempfile.TemporaryFile() as file:
            for _ in range(100):
                file.write(bytes(1 << 20))

    assert answered(tried(write)) == b"OSError"


def test_the_parents_files_and_sockets_are_out_of_reach(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    with secret.open("rb") as held:

        def look(_: bytes) -> Iterator[bytes]:
            yield os.read(held.fileno(), 10)
            yield b",".join(sorted({os.readlink(f"/proc/self/fd/{name}").encode()[:10] for name in ("0", "1")}))

        found = answered(look)

    assert found == b"/dev/null"


def test_limits_are_those_of_the_jail():
    def limits(_: bytes) -> Iterator[bytes]:
        kinds = (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)
        yield ",".join(str(resource.getrlimit(kind)) for kind in kinds).encode()

    assert answered(limits) == b"(0, 0),(256, 256)"


@pytest.mark.parametrize("own_session", [False, True])
def test_what_the_child_started_ends_with_it(own_session):
    def start(_: bytes) -> Iterator[bytes]:
        yield str(subprocess.Popen(["sleep", "600"], start_new_session=own_session).pid).encode()
        time.sleep(600)

    jail = Jail(start)
    pieces = jail.ask(b"", 5.0)  # in which the child has to be there and to start the other
    pid = int(next(pieces))
    with pytest.raises(Died):
        list(pieces)

    assert ends(pid)


def ends(pid: int) -> bool:
    """Whether that process ends: one that was killed takes a moment."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_a_child_dies_with_its_parent(tmp_path):
    script = (
        "import os, sys, time\n"
        "from reports_in.jail import Jail\n"
        "jail = Jail(lambda _: [str(os.getpid()).encode()])\n"
        "print(b''.join(jail.ask(b'', 100)).decode(), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (made.returncode, ends(int(made.stdout))) == (-signal.SIGKILL, True)


def test_a_hundred_jails_leave_no_process_and_no_descriptor():
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    gc.collect()  # what other tests left to be closed is not counted
    before, children = descriptors(), psutil.Process().children()
    for number in range(100):
        assert answered(lambda request: [request], str(number).encode()) == str(number).encode()

    left = [child for child in psutil.Process().children() if child not in children]
    assert (descriptors() - before, [child for child in left if not ends(child.pid)]) == (0, [])


def test_a_jail_inherited_by_a_fork_of_its_owner_is_forked_anew_there():
    jail = Jail(lambda _: [str(os.getppid()).encode()])
    mine = b"".join(jail.ask(b"", PATIENCE))
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, b"".join(jail.ask(b"", PATIENCE)) + b" " + str(os.getpid()).encode())
        jail.stop()
        os._exit(0)
    os.waitpid(pid, 0)
    theirs, expected = os.read(reader, 100).split()
    os.close(reader)
    os.close(writer)

    assert (mine, theirs, b"".join(jail.ask(b"", PATIENCE))) == (str(os.getpid()).encode(), expected, mine)
    jail.stop()
