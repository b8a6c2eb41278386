// vole-opt: reads text SSA, runs passes by name, prints the result as SSA or as machine code. For lit tests
// and for looking.
//
//   vole-opt [--passes=a,b | --module | --pipeline] [--disable=a,b] [--N] [--verify] [--emit=ssa|asm|tables]
//            FILE|-
//
// --passes runs function rows by name, --module the passes across functions alone, --pipeline everything.
#include <capstone/capstone.h>
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "codegen/codegen.h"
#include "opt/opt.h"
#include "target/target.h"

namespace {
using namespace vole;

void print_asm(const object::Symbol& s) {
  fmt::print("{}:\n", s.name.text());
  csh h;
  if (cs_open(CS_ARCH_X86, CS_MODE_64, &h) != CS_ERR_OK) return;
  cs_option(h, CS_OPT_SYNTAX, CS_OPT_SYNTAX_INTEL);
  std::map<u32, const object::Reloc*> relocs;
  for (const object::Reloc& r : s.relocs) {
    if (r.kind < object::RelocKind::Keep) relocs[r.offset] = &r;
  }
  cs_insn* insns = nullptr;
  size_t n = cs_disasm(h, s.bytes.data(), s.bytes.size(), 0, 0, &insns);
  size_t done = 0;
  for (size_t i = 0; i < n; i++) {
    std::string bytes;
    for (u16 k = 0; k < insns[i].size; k++) bytes += fmt::format("{:02x}", insns[i].bytes[k]);
    fmt::print("  {:4x}: {:<22} {}{}{}", insns[i].address, bytes, insns[i].mnemonic,
               *insns[i].op_str ? " " : "", insns[i].op_str);
    auto it = relocs.lower_bound(static_cast<u32>(insns[i].address));
    if (it != relocs.end() && it->first < insns[i].address + insns[i].size) {
      const object::Reloc& r = *it->second;
      i64 addend = r.addend + (static_cast<i64>(insns[i].address) + insns[i].size - r.offset);
      fmt::print("  ; {}", r.target->name.text());
      if (addend) fmt::print("{:+}", addend);
    }
    fmt::print("\n");
    done = insns[i].address + insns[i].size;
  }
  if (done != s.bytes.size()) fmt::print("  {:4x}: (not decoded)\n", done);
  cs_free(insns, n);
  cs_close(&h);
}

std::string bits(std::span<const u8> map, u32 n) {
  std::string s;
  for (u32 i = 0; i < n; i++) s += map[i / 8] >> (i % 8) & 1 ? '1' : '0';
  return s;
}

void print_vars(const object::FuncInfo& f) {
  for (const object::DebugVar& v : f.vars) {
    fmt::print("  var {}:", v.name.text());
    for (const object::VarLoc& l : v.locs) {
      constexpr const char* Kinds[] = {"reg ", "frame ", "const "};
      fmt::print(" {:x}..{:x}={}{}", l.from, l.to, Kinds[l.kind], l.value);
      if (l.piece_size) fmt::print(" at {} size {}", l.piece_offset, l.piece_size);
    }
    fmt::print("\n");
  }
}

void print_tables(const object::Symbol& s) {
  const object::FuncInfo& f = *s.func;
  fmt::print("  frame {} args {}{}{}\n", f.frame_size, f.args_size, s.no_split ? " nosplit" : "",
             f.deferreturn ? fmt::format(" deferreturn {:x}", f.deferreturn) : "");
  auto runs = [](const char* name, const std::vector<object::PcValue>& v) {
    fmt::print("  {}:", name);
    for (auto& r : v) fmt::print(" ..{:x}={}", r.end, r.value);
    fmt::print("\n");
  };
  runs("sp", f.pcsp);
  if (!f.unsafe_point.empty()) runs("unsafe", f.unsafe_point);
  runs("maps", f.stackmap_index);
  for (size_t i = 0; i < f.locals_maps.size(); i++)
    fmt::print("  map {}: locals {} args {}\n", i, bits(f.locals_maps[i], f.locals_bits),
               bits(f.args_maps[i], f.args_bits));
  fmt::print("  lines:");
  for (auto& l : f.lines)
    fmt::print(" ..{:x}={}{}", l.end, l.pos.line(), l.inl >= 0 ? fmt::format("/{}", l.inl) : "");
  fmt::print("\n");
  for (size_t i = 0; i < f.inlines.size(); i++)
    fmt::print("  inlined {}: {} in {} at line {}, behind {:x}\n", i, f.inlines[i].func.text(),
               f.inlines[i].parent, f.inlines[i].call_pos.line(), f.inlines[i].parent_pc);
  print_vars(f);
}
}  // namespace

int main(int argc, char** argv) {
  std::string passes, file, emit = "ssa";
  bool pipeline = false, across = false;
  opt::Options options;
  for (int i = 1; i < argc; i++) {
    std::string_view a = argv[i];
    if (a.starts_with("--passes=")) {
      passes = a.substr(9);
    } else if (a == "--pipeline") {
      pipeline = true;
    } else if (a == "--module") {
      across = true;
    } else if (a.starts_with("--disable=")) {
      options.disabled = a.substr(10);
    } else if (a == "--verify") {
      options.verify_each = true;
    } else if (a == "--N") {
      options.optimize = false;
    } else if (a.starts_with("--emit=")) {
      emit = a.substr(7);
    } else if (a.starts_with("--") || !file.empty()) {
      fmt::print(stderr,
                 "usage: vole-opt [--passes=a,b | --module | --pipeline] [--disable=a,b] [--N] [--verify] "
                 "[--emit=ssa|asm|tables] FILE\n");
      return 2;
    } else {
      file = a;
    }
  }
  std::string text;
  if (file == "-" || file.empty()) {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream in(file);
    if (!in) {
      fmt::print(stderr, "vole-opt: cannot read {}\n", file);
      return 1;
    }
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  object::Object object;
  ssa::Module module;
  module.object = &object;
  std::string error;
  if (!ssa::parse(text, object, module.funcs, error)) {
    fmt::print(stderr, "{}:{}\n", file, error);
    return 1;
  }
  for (auto& f : module.funcs) {
    for (const std::string& fault : ssa::verify(*f)) {
      fmt::print(stderr, "{}: {}\n", file, fault);
      return 1;
    }
  }
  if (across || (pipeline && options.optimize)) opt::run_module(module, options);
  for (auto& f : module.funcs) {
    std::string_view rest = passes;
    while (!rest.empty()) {
      size_t comma = rest.find(',');
      std::string_view name = rest.substr(0, comma);
      if (!opt::run_one(*f, module, options, name)) {
        fmt::print(stderr, "vole-opt: no pass {}\n", name);
        return 1;
      }
      rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (pipeline) opt::run(*f, module, options);
    for (const std::string& fault : ssa::verify(*f)) {
      fmt::print(stderr, "{}: after passes: {}\n", file, fault);
      return 1;
    }
    if (emit == "ssa") {
      fmt::print("{}", ssa::print(*f));
      continue;
    }
    codegen::Options co;
    std::vector<std::string> faults;
    if (options.verify_each) co.faults = &faults;
    codegen::compile(*f, object, target::machines().front()->code, co);
    for (const std::string& fault : faults) fmt::print(stderr, "{}: {}\n", file, fault);
    if (!faults.empty()) return 1;
    print_asm(*f->sym);
    if (emit == "tables") print_tables(*f->sym);
  }
  return 0;
}
