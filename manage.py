#!/usr/bin/env python3
"""The one door to every command: makes the environment when it is missing, then hands over."""

import sys

# Python 2 and early 3 must be able to read this file, or they show a syntax error instead of this line.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.stderr.write(
        "Newsdesk needs Python 3.11, 3.12 or 3.13; this is Python " + sys.version.split()[0] + ".\n"
    )
    sys.exit(2)

from newsdesk import bootstrap

if __name__ == "__main__":
    sys.exit(bootstrap.main(sys.argv))
