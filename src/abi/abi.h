// What compiler, assembler, linker and runtime agree on, as numbers. Freestanding C++ (no library headers but
// <stdint.h>): the runtime includes it too. docs/contract.md holds the rules these numbers serve. Where a
// number is gc's (so that the standard library and outside tools can read it), it equals GOROOT's
// internal/abi; abi_test.cc compares.
#pragma once
#include <stdint.h>

namespace vole::abi {
// ---- goroutine descriptor: the fields that compiled code and stubs touch (byte offsets in runtime.g)
constexpr int GStackLo = 0, GStackHi = 8;  // stack bounds [lo, hi)
constexpr int GStackGuard0 = 16;           // compared with SP in prologues; StackPreempt asks for a yield
constexpr int GStackGuard1 = 24;
constexpr int GPanic = 32, GDefer = 40;  // innermost *_panic, *_defer
constexpr int GM = 48;                   // *m
constexpr int GSched = 56;               // gobuf: sp, pc, g, ctxt, lr, bp (8 bytes each)
constexpr int GobufSP = 0, GobufPC = 8, GobufG = 16, GobufCtxt = 24, GobufLR = 32, GobufBP = 40,
              GobufSize = 48;
constexpr int TlsG = -8;  // FS offset of the TLS slot that holds g

// ---- stacks -------------------------------------------------------------------------------------
constexpr int StackMin = 2048;           // first size of a goroutine's stack
constexpr int StackGuard = 928;          // stackguard0 = lo + StackGuard
constexpr int StackSmall = 128;          // a frame up to this size may be checked by comparing SP itself
constexpr int StackBig = 4096;           // frames above it use the overflow-safe check
constexpr int StackNosplitBudget = 800;  // bytes a chain of nosplit functions may use below the guard
constexpr uint64_t StackPreempt = 0xfffffffffffffadeu;

// ---- tables a function carries ------------------------------------------------------------------
constexpr int PcdataUnsafePoint = 0, PcdataStackMapIndex = 1, PcdataInlTreeIndex = 2;
constexpr int FuncdataArgsPointerMaps = 0, FuncdataLocalsPointerMaps = 1, FuncdataStackObjects = 2,
              FuncdataInlTree = 3, FuncdataOpenCodedDeferInfo = 4, FuncdataArgInfo = 5;
constexpr int UnsafePointSafe = -1, UnsafePointUnsafe = -2;
constexpr int FuncFlagTopFrame = 1, FuncFlagSPWrite = 2, FuncFlagAsm = 4;
constexpr uint32_t PclntabMagic = 0xfffffff1;
constexpr int PcQuantum = 1;  // amd64
constexpr int FindFuncBucketSize = 4096, FindFuncSubbuckets = 16;
constexpr int MinFuncSize = 16;  // functions start at multiples of this

// FuncID values as in GOROOT's internal/abi/symtab.go (named there FuncID_*).
// clang-format off
enum FuncId : uint8_t {
  FuncNormal, FuncAbort, FuncAsmcgocall, FuncAsyncPreempt, FuncCgocallback, FuncCorostart, FuncDebugCallV2,
  FuncGcBgMarkWorker, FuncGoexit, FuncGogo, FuncGopanic, FuncHandleAsyncEvent, FuncMcall, FuncMorestack,
  FuncMstart, FuncPanicwrap, FuncRt0Go, FuncRuntimeMain, FuncRunfinq, FuncRunCleanups, FuncSigpanic,
  FuncSystemstack, FuncSystemstackSwitch, FuncWrapper,
};
// clang-format on

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
// clang-format off
enum Kind : uint8_t {
  KInvalid, KBool, KInt, KInt8, KInt16, KInt32, KInt64, KUint, KUint8, KUint16, KUint32, KUint64, KUintptr,
  KFloat32, KFloat64, KComplex64, KComplex128, KArray, KChan, KFunc, KInterface, KMap, KPointer, KSlice,
  KString, KStruct, KUnsafePointer,
};
// clang-format on
constexpr uint8_t TFlagUncommon = 1, TFlagExtraStar = 2, TFlagNamed = 4, TFlagRegularMemory = 8,
                  TFlagGCMaskOnDemand = 16, TFlagDirectIface = 32;
constexpr int TypeSize = 0, TypePtrBytes = 8, TypeHash = 16, TypeTFlag = 20, TypeAlign = 21,
              TypeFieldAlign = 22, TypeKind = 23, TypeEqual = 24, TypeGCData = 32, TypeStr = 40,
              TypePtrToThis = 44, TypeCommonSize = 48;
constexpr int InterfaceMethods = 56;  // slice of {NameOff, TypeOff} in an interface descriptor
constexpr int MaxPtrmaskBytes = 16;   // larger masks are made on demand
constexpr int ItabInter = 0, ItabType = 8, ItabHash = 16, ItabFun = 24;
constexpr int ZeroValSize = 1024;
constexpr int MapMaxKeyBytes = 128, MapMaxElemBytes = 128, MapGroupSlots = 8;

// ---- panics and defers --------------------------------------------------------------------------
// _defer: heap u8, rangefunc u8, sp, pc, fn, link, head
constexpr int DeferHeap = 0, DeferRangefunc = 1, DeferSP = 8, DeferPC = 16, DeferFn = 24, DeferLink = 32,
              DeferHead = 40, DeferSize = 48;
constexpr int PanicBoundsFirstSmallPage =
    4096;                                 // nil dereferences below it fault; larger offsets are checked
constexpr int WriteBarrierBufferMax = 8;  // gcWriteBarrier1..8
}  // namespace vole::abi
