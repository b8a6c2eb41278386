// Names that nothing in the standard library uses, kept for packages outside it: well-known modules refer to them by //go:linkname, and gc
// keeps them for these. Each has gc's signature and does what its users rely on.

package runtime

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// ---- goroutines

// gopark stops the calling goroutine until goready is called for it, or not at all when unlockf says false. Nobody else runs before the
// goroutine has stopped, so what unlockf lets go of can be taken right away.
//
//go:linkname gopark
func gopark(unlockf func(*g, unsafe.Pointer) bool, lock unsafe.Pointer, reason, traceReason uint8, skip int) {
	gp := getg()
	gp.locks++
	stop := unlockf == nil || unlockf(gp, lock)
	gp.locks--
	if stop {
		parkop()
	}
}

//go:linkname goready
func goready(gp *g, skip int) { readyop(gp) }

//go:linkname goyield
func goyield() { goschedop() }

//go:linkname wakep
func wakep() {}

//go:linkname getm
func getm() uintptr { return uintptr(unsafe.Pointer(getg().m)) }

//go:linkname entersyscallblock
func entersyscallblock() { entersyscall() }

//go:linkname setsigsegv
func setsigsegv(pc uintptr) { getg().sigpc = pc }

// ---- maps: the iterator that reflect2 and others lay out themselves, in four words

type linknameIter struct {
	key, elem unsafe.Pointer
	typ       *abi.MapType
	it        *maps.Iter
}

func (l *linknameIter) show() { l.key, l.elem = l.it.Key(), l.it.Elem() }

//go:linkname mapiterinit
func mapiterinit(t *abi.MapType, m *maps.Map, l *linknameIter) {
	*l = linknameIter{typ: t, it: new(maps.Iter)}
	mapIterStart(t, m, l.it)
	l.show()
}

//go:linkname mapiternext
func mapiternext(l *linknameIter) {
	mapIterNext(l.it)
	l.show()
}

//go:linkname reflect_mapiterinit reflect.mapiterinit
func reflect_mapiterinit(t *abi.MapType, m *maps.Map, l *linknameIter) { mapiterinit(t, m, l) }

//go:linkname reflect_mapiternext reflect.mapiternext
func reflect_mapiternext(l *linknameIter) { mapiternext(l) }

//go:linkname reflect_mapiterkey reflect.mapiterkey
func reflect_mapiterkey(l *linknameIter) unsafe.Pointer { return l.it.Key() }

//go:linkname reflect_mapiterelem reflect.mapiterelem
func reflect_mapiterelem(l *linknameIter) unsafe.Pointer { return l.it.Elem() }

// ---- memory, strings, hashes

//go:linkname reflect_memclrNoHeapPointers reflect.memclrNoHeapPointers
func reflect_memclrNoHeapPointers(p unsafe.Pointer, n uintptr) { memclrNoHeapPointers(p, n) }

//go:linkname chanbuf
func chanbuf(c *hchan, i uint) unsafe.Pointer {
	return unsafe.Pointer(uintptr(c.buf) + uintptr(i)*c.elemsize)
}

//go:linkname heapObjectsCanMove
func heapObjectsCanMove() bool { return false }

//go:linkname stringHash
func stringHash(s string, seed uintptr) uintptr { return strhash(unsafe.Pointer(&s), seed) }

//go:linkname gostring
func gostring(p *byte) string {
	n := 0
	for p != nil && *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}

//go:linkname internal_syscall_gostring internal/syscall/unix.gostring
func internal_syscall_gostring(p *byte) string { return gostring(p) }

//go:linkname gostringn
func gostringn(p *byte, n int) string { return string(unsafe.Slice(p, n)) }

//go:linkname gobytes
func gobytes(p *byte, n int) []byte { return append([]byte(nil), unsafe.Slice(p, n)...) }

// ---- random numbers

//go:linkname cheaprand64
func cheaprand64() int64 { return int64(cheaprand())<<32 ^ int64(cheaprand()) }

//go:linkname cheaprandn
func cheaprandn(n uint32) uint32 { return uint32(uint64(cheaprand()) * uint64(n) >> 32) }

// ---- the program

//go:linkname iscgo
var iscgo bool

//go:linkname lastmoduledatap
var lastmoduledatap unsafe.Pointer

//go:linkname overrideWrite
var overrideWrite func(fd uintptr, p unsafe.Pointer, n int32) int32
