// Allocation, copying and clearing as compiled code and the library ask for them. The fast path bumps through the current run of free
// slots; everything else is the archive's business. There is no collector yet: the barrier flag stays 0, and the typed copies say
// where barriers will go.

package runtime

import (
	"internal/abi"
	"unsafe"
)

// compiled code tests the first 32 bits
var writeBarrier struct {
	enabled bool
	pad     [3]byte
	alignme uint64
}

var zerobase uintptr

//go:linkname zeroVal runtime.zeroVal
var zeroVal [abi.ZeroValSize]byte

const (
	maxAlloc        = 1 << 48
)

//go:linkname mallocgc
func mallocgc(size uintptr, typ *_type, needzero bool) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(&zerobase)
	}
	if size > headerThreshold {
		return mallocslow(size, typ)
	}
	i := uintptr(smallClass[(size+7)>>3]) << 1
	c := getg().m.cache
	if typ == nil || typ.PtrBytes == 0 {
		if size < 16 {
			return malloctiny(c, size)
		}
		i++
	}
	r := &c.runs[i]
	p := r.next
	if p < r.end {
		r.next = p + r.size
		return unsafe.Pointer(p)
	}
	return mallocslow(size, typ)
}

// Several pointer-free objects below 16 bytes share a block.
func malloctiny(c *mcache, size uintptr) unsafe.Pointer {
	p := c.tiny
	if size&7 == 0 {
		p = (p + 7) &^ 7
	} else if size&3 == 0 {
		p = (p + 3) &^ 3
	} else if size&1 == 0 {
		p = (p + 1) &^ 1
	}
	if p+size <= c.tinyEnd && p != 0 {
		c.tiny = p + size
		c.tinyAllocs++
		return unsafe.Pointer(p)
	}
	var b unsafe.Pointer
	r := &c.runs[2*2+1]
	if r.next < r.end {
		b = unsafe.Pointer(r.next)
		r.next += r.size
	} else {
		b = mallocslow(16, nil)
		c = getg().m.cache
	}
	c.tiny = uintptr(b) + size
	c.tinyEnd = uintptr(b) + 16
	return b
}

//go:linkname newobject
func newobject(typ *_type) unsafe.Pointer {
	size := typ.Size_
	if size-16 > headerThreshold-16 { // 0 to 15 are large here
		return mallocgc(size, typ, true)
	}
	i := uintptr(smallClass[(size+7)>>3]) << 1
	if typ.PtrBytes == 0 {
		i++
	}
	r := &getg().m.cache.runs[i]
	p := r.next
	if p == r.end {
		return mallocslow(size, typ)
	}
	r.next = p + r.size
	return unsafe.Pointer(p)
}

func mulOverflows(a, b uintptr) bool {
	return b != 0 && a > maxAlloc/b
}

//go:linkname newarray
func newarray(typ *_type, n int) unsafe.Pointer {
	if n == 1 {
		return mallocgc(typ.Size_, typ, true)
	}
	if n < 0 || mulOverflows(typ.Size_, uintptr(n)) {
		panic(plainError("runtime: allocation size out of range"))
	}
	return mallocgc(typ.Size_*uintptr(n), typ, true)
}

// The memory an object of this size really gets; append fills it up.
func roundupsize(size uintptr, noscan bool) uintptr {
	var header uintptr
	if size <= maxSmall-headerSize {
		if !noscan && size > headerThreshold {
			header = headerSize
		}
		want := size + header
		lo, hi := 1, numClasses-1
		if want <= headerThreshold {
			return uintptr(classSizes[smallClass[(want+7)>>3]])
		}
		for lo < hi {
			mid := (lo + hi) / 2
			if uintptr(classSizes[mid]) < want {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		return uintptr(classSizes[lo]) - header
	}
	rounded := (size + pageSize - 1) &^ (pageSize - 1)
	if rounded < size {
		return size
	}
	return rounded
}

//go:linkname mallocMakeNoZero internal/bytealg.MakeNoZero
func mallocMakeNoZero(n int) []byte {
	if n < 0 || uintptr(n) > maxAlloc {
		panicmakeslicelen()
	}
	c := roundupsize(uintptr(n), true)
	return unsafe.Slice((*byte)(mallocgc(c, nil, false)), int(c))[:n]
}

//go:nosplit
//go:linkname typedmemmove
func typedmemmove(typ *_type, dst, src unsafe.Pointer) {
	if dst != src {
		memmove(dst, src, typ.Size_)
	}
}

//go:nosplit
func wbZero(typ *_type, dst unsafe.Pointer) {}

//go:nosplit
func wbMove(typ *_type, dst, src unsafe.Pointer) {}

//go:nosplit
//go:linkname typedmemclr
func typedmemclr(typ *_type, ptr unsafe.Pointer) {
	memclrNoHeapPointers(ptr, typ.Size_)
}

//go:nosplit
//go:linkname memclrHasPointers
func memclrHasPointers(ptr unsafe.Pointer, n uintptr) {
	memclrNoHeapPointers(ptr, n)
}

//go:linkname typedslicecopy
func typedslicecopy(typ *_type, dstPtr unsafe.Pointer, dstLen int, srcPtr unsafe.Pointer, srcLen int) int {
	n := min(dstLen, srcLen)
	if n > 0 && dstPtr != srcPtr {
		memmove(dstPtr, srcPtr, uintptr(n)*typ.Size_)
	}
	return n
}

func slicecopy(toPtr unsafe.Pointer, toLen int, fromPtr unsafe.Pointer, fromLen int, width uintptr) int {
	n := min(toLen, fromLen)
	if n > 0 && width > 0 {
		memmove(toPtr, fromPtr, uintptr(n)*width)
	}
	return n
}

// Hides a pointer from escape analysis. For values that live in the caller's frame and are known not to be kept.
//
//go:nosplit
func noescape(p unsafe.Pointer) unsafe.Pointer {
	x := uintptr(p)
	return unsafe.Pointer(x ^ 0)
}

//go:nosplit
func add(p unsafe.Pointer, n uintptr) unsafe.Pointer {
	return unsafe.Pointer(uintptr(p) + n)
}

// ---- for internal/runtime/maps and sync/atomic ----

//go:linkname maps_newobject internal/runtime/maps.newobject
func maps_newobject(typ *_type) unsafe.Pointer { return newobject(typ) }

//go:linkname maps_newarray internal/runtime/maps.newarray
func maps_newarray(typ *_type, n int) unsafe.Pointer { return newarray(typ, n) }

//go:linkname maps_typedmemmove internal/runtime/maps.typedmemmove
func maps_typedmemmove(typ *_type, dst, src unsafe.Pointer) { typedmemmove(typ, dst, src) }

//go:linkname maps_typedmemclr internal/runtime/maps.typedmemclr
func maps_typedmemclr(typ *_type, ptr unsafe.Pointer) { typedmemclr(typ, ptr) }
