// Interfaces: conversion of values to interface words, the table of itabs, assertions, comparison.

package runtime

import (
	"internal/abi"
	"internal/runtime/atomic"
	"unsafe"
)

// Bytes 0 to 255 as words: interface data for small values, and one-byte strings. The archive defines it in read-only memory.
var staticuint64s [256]uint64

//go:linkname getStaticuint64s
func getStaticuint64s() *[256]uint64 { return &staticuint64s }

func convT(t *_type, v unsafe.Pointer) unsafe.Pointer {
	p := mallocgc(t.Size_, t, false)
	memmove(p, v, t.Size_)
	return p
}

func convTnoptr(t *_type, v unsafe.Pointer) unsafe.Pointer {
	p := mallocgc(t.Size_, t, false)
	memmove(p, v, t.Size_)
	return p
}

func convT16(v uint16) unsafe.Pointer {
	if v < 256 {
		return unsafe.Pointer(&staticuint64s[v])
	}
	p := mallocgc(2, nil, false)
	*(*uint16)(p) = v
	return p
}

func convT32(v uint32) unsafe.Pointer {
	if v < 256 {
		return unsafe.Pointer(&staticuint64s[v])
	}
	p := mallocgc(4, nil, false)
	*(*uint32)(p) = v
	return p
}

func convT64(v uint64) unsafe.Pointer {
	if v < 256 {
		return unsafe.Pointer(&staticuint64s[v])
	}
	p := mallocgc(8, nil, false)
	*(*uint64)(p) = v
	return p
}

func convTstring(v string) unsafe.Pointer {
	if v == "" {
		return unsafe.Pointer(&zeroVal[0])
	}
	p := (*string)(mallocgc(16, stringType, true))
	*p = v
	return unsafe.Pointer(p)
}

func convTslice(v []byte) unsafe.Pointer {
	if (*slice)(unsafe.Pointer(&v)).array == nil {
		return unsafe.Pointer(&zeroVal[0])
	}
	p := (*[]byte)(mallocgc(24, bytesType, true))
	*p = v
	return unsafe.Pointer(p)
}

func typeof(v any) *_type { return (*eface)(unsafe.Pointer(&v))._type }

var (
	stringType = typeof("")
	bytesType  = typeof([]byte(nil))
)

// ---- itabs ----

// Open addressing by pointers of interface and type; readers take no lock, a larger table replaces a full one.
type itabTable struct {
	mask    uintptr
	count   uintptr
	entries *[1 << 30]*abi.ITab
}

var itabs *itabTable
var itabLock spinlock

func itabHash(inter *abi.InterfaceType, typ *_type) uintptr {
	return uintptr(inter.Type.Hash^typ.Hash) * 0x9E3779B1
}

func (t *itabTable) slot(inter *abi.InterfaceType, typ *_type) uintptr {
	i := itabHash(inter, typ) & t.mask
	for step := uintptr(1); ; step++ {
		m := (*abi.ITab)(atomic.Loadp(unsafe.Pointer(&t.entries[i])))
		if m == nil || m.Inter == inter && m.Type == typ {
			return i
		}
		i = (i + step) & t.mask
	}
}

func newItabTable(size uintptr) *itabTable {
	t := (*itabTable)(metaalloc(unsafe.Sizeof(itabTable{})))
	t.mask = size - 1
	t.entries = (*[1 << 30]*abi.ITab)(metaalloc(size * 8))
	return t
}

func itabAdd(m *abi.ITab) {
	t := itabs
	if 4*t.count >= 3*(t.mask+1) {
		bigger := newItabTable((t.mask + 1) * 2)
		for i := uintptr(0); i <= t.mask; i++ {
			if e := t.entries[i]; e != nil {
				bigger.entries[bigger.slot(e.Inter, e.Type)] = e
				bigger.count++
			}
		}
		t = bigger
		atomic.StorepNoWB(unsafe.Pointer(&itabs), unsafe.Pointer(t))
	}
	i := t.slot(m.Inter, m.Type)
	if t.entries[i] == nil {
		atomic.StorepNoWB(unsafe.Pointer(&t.entries[i]), unsafe.Pointer(m))
		t.count++
	}
}

