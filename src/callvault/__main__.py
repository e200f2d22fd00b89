"""``python -m callvault`` is ``callvault``."""

from callvault.cli import main

main(prog_name="callvault")
