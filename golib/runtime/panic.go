// defer, panic, recover, Goexit. Deferred calls stand in one list per goroutine, innermost frame first; each record knows the stack
// pointer of the frame it belongs to. A recovered panic continues at that frame's call of deferreturn.

package runtime

import (
	"internal/runtime/sys"
	"unsafe"
)

func deferproc(fn func()) {
	gp := getg()
	d := new(_defer)
	d.heap = true
	d.fn = fn
	d.sp = sys.GetCallerSP()
	d.pc = sys.GetCallerPC()
	d.link = gp._defer
	gp._defer = d
}

// The record is in the caller's frame; only fn is set.
//
//go:nosplit
func deferprocStack(d *_defer) {
	gp := getg()
	d.heap = false
	d.rangefunc = false
	d.sp = sys.GetCallerSP()
	d.pc = sys.GetCallerPC()
	d.head = nil
	d.link = gp._defer
	*(*uintptr)(unsafe.Pointer(&gp._defer)) = uintptr(unsafe.Pointer(d)) // which does not make the frame's record escape
}

// A record that stands for the calls which bodies of range-over-func loops will add to this frame.
func deferrangefunc() any {
	gp := getg()
	d := new(_defer)
	d.heap = true
	d.rangefunc = true
	d.sp = sys.GetCallerSP()
	d.pc = sys.GetCallerPC()
	d.link = gp._defer
	gp._defer = d
	return d
}

func deferprocat(fn func(), frame any) {
	at := frame.(*_defer)
	d := new(_defer)
	d.heap = true
	d.fn = fn
	d.link = at.head
	at.head = d
}

// Replaces the collecting record at the head of the list by the calls collected, and returns the first of the list.
func nextdefer(gp *g) *_defer {
	for {
		d := gp._defer
		if d == nil || !d.rangefunc {
			return d
		}
		first := d.head
		if first == nil {
			gp._defer = d.link
			continue
		}
		d.head = nil
		last := first
		for {
			last.sp = d.sp
			last.pc = d.pc
			if last.link == nil {
				break
			}
			last = last.link
		}
		last.link = d.link
		gp._defer = first
	}
}

// Runs the deferred calls of the caller's frame.
func deferreturn() {
	gp := getg()
	for {
		d := gp._defer
		if d == nil || d.sp != sys.GetCallerSP() {
			return
		}
		if d.rangefunc {
			if d = nextdefer(gp); d == nil || d.sp != sys.GetCallerSP() {
				return
			}
		}
		fn := d.fn
		d.fn = nil
		gp._defer = d.link
		fn()
	}
}

func gopanic(e any) {
	if e == nil {
		if panicnilAllowed {
			panicnilCount++
		} else {
			e = new(PanicNilError)
		}
	}
	gp := getg()
	var p _panic
	p.arg = e
	p.sp = sys.GetCallerSP()
	p.link = gp._panic
	gp._panic = (*_panic)(noescape(unsafe.Pointer(&p)))
	for {
		d := nextdefer(gp)
		if d == nil {
			break
		}
		self := gp._panic
		self.deferSP = d.sp
		self.deferPC = d.pc
		fn := d.fn
		d.fn = nil
		gp._defer = d.link
		fn()
		self = gp._panic
		if self.recovered {
			finishrecovery(gp, self)
		}
	}
	fatalpanic(gp)
}

// The panic p, which runs innermost, is over: forget it and those it cut short, and go on in the frame of the call that recovered.
func finishrecovery(gp *g, p *_panic) {
	sp, pc := p.deferSP, p.deferPC
	q := p.link
	for q != nil && q.sp <= sp { // raised by the frame that recovers, or deeper
		if q.goexit {
			// A Goexit that a panic interrupted is not recovered from: it goes on with the remaining calls.
			gp._panic = q
			rundefersAndExit(gp)
		}
		q = q.link
	}
	gp._panic = q
	gp.sig = 0
	recoveryop(sp, pc)
}

//go:noinline
func gorecover() any {
	gp := getg()
	p := gp._panic
	if p == nil || p.goexit || p.recovered {
		return nil
	}
	if !recoverable(p) {
		return nil
	}
	p.recovered = true
	return p.arg
}

