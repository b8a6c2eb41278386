"""The whole standard library compiled with every check on: verify_test.py VOLE

`-verify` looks at each function after every pass, at where the register allocator put its values, and at its stack maps. Nothing may be found.
"""
import os
import subprocess
import sys
import tempfile


def main():
    with tempfile.TemporaryDirectory() as cache:
        r = subprocess.run([sys.argv[1], "build", "-verify", "std"], env={**os.environ, "VOLECACHE": cache}, capture_output=True, text=True, timeout=600)
    print(r.stderr[:4000])
    sys.exit(1 if r.returncode or r.stderr else 0)


if __name__ == "__main__":
    main()
