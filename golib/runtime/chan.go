// Channels and select: checks and panics here, the queues in the archive.

package runtime

import (
	"internal/abi"
	"unsafe"
)

type scase struct {
	c    *hchan
	elem unsafe.Pointer
}

// What the archive answers.
const (
	chanWould        = 0
	chanDone         = 1
	chanDoneClosed   = 2
	chanPanicClosed  = 3
	chanPanicForeign = 4
)

func makechan64(t *abi.ChanType, size int64) *hchan { return makechan(t, int(size)) }

//go:linkname makechan
func makechan(t *abi.ChanType, size int) *hchan {
	elem := t.Elem
	if size < 0 || mulOverflows(elem.Size_, uintptr(size)) {
		panic(plainError("makechan: size out of range"))
	}
	c := new(hchan)
	c.elemsize = elem.Size_
	c.elemtype = elem
	c.cap = uint(size)
	c.buf = mallocgc(uintptr(size)*elem.Size_, elem, true)
	if getg().bubble != nil {
		chaninit(c)
	}
	return c
}

func chanpanic(result int, op string) {
	switch result {
	case chanPanicClosed:
		panic(plainError("send on closed channel"))
	case chanPanicForeign:
		fatal(op + " on synctest channel from outside bubble")
	}
}

// Called before a receive from a timer's channel: a timer that is due runs now.
func pollTimer(t *timer) {
	f, arg, seq, delta := timerClaim(t)
	if f != nil {
		gp := getg()
		gp.locks++
		f(arg, seq, delta)
		gp.locks--
	}
}

func chansend1(c *hchan, elem unsafe.Pointer) {
	if r := chansendop(c, elem, true); r >= chanPanicClosed {
		chanpanic(r, "send")
	}
}
func chanrecv1(c *hchan, elem unsafe.Pointer) {
	if c != nil && c.timer != nil {
		pollTimer(c.timer)
	}
	if r := chanrecvop(c, elem, true); r >= chanPanicClosed {
		chanpanic(r, "receive")
	}
}
func chanrecv2(c *hchan, elem unsafe.Pointer) bool {
	if c != nil && c.timer != nil {
		pollTimer(c.timer)
	}
	r := chanrecvop(c, elem, true)
	if r >= chanPanicClosed {
		chanpanic(r, "receive")
	}
	return r == chanDone
}

func selectnbsend(c *hchan, elem unsafe.Pointer) bool {
	if c == nil || c.closed == 0 && c.recvq.first == 0 && c.count >= c.cap {
		return false
	}
	r := chansendop(c, elem, false)
	if r >= chanPanicClosed {
		chanpanic(r, "send")
	}
	return r == chanDone
}
func selectnbrecv(elem unsafe.Pointer, c *hchan) (selected, received bool) {
	if c != nil && c.timer != nil {
		pollTimer(c.timer)
	}
	if c == nil || c.closed == 0 && c.sendq.first == 0 && c.count == 0 {
		return false, false
	}
	r := chanrecvop(c, elem, false)
	if r >= chanPanicClosed {
		chanpanic(r, "receive")
	}
	return r != chanWould, r == chanDone
}

func closechan(c *hchan) {
	if c == nil {
		panic(plainError("close of nil channel"))
	}
	switch chancloseop(c) {
	case 1:
		panic(plainError("close of closed channel"))
	case 2:
		fatal("close of synctest channel from outside bubble")
	}
}

// A timer's channel looks unbuffered.
func chanlen(c *hchan) int {
	if c == nil || c.timer != nil {
		return 0
	}
	return int(c.count)
}
func chancap(c *hchan) int {
	if c == nil || c.timer != nil {
		return 0
	}
	return int(c.cap)
}

func selectgo(cas0 *scase, order0 *uint16, pc0 *uintptr, nsends, nrecvs int, block bool) (int, bool) {
	for i := nsends; i < nsends+nrecvs; i++ {
		c := (*scase)(add(unsafe.Pointer(cas0), uintptr(i)*unsafe.Sizeof(scase{}))).c
		if c != nil && c.timer != nil {
			pollTimer(c.timer)
		}
	}
	i, r := selectop(cas0, order0, nsends, nrecvs, block)
	if r >= chanPanicClosed {
		chanpanic(r, "select")
	}
	return i, i >= nsends && r == chanDone
}
func selectsetpc(pc *uintptr) {}

// ---- reflect ----

//go:linkname reflect_makechan reflect.makechan
func reflect_makechan(t *abi.ChanType, size int) *hchan { return makechan(t, size) }

//go:linkname reflect_chansend reflect.chansend0
func reflect_chansend(c *hchan, elem unsafe.Pointer, nb bool) bool {
	r := chansendop(c, elem, !nb)
	if r >= chanPanicClosed {
		chanpanic(r, "send")
	}
	return r == chanDone
}

//go:linkname reflect_chanrecv reflect.chanrecv
func reflect_chanrecv(c *hchan, nb bool, elem unsafe.Pointer) (selected, received bool) {
	if c != nil && c.timer != nil {
		pollTimer(c.timer)
	}
	r := chanrecvop(c, elem, !nb)
	if r >= chanPanicClosed {
		chanpanic(r, "receive")
	}
	return r != chanWould, r == chanDone
}

//go:linkname reflect_chanlen reflect.chanlen
func reflect_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflectlite_chanlen internal/reflectlite.chanlen
func reflectlite_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflect_chancap reflect.chancap
func reflect_chancap(c *hchan) int { return chancap(c) }

//go:linkname reflect_chanclose reflect.chanclose
func reflect_chanclose(c *hchan) { closechan(c) }

type runtimeSelect struct {
	dir int // 1 send, 2 receive, 3 default
	typ unsafe.Pointer
	ch  *hchan
	val unsafe.Pointer
}

//go:linkname reflect_rselect reflect.rselect
func reflect_rselect(cases []runtimeSelect) (int, bool) {
	if len(cases) == 0 {
		block()
	}
	sel := make([]scase, len(cases))
	orig := make([]int, len(cases))
	nsends, nrecvs, dflt := 0, 0, -1
	for i := range cases {
		c := &cases[i]
		var j int
		switch c.dir {
		case 3:
			dflt = i
			continue
		case 1:
			j = nsends
			nsends++
		case 2:
			nrecvs++
			j = len(cases) - nrecvs
		}
		sel[j] = scase{c.ch, c.val}
		orig[j] = i
	}
	if nsends+nrecvs == 0 {
		return dflt, false
	}
	if nsends+nrecvs < len(cases) {
		copy(sel[nsends:], sel[len(cases)-nrecvs:])
		copy(orig[nsends:], orig[len(cases)-nrecvs:])
	}
	order := make([]uint16, 2*(nsends+nrecvs))
	chosen, ok := selectgo(&sel[0], &order[0], nil, nsends, nrecvs, dflt == -1)
	if chosen < 0 {
		return dflt, false
	}
	return orig[chosen], ok
}
