// Type descriptors: offsets to pointers, names, and what reflect asks for.

package runtime

import (
	"internal/abi"
	"internal/runtime/atomic"
	"unsafe"
)

// Offsets that reflect handed in for things made at run time are negative numbers into this table.
var reflectOffs struct {
	lock spinlock
	ptrs []unsafe.Pointer
	ids  map[unsafe.Pointer]int32
}

//go:linkname reflect_addReflectOff reflect.addReflectOff
func reflect_addReflectOff(p unsafe.Pointer) int32 {
	reflectOffs.lock.lock()
	if reflectOffs.ids == nil {
		reflectOffs.ids = make(map[unsafe.Pointer]int32)
	}
	id, ok := reflectOffs.ids[p]
	if !ok {
		reflectOffs.ptrs = append(reflectOffs.ptrs, p)
		id = -int32(len(reflectOffs.ptrs))
		reflectOffs.ids[p] = id
	}
	reflectOffs.lock.unlock()
	return id
}

func reflectOff(off int32) unsafe.Pointer {
	reflectOffs.lock.lock()
	i := int(-off) - 1
	if i < 0 || i >= len(reflectOffs.ptrs) {
		throw("runtime: offset of no known type or name")
	}
	p := reflectOffs.ptrs[i]
	reflectOffs.lock.unlock()
	return p
}

var modBase struct {
	types, etypes, text uintptr
}

func moduleTypes() (types, etypes, text uintptr) {
	if modBase.types == 0 {
		md := moddata()
		modBase.types, modBase.etypes, modBase.text = md.types, md.etypes, md.text
	}
	return modBase.types, modBase.etypes, modBase.text
}

func offPointer(off int32) unsafe.Pointer {
	if off < 0 {
		return reflectOff(off)
	}
	types, _, _ := moduleTypes()
	return unsafe.Pointer(types + uintptr(off))
}

func nameOff(in unsafe.Pointer, off abi.NameOff) abi.Name {
	if off == 0 {
		return abi.Name{}
	}
	return abi.Name{Bytes: (*byte)(offPointer(int32(off)))}
}

func typeOff(in unsafe.Pointer, off abi.TypeOff) *_type {
	if off == 0 || off == -1 {
		return nil // -1 is what the linker leaves of pruned methods
	}
	return (*_type)(offPointer(int32(off)))
}

func textOff(in unsafe.Pointer, off abi.TextOff) unsafe.Pointer {
	if off == -1 {
		return unsafe.Pointer(abi.FuncPCABIInternal(unreachableMethod))
	}
	if types, etypes, text := moduleTypes(); uintptr(in) >= types && uintptr(in) < etypes {
		return unsafe.Pointer(text + uintptr(off))
	}
	return reflectOff(int32(off))
}

// The package path a name carries, for unexported names of other packages.
func pkgPathOf(in unsafe.Pointer, n abi.Name) string {
	if n.Bytes == nil || *n.Data(0)&(1<<2) == 0 {
		return ""
	}
	i, l := n.ReadVarint(1)
	off := 1 + i + l
	if n.HasTag() {
		i2, l2 := n.ReadVarint(off)
		off += i2 + l2
	}
	var at int32
	copy((*[4]byte)(unsafe.Pointer(&at))[:], (*[4]byte)(unsafe.Pointer(n.Data(off)))[:])
	return nameOff(in, abi.NameOff(at)).Name()
}

func typestring(t *_type) string {
	s := nameOff(unsafe.Pointer(t), t.Str).Name()
	if t.TFlag&abi.TFlagExtraStar != 0 {
		return s[1:]
	}
	return s
}

func typepkgpath(t *_type) string {
	if u := t.Uncommon(); u != nil {
		return nameOff(unsafe.Pointer(t), u.PkgPath).Name()
	}
	switch t.Kind_ {
	case abi.Struct:
		return (*abi.StructType)(unsafe.Pointer(t)).PkgPath.Name()
	case abi.Interface:
		return (*abi.InterfaceType)(unsafe.Pointer(t)).PkgPath.Name()
	}
	return ""
}

//go:linkname reflect_resolveNameOff reflect.resolveNameOff
func reflect_resolveNameOff(in unsafe.Pointer, off int32) unsafe.Pointer {
	return unsafe.Pointer(nameOff(in, abi.NameOff(off)).Bytes)
}

//go:linkname reflect_resolveTypeOff reflect.resolveTypeOff
func reflect_resolveTypeOff(in unsafe.Pointer, off int32) unsafe.Pointer {
	return unsafe.Pointer(typeOff(in, abi.TypeOff(off)))
}

//go:linkname reflect_resolveTextOff reflect.resolveTextOff
func reflect_resolveTextOff(in unsafe.Pointer, off int32) unsafe.Pointer {
	return textOff(in, abi.TextOff(off))
}

//go:linkname reflectlite_resolveNameOff internal/reflectlite.resolveNameOff
func reflectlite_resolveNameOff(in unsafe.Pointer, off int32) unsafe.Pointer {
	return reflect_resolveNameOff(in, off)
}

