// Clocks and timers for package time. One goroutine runs the functions of timers that have come due, one after the other.

package runtime

import (
	"internal/runtime/atomic"
	"unsafe"
)

var timerService uint32

// Starts the timer goroutine with the first timer that needs it.
func startTimerService() {
	if atomic.Load(&timerService) == 0 && atomic.Cas(&timerService, 0, 1) {
		newproc1(runTimers, 0, true)
	}
}

func runTimers() {
	gp := getg()
	for {
		f, arg, seq, delta := timerNext()
		if f == nil {
			continue
		}
		gp.locks++ // what f does and its timer's Stop must not interleave
		f(arg, seq, delta)
		gp.locks--
	}
}

func bubbledNow(gp *g) int64 {
	if gp.bubble != nil {
		return synctestNow()
	}
	return nanotime()
}

//go:linkname timeSleep time.Sleep
func timeSleep(ns int64) {
	if ns <= 0 {
		return
	}
	when := bubbledNow(getg()) + ns
	if when < 0 {
		when = 1<<63 - 1
	}
	sleepUntil(when)
}

//go:linkname newTimer time.newTimer
func newTimer(when, period int64, f func(arg any, seq uintptr, delta int64), arg any, c *hchan) *timer {
	startTimerService()
	t := new(timer)
	t.c = nil
	t.init = true
	t.f = f
	t.arg = arg
	t.period = period
	t.bubble = getg().bubble
	if c != nil {
		t.isChan = true
		t.c = c
		c.timer = t
	}
	timerReset(t, when, period)
	return t
}

//go:linkname stopTimer time.stopTimer
func stopTimer(t *timer) bool {
	if t.bubble != nil && getg().bubble != t.bubble {
		fatal("stop of synctest timer from outside bubble")
	}
	return timerStop(t)
}

//go:linkname resetTimer time.resetTimer
func resetTimer(t *timer, when, period int64) bool {
	if t.bubble != nil && getg().bubble != t.bubble {
		fatal("reset of synctest timer from outside bubble")
	}
	return timerReset(t, when, period)
}

//go:linkname time_now time.now
func time_now() (sec int64, nsec int32, mono int64) {
	sec, nsec = walltime()
	return sec, nsec, nanotime()
}

//go:linkname time_runtimeNow time.runtimeNow
func time_runtimeNow() (sec int64, nsec int32, mono int64) {
	if getg().bubble != nil {
		// No monotonic reading: it could not be compared with those taken outside.
		t := synctestNow()
		return t / 1000000000, int32(t % 1000000000), 0
	}
	return time_now()
}

//go:linkname time_runtimeNano time.runtimeNano
func time_runtimeNano() int64 { return bubbledNow(getg()) }

//go:linkname time_runtimeIsBubbled time.runtimeIsBubbled
func time_runtimeIsBubbled() bool { return getg().bubble != nil }

//go:linkname fips_monoTime crypto/internal/fips140deps/time.monoTime
func fips_monoTime() int64 { return nanotime() }

//go:linkname runtimeNano internal/poll.runtimeNano
func runtimeNano() int64 { return nanotime() }

var haveHighResSleep = true

// ---- synctest ----

//go:linkname synctestRun internal/synctest.Run
func synctestRun(f func()) {
	if !synctestBegin() {
		panic("synctest.Run called from within a synctest bubble")
	}
	go synctestBody(f)
	for {
		left := synctestEnd()
		if left == 0 {
			break
		}
		if left > 0 {
			msg := "deadlock: main bubble goroutine has exited but blocked goroutines remain"
			if left&1 != 0 {
				msg = "deadlock: all goroutines in bubble are blocked"
			}
			synctestLeave()
			panic(errorSynctest(msg))
		}
	}
	synctestLeave()
}

func synctestBody(f func()) {
	defer synctestRootDone()
	f()
}

type errorSynctest string

func (e errorSynctest) Error() string { return string(e) }

//go:linkname synctest_Wait internal/synctest.Wait
func synctest_Wait() {
	switch synctestWait() {
	case 1:
		panic("goroutine is not in a bubble")
	case 2:
		panic("wait already in progress")
	}
}

//go:linkname synctest_IsInBubble internal/synctest.IsInBubble
func synctest_IsInBubble() bool { return getg().bubble != nil }

var bubbleOwners map[unsafe.Pointer]unsafe.Pointer

//go:linkname synctest_associate internal/synctest.associate
func synctest_associate(p unsafe.Pointer) int {
	b := getg().bubble
	if b == nil {
		return 0
	}
	if bubbleOwners == nil {
		bubbleOwners = make(map[unsafe.Pointer]unsafe.Pointer)
	}
	switch bubbleOwners[p] {
	case nil:
		bubbleOwners[p] = b
		return 1
	case b:
		return 1
	}
	return 2
}

//go:linkname synctest_disassociate internal/synctest.disassociate
func synctest_disassociate(p unsafe.Pointer) { delete(bubbleOwners, p) }

//go:linkname synctest_isAssociated internal/synctest.isAssociated
func synctest_isAssociated(p unsafe.Pointer) bool { return bubbleOwners[p] != nil }

type bubbleRef struct{ b unsafe.Pointer }

//go:linkname synctest_acquire internal/synctest.acquire
func synctest_acquire() any {
	if b := getg().bubble; b != nil {
		return &bubbleRef{b}
	}
	return nil
}

//go:linkname synctest_release internal/synctest.release
func synctest_release(r any) {}

//go:linkname synctest_inBubble internal/synctest.inBubble
func synctest_inBubble(r any, f func()) {
	old := synctestJoin(r.(*bubbleRef).b)
	defer synctestJoin(old)
	f()
}
