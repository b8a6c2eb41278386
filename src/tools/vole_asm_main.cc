// vole-asm: assembles files for looking at: prints symbols and, with --hex, their bytes.
//
//   vole-asm [-p PACKAGE] [-I DIR] [-D NAME[=VALUE]] [--go-asm-h FILE] [--hex | --symabis] FILE.s...
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "asm/asm.h"
#include "object/link_name.h"

int main(int argc, char** argv) {
  using namespace vole;
  assembler::Options options;
  std::vector<std::string> files;
  bool hex = false, symabis = false;
  auto read = [](const std::string& name, std::string& out) {
    std::ifstream in(name, std::ios::binary);
    if (!in) return false;
    out.assign(std::istreambuf_iterator<char>(in), {});
    return true;
  };
  for (int i = 1; i < argc; i++) {
    std::string a = argv[i];
    auto value = [&]() -> std::string { return i + 1 < argc ? argv[++i] : ""; };
    if (a == "-p") {
      options.package = Name::intern(object::link_path(value()));
    } else if (a == "-I") {
      options.include_dirs.push_back(value());
    } else if (a == "-D") {
      std::string d = value();
      size_t eq = d.find('=');
      options.defines.emplace_back(d.substr(0, eq), eq == d.npos ? "" : d.substr(eq + 1));
    } else if (a == "--go-asm-h") {
      read(value(), options.go_asm_h);
    } else if (a == "--hex") {
      hex = true;
    } else if (a == "--symabis") {
      symabis = true;
    } else {
      files.push_back(a);
    }
  }
  int status = 0;
  for (const std::string& file : files) {
    std::string text;
    if (!read(file, text)) {
      fmt::print(stderr, "vole-asm: cannot read {}\n", file);
      return 1;
    }
    diag::Diagnostics diags;
    object::Object object;
    object.package = options.package;
    if (symabis) {
      assembler::SymAbis s;
      if (!assembler::scan_symabis(Name::intern(file), text, options, s, diags)) status = 1;
      for (Name n : s.abi0_defs) fmt::print("def {} ABI0\n", n.text());
      for (Name n : s.abiinternal_defs) fmt::print("def {} ABIInternal\n", n.text());
      for (Name n : s.abi0_refs) fmt::print("ref {} ABI0\n", n.text());
      for (Name n : s.abiinternal_refs) fmt::print("ref {} ABIInternal\n", n.text());
    } else {
      if (!assembler::assemble(Name::intern(file), text, options, object, diags)) status = 1;
      for (const object::Symbol& s : object.symbols) {
        fmt::print("{} kind {} size {}{}{}\n", s.name.text(), static_cast<int>(s.kind), s.size,
                   s.no_split ? " nosplit" : "", s.func ? fmt::format(" frame {}", s.func->frame_size) : "");
        if (hex) {
          for (u8 b : s.bytes) fmt::print("{:02x}", b);
          fmt::print("\n");
        }
      }
    }
    for (const diag::Diagnostic& d : diags.all())
      fmt::print(stderr, "{}:{}:{}: {}\n", d.pos.file(), d.pos.line(), d.pos.col(), d.text);
  }
  return status;
}
