// What os, syscall, internal/poll and os/signal ask for.

package runtime

import (
	"internal/runtime/sys"
	"unsafe"
)

// ---- poller ----

//go:linkname poll_ServerInit internal/poll.runtime_pollServerInit
func poll_ServerInit() { pollServerInit() }

//go:linkname poll_Open internal/poll.runtime_pollOpen
func poll_Open(fd uintptr) (uintptr, int) { return pollOpen(fd) }

//go:linkname poll_Close internal/poll.runtime_pollClose
func poll_Close(ctx uintptr) { pollClose(ctx) }

//go:linkname poll_Reset internal/poll.runtime_pollReset
func poll_Reset(ctx uintptr, mode int) int { return pollReset(ctx, mode) }

//go:linkname poll_Wait internal/poll.runtime_pollWait
func poll_Wait(ctx uintptr, mode int) int { return pollWait(ctx, mode) }

//go:linkname poll_WaitCanceled internal/poll.runtime_pollWaitCanceled
func poll_WaitCanceled(ctx uintptr, mode int) { pollWait(ctx, mode) }

//go:linkname poll_SetDeadline internal/poll.runtime_pollSetDeadline
func poll_SetDeadline(ctx uintptr, d int64, mode int) { pollSetDeadline(ctx, d, mode) }

//go:linkname poll_Unblock internal/poll.runtime_pollUnblock
func poll_Unblock(ctx uintptr) { pollUnblock(ctx) }

//go:linkname poll_IsPollServerDescriptor internal/poll.runtime_isPollServerDescriptor
func poll_IsPollServerDescriptor(fd uintptr) bool { return isPollServerDescriptor(fd) }

// ---- raw calls ----

//go:linkname fcntl
func fcntl(fd, cmd, arg int32) (int32, int32) {
	r := rawsyscall(72, uintptr(fd), uintptr(cmd), uintptr(arg), 0, 0, 0)
	if r < 0 {
		return -1, int32(-r)
	}
	return int32(r), 0
}

//go:linkname write
func write(fd uintptr, p unsafe.Pointer, n int32) int32 {
	return int32(rawsyscall(1, fd, uintptr(p), uintptr(n), 0, 0, 0))
}


//go:linkname vgetrandom
func vgetrandom(p []byte, flags uint32) (ret int, supported bool) { return -1, false }

// ---- signals ----

//go:linkname os_sigpipe os.sigpipe
func os_sigpipe() { sigpipeop() }

//go:linkname os_ignoreSIGSYS os.ignoreSIGSYS
func os_ignoreSIGSYS() {}

//go:linkname os_restoreSIGSYS os.restoreSIGSYS
func os_restoreSIGSYS() {}

//go:linkname signal_enable os/signal.signal_enable
func signal_enable(s uint32) { signalSet(s, 1) }

//go:linkname signal_disable os/signal.signal_disable
func signal_disable(s uint32) { signalSet(s, 0) }

//go:linkname signal_ignore os/signal.signal_ignore
func signal_ignore(s uint32) { signalSet(s, 2) }

//go:linkname signal_ignored os/signal.signal_ignored
func signal_ignored(s uint32) bool { return signalIgnored(s) }

//go:linkname signal_recv os/signal.signal_recv
func signal_recv() uint32 {
	getg().system = true // its waiting is no reason to keep the process, nor a goroutine of the program's
	return signalRecv()
}

//go:linkname signalWaitUntilIdle os/signal.signalWaitUntilIdle
func signalWaitUntilIdle() {
	for !signalIdle() {
		Gosched()
	}
}

// ---- system calls, fork and exec ----

//go:linkname syscall_runtime_BeforeFork syscall.runtime_BeforeFork
func syscall_runtime_BeforeFork() {
	getg().locks++
	beforeFork()
}

//go:linkname syscall_runtime_AfterFork syscall.runtime_AfterFork
func syscall_runtime_AfterFork() {
	afterFork()
	getg().locks--
}

//go:linkname syscall_runtime_AfterForkInChild syscall.runtime_AfterForkInChild
func syscall_runtime_AfterForkInChild() { afterForkInChild() }

//go:linkname syscall_runtime_BeforeExec syscall.runtime_BeforeExec
func syscall_runtime_BeforeExec() {}

//go:linkname syscall_runtime_AfterExec syscall.runtime_AfterExec
func syscall_runtime_AfterExec() {}

//go:linkname syscall_runtime_doAllThreadsSyscall syscall.runtime_doAllThreadsSyscall
func syscall_runtime_doAllThreadsSyscall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, err uintptr) {
	r := rawsyscall(trap, a1, a2, a3, a4, a5, a6)
	if r < 0 && r > -4096 {
		return ^uintptr(0), 0, uintptr(-r)
	}
	return uintptr(r), 0, 0
}

//go:linkname syscall_cgocaller syscall.cgocaller
//go:nosplit
func syscall_cgocaller(fn unsafe.Pointer, args ...uintptr) uintptr {
	panic("cgo is not available")
}

// ---- flags that belong to goroutines ----

//go:linkname fips_getIndicator crypto/internal/fips140.getIndicator
func fips_getIndicator() uint8 { return getg().fipsIndicator }

//go:linkname fips_setIndicator crypto/internal/fips140.setIndicator
func fips_setIndicator(v uint8) { getg().fipsIndicator = v }

//go:linkname fips_isBypassed crypto/fips140.isBypassed
func fips_isBypassed() bool { return getg().fipsBypass }

//go:linkname fips_setBypass crypto/fips140.setBypass
func fips_setBypass() { getg().fipsBypass = true }

//go:linkname fips_unsetBypass crypto/fips140.unsetBypass
func fips_unsetBypass() { getg().fipsBypass = false }

//go:linkname dit_setEnabled crypto/subtle.setDITEnabled
func dit_setEnabled() bool { return sys.EnableDIT() }

//go:linkname dit_setDisabled crypto/subtle.setDITDisabled
func dit_setDisabled() { sys.DisableDIT() }
