// Equality and hashing of values by type, as type descriptors and maps call them.

package runtime

import (
	"internal/abi"
	"internal/runtime/maps"
	"internal/runtime/sys"
	"unsafe"
)

func memequal0(p, q unsafe.Pointer) bool   { return true }
func memequal8(p, q unsafe.Pointer) bool   { return *(*int8)(p) == *(*int8)(q) }
func memequal16(p, q unsafe.Pointer) bool  { return *(*int16)(p) == *(*int16)(q) }
func memequal32(p, q unsafe.Pointer) bool  { return *(*int32)(p) == *(*int32)(q) }
func memequal64(p, q unsafe.Pointer) bool  { return *(*int64)(p) == *(*int64)(q) }
func memequal128(p, q unsafe.Pointer) bool { return *(*[2]int64)(p) == *(*[2]int64)(q) }
func f32equal(p, q unsafe.Pointer) bool    { return *(*float32)(p) == *(*float32)(q) }
func f64equal(p, q unsafe.Pointer) bool    { return *(*float64)(p) == *(*float64)(q) }
func c64equal(p, q unsafe.Pointer) bool    { return *(*complex64)(p) == *(*complex64)(q) }
func c128equal(p, q unsafe.Pointer) bool   { return *(*complex128)(p) == *(*complex128)(q) }
func strequal(p, q unsafe.Pointer) bool    { return *(*string)(p) == *(*string)(q) }
func interequal(p, q unsafe.Pointer) bool {
	x, y := *(*iface)(p), *(*iface)(q)
	return x.tab == y.tab && ifaceeq(x.tab, x.data, y.data)
}
func nilinterequal(p, q unsafe.Pointer) bool {
	x, y := *(*eface)(p), *(*eface)(q)
	return x._type == y._type && efaceeq(x._type, x.data, y.data)
}

func efaceeq(t *_type, x, y unsafe.Pointer) bool {
	if t == nil {
		return true
	}
	if t.Equal == nil {
		panic(errorString("comparing uncomparable type " + typestring(t)))
	}
	if t.TFlag&abi.TFlagDirectIface != 0 {
		return x == y
	}
	return t.Equal(x, y)
}

func ifaceeq(tab *abi.ITab, x, y unsafe.Pointer) bool {
	if tab == nil {
		return true
	}
	return efaceeq(tab.Type, x, y)
}

//go:linkname memhash
func memhash(p unsafe.Pointer, h, s uintptr) uintptr { return maps.MemHash(p, h, s) }
func memhash0(p unsafe.Pointer, h uintptr) uintptr   { return h }
func memhash8(p unsafe.Pointer, h uintptr) uintptr   { return maps.MemHash(p, h, 1) }
func memhash16(p unsafe.Pointer, h uintptr) uintptr  { return maps.MemHash(p, h, 2) }
func memhash128(p unsafe.Pointer, h uintptr) uintptr { return maps.MemHash(p, h, 16) }

//go:linkname memhash32
func memhash32(p unsafe.Pointer, h uintptr) uintptr { return maps.MemHash32(*(*uint32)(p), h) }

//go:linkname memhash64
func memhash64(p unsafe.Pointer, h uintptr) uintptr { return maps.MemHash64(*(*uint64)(p), h) }

// A closure; the size is its captured word.
func memhash_varlen(p unsafe.Pointer, h uintptr) uintptr {
	c := sys.GetClosurePtr()
	return maps.MemHash(p, h, *(*uintptr)(unsafe.Pointer(c + 8)))
}

//go:linkname strhash
func strhash(p unsafe.Pointer, h uintptr) uintptr { return maps.StrHash(*(*string)(p), h) }

func f32hash(p unsafe.Pointer, h uintptr) uintptr {
	f := *(*float32)(p)
	switch {
	case f == 0:
		return h*0x9E3779B97F4A7C15 + 1 // both zeros
	case f != f:
		return h ^ uintptr(rand()) // NaNs are never found anyway
	}
	return memhash32(p, h)
}

func f64hash(p unsafe.Pointer, h uintptr) uintptr {
	f := *(*float64)(p)
	switch {
	case f == 0:
		return h*0x9E3779B97F4A7C15 + 1
	case f != f:
		return h ^ uintptr(rand())
	}
	return memhash64(p, h)
}

func c64hash(p unsafe.Pointer, h uintptr) uintptr {
	return f32hash(add(p, 4), f32hash(p, h))
}
func c128hash(p unsafe.Pointer, h uintptr) uintptr {
	return f64hash(add(p, 8), f64hash(p, h))
}

func interhash(p unsafe.Pointer, h uintptr) uintptr {
	i := (*iface)(p)
	if i.tab == nil {
		return h
	}
	return ifacehash(i.tab.Type, &i.data, h)
}

