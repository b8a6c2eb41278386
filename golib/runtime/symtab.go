// Callers, frames and functions by program counter.

package runtime

import (
	"internal/abi"
	"internal/runtime/sys"
	"unsafe"
)

// Frames may be used to get function/file/line information for a slice of PC values returned by Callers.
type Frames struct {
	callers []uintptr
}

// Frame is the information returned by Frames for each call frame.
type Frame struct {
	// PC is the program counter for the location in this frame.
	PC uintptr

	// Func is the Func value of this call frame. This may be nil for fully inlined functions.
	Func *Func

	// Function is the package path-qualified function name of this call frame.
	Function string

	// File and Line are the file name and line number of the location in this frame.
	File string
	Line int

	startLine int
	symbol    string

	// Entry point program counter for the function; may be zero if not known.
	Entry uintptr
}

// CallersFrames takes a slice of PC values returned by Callers and prepares to return function/file/line information.
func CallersFrames(callers []uintptr) *Frames {
	return &Frames{callers: callers}
}

// Next returns a Frame representing the next call frame in the slice of PC values.
func (ci *Frames) Next() (frame Frame, more bool) {
	for len(ci.callers) > 0 {
		pc := ci.callers[0]
		ci.callers = ci.callers[1:]
		if pc == 0 {
			continue
		}
		at := pc - 1
		fn, name, file, line, startLine, entry, inlined := frameinfo(at)
		if name == "" {
			continue
		}
		if inlined {
			fn = nil
		}
		frame = Frame{PC: at, Func: fn, Function: shownName(name), File: file, Line: line, startLine: startLine, symbol: name, Entry: entry}
		break
	}
	return frame, len(ci.callers) > 0
}

// Type arguments show as [...].
func shownName(name string) string {
	depth, open := 0, 0
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '[':
			if depth == 0 {
				open = i
			}
			depth++
		case ']':
			if depth--; depth == 0 {
				return name[:open] + "[...]" + shownName(name[i+1:])
			}
		}
	}
	return name
}

// Callers fills the slice pc with the return program counters of function invocations on the calling goroutine's stack. The argument skip is
// the number of stack frames to skip before recording in pc, with 0 identifying the frame for Callers itself.
//
//go:noinline
func Callers(skip int, pc []uintptr) int {
	if len(pc) == 0 {
		return 0
	}
	return callersop(nil, skip, &pc[0], len(pc))
}

// Caller reports file and line number information about function invocations on the calling goroutine's stack. The argument skip is the number of
// stack frames to ascend, with 0 identifying the caller of Caller.
//
//go:noinline
func Caller(skip int) (pc uintptr, file string, line int, ok bool) {
	var rpc [1]uintptr
	if callersop(nil, skip+1, &rpc[0], 1) < 1 {
		return
	}
	_, name, file, line, _, _, _ := frameinfo(rpc[0] - 1)
	return rpc[0] - 1, file, line, name != ""
}

//go:linkname callers
func callers(skip int, pcs []uintptr) int { return Callers(skip+1, pcs) }

// A Func represents a Go function in the running binary.
type Func struct {
	opaque struct{} // unexported field to disallow conversions
}

// What a Func of an inlined call is; the first word tells it from a function table record.
type inlinedFunc struct {
	ones            uint32
	entry           uintptr
	name, file      string
	line, startLine int
}

func (f *Func) inlined() *inlinedFunc {
	in := (*inlinedFunc)(unsafe.Pointer(f))
	if in.ones == ^uint32(0) {
		return in
	}
	return nil
}

// FuncForPC returns a *Func describing the function that contains the given program counter address, or else nil.
func FuncForPC(pc uintptr) *Func {
	fn, name, file, line, startLine, entry, inlined := frameinfo(pc)
	if fn == nil {
		return nil
	}
	if inlined && fn.funcID() != abi.FuncIDWrapper {
		return (*Func)(unsafe.Pointer(&inlinedFunc{^uint32(0), entry, name, file, line, startLine}))
	}
	return fn
}

// The kind of function, which stands in its record in the function tables.
func (f *Func) funcID() abi.FuncID {
	const at = 40
	return *(*abi.FuncID)(unsafe.Add(unsafe.Pointer(f), at))
}

// Name returns the name of the function.
func (f *Func) Name() string {
	if f == nil {
		return ""
	}
	if in := f.inlined(); in != nil {
		return shownName(in.name)
	}
	name, _, _, _, _ := funcinfo(f, 0)
	return shownName(name)
}

// Entry returns the entry address of the function.
func (f *Func) Entry() uintptr {
	if in := f.inlined(); in != nil {
		return in.entry
	}
	_, _, _, _, entry := funcinfo(f, 0)
	return entry
}

// FileLine returns the file name and line number of the source code corresponding to the program counter pc.
func (f *Func) FileLine(pc uintptr) (file string, line int) {
	if in := f.inlined(); in != nil {
		return in.file, in.line
	}
	_, file, line, _, _ = funcinfo(f, pc)
	return file, line
}

func (f *Func) startLine() int {
	if in := f.inlined(); in != nil {
		return in.startLine
	}
	_, _, _, l, _ := funcinfo(f, 0)
	return l
}

// Stack formats a stack trace of the calling goroutine into buf and returns the number of bytes written to buf. If all is true, Stack formats
// stack traces of all other goroutines into buf after the trace for the current goroutine.
//
//go:noinline
func Stack(buf []byte, all bool) int {
	if len(buf) == 0 {
		return 0
	}
	return stackop(&buf[0], len(buf), all)
}

//go:linkname pprof_FrameStartLine runtime/pprof.runtime_FrameStartLine
func pprof_FrameStartLine(f *Frame) int { return f.startLine }

//go:linkname pprof_FrameSymbolName runtime/pprof.runtime_FrameSymbolName
func pprof_FrameSymbolName(f *Frame) string {
	if f.symbol == "" {
		return f.Function
	}
	return f.symbol
}

//go:linkname pprof_expandFinalInlineFrame runtime/pprof.runtime_expandFinalInlineFrame
func pprof_expandFinalInlineFrame(stk []uintptr) []uintptr { return stk }

//go:linkname pprof_fpunwindExpand
func pprof_fpunwindExpand(dst, pcs []uintptr) int { return copy(dst, pcs) }

//go:linkname pprof_makeProfStack
func pprof_makeProfStack() []uintptr { return make([]uintptr, 128) }

var _ = abi.FuncPCABI0
var _ = sys.GetCallerPC

//go:linkname debug_SetTraceback runtime/debug.SetTraceback
func debug_SetTraceback(level string) { setTracebackOp(level) }

func setTracebackOp(level string) { setTracebackop(level) }
