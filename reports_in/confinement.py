"""What a process gives up before it reads what strangers sent: network, other processes' memory, files of any size, core dumps.

Linux only, by system calls through ctypes: no library, no privilege needed. Nothing here can be taken back.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Collection
from enum import StrEnum

from reports_in.limits import LIMITS

OPEN_FILES = 256

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2

# classic BPF, as <linux/filter.h> and <linux/seccomp.h> have it
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES
AT_NUMBER, AT_ARCHITECTURE, AT_FIRST_ARGUMENT = 0, 4, 16
X32_CALLS = 0x40000000  # the other way of naming the same calls on x86-64

# Per machine: the kernel's name for it, socket(), and what would open a way around a refused socket or into other processes:
# io_uring_setup, ptrace, process_vm_readv, process_vm_writev, bpf, perf_event_open, userfaultfd, keyctl, add_key, request_key
MACHINES = {
    "x86_64": (0xC000003E, 41, (425, 101, 310, 311, 321, 298, 323, 250, 248, 249)),
    "aarch64": (0xC00000B7, 198, (425, 117, 270, 271, 280, 241, 282, 219, 217, 218)),
}


class Guard(StrEnum):
    """What keeps a jailed process off the network, best first."""

    NAMESPACE_AND_FILTER = "网络命名空间和系统调用过滤"
    NAMESPACE = "网络命名空间"
    FILTER = "系统调用过滤（seccomp）"
    NONE = "没有"


def confine(keep: Collection[int] = (), file_bytes: int = LIMITS.temporary_bytes) -> Guard:
    """Confine this process for good; returns what guards it from the network.

    keep        file descriptors that stay open beside stderr; all others are put onto /dev/null, so that an object of the
                parent that is collected here closes nothing of ours.
    file_bytes  the largest file that it may write.
    """
    for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) not in (signal.SIG_DFL, signal.SIG_IGN, None):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _shut_descriptors(keep)
    libc = ctypes.CDLL(None, use_errno=True)
    namespace = _leave_network(libc)  # before the death signal: a change of credentials clears it
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_FSIZE, file_bytes)
    _cap(resource.RLIMIT_NOFILE, OPEN_FILES)
    filtered = _filter_calls(libc)
    if namespace:
        return Guard.NAMESPACE_AND_FILTER if filtered else Guard.NAMESPACE
    return Guard.FILTER if filtered else Guard.NONE


def allow_memory(extra: int) -> None:
    """Let this process have so many bytes of address space beyond what it has now, and no more."""
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard), hard))


def allow_cpu(seconds: float) -> None:
    """Let this process use so many seconds of CPU from now: it then dies of SIGXCPU."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    ceiling = int(used + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard), hard))


def allow_ocr() -> None:
    """Let a confined process have what OCR needs; does nothing in one that is not confined."""
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        allow_memory(LIMITS.ocr_memory_bytes)
        allow_cpu(LIMITS.ocr_seconds)


def _shut_descriptors(keep: Collection[int]) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):
        if (number := int(name)) not in {2, nowhere, *keep}:
            os.dup2(nowhere, number, inheritable=number < 3)
    os.close(nowhere)


def _cap(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (ceiling, ceiling))


def _leave_network(libc: ctypes.CDLL) -> bool:
    """Into a network of its own, which has no connection to any other."""
    return any(libc.unshare(kind) == 0 for kind in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def _filter_calls(libc: ctypes.CDLL) -> bool:
    """From now on sockets other than Unix ones, and the calls of MACHINES, are refused by the kernel."""
    machine = MACHINES.get(platform.machine())
    if machine is None or sys.byteorder != "little" or libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    program = b"".join(struct.pack("<HBBI", *step) for step in _program(*machine))
    steps = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps)))
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(header), 0, 0) == 0)


def _program(architecture: int, socket_call: int, refused: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Steps of (operation, steps to skip if it holds, if not, operand)."""
    calls = len(refused)
    return [
        (LOAD, 0, 0, AT_ARCHITECTURE),
        (JUMP_EQUAL, 0, calls + 6, architecture),
        (LOAD, 0, 0, AT_NUMBER),
        (JUMP_AT_LEAST, calls + 4, 0, X32_CALLS),
        (JUMP_EQUAL, calls + 1, 0, socket_call),
        *((JUMP_EQUAL, calls - place + 2, 0, call) for place, call in enumerate(refused)),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, AT_FIRST_ARGUMENT),
        (JUMP_EQUAL, 1, 0, socket.AF_UNIX),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
