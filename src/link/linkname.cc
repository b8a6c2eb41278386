// Which names of the standard library other packages may refer to by //go:linkname or from assembly: those
// that the defining package marks with the directive too. Go keeps many so for well-known modules, and
// refuses the rest, as it may change them; so does vole, with the same words.
#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include "link/context.h"
#include "object/link_name.h"

namespace vole::link {
using object::Object;
using object::Symbol;
using object::SymKind;

namespace {
// Marked, but for certain packages of std alone.
constexpr std::string_view Blocked[] = {
    // clang-format off
  "crypto/fips140.isBypassed", "crypto/fips140.setBypass", "crypto/fips140.unsetBypass",
  "crypto/internal/fips140.fatal", "crypto/internal/fips140.getIndicator",
  "crypto/internal/fips140.setIndicator", "crypto/internal/rand.SetTestingReader",
  "crypto/internal/sysrand.fatal", "crypto/rand.fatal", "crypto/subtle.setDITDisabled",
  "crypto/subtle.setDITEnabled", "go:fipsinfo", "internal/cpu.riscvHWProbe",
  "internal/cpu.sysctlbynameBytes", "internal/cpu.sysctlbynameInt32", "internal/runtime/cgroup.throw",
  "internal/runtime/maps.errNilAssign", "internal/runtime/maps.fatal", "internal/runtime/maps.newarray",
  "internal/runtime/maps.newobject", "internal/runtime/maps.rand", "internal/runtime/maps.typeString",
  "internal/runtime/maps.typedmemclr", "internal/runtime/maps.typedmemmove", "internal/sync.fatal",
  "internal/sync.runtime_SemacquireMutex", "internal/sync.runtime_Semrelease",
  "internal/sync.runtime_canSpin", "internal/sync.runtime_doSpin", "internal/sync.runtime_nanotime",
  "internal/sync.throw", "internal/synctest.IsInBubble", "internal/synctest.Run", "internal/synctest.Wait",
  "internal/synctest.acquire", "internal/synctest.associate", "internal/synctest.disassociate",
  "internal/synctest.inBubble", "internal/synctest.isAssociated", "internal/synctest.release",
  "net.newWindowsFile", "runtime.addmoduledata", "runtime.getStaticuint64s", "runtime.mapaccess1",
  "runtime.mapaccess1_fast32", "runtime.mapaccess1_fast64", "runtime.mapaccess1_faststr",
  "runtime.mapdelete_fast32", "runtime.mapdelete_fast64", "runtime.mapdelete_faststr",
  "runtime.pprof_goroutineLeakProfileWithLabels", "runtime/pprof.runtime_goroutineLeakGC",
  "runtime/pprof.runtime_goroutineleakcount", "runtime/secret.appendSignalStacks", "runtime/secret.count",
  "runtime/secret.dec", "runtime/secret.eraseSecrets", "runtime/secret.getStack", "runtime/secret.inc",
  "runtime/trace.runtime_readTrace", "runtime/trace.runtime_traceClockUnitsPerSecond",
  "sync.runtime_SemacquireWaitGroup", "sync_test.runtime_blockUntilEmptyCleanupQueue",
  "syscall.rawsyscalln", "syscall.runtimeClearenv", "syscall.syscalln", "testing.checkParallel",
  "testing/synctest.testingSynctestTest", "time.runtimeIsBubbled", "time.runtimeNano", "time.runtimeNow",
  "unique.runtime_blockUntilEmptyCleanupQueue",
    // clang-format on
};

bool is_blocked(std::string_view name) {
  static const absl::flat_hash_set<std::string_view> names(std::begin(Blocked), std::end(Blocked));
  return names.contains(name);
}

// A name as Go sources know it: without the mark of the calling convention.
std::string_view plain(std::string_view name) {
  if (name.ends_with(".abi0")) name.remove_suffix(5);
  return name;
}

class Linknames {
 public:
  explicit Linknames(Context& c) : c_(c) {}

  // Reports the first reference of the object that is not allowed.
  bool check(u32 o) {
    const Object& object = *c_.objects[o];
    for (const Symbol& s : object.symbols) {
      if (!(s.linkname || s.linkname_std) || allowed(o, s) || !is_used(object, s)) continue;
      c_.error(fmt::format("link: {}: invalid reference to {}", object.package.text(), plain(s.name.text())));
      return false;
    }
    return true;
  }

 private:
  bool allowed(u32 o, const Symbol& s) {
    const Entity& e = c_.target(o, &s);
    if (!e.sym || e.object == o) return true;  // undefined: another message; its own: pushed, not pulled
    std::string_view name = plain(s.name.text());
    if (is_blocked(name)) return false;
    const Object& home = *c_.objects[e.object];
    // Objects without a package hold the runtime's C++ half.
    if ((!home.is_std && home.package) || name.find('.') == name.npos) return true;
    return marked(name) || marked(std::string(name) + ".abi0");
  }
  bool marked(std::string_view name) {
    const Entity* e = c_.find(name);
    return e && e->sym && e->sym->linkname;
  }

  // Whether something in the object refers to the symbol: a declaration alone does no harm.
  static bool is_used(const Object& object, const Symbol& target) {
    for (const Symbol& s : object.symbols)
      for (const object::Reloc& r : s.relocs)
        if (r.target == &target) return true;
    return false;
  }

  Context& c_;
};
}  // namespace

void check_linknames(Context& c) {
  Linknames check(c);
  for (u32 o = 0; o < c.objects.size(); o++)
    if (c.objects[o]->package && !c.objects[o]->is_std && !check.check(o)) return;
}
}  // namespace vole::link
