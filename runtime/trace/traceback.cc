// Frames, arguments and headers as gc prints them; the public walks (Callers, Stack) share the unwinder.
#include "trace/traceback.h"

#include "os/os.h"
#include "os/signals.h"
#include "sched/sched.h"
#include "sched/synctest.h"
#include "stack/unwind.h"

namespace vole::runtime {
constinit i32 traceback_level = 1;
constinit bool traceback_show_all = false, traceback_crash = false;
static constinit bool traceback_labels = true;  // GODEBUG=tracebacklabels

extern "C" void runtime_gopanic() asm("runtime.gopanic");
extern "C" void runtime_goexit() asm("runtime.goexit");

namespace {
constexpr int kShown = 50;  // innermost and outermost frames of a deep stack

bool exported_runtime(Str name) {
  Str rest(name.ptr + 8, name.len - 8);
  if (rest.len > 2 && rest.ptr[0] == '(' && rest.ptr[1] == '*') rest = Str(rest.ptr + 2, rest.len - 2);
  return rest.len > 0 && rest.ptr[0] >= 'A' && rest.ptr[0] <= 'Z';
}

bool hides_wrapper(u8 callee) {
  return !(callee == abi::FuncGopanic || callee == abi::FuncSigpanic || callee == abi::FuncPanicwrap);
}

bool shown(const Source& s, bool first, u8 callee, bool everything) {
  if (traceback_level > 1 || everything) return true;
  if (s.func_id == abi::FuncWrapper && hides_wrapper(callee)) return false;
  if (s.func == Str("runtime.gopanic") && !first) return true;
  return s.func.contains('.') && (!s.func.starts_with("runtime.") || exported_runtime(s.func));
}

// Type arguments are shown as [...].
void print_name(Str name) {
  if (name == Str("runtime.gopanic")) {
    print("panic");
    return;
  }
  i64 depth = 0, from = 0;
  for (i64 i = 0; i < name.len; ++i) {
    if (name.ptr[i] == '[' && depth++ == 0) print(Str(name.ptr + from, i - from), "[...]");
    if (name.ptr[i] == ']' && --depth == 0) from = i + 1;
  }
  if (depth == 0) print(Str(name.ptr + from, name.len - from));
}

void print_args(const FuncRecord* f, u64 fp) {
  const u8* p = funcdata(f, abi::FuncdataArgInfo);
  if (!p) return;
  // Behind the end: which words of the spill area the function keeps arguments in. Others hold what was there
  // before.
  const u8* kept = p;
  while (*kept != 0xff) kept += *kept < 0xf0 ? 2 : 1;
  ++kept;
  auto sure = [&](u8 off) {
    if (off < kept[0]) return true;
    u32 word = (off - u32(kept[0])) / 8;
    return word < 16 && (kept[1 + word / 8] >> word % 8 & 1);
  };
  bool start = true;
  for (;;) {
    u8 op = *p++;
    if (op == 0xff) return;
    if (op == 0xfd) {
      print("}");
      start = false;
      continue;
    }
    if (!start) print(", ");
    start = false;
    if (op == 0xfe) {
      print("{");
      start = true;
    } else if (op == 0xfc) {
      print("...");
    } else if (op == 0xfb) {
      print("_");
    } else {
      u8 size = *p++;
      u64 v;
      memcpy(&v, reinterpret_cast<void*>(fp + op), 8);
      if (size < 8) v &= (u64(1) << size * 8) - 1;
      print(Hex{v});
      if (!sure(op)) print("?");
    }
  }
}

// Calls visit(source, physical unwinder, innermost-pc) for each frame that should be seen; returns how many
// there were.
template <class Visit>
int walk_shown(Unwinder& u, bool everything, Visit visit) {
  int n = 0;
  u8 callee = 0;
  for (; u.valid(); u.next()) {
    if (!u.func()) {
      callee = abi::FuncWrapper;
      continue;
    }
    for (InlineWalk w(u.func(), u.lookup_pc()); w.valid(); w.next()) {
      Source s = w.source();
      u8 c = callee;
      callee = s.func_id;
      if (shown(s, n == 0, c, everything)) visit(n++, s, u);
    }
  }
  return n;
}

// What every goroutine returns to; no table describes it.
void print_goexit(u64 sp) {
  u64 pc = u64(&runtime_goexit) + 1;
  print("runtime.goexit({})\n\truntime/asm_amd64.s:1 +0x1 fp=", Hex{sp + 8}, " sp=", Hex{sp}, " pc=", Hex{pc},
        "\n");
}

void print_frames(const Unwinder& from, bool everything) {
  Unwinder count = from, u = from;
  int total = walk_shown(count, everything, [](int, const Source&, const Unwinder&) {});
  bool cut = total > 2 * kShown;
  walk_shown(u, everything, [&](int n, const Source& s, const Unwinder& u) {
    if (cut && n >= kShown && n < total - kShown) {
      if (n == kShown) print("...", u64(total - 2 * kShown), " frames elided...\n");
      return;
    }
    print_name(s.func);
    print("(");
    if (s.inlined) print("...");
    else print_args(u.func(), u.fp());
    print(")\n\t", s.file, ":", s.line);
    if (!s.inlined) {
      if (u.pc() > u.func()->entry()) print(" +", Hex{u.pc() - u.func()->entry()});
      if (traceback_level > 1) print(" fp=", Hex{u.fp()}, " sp=", Hex{u.sp()}, " pc=", Hex{u.pc()});
    }
    print("\n");
  });
  if (traceback_level > 1) print_goexit(u.sp());
}

void print_creator(G* g) {
  if (g->gopc == 0 || g->goid == 1) return;
  const FuncRecord* f = find_func(g->gopc);
  if (!f) return;
  if (traceback_level <= 1 && func_name(f).starts_with("runtime.") && !exported_runtime(func_name(f))) return;
  print("created by ");
  print_name(func_name(f));
  if (g->parent_goid) print(" in goroutine ", g->parent_goid);
  Str file;
  i32 line;
  u64 at = g->gopc > f->entry() ? g->gopc - 1 : g->gopc;
  file_line(f, at, file, line);
  print("\n\t", file, ":", line);
  if (g->gopc > f->entry()) print(" +", Hex{g->gopc - f->entry()});
  print("\n");
}

// Labels that the goroutine was given for profiles: internal/runtime/pprof/label's Set.
struct Labels {
  struct Pair {
    GoString key, value;
  }* list;
  i64 len, cap;
};

void print_label(Str s) {
  bool plain = true;
  for (i64 i = 0; i < s.len; ++i) {
    char c = s.ptr[i];
    plain &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
             c == '/' || c == '_';
  }
  if (plain) print(s);
  else print_quoted(s);
}

void print_labels(const Labels* labels) {
  if (!labels || !labels->len || !traceback_labels) return;
  print(" {");
  for (i64 i = 0; i < labels->len; ++i) {
    if (i) print(", ");
    print_label(labels->list[i].key);
    print(": ");
    print_label(labels->list[i].value);
  }
  print("}");
}

void print_header(G* g, const char* status) {
  print("goroutine ", g->goid);
  if (traceback_level > 1) {
    print(" gp=", static_cast<void*>(g), " m=");
    if (g->m && g->m->curg == g) print(g->m->id, " mp=", static_cast<void*>(g->m));
    else print("nil");
  }
  print(" [", status);
  if (g->locked_ext > 0) print(", locked to thread");
  if (g->bubble) print(", synctest bubble ", g->bubble->id);
  print("]");
  print_labels(static_cast<const Labels*>(g->labels));
  print(":\n");
}

const char* status_text(G* g) {
  switch (g->status) {
    case Status::Idle: return "idle";
    case Status::Runnable: return "runnable";
    case Status::Running: return "running";
    case Status::Syscall: return "syscall";
    case Status::Waiting: return g->wait == Wait::None ? "waiting" : wait_text(g->wait);
    default: return "dead";
  }
}
}  // namespace

void traceback_goroutine(G* g) {
  print_header(g, status_text(g));
  bool everything = g->throwing != 0;
  print_frames(Unwinder(g), everything);
  print_creator(g);
}

void traceback_from(G* g, u64 sp, u64 pc, u64 bp) {
  print_header(g, "running");
  print_frames(Unwinder(g, sp, pc, bp, true), true);
  print_creator(g);
}

void traceback_all(G* except) {
  G* last = nullptr;
  for (G* g = all_goroutines; g; g = g->all_next) last = g;
  for (G* g = last; g; g = g->all_prev) {
    if (g == except || g->status == Status::Dead || (g->system && traceback_level < 2)) continue;
    print("\n");
    traceback_goroutine(g);
  }
}

// What GOTRACEBACK asked for, which the program may only raise.
static constinit i32 least_level = 0;
static constinit bool least_all = false, least_crash = false;

static void parse_level(Str level) {
  traceback_crash = traceback_show_all = false;
  if (level == Str("none")) {
    traceback_level = 0;
  } else if (level == Str("single") || level.len == 0) {
    traceback_level = 1;
  } else if (level == Str("all")) {
    traceback_level = 1;
    traceback_show_all = true;
  } else if (level == Str("system")) {
    traceback_level = 2;
    traceback_show_all = true;
  } else if (level == Str("crash")) {
    traceback_level = 2;
    traceback_show_all = traceback_crash = true;
  } else {
    i32 n = 0;
    for (i64 i = 0; i < level.len && level.ptr[i] >= '0' && level.ptr[i] <= '9'; ++i)
      n = n * 10 + (level.ptr[i] - '0');
    traceback_level = n;
    traceback_show_all = true;
  }
}

void set_traceback(Str level) {
  parse_level(level);
  traceback_level = max(traceback_level, least_level);
  traceback_show_all |= least_all;
  traceback_crash |= least_crash;
}

void traceback_init() {
  const char* v = os::getenv("GOTRACEBACK");
  parse_level(v ? Str(v) : Str("single"));
  least_level = traceback_level;
  least_all = traceback_show_all;
  least_crash = traceback_crash;
}

constexpr int kAbort = 6;
void die(G* g) {
  if (traceback_crash) die_from(kAbort);
  os::exit(2);
}

static void print_signal(G* g) {
  if (!g->sig) return;
  Str name = signal_text(g->sig);
  print("[signal ");
  if (name.len) print(name);
  else print(Hex{g->sig});
  print(" code=", Hex{g->sigcode}, " addr=", Hex{g->sigaddr}, " pc=", Hex{g->sigpc}, "]\n");
}

// `all`: what went wrong concerns more goroutines than the one that found it.
[[noreturn]] static void die_of(Str text, bool all) {
  static Atomic<u32> dying = {0};
  if (dying.add(1) > 2) os::exit(5);
  print("fatal error: ", text, "\n");
  G* g = tls_g();
  if (!g || dying.load() > 1) os::exit(2);
  if (g->throwing) print_signal(g);
  G* running = g->m ? g->m->curg : nullptr;
  if (traceback_level > 0) {
    if (running && running->status == Status::Running) {
      print("\n");
      traceback_goroutine(running);
    } else {
      running = nullptr;
    }
    if (all || !running || traceback_show_all) traceback_all(running);
  }
  die(g);
}

void fatal(Str text) {
  traceback_level = 2;
  die_of(text, true);
}
void fatal_program(Str text) { die_of(text, true); }
void fatal_misuse(Str text) { die_of(text, false); }

extern "C" {
// func dieop(gp *g, user bool, all bool): the panics have been printed; print where things stand and end the
// process.
[[noreturn]] void rt_dieop(void* args, G* g) {
  struct A {
    bool runtime_frames, all;
  }* a = static_cast<A*>(args);
  print_signal(g);
  if (traceback_level > 0) {
    print("\n");
    g->throwing = a->runtime_frames;
    traceback_goroutine(g);
    if (a->all || traceback_show_all) traceback_all(g);
  }
  die(g);
}

void rt_callersop(CallersArgs* a, G* self) {
  G* g = a->g ? a->g : self;
  Unwinder u(g);
  if (g == self && u.valid() && func_name(u.func()) == Str("runtime.callersop")) u.next();
  i64 n = 0, skip = a->skip;
  u8 callee = 0;
  for (; u.valid() && n < a->n; u.next()) {
    if (!u.func()) {
      callee = abi::FuncWrapper;
      continue;
    }
    for (InlineWalk w(u.func(), u.lookup_pc()); w.valid() && n < a->n; w.next()) {
      u8 id = w.source().func_id, c = callee;
      callee = id;
      if (id == abi::FuncWrapper && hides_wrapper(c)) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      a->pcs[n++] = w.pc() + 1;
    }
  }
  // The outermost frame is that of what ends a goroutine.
  if (!u.valid() && n < a->n && skip == 0) a->pcs[n++] = u64(&runtime_goexit) + 1;
  a->result = n;
}

void rt_stackop(StackArgs* a, G* g) {
  PrintTo to(a->buf, a->n);
  print_header(g, status_text(g));
  Unwinder u(g);
  while (u.valid() && func_name(u.func()).starts_with("runtime.")) u.next();  // runtime.Stack itself
  print_frames(u, false);
  print_creator(g);
  if (a->all) traceback_all(g);
  a->result = to.written();
}

// func allgop(prev *g, user bool) *g: iterates over goroutines, newest first.
void rt_allgop(void* args, G*) {
  struct A {
    G* prev;
    G* result;
  }* a = static_cast<A*>(args);
  G* g = a->prev ? a->prev->all_next : all_goroutines;
  while (g && (g->system || g->status == Status::Dead)) g = g->all_next;
  a->result = g;
}

// func crashfdop(fd int) (old int)
void rt_crashfdop(i64* a, G*) {
  a[1] = os::crash_fd;
  os::crash_fd = a[0];
}

// func tracebackLabelsop(on bool), func setTracebackop(level string)
void rt_tracebackLabelsop(bool* on, G*) { traceback_labels = *on; }
void rt_setTracebackop(GoString* level, G*) { set_traceback(*level); }

struct FrameInfo {
  u64 pc;                  // in
  const FuncRecord* func;  // out
  GoString name, file;
  i64 line, start_line;
  u64 entry;
  bool inlined;
};
// func frameinfo(pc uintptr) (fn *Func, name, file string, line, startLine int, entry uintptr, inlined bool)
void rt_frameinfo(FrameInfo* a, G*) {
  const FuncRecord* f = find_func(a->pc);
  a->func = f;
  a->name = a->file = {nullptr, 0};
  a->line = a->start_line = 0;
  a->entry = 0;
  a->inlined = false;
  if (!f) {
    if (in_goexit(a->pc) || a->pc == u64(&runtime_goexit)) {
      a->name = {"runtime.goexit", 14};
      a->file = {"runtime/asm_amd64.s", 19};
      a->line = 1;
      a->entry = u64(&runtime_goexit);
    }
    return;
  }
  InlineWalk w(f, a->pc);
  Source s = w.source();
  a->name = {s.func.ptr, s.func.len};
  a->file = {s.file.ptr, s.file.len};
  a->line = s.line;
  a->start_line = s.start_line;
  a->entry = f->entry();
  a->inlined = s.inlined;
}
// func funcinfo(f *Func, pc uintptr) (name, file string, line, startLine int, entry uintptr)
void rt_funcinfo(void* args, G*) {
  struct A {
    const FuncRecord* f;
    u64 pc;
    GoString name, file;
    i64 line, start_line;
    u64 entry;
  }* a = static_cast<A*>(args);
  Str name = func_name(a->f), file;
  i32 line = 0;
  u64 pc = a->pc ? a->pc : a->f->entry();
  file_line(a->f, pc, file, line);
  // A wrapper has no source, whatever has been inlined into it.
  if (a->f->func_id == abi::FuncWrapper)
    for (InlineWalk w(a->f, pc); w.valid(); w.next()) file = w.source().file, line = w.source().line;
  a->name = {name.ptr, name.len};
  a->file = {file.ptr, file.len};
  a->line = line;
  a->start_line = a->f->start_line;
  a->entry = a->f->entry();
}
}
}  // namespace vole::runtime
