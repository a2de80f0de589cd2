"""Read Excel 97 to 2003 workbooks (.xls, and .et of WPS), by way of LibreOffice."""

from __future__ import annotations

from reports_in import office, sniff
from reports_in.document import Document


def read(data: bytes, name: str) -> Document:
    """Raises ToolMissing where LibreOffice is not installed, Damaged, LimitExceeded, EmptyFile."""
    return office.read(data, name, office.EXCEL_97, sniff.XLS)
