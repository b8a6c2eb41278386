// The start of the program on its main goroutine, goroutines, exit.

package runtime

import (
	"internal/cpu"
	"internal/runtime/atomic"
	"internal/runtime/exithook"
	"internal/runtime/maps"
	"internal/runtime/sys"
	"unsafe"
)

var mainStarted bool
var runningExitHooks uint32

// The main goroutine begins here: the archive has set up heap, threads and signals; nothing in Go has run yet.
func main() {
	checklayout(unsafe.Offsetof(g{}.waitsince), unsafe.Sizeof(timer{}), unsafe.Sizeof(hchan{}), unsafe.Sizeof(_panic{}))
	osinit()
	cpu.Initialize(getenvEarly("GODEBUG"))
	cpuinit()
	maps.AlgInit()
	randinit()
	itabsInit()
	md := moddata()
	for _, t := range md.runtimeInittasks {
		doInit(t)
	}
	exithook.Gosched = Gosched
	exithook.Goid = func() uint64 { return getg().goid }
	exithook.Throw = throw
	godebugNotify()
	mainStarted = true
	for _, t := range md.inittasks {
		doInit(t)
	}
	if md.hasMain {
		code := md.mainMain
		p := &code
		(*(*func())(unsafe.Pointer(&p)))()
	}
	runExitHooks(0)
	exitop(0)
}

func doInit(t *initTask) {
	switch t.state {
	case 2:
		return
	case 1:
		throw("recursive call during initialization - linker skew")
	}
	t.state = 1
	first := uintptr(unsafe.Pointer(t)) + 8
	for i := uintptr(0); i < uintptr(t.nfns); i++ {
		// A function value is a pointer to a word that holds the code's address.
		p := unsafe.Pointer(first + i*8)
		(*(*func())(unsafe.Pointer(&p)))()
	}
	t.state = 2
}

func runExitHooks(code int) {
	exithook.Run(code)
}

//go:linkname os_beforeExit os.runtime_beforeExit
func os_beforeExit(code int) {
	runExitHooks(code)
}

//go:linkname syscall_Exit syscall.Exit
func syscall_Exit(code int) {
	exitop(code)
}

// ---- goroutines ----

func newproc(fn func()) {
	if *(*unsafe.Pointer)(unsafe.Pointer(&fn)) == nil {
		fatal("go of nil func value")
	}
	newproc1(fn, sys.GetCallerPC(), false)
}

func goschedguarded() { goschedop() }

// Gosched yields the processor, allowing other goroutines to run. The current goroutine continues later by itself.
func Gosched() { goschedop() }

// KeepAlive marks its argument as currently reachable.
//
//go:noinline
func KeepAlive(x any) {}

// GOMAXPROCS sets the maximum number of CPUs that can be executing simultaneously and returns the previous setting. One processor runs Go code
// in this runtime; the number set is remembered and reported.
func GOMAXPROCS(n int) int {
	return 1
}

// SetDefaultGOMAXPROCS updates GOMAXPROCS to the runtime's default.
func SetDefaultGOMAXPROCS() {}

// NumCPU returns the number of logical CPUs usable by the current process.
func NumCPU() int { return ncpu }

// NumCgoCall returns the number of cgo calls made by the current process.
func NumCgoCall() int64 { return 0 }

// NumGoroutine returns the number of goroutines that currently exist.
func NumGoroutine() int { return numGoroutine() }

// LockOSThread wires the calling goroutine to its current operating system thread.
func LockOSThread()   { getg().lockedExt++ }

// UnlockOSThread undoes an earlier call to LockOSThread.
func UnlockOSThread() {
	if gp := getg(); gp.lockedExt > 0 {
		gp.lockedExt--
	}
}

//go:linkname procPin
func procPin() int {
	getg().locks++
	return 0
}

//go:linkname procUnpin
func procUnpin() { getg().locks-- }

//go:linkname sync_procPin sync.runtime_procPin
func sync_procPin() int { return procPin() }

//go:linkname sync_procUnpin sync.runtime_procUnpin
func sync_procUnpin() { procUnpin() }

//go:linkname sync_atomic_procPin sync/atomic.runtime_procPin
func sync_atomic_procPin() int { return procPin() }

//go:linkname sync_atomic_procUnpin sync/atomic.runtime_procUnpin
func sync_atomic_procUnpin() { procUnpin() }

// ---- coroutines, for iter.Pull ----

type coro struct {
	g uintptr // the side that is not running
	f func(*coro)
}

//go:linkname newcoro
func newcoro(f func(*coro)) *coro {
	c := new(coro)
	c.f = f
	coroinit(c, corostart, sys.GetCallerPC())
	return c
}

func corostart() {
	c := getg().coro
	f := c.f
	c.f = nil
	defer coroexit(c)
	f(c)
}

//go:linkname coroswitch
func coroswitch(c *coro) {
	if !coroswap(c) {
		fatal("coroswitch on exited coro")
	}
}

// ---- atomic pointers; the barrier belongs here once there is a collector ----

//go:linkname sync_atomic_StorePointer sync/atomic.StorePointer
//go:nosplit
func sync_atomic_StorePointer(p *unsafe.Pointer, v unsafe.Pointer) {
	atomic.StorepNoWB(unsafe.Pointer(p), v)
}

//go:linkname sync_atomic_SwapPointer sync/atomic.SwapPointer
//go:nosplit
func sync_atomic_SwapPointer(p *unsafe.Pointer, v unsafe.Pointer) unsafe.Pointer {
	return unsafe.Pointer(atomic.Xchguintptr((*uintptr)(unsafe.Pointer(p)), uintptr(v)))
}

//go:linkname sync_atomic_CompareAndSwapPointer sync/atomic.CompareAndSwapPointer
//go:nosplit
func sync_atomic_CompareAndSwapPointer(p *unsafe.Pointer, old, v unsafe.Pointer) bool {
	return atomic.Casp1(p, old, v)
}

//go:linkname atomic_storePointer internal/runtime/atomic.storePointer
//go:nosplit
func atomic_storePointer(p *unsafe.Pointer, v unsafe.Pointer) {
	atomic.StorepNoWB(unsafe.Pointer(p), v)
}

//go:linkname atomic_casPointer internal/runtime/atomic.casPointer
//go:nosplit
func atomic_casPointer(p *unsafe.Pointer, old, v unsafe.Pointer) bool {
	return atomic.Casp1(p, old, v)
}

func atomicstorep(p unsafe.Pointer, v unsafe.Pointer) { atomic.StorepNoWB(p, v) }
