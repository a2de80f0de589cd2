"""Errors of starting the service and of keeping its data.

AuditError (audits/errors.py)
└── StartError           the service cannot be started here
    ├── AlreadyRunning       another one works on the same data
    ├── FolderUnusable       the data folder cannot be written, or lies where SQLite would be damaged
    ├── PortInUse            somebody listens there, or we are not allowed to
    ├── RedisMissing         no redis-server on this machine
    └── CertificateUnusable  missing, expired, or not belonging to its key
"""

from __future__ import annotations

from audits.errors import AuditError


class StartError(AuditError):
    code = "START"


class AlreadyRunning(StartError):
    code = "ALREADY_RUNNING"


class FolderUnusable(StartError):
    code = "FOLDER"


class PortInUse(StartError):
    code = "PORT"


class RedisMissing(StartError):
    code = "REDIS_MISSING"


class CertificateUnusable(StartError):
    code = "CERTIFICATE"
