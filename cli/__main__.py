"""`python -m cli` is `hecha`."""

from cli.main import main

main(prog_name="hecha")
