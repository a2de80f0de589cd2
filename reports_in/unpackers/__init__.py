"""One file per archive format: bytes -> entries, one after the other, nothing extracted. reports_in/archives.py decides what of them is taken."""
