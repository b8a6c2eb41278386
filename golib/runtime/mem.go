// Memory as programs see it: statistics, collections asked for, finalizers, cleanups, weak pointers, pinning. Nothing is freed yet, so no
// object ever becomes unreachable: finalizers and cleanups never run and weak pointers stay strong, as the language allows.

package runtime

import (
	"internal/abi"
	"internal/runtime/atomic"
	"unsafe"
)

// A MemStats records statistics about the memory allocator.
type MemStats struct {
	// General statistics.
	Alloc      uint64 // bytes of allocated heap objects
	TotalAlloc uint64 // cumulative bytes allocated for heap objects
	Sys        uint64 // total bytes of memory obtained from the OS
	Lookups    uint64 // pointer lookups; always 0
	Mallocs    uint64 // cumulative count of heap objects allocated
	Frees      uint64 // cumulative count of heap objects freed

	// Heap memory statistics.
	HeapAlloc    uint64
	HeapSys      uint64
	HeapIdle     uint64
	HeapInuse    uint64
	HeapReleased uint64
	HeapObjects  uint64

	// Stack memory statistics.
	StackInuse uint64
	StackSys   uint64

	// Off-heap memory statistics.
	MSpanInuse  uint64
	MSpanSys    uint64
	MCacheInuse uint64
	MCacheSys   uint64
	BuckHashSys uint64
	GCSys       uint64
	OtherSys    uint64

	// Garbage collector statistics.
	NextGC        uint64
	LastGC        uint64
	PauseTotalNs  uint64
	PauseNs       [256]uint64
	PauseEnd      [256]uint64
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool

	// Per-size class allocation statistics.
	BySize [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

var numForcedGC uint32

// ReadMemStats populates m with memory allocator statistics.
func ReadMemStats(m *MemStats) {
	var s [16]uint64
	var classes [numClasses * 2]uint64
	heapstats(&s, &classes)
	*m = MemStats{}
	for c := 1; c < numClasses; c++ {
		n := classes[2*c] + classes[2*c+1]
		m.Mallocs += n
		m.TotalAlloc += n * uint64(classSizes[c])
		if c < len(m.BySize) {
			m.BySize[c].Size = uint32(classSizes[c])
			m.BySize[c].Mallocs = n
		}
	}
	m.Mallocs += s[3] + s[6]
	m.TotalAlloc += s[4]
	m.Alloc = m.TotalAlloc
	m.HeapAlloc = m.Alloc
	m.HeapObjects = m.Mallocs
	m.HeapInuse = s[1] - min(s[1], s[2])
	m.HeapSys = s[7] - min(s[7], s[2])
	m.HeapIdle = m.HeapSys - min(m.HeapSys, m.HeapInuse)
	m.StackInuse = s[2]
	m.StackSys = s[2]
	m.OtherSys = s[5]
	m.Sys = m.HeapSys + m.StackSys + m.OtherSys
	m.NextGC = ^uint64(0)
	m.NumGC = numForcedGC
	m.NumForcedGC = numForcedGC
	m.EnableGC = true
}

// GC runs a garbage collection. There is no collector yet; pools are emptied as at the start of one.
func GC() {
	for _, f := range poolCleanups {
		f()
	}
	numForcedGC++
}

//go:linkname debug_freeOSMemory runtime/debug.freeOSMemory
func debug_freeOSMemory() { GC() }

var gcPercent int32 = 100
var memoryLimit int64 = 1<<63 - 1
var maxThreads = 10000

//go:linkname debug_setGCPercent runtime/debug.setGCPercent
func debug_setGCPercent(n int32) int32 {
	old := gcPercent
	gcPercent = max(n, -1)
	return old
}

//go:linkname debug_setMemoryLimit runtime/debug.setMemoryLimit
func debug_setMemoryLimit(n int64) int64 {
	old := memoryLimit
	if n >= 0 {
		memoryLimit = n
	}
	return old
}

//go:linkname debug_setMaxStack runtime/debug.setMaxStack
func debug_setMaxStack(n int) int { return int(setmaxstackop(uintptr(n))) }

//go:linkname debug_setMaxThreads runtime/debug.setMaxThreads
func debug_setMaxThreads(n int) int {
	old := maxThreads
	maxThreads = n
	return old
}

//go:linkname debug_setPanicOnFault runtime/debug.setPanicOnFault
func debug_setPanicOnFault(b bool) bool {
	gp := getg()
	old := gp.paniconfault
	gp.paniconfault = b
	return old
}

//go:linkname debug_readGCStats runtime/debug.readGCStats
func debug_readGCStats(pauses *[]uint64) {
	p := (*pauses)[:3]
	p[0], p[1], p[2] = 0, uint64(numForcedGC), 0
	*pauses = p
}

//go:linkname debug_WriteHeapDump runtime/debug.WriteHeapDump
func debug_WriteHeapDump(fd uintptr) {}

//go:linkname setCrashFD
func setCrashFD(fd uintptr) uintptr { return uintptr(crashfdop(int(fd))) }

// ---- finalizers and cleanups ----

// SetFinalizer sets the finalizer associated with obj to the provided finalizer function.
func SetFinalizer(obj, finalizer any) {
	e := (*eface)(unsafe.Pointer(&obj))
	t := e._type
	if t == nil {
		throw("runtime.SetFinalizer: first argument is nil")
	}
	if t.Kind_ != abi.Pointer {
		throw("runtime.SetFinalizer: first argument is " + typestring(t) + ", not pointer")
	}
	if e.data == nil {
		throw("nil elem type!")
	}
	base, _ := heapobject(e.data)
	if base == 0 {
		// Zero-size objects and package variables have nobody to finalize them.
		if (*abi.PtrType)(unsafe.Pointer(t)).Elem.Size_ == 0 || !inheap(uintptr(e.data)) {
			return
		}
		throw("runtime.SetFinalizer: pointer not in heap")
	}
	f := (*eface)(unsafe.Pointer(&finalizer))
	if f._type == nil {
		return
	}
	if f._type.Kind_ != abi.Func {
		throw("runtime.SetFinalizer: second argument is " + typestring(f._type) + ", not a function")
	}
	ft := (*abi.FuncType)(unsafe.Pointer(f._type))
	if ft.IsVariadic() {
		throw("runtime.SetFinalizer: cannot pass " + typestring(t) + " to finalizer " + typestring(f._type) + " because dotdotdot")
	}
	if ft.InCount != 1 {
		throw("runtime.SetFinalizer: cannot pass " + typestring(t) + " to finalizer " + typestring(f._type))
	}
}

// Cleanup is a handle to a cleanup call for a specific object.
type Cleanup struct {
	id  uint64
	ptr uintptr
}

// Stop cancels the cleanup call.
func (c Cleanup) Stop() {}

var lastCleanup uint64

// AddCleanup attaches a cleanup function to ptr. Some time after ptr is no longer reachable, the runtime will call cleanup(arg) in a separate
// goroutine.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	if ptr == nil {
		panic("runtime.AddCleanup: ptr is nil")
	}
	t := abi.TypeOf(arg)
	if t != nil && (t.Kind() == abi.Pointer || t.Kind() == abi.UnsafePointer) {
		if unsafe.Pointer(ptr) == *(*unsafe.Pointer)(unsafe.Pointer(&arg)) {
			panic("runtime.AddCleanup: ptr is equal to arg, cleanup will never run")
		}
	}
	return newCleanup(uintptr(unsafe.Pointer(ptr)))
}

