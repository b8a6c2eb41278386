// Strings: concatenation, conversions to and from bytes and runes.

package runtime

import "unsafe"

type tmpBuf [32]byte

func rawString(n int) (string, unsafe.Pointer) {
	p := mallocgc(uintptr(n), nil, false)
	return unsafe.String((*byte)(p), n), p
}

func rawBytes(n int) []byte {
	c := roundupsize(uintptr(n), true)
	return unsafe.Slice((*byte)(mallocgc(c, nil, false)), int(c))[:n]
}

// A string for n bytes, in buf when it fits, and where to write them.
func stringRoom(buf *tmpBuf, n int) (string, unsafe.Pointer) {
	if buf != nil && n <= len(buf) {
		return unsafe.String(&buf[0], n), unsafe.Pointer(buf)
	}
	return rawString(n)
}

func concatstrings(buf *tmpBuf, a []string) string {
	last, total, parts := 0, 0, 0
	for i, s := range a {
		if len(s) == 0 {
			continue
		}
		if total+len(s) < total {
			throw("string concatenation too long")
		}
		total += len(s)
		parts++
		last = i
	}
	if parts == 0 {
		return ""
	}
	// A single part can be the result, unless it lives in this goroutine's frames and the result may outlive them.
	if parts == 1 && (buf != nil || !onStack(unsafe.Pointer(unsafe.StringData(a[last])))) {
		return a[last]
	}
	s, p := stringRoom(buf, total)
	for _, x := range a {
		memmove(p, unsafe.Pointer(unsafe.StringData(x)), uintptr(len(x)))
		p = unsafe.Pointer(uintptr(p) + uintptr(len(x)))
	}
	return s
}

func concatstring2(buf *tmpBuf, a0, a1 string) string {
	if len(a0) == 0 || len(a1) == 0 {
		return concatstrings(buf, []string{a0, a1})
	}
	n := len(a0) + len(a1)
	if n < 0 {
		throw("string concatenation too long")
	}
	s, p := stringRoom(buf, n)
	memmove(p, unsafe.Pointer(unsafe.StringData(a0)), uintptr(len(a0)))
	memmove(unsafe.Pointer(uintptr(p)+uintptr(len(a0))), unsafe.Pointer(unsafe.StringData(a1)), uintptr(len(a1)))
	return s
}

func concatstring3(buf *tmpBuf, a0, a1, a2 string) string {
	return concatstrings(buf, []string{a0, a1, a2})
}
func concatstring4(buf *tmpBuf, a0, a1, a2, a3 string) string {
	return concatstrings(buf, []string{a0, a1, a2, a3})
}
func concatstring5(buf *tmpBuf, a0, a1, a2, a3, a4 string) string {
	return concatstrings(buf, []string{a0, a1, a2, a3, a4})
}

func concatbytes(buf *tmpBuf, a []string) []byte {
	total := 0
	for _, s := range a {
		if total+len(s) < total {
			throw("string concatenation too long")
		}
		total += len(s)
	}
	if total == 0 {
		return []byte{}
	}
	var b []byte
	if buf != nil && total <= len(buf) {
		*buf = tmpBuf{}
		b = buf[:total]
	} else {
		b = rawBytes(total)
	}
	at := 0
	for _, s := range a {
		copy(b[at:], s)
		at += len(s)
	}
	return b
}
func concatbyte2(buf *tmpBuf, a0, a1 string) []byte {
	return concatbytes(buf, []string{a0, a1})
}
func concatbyte3(buf *tmpBuf, a0, a1, a2 string) []byte {
	return concatbytes(buf, []string{a0, a1, a2})
}
func concatbyte4(buf *tmpBuf, a0, a1, a2, a3 string) []byte {
	return concatbytes(buf, []string{a0, a1, a2, a3})
}
func concatbyte5(buf *tmpBuf, a0, a1, a2, a3, a4 string) []byte {
	return concatbytes(buf, []string{a0, a1, a2, a3, a4})
}

//go:linkname slicebytetostring
func slicebytetostring(buf *tmpBuf, ptr *byte, n int) string {
	if n == 0 {
		return ""
	}
	if n == 1 {
		return unsafe.String((*byte)(unsafe.Pointer(&staticuint64s[*ptr])), 1)
	}
	s, p := stringRoom(buf, n)
	memmove(p, unsafe.Pointer(ptr), uintptr(n))
	return s
}

func slicebytetostringtmp(ptr *byte, n int) string {
	return unsafe.String(ptr, n)
}

func stringtoslicebyte(buf *tmpBuf, s string) []byte {
	var b []byte
	if buf != nil && len(s) <= len(buf) {
		*buf = tmpBuf{}
		b = buf[:len(s)]
	} else {
		b = rawBytes(len(s))
	}
	copy(b, s)
	return b
}

