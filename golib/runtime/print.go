// print and println: text collects in a buffer between printlock and printunlock and goes to standard error in one write.

package runtime

import (
	"internal/strconv"
	"unsafe"
)

var printbuf [1024]byte
var printed, printdepth int
var printcrash bool // what is printed belongs to the end of the program, and to the crash file

func printflush() {
	writebuf(2)
	if printcrash {
		fd := crashfdop(-1)
		crashfdop(fd)
		if fd >= 0 {
			writebuf(uintptr(fd))
		}
	}
	printed = 0
}

func writebuf(fd uintptr) {
	at := 0
	for at < printed {
		n := rawsyscall(1, fd, uintptr(unsafe.Pointer(&printbuf[at])), uintptr(printed-at), 0, 0, 0)
		if n <= 0 {
			break
		}
		at += n
	}
}

func printlock() {
	printdepth++
	getg().locks++
}

func printunlock() {
	printdepth--
	if printdepth == 0 {
		printflush()
	}
	getg().locks--
}

func printbytes(b []byte) {
	for len(b) > 0 {
		n := copy(printbuf[printed:], b)
		printed += n
		b = b[n:]
		if len(b) > 0 {
			printflush()
		}
	}
	if printdepth == 0 {
		printflush()
	}
}

func printstring(s string) {
	if len(s) > 0 {
		printbytes(unsafe.Slice(unsafe.StringData(s), len(s)))
	}
}
func printsp() { printstring(" ") }
func printnl() { printstring("\n") }
func printbool(v bool) {
	if v {
		printstring("true")
	} else {
		printstring("false")
	}
}

func printuint(v uint64) {
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + v%10)
		v /= 10
		if v == 0 {
			break
		}
	}
	printbytes(buf[i:])
}
func printint(v int64) {
	if v < 0 {
		printstring("-")
		v = -v
	}
	printuint(uint64(v))
}

func printhexdigits(v uint64, digits int) {
	var buf [16]byte
	i := len(buf)
	for v != 0 || digits > 0 || i == len(buf) {
		i--
		buf[i] = "0123456789abcdef"[v&15]
		v >>= 4
		digits--
	}
	printbytes(buf[i:])
}
func printhex(v uint64) {
	printstring("0x")
	printhexdigits(v, 1)
}
func printuintptr(p uintptr)         { printuint(uint64(p)) }
func printpointer(p unsafe.Pointer)  { printhex(uint64(uintptr(p))) }

func printfloat64(v float64) {
	var buf [32]byte
	printbytes(strconv.AppendFloat(buf[:0], v, 'g', -1, 64))
}
func printfloat32(v float32) {
	var buf [32]byte
	printbytes(strconv.AppendFloat(buf[:0], float64(v), 'g', -1, 32))
}
func printcomplex128(c complex128) {
	var buf [72]byte
	printbytes(strconv.AppendComplex(buf[:0], c, 'g', -1, 128))
}
func printcomplex64(c complex64) {
	var buf [72]byte
	printbytes(strconv.AppendComplex(buf[:0], complex128(c), 'g', -1, 64))
}

func printeface(e eface) {
	print("(", unsafe.Pointer(e._type), ",", e.data, ")")
}
func printiface(i iface) {
	print("(", unsafe.Pointer(i.tab), ",", i.data, ")")
}
func printslice(s []byte) {
	print("[", len(s), "/", cap(s), "]")
	printpointer(unsafe.Pointer(unsafe.SliceData(s)))
}

// Text in quotes with everything but plain ASCII escaped.
func printquoted(s string) {
	printlock()
	printstring(`"`)
	for i := 0; i < len(s); {
		c := s[i]
		r, next := rune(c), i+1
		if c >= 0x80 {
			r, next = decoderune(s, i)
		}
		switch {
		case r == '\n':
			printstring(`\n`)
		case r == '\r':
			printstring(`\r`)
		case r == '\t':
			printstring(`\t`)
		case r == '\\' || r == '"':
			printstring(`\`)
			printstring(s[i:next])
		case r == runeError && next == i+1:
			printstring(`\x`)
			printhexdigits(uint64(c), 2)
		case r >= ' ' && r <= '~':
			printstring(s[i:next])
		case r < 127:
			printstring(`\x`)
			printhexdigits(uint64(r), 2)
		case r < 0x10000:
			printstring(`\u`)
			printhexdigits(uint64(r), 4)
		default:
			printstring(`\U`)
			printhexdigits(uint64(r), 8)
		}
		i = next
	}
	printstring(`"`)
	printunlock()
}

// Panic texts of several lines are indented, so that none of them can pass for part of a traceback.
func printindented(s string) {
	for {
		i := 0
		for i < len(s) && s[i] != '\n' {
			i++
		}
		if i == len(s) {
			break
		}
		i++
		printstring(s[:i])
		printstring("\t")
		s = s[i:]
	}
	printstring(s)
}
