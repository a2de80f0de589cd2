"""Is this Redis fit to carry hints? A worker asks before it starts, and so does `hecha doctor`."""

from __future__ import annotations

from dataclasses import dataclass

import redis

FULL = 0.8  # of the memory it may take
LOOPBACK = ("127.", "localhost", "::1", "/")


@dataclass(frozen=True, slots=True)
class Fitness:
    """What was found. ``refusal`` and ``warnings`` are in Chinese; no refusal and no warning means fit."""

    version: str
    refusal: str | None = None
    warnings: tuple[str, ...] = ()


def fitness(url: str) -> Fitness:
    """Ask the server at that address. Raises redis.RedisError if it does not answer."""
    with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as server:
        version = str(server.info("server")["redis_version"])
        try:
            policy = server.config_get("maxmemory-policy").get("maxmemory-policy")
            append_only = server.config_get("appendonly").get("appendonly")
            memory, kept = server.info("memory"), server.info("persistence")
        except redis.ResponseError:
            return Fitness(version, warnings=("不允许查看配置，无法确认淘汰策略为 noeviction、已开启 appendonly",))
        connection = server.connection_pool.connection_kwargs
    if policy != "noeviction":
        return Fitness(version, f"淘汰策略是 {policy}：内存满时会悄悄丢掉整个队列；请设为 maxmemory-policy noeviction")
    warnings = []
    if append_only != "yes":
        warnings.append("没有开启 appendonly：Redis 重启后通知会丢，未完成的批次要等调和进程（hecha reconcile）重新通知")
    elif kept.get("aof_last_write_status") == "err":
        warnings.append("appendonly 的文件写不进去：Redis 重启后通知会丢；请检查 Redis 所在磁盘的空间和权限")
    limit = int(memory.get("maxmemory", 0))
    if limit and int(memory["used_memory"]) > FULL * limit:
        used = int(memory["used_memory"])
        warnings.append(f"内存快满了（{used >> 20} MB，上限 {limit >> 20} MB）：满了以后新的通知发不出；请调大 maxmemory")
    host = str(connection.get("host") or connection.get("path") or "")
    if not host.startswith(LOOPBACK) and not connection.get("password"):
        warnings.append("没有密码，且不在本机：任何能连上它的人都能插手任务")
    return Fitness(version, warnings=tuple(warnings))