func stringtoslicerune(buf *[32]rune, s string) []rune {
	n := 0
	for range s {
		n++
	}
	var a []rune
	if buf != nil && n <= len(buf) {
		*buf = [32]rune{}
		a = buf[:n]
	} else {
		if uintptr(n) > maxAlloc/4 {
			throw("out of memory")
		}
		size := roundupsize(uintptr(n)*4, true)
		a = unsafe.Slice((*rune)(mallocgc(size, nil, false)), int(size/4))[:n]
	}
	n = 0
	for _, r := range s {
		a[n] = r
		n++
	}
	return a
}

const runeError = '\uFFFD'

// Bytes of a rune in UTF-8; what is no rune counts as the replacement character.
func runeSize(r rune) int {
	switch {
	case uint32(r) < 0x80:
		return 1
	case uint32(r) < 0x800:
		return 2
	case uint32(r) < 0x10000:
		return 3
	case uint32(r) <= 0x10FFFF:
		return 4
	}
	return 3
}

func putRune(p []byte, r rune) int {
	if uint32(r) > 0x10FFFF || (r >= 0xD800 && r <= 0xDFFF) {
		r = runeError
	}
	switch {
	case r < 0x80:
		p[0] = byte(r)
		return 1
	case r < 0x800:
		p[0] = 0xC0 | byte(r>>6)
		p[1] = 0x80 | byte(r)&0x3F
		return 2
	case r < 0x10000:
		p[0] = 0xE0 | byte(r>>12)
		p[1] = 0x80 | byte(r>>6)&0x3F
		p[2] = 0x80 | byte(r)&0x3F
		return 3
	}
	p[0] = 0xF0 | byte(r>>18)
	p[1] = 0x80 | byte(r>>12)&0x3F
	p[2] = 0x80 | byte(r>>6)&0x3F
	p[3] = 0x80 | byte(r)&0x3F
	return 4
}

func slicerunetostring(buf *tmpBuf, a []rune) string {
	n := 0
	for _, r := range a {
		n += runeSize(r)
	}
	if n == 0 {
		return ""
	}
	s, p := stringRoom(buf, n)
	b := unsafe.Slice((*byte)(p), n)
	at := 0
	for _, r := range a {
		at += putRune(b[at:], r)
	}
	return s
}

func intstring(buf *[4]byte, v int64) string {
	r := rune(v)
	if int64(r) != v {
		r = runeError
	}
	n := runeSize(r)
	var p unsafe.Pointer
	var s string
	if buf != nil {
		p = unsafe.Pointer(buf)
		s = unsafe.String(&buf[0], n)
	} else {
		s, p = rawString(n)
	}
	putRune(unsafe.Slice((*byte)(p), n), r)
	return s
}

// The rune at s[k:], which starts with a byte ≥ 0x80, and the index after it.
func decoderune(s string, k int) (r rune, pos int) {
	n := len(s) - k
	if n < 1 {
		return runeError, k + 1
	}
	b0 := s[k]
	cont := func(i int) (rune, bool) {
		c := s[k+i]
		return rune(c & 0x3F), c&0xC0 == 0x80
	}
	switch {
	case b0 < 0x80:
		return rune(b0), k + 1
	case b0 >= 0xC2 && b0 < 0xE0:
		if n >= 2 {
			if c1, ok := cont(1); ok {
				return rune(b0&0x1F)<<6 | c1, k + 2
			}
		}
	case b0 >= 0xE0 && b0 < 0xF0:
		if n >= 3 {
			c1, ok1 := cont(1)
			c2, ok2 := cont(2)
			r = rune(b0&0x0F)<<12 | c1<<6 | c2
			if ok1 && ok2 && r >= 0x800 && (r < 0xD800 || r > 0xDFFF) {
				return r, k + 3
			}
		}
	case b0 >= 0xF0 && b0 < 0xF5:
		if n >= 4 {
			c1, ok1 := cont(1)
			c2, ok2 := cont(2)
			c3, ok3 := cont(3)
			r = rune(b0&0x07)<<18 | c1<<12 | c2<<6 | c3
			if ok1 && ok2 && ok3 && r >= 0x10000 && r <= 0x10FFFF {
				return r, k + 4
			}
		}
	}
	return runeError, k + 1
}

func countrunes(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

// A zero-terminated string the kernel left.
func gostringnocopy(p *byte) string {
	n := 0
	for *(*byte)(unsafe.Pointer(uintptr(unsafe.Pointer(p)) + uintptr(n))) != 0 {
		n++
	}
	return unsafe.String(p, n)
}
