"""Everything that is measured: ``python -m bench [--quick] [--strict]``. Figures are printed; --strict makes a miss an error."""

from __future__ import annotations

import argparse

from bench import by_format, gold, layouts, listing, pdf, planted, rules, scans, speed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="gold, layouts, planted faults, speed")
    parser.add_argument("--quick", action="store_true", help="few seeds, no peers")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a bar is missed or anything is wrong")
    arguments = parser.parse_args()
    seeds = "3" if arguments.quick else "12"
    print("== labelled real reports")
    missed = gold.main([]) == 1
    print("\n== invented reports, layout by layout")
    missed |= layouts.main(["--seeds", seeds, "--show", "1"]) != 0
    print("\n== planted faults and false alarms")
    missed |= planted.main(["--seeds", "2" if arguments.quick else "6", "--show", "2"]) != 0
    print("\n== by file format")
    missed |= by_format.main(["--variants", "1" if arguments.quick else "60"]) != 0
    print("\n== the PDF of a report with 20 findings")
    missed |= pdf.main(["--strict", *(["--repeats", "20", "--no-peers"] if arguments.quick else [])]) != 0
    print("\n== scans")
    missed |= scans.main(["--seeds", "1" if arguments.quick else "3"]) != 0
    print("\n== speed and memory")
    missed |= speed.main(["--strict", *(["--repeats", "20", "--no-peers"] if arguments.quick else [])]) != 0
    print("\n== rules, claims and the locator")
    missed |= rules.main(["--strict", *(["--repeats", "40", "--no-peers"] if arguments.quick else [])]) != 0
    print("\n== pages over a nation's reports, while others are settled")
    missed |= listing.main(["--strict", *(["--reports", "20000", "--repeats", "5"] if arguments.quick else [])]) != 0
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    raise SystemExit(main())
