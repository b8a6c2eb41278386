// Test support: places compiled functions in executable memory and calls them as Go code is called.
#pragma once
#include <sys/mman.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codegen/codegen.h"
#include "opt/opt.h"
#include "ssa/ssa.h"
#include "target/amd64/amd64.h"

extern "C" void vole_jit_call(void* code, vole::u64* ints, double* floats, void* g, void* stack);

namespace vole::target {
struct Jit {
  object::Object object;
  ssa::Module module;
  std::map<std::string, u8*> addresses;
  u8* base = nullptr;
  size_t used = 0;
  static constexpr size_t Size = 1 << 24;
  u64 g[64] = {};
  std::vector<u8> stack;
  std::string error;

  Jit() : stack(1 << 20) {
    base = static_cast<u8*>(
        mmap(nullptr, Size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    module.object = &object;
    // Runtime entries nothing here should reach: they trap.
    base[0] = 0x0f, base[1] = 0x0b;
    for (const char* n : {"runtime.morestack_noctxt", "runtime.morestack", "runtime.panicIndex",
                          "runtime.panicSliceB", "runtime.gcWriteBarrier1", "runtime.gcWriteBarrier2"})
      addresses[n] = base;
    addresses["runtime.writeBarrier"] = base + 16;
    used = 32;
  }
  ~Jit() { munmap(base, Size); }

  bool compile(std::string_view text, bool optimize = false) {
    if (!ssa::parse(text, object, module.funcs, error)) return false;
    for (auto& f : module.funcs) {
      auto faults = ssa::verify(*f);
      if (!faults.empty()) return error = faults[0], false;
    }
    return finish(optimize);
  }
  bool finish(bool optimize) {
    opt::Options options;
    options.optimize = optimize;
    options.verify_each = true;
    if (optimize) opt::run_module(module, options);
    for (auto& f : module.funcs) opt::run(*f, module, options);
    std::vector<std::string> faults;
    codegen::Options o;
    o.faults = &faults;
    for (auto& f : module.funcs) codegen::compile(*f, object, amd64(), o);
    if (!faults.empty()) return error = faults[0], false;
    return link();
  }
  void define(const char* name, const void* address) {
    addresses[name] = static_cast<u8*>(const_cast<void*>(address));
  }
  bool link() {
    for (object::Symbol& s : object.symbols) {
      if (s.kind == object::SymKind::Undef) continue;
      used = (used + 15) & ~size_t{15};
      u8* at = base + used;
      if (!s.bytes.empty()) std::memcpy(at, s.bytes.data(), s.bytes.size());
      used += s.size;
      place[&s] = at;
      if (!s.local) addresses[std::string(s.name.text())] = at;
    }
    for (object::Symbol& s : object.symbols) {
      if (s.kind == object::SymKind::Undef) continue;
      for (const object::Reloc& r : s.relocs) {
        if (r.kind >= object::RelocKind::Keep) continue;
        u8* target = place.count(r.target) ? place[r.target] : nullptr;
        if (!target) {
          auto it = addresses.find(std::string(r.target->name.text()));
          if (it == addresses.end()) return error = "undefined " + std::string(r.target->name.text()), false;
          target = it->second;
          if (r.kind == object::RelocKind::Call32 && (target < base || target >= base + Size))
            target = thunk(target);
        }
        u8* at = place[&s] + r.offset;
        if (r.kind == object::RelocKind::Abs64) {
          u64 x = reinterpret_cast<u64>(target) + static_cast<u64>(r.addend);
          std::memcpy(at, &x, 8);
        } else {
          i32 x = static_cast<i32>(target - at + r.addend);
          std::memcpy(at, &x, 4);
        }
      }
    }
    return true;
  }
  u8* thunk(u8* target) {  // host code may be out of reach
    u8* t = base + used;
    const u8 code[] = {0xff, 0x25, 0, 0, 0, 0};
    std::memcpy(t, code, 6);
    std::memcpy(t + 6, &target, 8);
    used += 16;
    return t;
  }
  // Integer and float arguments in ABI order; results come back in the same arrays.
  u64 ints[9] = {};
  double floats[15] = {};
  u64 call(const char* name, std::initializer_list<u64> args = {}) {
    size_t i = 0;
    for (u64 a : args) ints[i++] = a;
    vole_jit_call(addresses.at(name), ints, floats, g, stack.data() + stack.size() - 64);
    return ints[0];
  }
  double callf(const char* name, std::initializer_list<double> args = {}) {
    size_t i = 0;
    for (double a : args) floats[i++] = a;
    vole_jit_call(addresses.at(name), ints, floats, g, stack.data() + stack.size() - 64);
    return floats[0];
  }
  std::map<object::Symbol*, u8*> place;
};
}  // namespace vole::target