func itabsInit() {
	links := moddata().itablinks
	size := uintptr(512)
	for size < uintptr(len(links))*2 {
		size *= 2
	}
	itabs = newItabTable(size)
	for _, m := range links {
		itabAdd(m)
	}
}

func getitab(inter *abi.InterfaceType, typ *_type, canfail bool) *abi.ITab {
	if len(inter.Methods) == 0 {
		throw("itab of an empty interface")
	}
	if typ.TFlag&abi.TFlagUncommon == 0 {
		if canfail {
			return nil
		}
		panic(&TypeAssertionError{nil, typ, &inter.Type, nameOff(unsafe.Pointer(inter), inter.Methods[0].Name).Name()})
	}
	t := (*itabTable)(atomic.Loadp(unsafe.Pointer(&itabs)))
	m := t.entries[t.slot(inter, typ)]
	if m == nil {
		itabLock.lock()
		t = itabs
		m = t.entries[t.slot(inter, typ)]
		if m == nil {
			m = (*abi.ITab)(metaalloc(unsafe.Sizeof(abi.ITab{}) + uintptr(len(inter.Methods)-1)*8))
			m.Inter = inter
			m.Type = typ
			m.Hash = typ.Hash
			itabFill(m)
			itabAdd(m)
		}
		itabLock.unlock()
	}
	if m.Fun[0] != 0 {
		return m
	}
	if canfail {
		return nil
	}
	panic(&TypeAssertionError{concrete: typ, asserted: &inter.Type, missingMethod: itabFill(m)})
}

// Finds the methods; both lists are sorted alike. Returns the name of the first that is missing, and then the table says "does not
// implement" by a zero first entry.
func itabFill(m *abi.ITab) string {
	inter, typ := m.Inter, m.Type
	methods := typ.Uncommon().Methods()
	fun := (*[1 << 16]uintptr)(unsafe.Pointer(&m.Fun[0]))
	var first uintptr
	j := 0
	for k := range inter.Methods {
		want := &inter.Methods[k]
		wantType := typeOff(unsafe.Pointer(inter), want.Typ)
		wantName := nameOff(unsafe.Pointer(inter), want.Name)
		name := wantName.Name()
		pkg := pkgPathOf(unsafe.Pointer(inter), wantName)
		if pkg == "" {
			pkg = inter.PkgPath.Name()
		}
		found := false
		for ; j < len(methods); j++ {
			t := &methods[j]
			haveName := nameOff(unsafe.Pointer(typ), t.Name)
			if haveName.Name() != name || typeOff(unsafe.Pointer(typ), t.Mtyp) != wantType {
				continue
			}
			havePkg := pkgPathOf(unsafe.Pointer(typ), haveName)
			if havePkg == "" {
				havePkg = nameOff(unsafe.Pointer(typ), typ.Uncommon().PkgPath).Name()
			}
			if !haveName.IsExported() && havePkg != pkg {
				continue
			}
			code := textOff(unsafe.Pointer(typ), t.Ifn)
			if k == 0 {
				first = uintptr(code)
			} else {
				fun[k] = uintptr(code)
			}
			found = true
			j++
			break
		}
		if !found {
			m.Fun[0] = 0
			return name
		}
	}
	m.Fun[0] = first // last, so that a reader sees a complete table
	return ""
}

func assertE2I(inter *abi.InterfaceType, t *_type) *abi.ITab {
	if t == nil {
		panic(&TypeAssertionError{nil, nil, &inter.Type, ""})
	}
	return getitab(inter, t, false)
}

func assertE2I2(inter *abi.InterfaceType, t *_type) *abi.ITab {
	if t == nil {
		return nil
	}
	return getitab(inter, t, true)
}

