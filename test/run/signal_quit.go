// exit: 2
// stderr: SIGQUIT: quit
// stderr: goroutine 1 gp=
// stderr: ] {job: "a \"b\"", step: one}:
// stderr: main.spin(
// stderr: main.main()
// stderr: runtime.goexit({})
// stderr: rip
package main

// SIGQUIT shows the goroutine that runs, wherever it is, whichever thread gets the signal; SIGPROF from outside is
// nothing to somebody who takes no profile.

import (
	"context"
	"os/exec"
	"runtime/pprof"
	"strconv"
	"syscall"
)

var sink int

//go:noinline
func spin(n int) {
	for i := 0; ; i++ {
		sink += i * n
	}
}

func main() {
	syscall.Kill(syscall.Getpid(), syscall.SIGPROF)
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("step", "one", "job", `a "b"`)))
	cmd := exec.Command("/bin/sh", "-c", "sleep 0.1; kill -QUIT "+strconv.Itoa(syscall.Getpid()))
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	spin(3)
}