//go:linkname reflectlite_resolveTypeOff internal/reflectlite.resolveTypeOff
func reflectlite_resolveTypeOff(in unsafe.Pointer, off int32) unsafe.Pointer {
	return reflect_resolveTypeOff(in, off)
}

//go:linkname reflect_compiledTypelinks reflect.compiledTypelinks
func reflect_compiledTypelinks() ([]*_type, [][]*_type) { return moddata().typelinks, nil }

//go:linkname reflect_typelinks reflect.typelinks
func reflect_typelinks() ([]unsafe.Pointer, [][]int32) { return nil, nil }

//go:linkname reflect_adjustAIXGCDataForRuntime reflect.adjustAIXGCDataForRuntime
func reflect_adjustAIXGCDataForRuntime(p *byte) *byte { return p }

//go:linkname reflect_unsafe_New reflect.unsafe_New
func reflect_unsafe_New(t *_type) unsafe.Pointer { return newobject(t) }

//go:linkname reflectlite_unsafe_New internal/reflectlite.unsafe_New
func reflectlite_unsafe_New(t *_type) unsafe.Pointer { return newobject(t) }

//go:linkname reflect_unsafe_NewArray reflect.unsafe_NewArray
func reflect_unsafe_NewArray(t *_type, n int) unsafe.Pointer { return newarray(t, n) }

//go:linkname reflect_typedmemmove reflect.typedmemmove
func reflect_typedmemmove(t *_type, dst, src unsafe.Pointer) { typedmemmove(t, dst, src) }

//go:linkname reflectlite_typedmemmove internal/reflectlite.typedmemmove
func reflectlite_typedmemmove(t *_type, dst, src unsafe.Pointer) { typedmemmove(t, dst, src) }

//go:linkname reflect_typedmemclr reflect.typedmemclr
func reflect_typedmemclr(t *_type, p unsafe.Pointer) { typedmemclr(t, p) }

//go:linkname reflect_typedmemclrpartial reflect.typedmemclrpartial
func reflect_typedmemclrpartial(t *_type, p unsafe.Pointer, off, size uintptr) {
	memclrNoHeapPointers(p, size)
}

//go:linkname reflect_typedarrayclear reflect.typedarrayclear
func reflect_typedarrayclear(t *_type, p unsafe.Pointer, n int) {
	memclrNoHeapPointers(p, t.Size_*uintptr(n))
}

//go:linkname reflect_typedslicecopy reflect.typedslicecopy
func reflect_typedslicecopy(t *_type, dst, src slice) int {
	return typedslicecopy(t, dst.array, dst.len, src.array, src.len)
}

//go:linkname reflect_memmove reflect.memmove
func reflect_memmove(to, from unsafe.Pointer, n uintptr) { memmove(to, from, n) }

//go:linkname reflect_verifyNotInHeapPtr reflect.verifyNotInHeapPtr
func reflect_verifyNotInHeapPtr(p uintptr) bool { return p != ^uintptr(0) && !inheap(p) }

// The pointer mask of a type whose mask is made on first use.
func gcmask(t *_type) *byte {
	if t.TFlag&abi.TFlagGCMaskOnDemand == 0 {
		return t.GCData
	}
	slot := (**byte)(unsafe.Pointer(t.GCData))
	if m := (*byte)(atomic.Loadp(unsafe.Pointer(slot))); m != nil {
		return m
	}
	words := t.PtrBytes / 8
	m := (*byte)(metaalloc((words + 63) / 64 * 8))
	maskbits(unsafe.Slice(m, int((words+7)/8)), 0, t)
	atomic.StorepNoWB(unsafe.Pointer(slot), unsafe.Pointer(m))
	return m
}

func maskbits(mask []byte, word uintptr, t *_type) {
	if t.PtrBytes == 0 {
		return
	}
	if t.TFlag&abi.TFlagGCMaskOnDemand == 0 {
		src := unsafe.Slice(t.GCData, int((t.PtrBytes/8+7)/8))
		for i := uintptr(0); i < t.PtrBytes/8; i++ {
			if src[i/8]>>(i%8)&1 != 0 {
				mask[(word+i)/8] |= 1 << ((word + i) % 8)
			}
		}
		return
	}
	switch t.Kind_ {
	case abi.Array:
		a := (*abi.ArrayType)(unsafe.Pointer(t))
		for i := uintptr(0); i < a.Len; i++ {
			maskbits(mask, word+i*a.Elem.Size_/8, a.Elem)
		}
	case abi.Struct:
		for _, f := range (*abi.StructType)(unsafe.Pointer(t)).Fields {
			maskbits(mask, word+f.Offset/8, f.Typ)
		}
	}
}

//go:linkname reflect_gcbits reflect.gcbits
func reflect_gcbits(x any) []byte {
	t := (*_type)(unsafe.Pointer((*abi.PtrType)(unsafe.Pointer(typeof(x))).Elem))
	n := t.PtrBytes / 8
	mask := unsafe.Slice(gcmask(t), int((n+7)/8))
	out := make([]byte, n)
	for i := range out {
		out[i] = mask[i/8] >> (i % 8) & 1
	}
	return out
}