var emptyTypeAssertCache = abi.TypeAssertCache{Mask: 0}
var emptyInterfaceSwitchCache = abi.InterfaceSwitchCache{Mask: 0}

const maxCacheMask = 1023

func typeAssert(s *abi.TypeAssert, t *_type) *abi.ITab {
	if t == nil {
		if !s.CanFail {
			panic(&TypeAssertionError{nil, nil, &s.Inter.Type, ""})
		}
		return nil
	}
	// Each site remembers the types it has seen: an open hash table, immutable, which a larger one replaces.
	c := (*abi.TypeAssertCache)(atomic.Loadp(unsafe.Pointer(&s.Cache)))
	for i := uintptr(t.Hash); ; i++ {
		e := (*abi.TypeAssertCacheEntry)(unsafe.Pointer(uintptr(unsafe.Pointer(c)) + 8 + i&c.Mask*16))
		if e.Typ == uintptr(unsafe.Pointer(t)) {
			return (*abi.ITab)(unsafe.Pointer(e.Itab))
		}
		if e.Typ == 0 {
			break
		}
	}
	m := getitab(s.Inter, t, s.CanFail)
	growAssertCache(s, t, m)
	return m
}

func growAssertCache(s *abi.TypeAssert, typ *_type, m *abi.ITab) {
	old := (*abi.TypeAssertCache)(atomic.Loadp(unsafe.Pointer(&s.Cache)))
	if old.Mask >= maxCacheMask {
		return
	}
	n := 1
	for i := uintptr(0); i <= old.Mask; i++ {
		e := assertEntry(old, i)
		if e.Typ == uintptr(unsafe.Pointer(typ)) {
			return
		}
		if e.Typ != 0 {
			n++
		}
	}
	size := uintptr(4)
	for size < uintptr(n)*2 {
		size *= 2
	}
	entry := unsafe.Sizeof(abi.TypeAssertCacheEntry{})
	c := (*abi.TypeAssertCache)(metaalloc(unsafe.Sizeof(abi.TypeAssertCache{}) + (size-1)*entry))
	c.Mask = size - 1
	put := func(t, tab uintptr) {
		i := uintptr((*_type)(unsafe.Pointer(t)).Hash) & c.Mask
		for assertEntry(c, i).Typ != 0 {
			i = (i + 1) & c.Mask
		}
		*assertEntry(c, i) = abi.TypeAssertCacheEntry{Typ: t, Itab: tab}
	}
	for i := uintptr(0); i <= old.Mask; i++ {
		if e := assertEntry(old, i); e.Typ != 0 {
			put(e.Typ, e.Itab)
		}
	}
	put(uintptr(unsafe.Pointer(typ)), uintptr(unsafe.Pointer(m)))
	atomic.StorepNoWB(unsafe.Pointer(&s.Cache), unsafe.Pointer(c))
}

func assertEntry(c *abi.TypeAssertCache, i uintptr) *abi.TypeAssertCacheEntry {
	return (*abi.TypeAssertCacheEntry)(add(unsafe.Pointer(&c.Entries[0]), i*unsafe.Sizeof(abi.TypeAssertCacheEntry{})))
}

func interfaceSwitch(s *abi.InterfaceSwitch, t *_type) (int, *abi.ITab) {
	cache := (*abi.InterfaceSwitchCache)(atomic.Loadp(unsafe.Pointer(&s.Cache)))
	for i := uintptr(t.Hash); ; i++ {
		e := (*abi.InterfaceSwitchCacheEntry)(unsafe.Pointer(uintptr(unsafe.Pointer(cache)) + 8 + i&cache.Mask*24))
		if e.Typ == uintptr(unsafe.Pointer(t)) {
			return e.Case, (*abi.ITab)(unsafe.Pointer(e.Itab))
		}
		if e.Typ == 0 {
			break
		}
	}
	cases := unsafe.Slice(&s.Cases[0], s.NCases)
	c, m := len(cases), (*abi.ITab)(nil)
	for i, inter := range cases {
		if m = getitab(inter, t, true); m != nil {
			c = i
			break
		}
	}
	growSwitchCache(s, t, c, m)
	return c, m
}

