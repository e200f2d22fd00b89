"""The command line: one file a command, all of them on the vault, none with logic of its own.

Exit codes: 0 done; 1 refused or failed, with one sentence on stderr; 2 configured or called wrongly.
"""

from callvault.cli.main import main

__all__ = ["main"]
