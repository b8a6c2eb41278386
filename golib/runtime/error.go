// The errors that the language itself raises.

package runtime

import (
	"internal/abi"
	"internal/strconv"
	"unsafe"
)

// Error identifies a run time error used in panic. All the errors the runtime raises on behalf of the language implement it.
type Error interface {
	error

	// RuntimeError is a no-op function; it serves to tell run time errors from ordinary errors.
	RuntimeError()
}

// TypeAssertionError explains a failed type assertion.
type TypeAssertionError struct {
	_interface    *_type
	concrete      *_type
	asserted      *_type
	missingMethod string // one method needed by the interface, missing from the concrete type
}

func (*TypeAssertionError) RuntimeError() {}
func (e *TypeAssertionError) Error() string {
	inter := "interface"
	if e._interface != nil {
		inter = typestring(e._interface)
	}
	as := typestring(e.asserted)
	if e.concrete == nil {
		return "interface conversion: " + inter + " is nil, not " + as
	}
	cs := typestring(e.concrete)
	if e.missingMethod != "" {
		return "interface conversion: " + cs + " is not " + as + ": missing method " + e.missingMethod
	}
	msg := "interface conversion: " + inter + " is " + cs + ", not " + as
	if cs == as {
		if typepkgpath(e.concrete) != typepkgpath(e.asserted) {
			msg += " (types from different packages)"
		} else {
			msg += " (types from different scopes)"
		}
	}
	return msg
}

// An error that carries the prefix "runtime error: ".
type errorString string

func (e errorString) RuntimeError() {}
func (e errorString) Error() string { return "runtime error: " + string(e) }

type errorAddressString struct {
	msg  string
	addr uintptr
}

func (e errorAddressString) RuntimeError() {}
func (e errorAddressString) Error() string { return "runtime error: " + e.msg }

// Addr returns the memory address where a fault occurred.
func (e errorAddressString) Addr() uintptr { return e.addr }

// An error without the prefix.
type plainError string

func (e plainError) RuntimeError() {}
func (e plainError) Error() string { return string(e) }

var (
	memoryError   = error(errorString("invalid memory address or nil pointer dereference"))
	divideError   = error(errorString("integer divide by zero"))
	overflowError = error(errorString("integer overflow"))
	shiftError    = error(errorString("negative shift amount"))
)

//go:linkname maps_errNilAssign internal/runtime/maps.errNilAssign
var maps_errNilAssign error = plainError("assignment to entry in nil map")

// PanicNilError happens when code calls panic(nil).
type PanicNilError struct {
	_ [0]func() // not comparable
}

func (*PanicNilError) Error() string { return "runtime error: panic called with nil argument" }
func (*PanicNilError) RuntimeError() {}

var panicnil *PanicNilError

// Which bounds check failed; the numbers are internal/abi's.
type boundsError struct {
	x      int64
	y      int
	signed bool
	code   uint8
}

func (e boundsError) RuntimeError() {}
func (e boundsError) Error() string {
	b := make([]byte, 0, 100)
	b = append(b, "runtime error: "...)
	x := func() {
		if e.signed {
			b = strconv.AppendInt(b, e.x, 10)
		} else {
			b = strconv.AppendUint(b, uint64(e.x), 10)
		}
	}
	y := func() { b = strconv.AppendInt(b, int64(e.y), 10) }
	str := func(s string) { b = append(b, s...) }
	negative := e.signed && e.x < 0
	switch abi.BoundsErrorCode(e.code) {
	case abi.BoundsIndex:
		str("index out of range [")
		x()
		if negative {
			str("]")
		} else {
			str("] with length ")
			y()
		}
	case abi.BoundsSliceAlen, abi.BoundsSliceAcap:
		str("slice bounds out of range [:")
		x()
		if negative {
			str("]")
		} else if abi.BoundsErrorCode(e.code) == abi.BoundsSliceAlen {
			str("] with length ")
			y()
		} else {
			str("] with capacity ")
			y()
		}
	case abi.BoundsSliceB:
		str("slice bounds out of range [")
		x()
		str(":")
		if !negative {
			y()
		}
		str("]")
	case abi.BoundsSlice3Alen, abi.BoundsSlice3Acap:
		str("slice bounds out of range [::")
		x()
		if negative {
			str("]")
		} else if abi.BoundsErrorCode(e.code) == abi.BoundsSlice3Alen {
			str("] with length ")
			y()
		} else {
			str("] with capacity ")
			y()
		}
	case abi.BoundsSlice3B:
		str("slice bounds out of range [:")
		x()
		str(":")
		if !negative {
			y()
		}
		str("]")
	case abi.BoundsSlice3C:
		str("slice bounds out of range [")
		x()
		str(":")
		if !negative {
			y()
		}
		str(":]")
	default:
		str("cannot convert slice with length ")
		x()
		str(" to array or pointer to array with length ")
		y()
	}
	return string(b)
}

func boundsFail(x int64, signed bool, y int, code abi.BoundsErrorCode) {
	panic(boundsError{x, y, signed, uint8(code)})
}

