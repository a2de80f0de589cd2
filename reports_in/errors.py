"""Errors of reading.

IntakeError                    the base: this file cannot be read as a report
├── NotAReport                 it holds no annual report (a login page, an error page, a newsletter)
├── SeveralReports             it holds more than one annual report
├── FileUnavailable            it is gone, or we may not open it
├── EmptyFile                  it holds nothing
├── UndecodableText            no encoding fits
├── UnknownFormat              its content is of no format that we read
├── Encrypted                  a password is needed
├── UnsafeEntry                an archive's entry that is no file, or whose name leads out of the archive
├── Damaged                    the format's own structure is broken
├── Infected                   the office's virus scanner found something in it
├── NotScanned                 the office wants every file scanned, and its scanner did not get through this one
├── LimitExceeded              it passes a limit of reports_in/limits.py
├── NeedsOcr                   it is a picture of a report; its characters must be recognised first
├── ToolMissing                a reader needs something that is not installed
└── ReaderCrashed              the reader died or was stopped

``code`` is stable and shared by the command line, JSON, the web and the docs; compare codes or types, never the text.
"""

from __future__ import annotations


class IntakeError(Exception):
    """A file that cannot be read as a report. ``str()`` is one Chinese line: the file, the fault, what to do."""

    code = "INTAKE"

    def __init__(self, name: str, fault: str, advice: str) -> None:
        super().__init__(name, fault, advice)
        self.name = name
        self.fault = fault
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.name}：{self.fault}；{self.advice}"


class NotAReport(IntakeError):
    code = "NOT_A_REPORT"


class SeveralReports(IntakeError):
    code = "SEVERAL_REPORTS"


class FileUnavailable(IntakeError):
    code = "FILE_UNAVAILABLE"


class EmptyFile(IntakeError):
    code = "EMPTY_FILE"


class UndecodableText(IntakeError):
    code = "UNDECODABLE_TEXT"


class UnknownFormat(IntakeError):
    code = "UNKNOWN_FORMAT"


class Encrypted(IntakeError):
    code = "ENCRYPTED"


class UnsafeEntry(IntakeError):
    code = "UNSAFE_ENTRY"


class Damaged(IntakeError):
    code = "DAMAGED"


class Infected(IntakeError):
    """signature: as the scanner calls it; sha256: of the bytes, which are kept nowhere."""

    code = "INFECTED"

    def __init__(self, name: str, fault: str, advice: str, signature: str = "", sha256: str = "") -> None:
        super().__init__(name, fault, advice)
        self.signature = signature
        self.sha256 = sha256


class NotScanned(IntakeError):
    code = "NOT_SCANNED"


class LimitExceeded(IntakeError):
    code = "LIMIT_EXCEEDED"


class NeedsOcr(IntakeError):
    code = "NEEDS_OCR"


class ToolMissing(IntakeError):
    code = "TOOL_MISSING"


class ReaderCrashed(IntakeError):
    code = "READER_CRASHED"