func growSwitchCache(s *abi.InterfaceSwitch, typ *_type, which int, m *abi.ITab) {
	old := (*abi.InterfaceSwitchCache)(atomic.Loadp(unsafe.Pointer(&s.Cache)))
	if old.Mask >= maxCacheMask {
		return
	}
	n := 1
	for i := uintptr(0); i <= old.Mask; i++ {
		e := switchEntry(old, i)
		if e.Typ == uintptr(unsafe.Pointer(typ)) {
			return
		}
		if e.Typ != 0 {
			n++
		}
	}
	size := uintptr(4)
	for size < uintptr(n)*2 {
		size *= 2
	}
	entry := unsafe.Sizeof(abi.InterfaceSwitchCacheEntry{})
	c := (*abi.InterfaceSwitchCache)(metaalloc(unsafe.Sizeof(abi.InterfaceSwitchCache{}) + (size-1)*entry))
	c.Mask = size - 1
	put := func(e abi.InterfaceSwitchCacheEntry) {
		i := uintptr((*_type)(unsafe.Pointer(e.Typ)).Hash) & c.Mask
		for switchEntry(c, i).Typ != 0 {
			i = (i + 1) & c.Mask
		}
		*switchEntry(c, i) = e
	}
	for i := uintptr(0); i <= old.Mask; i++ {
		if e := switchEntry(old, i); e.Typ != 0 {
			put(*e)
		}
	}
	put(abi.InterfaceSwitchCacheEntry{Typ: uintptr(unsafe.Pointer(typ)), Case: which, Itab: uintptr(unsafe.Pointer(m))})
	atomic.StorepNoWB(unsafe.Pointer(&s.Cache), unsafe.Pointer(c))
}

func switchEntry(c *abi.InterfaceSwitchCache, i uintptr) *abi.InterfaceSwitchCacheEntry {
	return (*abi.InterfaceSwitchCacheEntry)(add(unsafe.Pointer(&c.Entries[0]), i*unsafe.Sizeof(abi.InterfaceSwitchCacheEntry{})))
}

func panicdottypeE(have, want, iface *_type) {
	panic(&TypeAssertionError{iface, have, want, ""})
}
func panicdottypeI(have *abi.ITab, want, iface *_type) {
	var t *_type
	if have != nil {
		t = have.Type
	}
	panicdottypeE(t, want, iface)
}
func panicnildottype(want *_type) {
	panic(&TypeAssertionError{nil, nil, want, ""})
}

func ifaceE2I(inter *abi.InterfaceType, e eface, dst *iface) {
	if e._type == nil {
		panic(&TypeAssertionError{nil, nil, &inter.Type, ""})
	}
	dst.tab = getitab(inter, e._type, false)
	dst.data = e.data
}

//go:linkname reflect_ifaceE2I reflect.ifaceE2I
func reflect_ifaceE2I(inter *abi.InterfaceType, e eface, dst *iface) { ifaceE2I(inter, e, dst) }

//go:linkname reflectlite_ifaceE2I internal/reflectlite.ifaceE2I
func reflectlite_ifaceE2I(inter *abi.InterfaceType, e eface, dst *iface) { ifaceE2I(inter, e, dst) }

// Where pruned methods of itabs point.
func unreachableMethod() { throw("unreachable method called. linker bug?") }

// A lock for rarely changed tables of the overlay: whoever finds it taken lets others run.
type spinlock struct{ held uint32 }

func (l *spinlock) lock() {
	for !atomic.Cas(&l.held, 0, 1) {
		goschedop()
	}
}
func (l *spinlock) unlock() { atomic.Store(&l.held, 0) }
