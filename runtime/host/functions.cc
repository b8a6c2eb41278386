// The linker gives the tables addresses in a program that does not exist: here they are copied to memory, and
// the module points there.
#include "host/functions.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "link/context.h"
#include "target/target.h"

namespace vole::runtime {
extern "C" abi::ModuleData host_module asm("runtime.firstmoduledata");
extern "C" void host_goexit() asm("runtime.goexit");

namespace host {
// Far from the test's own code, whose addresses some of the runtime's questions are about.
constexpr u64 kTextBase = u64(0x5a) << 40;

struct Functions::Linked {
  std::vector<std::vector<u8>> files;
  std::vector<std::unique_ptr<object::Object>> read;
  std::vector<object::Object*> objects;
  const target::TargetInfo& machine = target::machines().front()->info;
  link::Options options{.target = &machine};
  std::vector<std::string> errors;
  link::Context context{.objects = objects, .options = options, .errors = errors};
  std::vector<u8> tables;  // section .gopclntab
};

Functions::Functions() {
  next_object();
  text("start", 16);
}
Functions::~Functions() { host_module = {}; }

void Functions::next_object() { objects_.push_back(std::make_unique<object::Object>()); }

object::Symbol* Functions::text(std::string_view name, u32 size) {
  object::Symbol* s = objects_.back()->get(Name::intern(name));
  s->kind = object::SymKind::Text;
  s->size = size;
  s->align = 16;
  // The entry keeps all others alive.
  object::Object& first = *objects_[0];
  if (name != "start")
    first.get("start")->relocs.push_back({0, object::RelocKind::Keep, first.get(s->name), 0});
  return s;
}

object::FuncInfo& Functions::add(std::string_view name, u32 size, u32 frame) {
  object::Symbol* s = text(name, size);
  s->func = objects_.back()->make_func_info();
  s->func->frame_size = frame;
  s->func->pcsp = {{4, 0}, {size, static_cast<i32>(frame)}};
  return *s->func;
}
void Functions::add_bare(std::string_view name, u32 size) { text(name, size); }
vole::Pos Functions::pos(std::string_view file, u32 line) {
  Name n = Name::intern(file);
  return vole::Pos(source::add_pos_base(n, n, 0), line, 1);
}

void Functions::link() {
  linked_ = std::make_unique<Linked>();
  Linked& l = *linked_;
  l.options.entry = "start";
  for (auto& o : objects_) {
    l.files.push_back(object::write_elf(*o, l.machine));
    l.read.push_back(std::make_unique<object::Object>());
    std::string error;
    check(object::read_elf(l.files.back(), l.machine, *l.read.back(), error), "object of the test");
    l.objects.push_back(l.read.back().get());
  }
  link::Context& c = l.context;
  c.objects = l.objects;
  link::resolve(c);
  link::mark_reachable(c);
  link::lay_out(c);
  link::build_pclntab(c);
  check(l.errors.empty(), "link of the test");
  link::Section& s = c.section(link::SectionId::Pclntab);
  l.tables.resize(s.size);
  for (link::Piece& p : c.pieces)
    std::copy(p.bytes.begin(), p.bytes.end(), l.tables.begin() + static_cast<long>(p.addr - s.addr));

  auto here = [&](u64 address) { return l.tables.data() + (address - s.addr); };
  auto slice = [&](link::Range r) {
    return abi::GoSlice{here(r.addr), static_cast<i64>(r.len), static_cast<i64>(r.len)};
  };
  const link::Tables& t = c.tables;
  abi::ModuleData& m = host_module;
  m.pcheader = here(t.header);
  m.funcnametab = slice(t.funcnametab);
  m.cutab = slice(t.cutab);
  m.filetab = slice(t.filetab);
  m.pctab = slice(t.pctab);
  m.pclntable = slice(t.pclntable);
  m.ftab = slice(t.ftab);
  m.findfunctab = here(t.findfunctab);
  m.gofunc = u64(here(t.gofunc));
  m.text = m.minpc = kTextBase;
  m.etext = m.maxpc = kTextBase + c.section(link::SectionId::Text).size;
}

u64 Functions::at(std::string_view name, u32 offset) const {
  link::Context& c = linked_->context;
  link::Entity* e = c.find(name);
  check(e && e->live, "no such function in the test");
  return kTextBase + (e->addr - c.section(link::SectionId::Text).addr) + offset;
}
u64 Functions::text_end() const { return host_module.maxpc; }

Frames::Frames(G* g) : g_(g) {
  std::memset(reinterpret_cast<void*>(g->stack_lo), 0, g->stack_hi - g->stack_lo);
  sp_ = g->stack_hi - 16;
  pc_ = u64(&host_goexit) + 1;
}
Frames& Frames::call(u64 pc, u64 size, bool saves_bp) {
  sp_ -= 8;
  end_ = sp_;
  *reinterpret_cast<u64*>(end_) = pc_;
  pc_ = pc;
  sp_ -= size;
  if (saves_bp && size >= 8) {
    *reinterpret_cast<u64*>(end_ - 8) = bp_;
    bp_ = end_ - 8;
  }
  return *this;
}
void Frames::stop() {
  g_->syscall_sp = 0;
  g_->sched.sp = sp_;
  g_->sched.pc = pc_;
  g_->sched.bp = bp_;
  g_->sched.ctxt = 0;
}
}  // namespace host
}  // namespace vole::runtime
