// What compiler, assembler, linker and runtime agree on, as numbers. Freestanding C++ (no library headers but
// <stdint.h>): the runtime includes it too. docs/contract.md holds the rules these numbers serve. Where a
// number is gc's (so that the standard library and outside tools can read it), it equals GOROOT's
// internal/abi; abi_test.cc compares.
#pragma once
#include <stdint.h>

namespace vole::abi {
// ---- records and descriptors: byte offsets, sizes, flags ----------------------------------------
#define VOLE_OFFSET(name, value) constexpr int name = value;
#include "abi/layout.def"
#undef VOLE_OFFSET
#define VOLE_ABI_FIELD(name, value, type, field) constexpr int name = value;
#define VOLE_ABI_SIZE(name, value, type) constexpr int name = value;
#define VOLE_ABI_CONST(name, value, constant) constexpr auto name = value;
#include "abi/types.def"

// ---- stacks -------------------------------------------------------------------------------------
constexpr int StackMin = 2048;   // first size of a goroutine's stack
constexpr int StackGuard = 928;  // stackguard0 = lo + StackGuard
constexpr uint64_t StackPreempt = 0xfffffffffffffadeu;

// ---- function tables -----------------------------------------------------------------------------
constexpr int PcQuantum = 1;  // amd64
constexpr int FindFuncSubbuckets = 16;

// Functions that the unwinder and tracebacks treat in their own way.
enum FuncId : uint8_t {
#define VOLE_ABI_FUNC_ID(name, constant) Func##name,
#include "abi/types.def"
};

// ---- the module: what the linker tells the runtime ----------------------------------------------
struct GoSlice {
  void* ptr;
  int64_t len, cap;
};
struct GoString {
  const char* ptr;
  int64_t len;
};

// Symbol runtime.firstmoduledata, filled by the linker. All section addresses are absolute.
struct ModuleData {
  void* pcheader;
  GoSlice funcnametab, cutab, filetab, pctab, pclntable,
      ftab;  // gc's tables; ftab: {entryoff u32, funcoff u32}…, one sentinel
  void* findfunctab;
  uint64_t minpc, maxpc;
  uint64_t text, etext;
  uint64_t noptrdata, enoptrdata, data, edata, bss, ebss, noptrbss, enoptrbss;
  uint64_t covctrs, ecovctrs, end;
  const uint8_t* gcdata_mask;  // one bit a word of [data, edata)
  const uint8_t* gcbss_mask;   // one bit a word of [bss, ebss)
  uint64_t rodata, gofunc;     // gofunc: base of FUNCDATA offsets
  uint64_t types, etypes;      // base of TypeOff and NameOff
  GoSlice typelinks;  // *abi.Type: unnamed pointer, chan, map, slice, array, func, struct descriptors sorted
                      // by type string
  GoSlice itablinks;  // *abi.ITab: every static itab
  GoSlice inittasks;  // *inittask in order, runtime's own closure left out
  GoSlice runtime_inittasks;  // runtime's closure, in order
  GoString modinfo;           // text between the 16-byte guards (guards included), for debug.ReadBuildInfo
  GoString build_version;     // runtime.Version()
  GoString default_goroot;
  GoString default_godebug;
  uint64_t main_main;  // code address of main.main
  uint8_t has_main;
};

// ---- type descriptors ---------------------------------------------------------------------------
enum Kind : uint8_t {
#define VOLE_ABI_KIND(name) K##name,
#include "abi/types.def"
};

// ---- sizes of objects ----------------------------------------------------------------------------
constexpr uint16_t ClassSizes[] = {
#define VOLE_SIZE_CLASS(size) size,
#include "abi/sizes.def"
#undef VOLE_SIZE_CLASS
};
constexpr int NumClasses = sizeof ClassSizes / sizeof ClassSizes[0];
constexpr int PageShift = 13, PageSize = 1 << PageShift;
constexpr int MaxSmall = 32768;  // larger objects have pages of their own
constexpr int HeaderSize = 8;
constexpr int HeaderThreshold = 512;  // larger objects with pointers start with a word for their type

// ---- panics and barriers -------------------------------------------------------------------------
constexpr int PanicBoundsFirstSmallPage =
    4096;                                 // nil dereferences below it fault; larger offsets are checked
constexpr int WriteBarrierBufferMax = 8;  // gcWriteBarrier1..8
}  // namespace vole::abi
