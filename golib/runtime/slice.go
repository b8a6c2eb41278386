// make, append and copy of slices.

package runtime

import "unsafe"

func panicmakeslicelen() { panic(errorString("makeslice: len out of range")) }
func panicmakeslicecap() { panic(errorString("makeslice: cap out of range")) }

//go:linkname makeslice
func makeslice(et *_type, len, cap int) unsafe.Pointer {
	if len < 0 || len > cap || mulOverflows(et.Size_, uintptr(cap)) {
		if len < 0 || mulOverflows(et.Size_, uintptr(len)) {
			panicmakeslicelen()
		}
		panicmakeslicecap()
	}
	return mallocgc(et.Size_*uintptr(cap), et, true)
}

func makeslice64(et *_type, len64, cap64 int64) unsafe.Pointer {
	return makeslice(et, int(len64), int(cap64))
}

func makeslicecopy(et *_type, tolen, fromlen int, from unsafe.Pointer) unsafe.Pointer {
	if tolen < 0 || mulOverflows(et.Size_, uintptr(tolen)) {
		panicmakeslicelen()
	}
	p := mallocgc(et.Size_*uintptr(tolen), et, true)
	memmove(p, from, et.Size_*uintptr(min(tolen, fromlen)))
	return p
}

// The capacity after growing: double while small, then a smooth approach to a quarter more.
func grownCap(newLen, oldCap int) int {
	if newLen > oldCap+oldCap {
		return newLen
	}
	if oldCap < 256 {
		return oldCap + oldCap
	}
	c := oldCap
	for uint(c) < uint(newLen) {
		c += (c + 3*256) >> 2
	}
	if c <= 0 {
		return newLen
	}
	return c
}

//go:linkname growslice
func growslice(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type) slice {
	oldLen := newLen - num
	if newLen < 0 {
		panic(errorString("growslice: len out of range"))
	}
	size := et.Size_
	if size == 0 {
		return slice{unsafe.Pointer(&zerobase), newLen, newLen}
	}
	newCap := grownCap(newLen, oldCap)
	if mulOverflows(size, uintptr(newCap)) {
		panic(errorString("growslice: len out of range"))
	}
	bytes := roundupsize(size*uintptr(newCap), et.PtrBytes == 0)
	if size == 1 {
		newCap = int(bytes)
	} else if size == 8 {
		newCap = int(bytes >> 3)
	} else {
		newCap = int(bytes / size)
		bytes = uintptr(newCap) * size
	}
	p := mallocgc(bytes, et, true)
	memmove(p, oldPtr, uintptr(oldLen)*size)
	return slice{p, newLen, newCap}
}

func growsliceNoAlias(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type) slice {
	return growslice(oldPtr, newLen, oldCap, num, et)
}

// The first append to an empty slice may use a buffer in the caller's frame.
func growsliceBuf(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type, buf unsafe.Pointer, bufLen int) slice {
	if oldCap == 0 && newLen <= bufLen {
		return slice{buf, newLen, bufLen}
	}
	return growslice(oldPtr, newLen, oldCap, num, et)
}

func growsliceBufNoAlias(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type, buf unsafe.Pointer, bufLen int) slice {
	return growsliceBuf(oldPtr, newLen, oldCap, num, et, buf, bufLen)
}

// A slice whose array may be in the caller's frame goes to the heap.
func moveSlice(et *_type, old unsafe.Pointer, len, cap int) (unsafe.Pointer, int, int) {
	if cap == 0 {
		if old != nil {
			old = unsafe.Pointer(&zerobase)
		}
		return old, 0, 0
	}
	if !onStack(old) {
		return old, len, cap
	}
	bytes := roundupsize(et.Size_*uintptr(len), et.PtrBytes == 0)
	n := int(bytes / et.Size_)
	p := mallocgc(bytes, et, true)
	memmove(p, old, uintptr(len)*et.Size_)
	return p, len, n
}

func moveSliceNoScan(size uintptr, old unsafe.Pointer, len, cap int) (unsafe.Pointer, int, int) {
	if !onStack(old) {
		return old, len, cap
	}
	return moveNoScan(size, old, len)
}

func moveNoScan(size uintptr, old unsafe.Pointer, len int) (unsafe.Pointer, int, int) {
	bytes := roundupsize(size*uintptr(len), true)
	n := len
	if size > 0 {
		n = int(bytes / size)
	}
	p := mallocgc(bytes, nil, true)
	memmove(p, old, uintptr(len)*size)
	return p, len, n
}

func moveSliceNoCap(et *_type, old unsafe.Pointer, len int) (unsafe.Pointer, int, int) {
	return moveSlice(et, old, len, len)
}

func moveSliceNoCapNoScan(size uintptr, old unsafe.Pointer, len int) (unsafe.Pointer, int, int) {
	if !onStack(old) {
		return old, len, len
	}
	return moveNoScan(size, old, len)
}

//go:nosplit
func onStack(p unsafe.Pointer) bool {
	gp := getg()
	return uintptr(p) >= gp.stacklo && uintptr(p) < gp.stackhi
}

//go:linkname reflect_growslice reflect.growslice
func reflect_growslice(et *_type, old slice, num int) slice {
	num -= old.cap - old.len // what is there already
	grown := growslice(old.array, old.cap+num, old.cap, num, et)
	// The part between the old length and capacity was not copied by value of the caller.
	if et.PtrBytes == 0 {
		from, to := uintptr(old.len)*et.Size_, uintptr(grown.len)*et.Size_
		memclrNoHeapPointers(add(grown.array, from), to-from)
	}
	grown.len = old.len
	return grown
}

// ---- unsafe.Slice, unsafe.String ----

func panicunsafeslicelen()       { panic(errorString("unsafe.Slice: len out of range")) }
func panicunsafeslicenilptr()    { panic(errorString("unsafe.Slice: ptr is nil and len is not zero")) }
func panicunsafestringlen()      { panic(errorString("unsafe.String: len out of range")) }
func panicunsafestringnilptr()   { panic(errorString("unsafe.String: ptr is nil and len is not zero")) }
func unsafestringcheckptr(ptr unsafe.Pointer, len64 int64) {
	if len64 < 0 || uintptr(len64) > -uintptr(ptr) {
		if len64 >= 0 && ptr == nil {
			panicunsafestringnilptr()
		}
		panicunsafestringlen()
	}
}
func unsafeslicecheckptr(et *_type, ptr unsafe.Pointer, len64 int64) {
	unsafeslice(et, ptr, int(len64))
}

//go:linkname unsafeslice reflect.unsafeslice
func unsafeslice(et *_type, ptr unsafe.Pointer, len int) {
	if len < 0 {
		panicunsafeslicelen()
	}
	if et.Size_ == 0 {
		if ptr == nil && len > 0 {
			panicunsafeslicenilptr()
		}
		return
	}
	if mulOverflows(et.Size_, uintptr(len)) || et.Size_*uintptr(len) > -uintptr(ptr) {
		if ptr == nil {
			panicunsafeslicenilptr()
		}
		panicunsafeslicelen()
	}
}

func checkptrAlignment(p unsafe.Pointer, elem *_type, n uintptr)             {}
func checkptrArithmetic(p unsafe.Pointer, originals []unsafe.Pointer)        {}