// Called from the cold blocks of failed bounds checks.
func panicIndex(x int, y int)           { boundsFail(int64(x), true, y, abi.BoundsIndex) }
func panicIndexU(x uint, y int)         { boundsFail(int64(x), false, y, abi.BoundsIndex) }
func panicSliceAlen(x int, y int)       { boundsFail(int64(x), true, y, abi.BoundsSliceAlen) }
func panicSliceAlenU(x uint, y int)     { boundsFail(int64(x), false, y, abi.BoundsSliceAlen) }
func panicSliceAcap(x int, y int)       { boundsFail(int64(x), true, y, abi.BoundsSliceAcap) }
func panicSliceAcapU(x uint, y int)     { boundsFail(int64(x), false, y, abi.BoundsSliceAcap) }
func panicSliceB(x int, y int)          { boundsFail(int64(x), true, y, abi.BoundsSliceB) }
func panicSliceBU(x uint, y int)        { boundsFail(int64(x), false, y, abi.BoundsSliceB) }
func panicSlice3Alen(x int, y int)      { boundsFail(int64(x), true, y, abi.BoundsSlice3Alen) }
func panicSlice3AlenU(x uint, y int)    { boundsFail(int64(x), false, y, abi.BoundsSlice3Alen) }
func panicSlice3Acap(x int, y int)      { boundsFail(int64(x), true, y, abi.BoundsSlice3Acap) }
func panicSlice3AcapU(x uint, y int)    { boundsFail(int64(x), false, y, abi.BoundsSlice3Acap) }
func panicSlice3B(x int, y int)         { boundsFail(int64(x), true, y, abi.BoundsSlice3B) }
func panicSlice3BU(x uint, y int)       { boundsFail(int64(x), false, y, abi.BoundsSlice3B) }
func panicSlice3C(x int, y int)         { boundsFail(int64(x), true, y, abi.BoundsSlice3C) }
func panicSlice3CU(x uint, y int)       { boundsFail(int64(x), false, y, abi.BoundsSlice3C) }
func panicSliceConvert(x int, y int)    { boundsFail(int64(x), true, y, abi.BoundsConvert) }

func panicdivide()   { panic(divideError) }
func panicoverflow() { panic(overflowError) }
func panicshift()    { panic(shiftError) }
func panicmem()      { panic(memoryError) }
func panicmemAddr(addr uintptr) {
	panic(errorAddressString{msg: "invalid memory address or nil pointer dereference", addr: addr})
}

// A wrapper for a value method was called with a nil pointer; its name tells which.
func panicwrap() {
	var pc [1]uintptr
	callersop(nil, 1, &pc[0], 1)
	_, name, _, _, _, _, _ := frameinfo(pc[0] - 1)
	// name is pkg.(*Type).Method, where pkg may hold dots and slashes
	open := 0
	for open < len(name) && name[open] != '(' {
		open++
	}
	if open+2 >= len(name) || open == 0 {
		panic(plainError("value method called using nil pointer"))
	}
	pkg := name[:open-1]
	rest := name[open+2:]
	end := 0
	for end < len(rest) && rest[end] != ')' {
		end++
	}
	typ, meth := rest[:end], rest[end+2:]
	panic(plainError("value method " + pkg + "." + typ + "." + meth + " called using nil *" + typ + " pointer"))
}

type stringer interface {
	String() string
}

func printpanicval(v any) {
	switch v := v.(type) {
	case nil:
		print("nil")
	case bool:
		print(v)
	case int:
		print(v)
	case int8:
		print(v)
	case int16:
		print(v)
	case int32:
		print(v)
	case int64:
		print(v)
	case uint:
		print(v)
	case uint8:
		print(v)
	case uint16:
		print(v)
	case uint32:
		print(v)
	case uint64:
		print(v)
	case uintptr:
		print(v)
	case float32:
		print(v)
	case float64:
		print(v)
	case complex64:
		print(v)
	case complex128:
		print(v)
	case string:
		printindented(v)
	default:
		printcustom(v)
	}
}

// A value of a named type prints as Type(value) when its kind is basic, else as its address.
func printcustom(i any) {
	e := (*eface)(unsafe.Pointer(&i))
	name := typestring(e._type)
	p := e.data
	switch e._type.Kind_ {
	case abi.String:
		print(name, `("`)
		printindented(*(*string)(p))
		print(`")`)
	case abi.Bool:
		print(name, "(", *(*bool)(p), ")")
	case abi.Int, abi.Int64:
		print(name, "(", *(*int64)(p), ")")
	case abi.Int8:
		print(name, "(", *(*int8)(p), ")")
	case abi.Int16:
		print(name, "(", *(*int16)(p), ")")
	case abi.Int32:
		print(name, "(", *(*int32)(p), ")")
	case abi.Uint, abi.Uint64, abi.Uintptr:
		print(name, "(", *(*uint64)(p), ")")
	case abi.Uint8:
		print(name, "(", *(*uint8)(p), ")")
	case abi.Uint16:
		print(name, "(", *(*uint16)(p), ")")
	case abi.Uint32:
		print(name, "(", *(*uint32)(p), ")")
	case abi.Float32:
		print(name, "(", *(*float32)(p), ")")
	case abi.Float64:
		print(name, "(", *(*float64)(p), ")")
	case abi.Complex64:
		print(name, *(*complex64)(p))
	case abi.Complex128:
		print(name, *(*complex128)(p))
	default:
		print("(", name, ") ", p)
	}
}
