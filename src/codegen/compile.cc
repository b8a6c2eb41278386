// The order of steps for one function: analyse, allocate and select, lay out the frame, encode, describe.
#include "codegen/alloc.h"
#include "codegen/codegen.h"
#include "codegen/frame.h"
#include "codegen/verify.h"

namespace vole::codegen {
Oversize compile(ssa::Func& f, object::Object& object, const Target& target, const Options& options) {
  CrashNote note("codegen", f.name.text().data(), f.name.text().size());
  struct Scratch {
    Allocator allocator;
    MachineFunc mf;
    Encoded code;
    AllocLog log;
  };
  thread_local Scratch scratch;
  Scratch& s = scratch;
  s.mf.clear();
  s.code.bytes.clear();
  s.code.relocs.clear();
  s.code.calls.clear();
  s.code.lines.clear();
  s.code.pcsp.clear();
  s.code.unsafe_point.clear();
  auto report = [&](std::vector<std::string> found) {
    options.faults->insert(options.faults->end(), found.begin(), found.end());
  };
  s.allocator.run(f, object, target, s.mf, options.debug_info, options.faults ? &s.log : nullptr);
  lay_out_frame(s.mf, target.frame);
  if (options.faults) report(verify_allocation(f, s.mf, s.log, target));
  constexpr i64 MaxFrame = i64{1} << 30;
  i64 args = f.sig->stack_args, locals = s.mf.locals_size - s.mf.out_area;
  if (s.mf.locals_size + args > MaxFrame) return {locals, args, locals + args < MaxFrame ? s.mf.out_area : 0};
  target.encode(f, s.mf, object, s.code);

  object::Symbol* sym = f.sym;
  sym->kind = object::SymKind::Text;
  sym->dupok = f.dupok;
  sym->no_split |= f.no_split;
  sym->reflect_method = f.reflect_method;
  sym->abi0 = f.abi0 || f.sig->abi0;
  sym->wrapper = f.wrapper;
  sym->align = target.code_align;
  sym->relocs = s.code.relocs;
  sym->relocs.insert(sym->relocs.end(), f.markers.begin(), f.markers.end());
  sym->func = object.make_func_info();
  build_tables(f, s.mf, target, s.code, *sym->func);
  sym->size = s.code.bytes.size();
  sym->bytes = object.copy_bytes(s.code.bytes);
  if (options.faults) report(verify_maps(f, s.mf, s.code, *sym->func));
  if (options.debug_info) describe_vars(f, s.mf, s.code, target, *sym->func);
  return {};
}
}  // namespace vole::codegen
