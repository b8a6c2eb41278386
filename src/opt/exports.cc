#include "opt/exports.h"

#include <algorithm>

#include "object/link_name.h"
#include "opt/callgraph.h"

namespace vole::opt {
bool Exports::packages(std::span<const u8> bytes, std::vector<std::string>& out) {
  Decoder d(bytes);
  for (size_t n = d.count(); n > 0 && !d.failed(); n--) out.emplace_back(d.text());
  return !d.failed();
}

std::unique_ptr<Exports> Exports::read(std::span<const u8> bytes) {
  auto x = std::make_unique<Exports>();
  Decoder d(bytes);
  for (size_t n = d.count(); n > 0 && !d.failed(); n--) d.text();
  Decoder tables(d.bytes());
  if (!x->reader_.read_tables(tables)) return nullptr;
  for (size_t n = d.count(3); n > 0 && !d.failed(); n--) {
    Name name = x->reader_.name(d.u());
    Entry e;
    auto summary = d.bytes();
    e.summary.params.assign(summary.begin(), summary.end());
    e.body = d.bytes();
    x->entries_.emplace(name, std::move(e));
  }
  return d.failed() ? nullptr : std::move(x);
}

std::vector<u8> write_exports(const Module& m, bool bodies) {
  ssa::FuncWriter w;
  Encoder functions;
  std::vector<std::string> packages;
  u64 count = 0;
  for (auto& f : m.funcs) {
    if (f->is_generic_instance || f->abi0) continue;  // instances are made by whoever needs them
    bool body = bodies && worth_exporting(*f);
    bool keeps_all =
        !f->has_escape_summary || std::all_of(f->escape.params.begin(), f->escape.params.end(),
                                              [](u8 x) { return x & ssa::EscapeSummary::Leaks; });
    if (!body && keeps_all) continue;
    count++;
    functions.u(w.name(f->name));
    functions.bytes(f->has_escape_summary ? std::span<const u8>(f->escape.params) : std::span<const u8>());
    Encoder e;
    if (body) {
      w.write(*f, e);
      for (Block* b : f->blocks) {
        for (Value* v = b->first; v; v = v->next) {
          if (v->op != Op::Call) continue;
          std::string_view p = object::package_of(v->sym->name.text());
          if (!p.empty() && p != m.package.text()) packages.emplace_back(p);
        }
      }
    }
    functions.bytes(e.out);
  }
  std::sort(packages.begin(), packages.end());
  packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
  Encoder out, tables;
  w.write_tables(tables);
  out.u(packages.size());
  for (const std::string& p : packages) out.text(p);
  out.bytes(tables.out);
  out.u(count);
  out.out.insert(out.out.end(), functions.out.begin(), functions.out.end());
  return std::move(out.out);
}
}  // namespace vole::opt