func newCleanup(p uintptr) Cleanup {
	return Cleanup{id: atomic.Xadd64(&lastCleanup, 1), ptr: p}
}

//go:linkname unique_blockUntilEmptyCleanupQueue unique.runtime_blockUntilEmptyCleanupQueue
func unique_blockUntilEmptyCleanupQueue(timeout int64) bool { return true }

//go:linkname sync_test_blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue
func sync_test_blockUntilEmptyCleanupQueue(timeout int64) bool { return true }

// ---- weak pointers ----

// One handle for each object; the handle's word is what a collector would clear.
var weakHandles struct {
	lock spinlock
	m    map[unsafe.Pointer]*unsafe.Pointer
}

//go:linkname weak_runtime_registerWeakPointer weak.runtime_registerWeakPointer
func weak_runtime_registerWeakPointer(p unsafe.Pointer) unsafe.Pointer {
	if p == nil {
		return nil
	}
	weakHandles.lock.lock()
	if weakHandles.m == nil {
		weakHandles.m = make(map[unsafe.Pointer]*unsafe.Pointer)
	}
	h := weakHandles.m[p]
	if h == nil {
		h = new(unsafe.Pointer)
		*h = p
		weakHandles.m[p] = h
	}
	weakHandles.lock.unlock()
	return unsafe.Pointer(h)
}

//go:linkname weak_runtime_makeStrongFromWeak weak.runtime_makeStrongFromWeak
func weak_runtime_makeStrongFromWeak(h unsafe.Pointer) unsafe.Pointer {
	if h == nil {
		return nil
	}
	return *(*unsafe.Pointer)(h)
}

// A Pinner is a set of Go objects each pinned to a fixed location in memory. Objects do not move in this runtime; the set keeps them reachable.
type Pinner struct {
	refs []any
}

// Pin pins a Go object, preventing it from being moved or freed by the garbage collector until the Unpin method has been called.
func (p *Pinner) Pin(pointer any) {
	t := typeof(pointer)
	if t == nil {
		panic(errorString("runtime.Pinner: argument is nil"))
	}
	if t.Kind_ != abi.Pointer && t.Kind_ != abi.UnsafePointer {
		panic(errorString("runtime.Pinner: argument is not a pointer: " + typestring(t)))
	}
	p.refs = append(p.refs, pointer)
}

// Unpin unpins all pinned objects of the Pinner.
func (p *Pinner) Unpin() { p.refs = nil }