// Goexit terminates the goroutine that calls it, after running all its deferred calls. Goexit is not a panic, so recover returns nil in
// those calls. Called from the main goroutine it ends that goroutine without main returning.
func Goexit() {
	gp := getg()
	var p _panic
	p.goexit = true
	p.sp = sys.GetCallerSP()
	p.link = gp._panic
	gp._panic = (*_panic)(noescape(unsafe.Pointer(&p)))
	rundefersAndExit(gp)
}

func rundefersAndExit(gp *g) {
	for {
		d := nextdefer(gp)
		if d == nil {
			break
		}
		fn := d.fn
		d.fn = nil
		gp._defer = d.link
		fn()
	}
	gp._panic = nil
	goexitop()
}

// Turns panic values into text while the goroutine can still run code.
func preprintpanics(p *_panic) {
	defer func() {
		text := "panic while printing panic value"
		r := recover()
		if r == nil {
			return
		}
		if s, ok := r.(string); ok {
			throw(text + ": " + s)
		}
		throw(text + ": type " + typestring((*eface)(unsafe.Pointer(&r))._type))
	}()
	for ; p != nil; p = p.link {
		if l := p.link; l != nil && *(*eface)(unsafe.Pointer(&l.arg)) == *(*eface)(unsafe.Pointer(&p.arg)) {
			l.repanicked = true
			continue
		}
		switch v := p.arg.(type) {
		case error:
			p.arg = v.Error()
		case stringer:
			p.arg = v.String()
		}
	}
}

func printpanics(p *_panic) {
	if p.link != nil {
		printpanics(p.link)
		if p.link.repanicked {
			return
		}
		if !p.link.goexit {
			print("\t")
		}
	}
	if p.goexit {
		return
	}
	print("panic: ")
	printpanicval(p.arg)
	if p.recovered {
		if p.repanicked {
			print(" [recovered, repanicked]")
		} else {
			print(" [recovered]")
		}
	}
	print("\n")
}

func fatalpanic(gp *g) {
	preprintpanics(gp._panic)
	printlock()
	printcrash = true
	printpanics(gp._panic)
	printunlock()
	dieop(false, false)
}

// Entered as if the faulting instruction had called it.
func sigpanic() {
	gp := getg()
	switch gp.sig {
	case 7: // SIGBUS
		if gp.sigcode == 2 && gp.sigaddr < 0x1000 {
			panicmem()
		}
		if gp.paniconfault {
			panicmemAddr(gp.sigaddr)
		}
		throwfault("fault")
	case 11: // SIGSEGV
		if (gp.sigcode == 1 || gp.sigcode == 2) && gp.sigaddr < 0x1000 {
			panicmem()
		}
		if gp.paniconfault {
			panicmemAddr(gp.sigaddr)
		}
		throwfault("fault")
	case 8: // SIGFPE
		if gp.sigcode == 2 {
			panicoverflow()
		}
		panicdivide()
	}
	throw("unexpected signal")
}

// The same after a call through a bad function pointer.
func sigpanic0() {
	sigpanic()
}

func throwfault(s string) {
	gp := getg()
	print("unexpected fault address ")
	printhex(uint64(gp.sigaddr))
	print("\n")
	throw(s)
}

// throw ends the process for a fault of the runtime; fatal for one of the program that cannot be recovered from.
//
//go:linkname throw
func throw(s string) {
	throwop(s)
}

func fatal(s string) {
	fatalop(s)
}

func throwinit() { throw("recursive call during initialization - linker skew") }

// States of the loop body functions of range-over-func.
func panicrangestate(state int) {
	switch state {
	case 0:
		panic(rangeDoneError)
	case 2:
		panic(rangePanicError)
	case 3:
		panic(rangeExhaustedError)
	case 4:
		panic(rangeMissingPanicError)
	}
	throw("unexpected state set by a range function")
}

var (
	rangeDoneError         = error(errorString("range function continued iteration after function for loop body returned false"))
	rangePanicError        = error(errorString("range function continued iteration after loop body panic"))
	rangeExhaustedError    = error(errorString("range function continued iteration after whole loop exit"))
	rangeMissingPanicError = error(errorString("range function recovered a loop body panic and did not resume panicking"))
)
