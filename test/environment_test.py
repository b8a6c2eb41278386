#!/usr/bin/env python3
"""Settings: the environment, the user's file, `vole env` with its flags; each setting is followed. Usage: environment_test.py VOLE"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

VOLE = os.path.abspath(sys.argv.pop(1))


class Environment(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        (self.root / "go.mod").write_text("module m\n\ngo 1.27\n")
        (self.root / "main.go").write_text("package main\n\nfunc main() {}\n")
        (self.root / "x_windows.go").write_text("package main\n")
        (self.root / "t.go").write_text("//go:build special\n\npackage main\n")
        self.file = self.root / "config" / "go" / "env"

    def tearDown(self):
        self.folder.cleanup()

    def run_vole(self, *args, status=0, **env):
        base = {k: v for k, v in os.environ.items() if not k.startswith("GO") and k != "VOLECACHE"}
        base.update(XDG_CONFIG_HOME=str(self.root / "config"), HOME=str(self.root / "home"))
        base.update(env)
        r = subprocess.run([VOLE, *args], cwd=self.root, env=base, capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, status, r.stderr)
        return r.stdout if status == 0 else r.stderr

    def test_prints(self):
        self.assertEqual(self.run_vole("env", "GOOS", "NOSUCH", "GOARCH"), "linux\n\namd64\n")
        self.assertEqual(json.loads(self.run_vole("env", "-json", "GOOS", "GOMOD")), {"GOMOD": os.path.realpath(self.root) + "/go.mod", "GOOS": "linux"})
        lines = self.run_vole("env").splitlines()
        self.assertEqual(lines, sorted(lines))
        self.assertIn("GOPATH='" + str(self.root) + "/home/go'", lines)
        self.assertIn("GOMODCACHE='" + str(self.root) + "/home/go/pkg/mod'", lines)
        self.assertIn("GOMODCACHE='/a/pkg/mod'", self.run_vole("env", GOPATH="/a:/b").splitlines())
        self.assertIn("GOFLAGS='-tags='\\''a b'\\'''", self.run_vole("env", GOFLAGS="-tags='a b'").splitlines())
        self.assertEqual(self.run_vole("env", "GONOPROXY", GOPRIVATE="ex.test"), "ex.test\n")

    def test_changed(self):
        self.assertEqual(self.run_vole("env", "-changed", GOOS="linux", GOAMD64="v1").replace("VOLE_GOROOT", "").count("GO"), 0)
        changed = self.run_vole("env", "-changed", "-json", GOOS="windows", GOAMD64="v3", GOPRIVATE="x", GOENV="off")
        self.assertEqual({k: v for k, v in json.loads(changed).items() if not k.startswith("VOLE")}, {"GOOS": "windows", "GOAMD64": "v3", "GOPRIVATE": "x", "GOENV": ""})
        self.assertEqual(self.run_vole("env", "-changed", "GOOS", "GOARCH", GOOS="windows"), "GOOS='windows'\n")

    def test_writes(self):
        self.run_vole("env", "-w", "GOOS=windows", "GOFLAGS=-tags=special")
        self.assertEqual(self.file.read_text(), "GOFLAGS=-tags=special\nGOOS=windows\n")
        self.assertEqual(self.run_vole("list", "-f", "{{.GoFiles}}"), "[main.go t.go x_windows.go]\n")
        self.assertEqual(self.run_vole("list", "-f", "{{.GoFiles}}", GOOS="linux"), "[main.go t.go]\n")
        self.assertEqual(self.run_vole("list", "-f", "{{.GoFiles}}", GOENV="off"), "[main.go]\n")
        self.file.write_text("# mine\nGOOS=plan9\nGOOS=windows\n\nodd\n")
        self.run_vole("env", "-w", "GOPRIVATE=ex.test", "GOOS=darwin")
        self.assertEqual(self.file.read_text(), "# mine\nGOOS=darwin\n\nodd\nGOPRIVATE=ex.test\n")
        self.run_vole("env", "-u", "GOOS")
        self.assertEqual(self.file.read_text(), "# mine\n\nodd\nGOPRIVATE=ex.test\n")
        self.assertEqual([p.name for p in self.file.parent.iterdir()], ["env"])

    def test_refuses(self):
        for args, text in [(["-w"], "no KEY=VALUE arguments given"), (["-w", "GOOS"], "arguments must be KEY=VALUE: invalid argument: GOOS"), (["-w", "GOROOT=x"], "GOROOT cannot be modified"),
                           (["-w", "GOENV=x"], "GOENV can only be set using the OS environment"), (["-w", "NOSUCH=x"], "unknown go command variable NOSUCH"),
                           (["-w", "GOOS=a", "GOOS=b"], "multiple values for key: GOOS"), (["-w", "GOARCH=zz"], "unsupported GOOS/GOARCH pair linux/zz"),
                           (["-w", "GOPATH=x"], 'GOPATH entry is relative; must be absolute path: "x"'), (["-w", "GOTMPDIR=x"], "GOTMPDIR must be an absolute path"),
                           (["-w", "GOFLAGS=a\nb"], "invalid newline in GOFLAGS=... value"), (["-w", "VOLECACHE=x"], "VOLECACHE is not an absolute path"), (["-u"], "'vole env -u' requires an argument"),
                           (["-u", "NOSUCH"], "unknown go command variable NOSUCH"), (["-u", "-w", "GOOS=x"], "cannot use -u with -w"), (["-json", "-u", "GOOS"], "cannot use -json with -u"),
                           (["GOOS=x"], 'invalid variable name "GOOS=x" (use -w to set variable)')]:
            self.assertEqual(self.run_vole("env", *args, status=1), f"go: {text}\n")
        self.assertFalse(self.file.exists())

    def test_followed(self):
        def build(text=None, **env):
            for how in "environment", "file":
                if how == "file":
                    self.file.parent.mkdir(parents=True, exist_ok=True)
                    self.file.write_text("".join(f"{k}={v}\n" for k, v in env.items()))
                err = self.run_vole("build", "-o", "out", ".", status=1 if text else 0, **(env if how == "environment" else {}))
                self.assertEqual(err, text or "", how)
                self.file.unlink(missing_ok=True)

        build("go: build cache is required, but could not be located: VOLECACHE is not an absolute path\n", VOLECACHE="rel")
        self.assertFalse((self.root / "rel").exists())
        build("go: GOTOOLCHAIN=go1.21.0 is not supported\n", GOTOOLCHAIN="go1.21.0")
        build('go: invalid GOTOOLCHAIN "x"\n', GOTOOLCHAIN="x")
        build("go: GOFIPS140=latest is not supported\n", GOFIPS140="latest")
        build("go: GOCACHEPROG=prog is not supported\n", GOCACHEPROG="prog")
        build("go: GOEXPERIMENT=arenas is not supported\n", GOEXPERIMENT="arenas")
        build("go: GO111MODULE=off is not supported\n", GO111MODULE="off")
        build("go: GOWORK must be an absolute path\n", GOWORK="go.work")
        build("go: invalid GOAMD64: must be v1, v2, v3, v4\n", GOAMD64="v5")
        build("go: parsing $GOFLAGS: unknown flag -nosuch\n", GOFLAGS="-nosuch")
        build(GOTOOLCHAIN="local", GO111MODULE="on", GOFIPS140="off", VOLECACHE=str(self.root / "cache"), GOFLAGS="-count=1")
        self.assertTrue((self.root / "cache").exists())
        self.assertIn("cannot make a temporary folder", self.run_vole("build", ".", GOTMPDIR=str(self.root / "none"), status=1))


if __name__ == "__main__":
    unittest.main()
