"""What the operating system says of a file that cannot be used, in Chinese."""

from __future__ import annotations

import errno
from typing import Final

WORDS: Final = {
    errno.ENOENT: "文件或文件夹不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "磁盘只读",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
    errno.ENFILE: "打开的文件太多",
    errno.ENOMEM: "内存不足",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "链接循环",
    errno.EBUSY: "正被占用",
    errno.ETXTBSY: "正被占用",
    errno.ESTALE: "网络文件夹已断开",
    errno.EXDEV: "不在同一个磁盘上",
    errno.ETIMEDOUT: "超时",
    errno.ECONNREFUSED: "连接被拒绝",
}


def in_words(error: OSError) -> str:
    """What is wrong, in Chinese; for what is not listed here the system's own words, or the kind of the error."""
    return WORDS.get(error.errno or 0) or error.strerror or type(error).__name__