//go:linkname nilinterhash
func nilinterhash(p unsafe.Pointer, h uintptr) uintptr {
	e := (*eface)(p)
	if e._type == nil {
		return h
	}
	return ifacehash(e._type, &e.data, h)
}

func ifacehash(t *_type, data *unsafe.Pointer, h uintptr) uintptr {
	if t.Equal == nil {
		panic(errorString("hash of unhashable type " + typestring(t)))
	}
	if t.TFlag&abi.TFlagDirectIface != 0 {
		return typehash(t, unsafe.Pointer(data), h)
	}
	return typehash(t, *data, h)
}

// Hashes any value by walking its descriptor; agrees with the functions compiled for single types.
//
//go:linkname typehash
func typehash(t *_type, p unsafe.Pointer, h uintptr) uintptr {
	if t.TFlag&abi.TFlagRegularMemory != 0 {
		switch t.Size_ {
		case 4:
			return memhash32(p, h)
		case 8:
			return memhash64(p, h)
		}
		return memhash(p, h, t.Size_)
	}
	switch t.Kind_ {
	case abi.Float32:
		return f32hash(p, h)
	case abi.Float64:
		return f64hash(p, h)
	case abi.Complex64:
		return c64hash(p, h)
	case abi.Complex128:
		return c128hash(p, h)
	case abi.String:
		return strhash(p, h)
	case abi.Interface:
		if len((*abi.InterfaceType)(unsafe.Pointer(t)).Methods) == 0 {
			return nilinterhash(p, h)
		}
		return interhash(p, h)
	case abi.Array:
		a := (*abi.ArrayType)(unsafe.Pointer(t))
		for i := uintptr(0); i < a.Len; i++ {
			h = typehash(a.Elem, add(p, i*a.Elem.Size_), h)
		}
		return h
	case abi.Struct:
		s := (*abi.StructType)(unsafe.Pointer(t))
		for _, f := range s.Fields {
			if f.Name.IsBlank() {
				continue
			}
			h = typehash(f.Typ, add(p, f.Offset), h)
		}
		return h
	}
	panic(errorString("hash of unhashable type " + typestring(t)))
}

//go:linkname reflect_typehash reflect.typehash
func reflect_typehash(t *_type, p unsafe.Pointer, h uintptr) uintptr { return typehash(t, p, h) }

//go:linkname maphash_runtime_memhash hash/maphash.runtime_memhash
func maphash_runtime_memhash(p unsafe.Pointer, seed, s uintptr) uintptr { return memhash(p, seed, s) }

// ---- complex division ----

func inf2one(f float64) float64 {
	one := 0.0
	if f > maxFloat || f < -maxFloat {
		one = 1.0
	}
	return copysign(one, f)
}

const maxFloat = 1.79769313486231570814527423731704356798070e+308

func copysign(f, sign float64) float64 {
	const bit = 1 << 63
	x := *(*uint64)(unsafe.Pointer(&f))&^bit | *(*uint64)(unsafe.Pointer(&sign))&bit
	return *(*float64)(unsafe.Pointer(&x))
}
func isNaN(f float64) bool    { return f != f }
func isInf(f float64) bool    { return f > maxFloat || f < -maxFloat }
func isFinite(f float64) bool { return !isNaN(f - f) }
func abs(f float64) float64   { return copysign(f, 0) }

// C99's rules for infinities and zeros (annex G).
func complex128div(n, m complex128) complex128 {
	a, b, c, d := real(n), imag(n), real(m), imag(m)
	var e, f float64
	if abs(c) >= abs(d) {
		ratio := d / c
		denom := c + ratio*d
		e = (a + b*ratio) / denom
		f = (b - a*ratio) / denom
	} else {
		ratio := c / d
		denom := d + ratio*c
		e = (a*ratio + b) / denom
		f = (b*ratio - a) / denom
	}
	if isNaN(e) && isNaN(f) {
		switch {
		case m == 0 && (!isNaN(a) || !isNaN(b)):
			e = copysign(posInf(), c) * a
			f = copysign(posInf(), c) * b
		case (isInf(a) || isInf(b)) && isFinite(c) && isFinite(d):
			a, b = inf2one(a), inf2one(b)
			inf := posInf()
			e = inf * (a*c + b*d)
			f = inf * (b*c - a*d)
		case (isInf(c) || isInf(d)) && isFinite(a) && isFinite(b):
			c, d = inf2one(c), inf2one(d)
			e = 0 * (a*c + b*d)
			f = 0 * (b*c - a*d)
		}
	}
	return complex(e, f)
}

func posInf() float64 {
	x := uint64(0x7FF0000000000000)
	return *(*float64)(unsafe.Pointer(&x))
}
