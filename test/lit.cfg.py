"""lit's settings: tests of passes on SSA in text form, checked with FileCheck. `-Dvole_opt=PATH` names the tool, `-Dfilecheck=PATH` FileCheck."""
import os

import lit.formats

config.name = "vole"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".ssa"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = lit_config.params["output"]
config.substitutions += [("%opt", lit_config.params["vole_opt"]), ("FileCheck", lit_config.params["filecheck"])]
