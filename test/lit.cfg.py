"""lit's settings: tests of passes on SSA in text form and of the SSA that Go sources become (irgen/), checked with FileCheck.
`-Dvole_opt=PATH` and `-Dvole_ssa=PATH` name the tools, `-Dfilecheck=PATH` FileCheck."""
import os

import lit.formats

config.name = "vole"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".ssa"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = lit_config.params["output"]
# The sources of irgen/ import nothing: any folder serves as Go tree.
print_ssa = f"env VOLE_GOROOT={config.test_source_root} {lit_config.params['vole_ssa']} -print"
config.substitutions += [("%opt", lit_config.params["vole_opt"]), ("%ssa", print_ssa), ("FileCheck", lit_config.params["filecheck"])]
