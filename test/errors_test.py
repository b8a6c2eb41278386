#!/usr/bin/env python3
"""Checks the messages for one file: usage: errors_test.py VOLE FILE.go. Lines say what is wrong with them: // ERROR "regexp"…"""
import pathlib
import resource
import sys

import conformance

vole, path = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))  # whatever is wrong, little memory says so
try:
    conformance.Test(path.parent, path, vole).do_errorcheck(None)
except AssertionError as e:
    sys.exit(str(e))
