#!/usr/bin/env python3
"""What `vole list` prints of a small module: lines, templates, JSON, modules, and packages with something wrong in them. Usage: list_test.py VOLE"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

VOLE = os.path.abspath(sys.argv.pop(1))
FILES = {
    "go.mod": "module ex.test/m\n\ngo 1.27\n\nrequire (\n\tex.test/dep v1.0.0\n\tex.test/rep v0.1.0\n)\n\nreplace ex.test/rep => ./rep\n",
    "main.go": 'package main\nimport ("ex.test/m/a"; "ex.test/rep"; "errors")\nfunc main() { println(a.A, rep.R, errors.New("")) }\n',
    "a/a.go": 'package a\nimport _ "unsafe"\nconst A = 1\n',
    "a/a_test.go": "package a\n",
    "a/w_windows.go": "package a\n",
    "b/b.go": 'package b\nimport ("nosuch"; "ex.test/m/a")\nvar _ = a.A\n',
    "use/u.go": 'package use\nimport "ex.test/m/b"\nvar _ = b.B\n',
    "dup/x.go": "package x\n",
    "dup/y.go": "package y\n",
    "c1/c.go": 'package c1\nimport _ "ex.test/m/c2"\n',
    "c2/c.go": 'package c2\nimport _ "ex.test/m/c1"\n',
    "rep/go.mod": "module ex.test/rep\n\ngo 1.21\n",
    "rep/r.go": "package rep\nconst R = 2\n",
    "tree/x/b/b.go": "package b\n",
    "tree/y/b/b.go": "package b\n",
    "tree/y/vendor/v/v.go": "package v\n",
    "tree/_z/z.go": "package z\n",
    "tree/testdata/t.go": "package t\n",
    "tree/off/o.go": "//go:build never\n\npackage off\n",
    "tree/nested/go.mod": "module n\n",
    "tree/nested/n.go": "package n\n",
    "tree/only/t_test.go": 'package only\nimport _ "cmp"\n',
    "tree/outer/t_test.go": 'package outer_test\nimport _ "container/list"\n',
    "rep/inner/i.go": 'package inner\nimport _ "ex.test/rep"\n',
}


class List(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        for name, text in FILES.items():
            path = os.path.join(cls.folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_list(self, *args, status=0, folder="."):
        env = {**os.environ, "GOFLAGS": ""}
        r = subprocess.run([VOLE, "list", *args], cwd=os.path.join(self.folder.name, folder), env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, status, r.stderr)
        return r.stdout if status == 0 else r.stderr

    def test_lines(self):
        self.assertEqual(self.run_list(), "ex.test/m\n")
        self.assertEqual(self.run_list("./a", "./b", "./a"), "ex.test/m/a\nex.test/m/b\n")
        deps = self.run_list("-deps").split()
        self.assertEqual(deps[-1], "ex.test/m")
        self.assertIn("runtime", deps)   # a program's, though nothing imports it here
        self.assertLess(deps.index("ex.test/rep"), deps.index("ex.test/m"))

    def test_patterns(self):
        tree = ["ex.test/m/tree/only", "ex.test/m/tree/outer", "ex.test/m/tree/x/b", "ex.test/m/tree/y/b"]
        for pattern in "./tree/...", "ex.test/m/tree/...", "./tree...":
            self.assertEqual(self.run_list(pattern).split(), tree, pattern)
        self.assertEqual(self.run_list("./.../b", "./tree/x/...").split(), ["ex.test/m/tree/x/b", "ex.test/m/tree/y/b"])
        self.assertEqual(self.run_list("./tree/y/vendor/..."), "ex.test/m/tree/y/vendor/v\n")
        self.assertEqual(self.run_list("ex.test/rep..."), "ex.test/rep\nex.test/rep/inner\n")   # above the main module's path
        self.assertEqual(self.run_list("container/..."), "container/heap\ncontainer/list\ncontainer/ring\n")
        self.assertIn("cmd/vendor/golang.org/x/mod/module\n", self.run_list("cmd"))
        self.assertNotIn("cmd/go\n", self.run_list("std"))
        self.assertEqual(self.run_list("nosuch/..."), "")
        self.assertEqual(self.run_list("./nosuch/...", status=1), "pattern ./nosuch/...: lstat ./nosuch/: no such file or directory\n")
        self.assertEqual(self.run_list("./tree/nested", status=1), "main module (ex.test/m) does not contain package ex.test/m/tree/nested\n")
        self.assertEqual(self.run_list("./tree", status=1), f"no Go files in {os.path.realpath(self.folder.name)}/tree\n")
        self.assertEqual(self.run_list("fmt/"), "fmt\n")
        self.assertEqual(self.run_list("-e", "./nosuch"), "./nosuch\n")
        listed = self.run_list("-deps", "errors").split()
        self.assertLess(listed.index("unsafe"), listed.index("internal/abi"))

    def test_all(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {"go.mod": "module a\n\ngo 1.27\n", "a.go": 'package a\nimport _ "unicode/utf8"\n', "a_test.go": 'package a\nimport _ "cmp"\n',
                               "t/t_test.go": 'package t_test\nimport _ "unicode/utf16"\n'}.items():
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                with open(os.path.join(folder, name), "w") as f:
                    f.write(text)
            self.assertEqual(self.run_list("all", folder=folder), "a\na/t\ncmp\nunicode/utf16\nunicode/utf8\n")
            # Packages that only hold tests are passed over by a build that does not name them.
            for args, want in ((["./..."], ""), (["./t"], f"a/t: no non-test Go files in {os.path.realpath(folder)}/t\n")):
                r = subprocess.run([VOLE, "build", *args], cwd=folder, capture_output=True, text=True, timeout=60)
                self.assertEqual(r.stderr, want)

    def test_templates(self):
        self.assertEqual(self.run_list("-f", "{{.Name}} {{.GoFiles}} {{.Standard}}", "./a", "errors"), "a [a.go] false\nerrors [errors.go join.go wrap.go] true\n")
        self.assertEqual(self.run_list("-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{with .Module}} {{.Path}} {{.Version}}{{end}}{{end}}", "."),
                         "ex.test/m/a ex.test/m \nex.test/rep ex.test/rep v0.1.0\nex.test/m ex.test/m \n")
        self.assertEqual(self.run_list("-f", "{{range .Imports}}{{.}}\n{{end}}"), "errors\nex.test/m/a\nex.test/rep\n")
        self.assertEqual(self.run_list("-f", "{{join .IgnoredGoFiles \"+\"}}{{.TestGoFiles}}", "./a"), "w_windows.go[a_test.go]\n")
        self.assertEqual(self.run_list("-f", "{{.Name", status=1), "template: main:1: unclosed action\n")
        self.assertEqual(self.run_list("-f", "{{.Nosuch}}", "./a", "./use", status=1).count("\n"), 1)   # said once

    def test_json(self):
        a = json.loads(self.run_list("-json", "-compiled", "./a"))
        self.assertEqual(list(a), ["Dir", "ImportPath", "Name", "Root", "Module", "Match", "GoFiles", "CompiledGoFiles", "IgnoredGoFiles", "Imports", "Deps", "TestGoFiles"])
        self.assertEqual(a["Match"], ["./a"])
        self.assertEqual(a["Deps"], ["unsafe"])
        self.assertEqual(json.loads(self.run_list("-json=Name,Dir", "./a")), {"Dir": os.path.realpath(self.folder.name) + "/a", "Name": "a"})
        self.assertNotIn("Deps", json.loads(self.run_list("-json", "-find", ".")))

    def test_modules(self):
        self.assertEqual(self.run_list("-m"), "ex.test/m\n")
        self.assertEqual(self.run_list("-m", "all"), "ex.test/m\nex.test/dep v1.0.0\nex.test/rep v0.1.0 => ./rep\n")
        self.assertEqual(self.run_list("-m", "-f", "{{.Dir}}", "ex.test/rep"), os.path.realpath(self.folder.name) + "/rep\n")

    def test_faults(self):
        # A package whose imports are missing is listed; what is wrong stands in its JSON.
        b = json.loads(self.run_list("-json", "./b"))
        self.assertTrue(b["Incomplete"])
        self.assertEqual(b["DepsErrors"][0]["Pos"], "b/b.go:2:9")
        self.assertIn("package nosuch is not in std", b["DepsErrors"][0]["Err"])
        self.assertTrue(json.loads(self.run_list("-json", "./use"))["Incomplete"])
        self.assertEqual(self.run_list("./c1", status=1),
                         "package ex.test/m/c1\n\timports ex.test/m/c2 from c.go\n\timports ex.test/m/c1 from c.go: import cycle not allowed\n")
        # One that is no package is not, but for -e.
        self.assertIn("found packages x (x.go) and y (y.go)", self.run_list("./dup", status=1))
        self.assertIn("found packages x", json.loads(self.run_list("-e", "-json", "./dup"))["Error"]["Err"])
        self.assertEqual(self.run_list("-e", "./a", "nosuch"), "ex.test/m/a\nnosuch\n")
        self.assertIn("package nosuch is not in std", self.run_list("nosuch", status=1))


if __name__ == "__main__":
    unittest.main()
