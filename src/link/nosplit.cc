// Functions that do not check their stack live on what the checks of others leave below the guard: at most
// StackNosplitBudget bytes for a whole chain of calls. A longer chain would write over whatever is below the
// stack, so it is an error, shown with the chain.
#include <fmt/format.h>

#include <algorithm>

#include "link/context.h"
#include "object/func_tables.h"

namespace vole::link {
using object::FuncTables;
using object::Reloc;
using object::RelocKind;

namespace {
// What a function without tables (assembly of the runtime) or the way into the runtime takes at most.
constexpr u32 RuntimeNeed = 64;
constexpr u32 Unknown = 0xffffffff, Busy = 0xfffffffe, Endless = 0x7fffffff;

class Checker {
 public:
  explicit Checker(Context& c)
      : c_(c), need_(c.entities.size(), Unknown), next_(c.entities.size(), Unknown) {}

  void run() {
    for (u32 i : c_.section(SectionId::Text).entities) {
      const Entity& e = c_.entities[i];
      if (e.sym->tables.empty() || !checks_stack(e)) continue;
      for (const Reloc& r : e.sym->relocs) {
        if (r.kind != RelocKind::Call32) continue;
        u32 callee = target(e, r);
        if (need(callee) + pushed_ > abi::StackNosplitBudget && !std::exchange(reported_[callee], true))
          report(i, callee);
      }
    }
  }

 private:
  u32 target(const Entity& e, const Reloc& r) const { return c_.entity_of[e.object][r.target->id]; }

  bool checks_stack(const Entity& e) const {
    return std::any_of(e.sym->relocs.begin(), e.sym->relocs.end(), [](const Reloc& r) {
      return r.kind == RelocKind::Call32 && r.target->name.text().starts_with("runtime.morestack");
    });
  }

  static u32 depth_at(std::span<const u8> pcsp, u32 at) {
    u32 depth = 0;
    bool found = false;
    object::for_each_run(pcsp, [&](u32 end, i32 value) {
      if (!found && at < end) depth = static_cast<u32>(std::max(value, 0)), found = true;
    });
    return depth;
  }

  // Bytes a function takes below the address it returns to, with all it calls unchecked.
  u32 need(u32 i) {
    if (need_[i] == Busy) return Endless;
    if (need_[i] != Unknown) return need_[i];
    const Entity& e = c_.entities[i];
    if (!e.sym || e.sym->tables.empty() || checks_stack(e)) return need_[i] = RuntimeNeed;
    need_[i] = Busy;
    FuncTables f = object::read_tables(e.sym->tables);
    u32 most = f.frame_size;
    for (const Reloc& r : e.sym->relocs) {
      if (r.kind != RelocKind::Call32) continue;
      u32 callee = target(e, r);
      u32 total =
          std::min(Endless, depth_at(f.pcsp, r.offset / c_.machine.code_step) + pushed_ + need(callee));
      if (total > most) most = total, next_[i] = callee;
    }
    return need_[i] = most;
  }

  void report(u32 caller, u32 first) {
    auto name = [&](u32 i) { return c_.entities[i].name.text(); };
    std::string text = fmt::format("{}: nosplit stack over {} byte limit\n{}", name(first),
                                   abi::StackNosplitBudget, name(caller));
    std::vector<bool> shown(c_.entities.size());
    for (u32 i = first; i != Unknown; i = next_[i]) {
      text += fmt::format("\n    calls {}", name(i));
      if (shown[i]) {
        text += "\n    infinite cycle";
        break;
      }
      shown[i] = true;
      text +=
          fmt::format(", which grows {} bytes", object::read_tables(c_.entities[i].sym->tables).frame_size);
    }
    c_.error(text);
  }

  Context& c_;
  const u32 pushed_ = c_.machine.frame.return_address;  // by each call
  std::vector<u32> need_, next_;                        // by entity: bytes, and the callee that decides them
  absl::flat_hash_map<u32, bool> reported_;
};
}  // namespace

void check_nosplit(Context& c) { Checker(c).run(); }
}  // namespace vole::link
