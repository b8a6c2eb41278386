// Entries of the runtime archive. Those without a linkname go through a bridge to C++ on the system stack (src/abi/runtime_calls.def lists
// them); those with one are assembly in Go's own calling convention.

package runtime

import (
	"internal/abi"
	_ "internal/bytealg" // defines memequal and cmpstring
	"unsafe"
)

//go:linkname getg runtime.getg
//go:nosplit
func getg() *g

//go:linkname memmove runtime.memmove
//go:noescape
func memmove(to, from unsafe.Pointer, n uintptr)

//go:linkname memclrNoHeapPointers runtime.memclrNoHeapPointers
//go:noescape
func memclrNoHeapPointers(ptr unsafe.Pointer, n uintptr)

//go:linkname procyield runtime.procyield
func procyield()

//go:linkname cputicks runtime.cputicks
func cputicks() int64

//go:linkname Breakpoint runtime.Breakpoint
func Breakpoint()

//go:linkname entersyscall runtime.entersyscall
func entersyscall()

//go:linkname exitsyscall runtime.exitsyscall
func exitsyscall()

// Defined by assembly in internal/bytealg.
//
//go:linkname memequal runtime.memequal
//go:noescape
func memequal(a, b unsafe.Pointer, size uintptr) bool

//go:linkname memequal_varlen runtime.memequal_varlen
//go:noescape
func memequal_varlen(a, b unsafe.Pointer) bool

//go:linkname cmpstring runtime.cmpstring
func cmpstring(a, b string) int

// ---- bridges ----

func reflectcall(stackArgsType *_type, fn, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32, regArgs *abi.RegArgs)

//go:noescape
func mallocslow(size uintptr, typ *_type) unsafe.Pointer
func heapobject(p unsafe.Pointer) (base, size uintptr)
func inheap(p uintptr) bool
func metaalloc(n uintptr) unsafe.Pointer

//go:noescape
func heapstats(s *[16]uint64, classes *[numClasses * 2]uint64)
func moddata() *moduledata

//go:noescape
func startinfo(info *[8]uintptr)
func rawsyscall(n, a, b, c, d, e, f uintptr) int
func bootrand() uint64

//go:noescape
func randseed(p *[4]uint64)
func setmaxstackop(n uintptr) uintptr
func checklayout(g, timer, hchan, panic uintptr)
func exitop(code int)
func throwop(s string)
func fatalop(s string)
func dieop(runtimeFrames, all bool)
func goexitop()

//go:noescape
func recoverable(p *_panic) bool

// Must not move the stack: sp is a number.
//
//go:nosplit
func recoveryop(sp, pc uintptr)

func newproc1(fn func(), pc uintptr, system bool)
func goschedop()
func numGoroutine() int
func coroinit(c *coro, start func(), pc uintptr)
func coroswap(c *coro) bool
func coroexit(c *coro)
func block()
func parkop()
func readyop(gp *g)

func chaninit(c *hchan)

//go:noescape
func chansendop(c *hchan, elem unsafe.Pointer, block bool) int

//go:noescape
func chanrecvop(c *hchan, elem unsafe.Pointer, block bool) int
func chancloseop(c *hchan) int

//go:noescape
func selectop(cas *scase, order *uint16, nsends, nrecvs int, block bool) (index, result int)

//go:noescape
func semacquireop(addr *uint32, lifo bool, reason uint8)

//go:noescape
func semreleaseop(addr *uint32, handoff bool)

//go:noescape
func notifyListWaitop(l *notifyList, t uint32)

//go:noescape
func notifyListNotifyAllop(l *notifyList)

//go:noescape
func notifyListNotifyOneop(l *notifyList)

func timerNext() (f func(any, uintptr, int64), arg any, seq uintptr, delta int64)
func timerClaim(t *timer) (f func(any, uintptr, int64), arg any, seq uintptr, delta int64)
func timerStop(t *timer) bool
func timerReset(t *timer, when, period int64) bool
func sleepUntil(when int64)
func nanotime() int64
func walltime() (sec int64, nsec int32)

func pollServerInit()
func pollOpen(fd uintptr) (ctx uintptr, errno int)
func pollClose(ctx uintptr)
func pollReset(ctx uintptr, mode int) int
func pollWait(ctx uintptr, mode int) int
func pollSetDeadline(ctx uintptr, d int64, mode int)
func pollUnblock(ctx uintptr)
func isPollServerDescriptor(fd uintptr) bool

func signalRecv() uint32
func signalSet(sig, what uint32)
func signalIgnored(sig uint32) bool
func signalIdle() bool
func sigpipeop()
func beforeFork()
func afterFork()
func afterForkInChild()

//go:noescape
func callersop(gp *g, skip int, pcs *uintptr, n int) int

//go:noescape
func stackop(buf *byte, n int, all bool) int
func allgop(prev *g) *g
func setTracebackop(level string)
func tracebackLabelsop(on bool)
func crashfdop(fd int) int
func frameinfo(pc uintptr) (fn *Func, name, file string, line, startLine int, entry uintptr, inlined bool)
func funcinfo(f *Func, pc uintptr) (name, file string, line, startLine int, entry uintptr)

func cpuprofileop(hz int)

//go:noescape
func profileread(data *uint64, room int, tags *unsafe.Pointer, hz int) (words, ntags int, eof bool)

func synctestBegin() bool
func synctestEnd() int
func synctestLeave()
func synctestRootDone()
func synctestWait() int
func synctestNow() int64
func synctestJoin(b unsafe.Pointer) unsafe.Pointer
