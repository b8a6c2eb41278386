// Child processes and signals.
// exit: -2
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	out, err := exec.Command("/bin/sh", "-c", "echo out; echo err >&2; exit 3").Output()
	var ee *exec.ExitError
	ee, _ = err.(*exec.ExitError)
	fmt.Printf("%q %v %q %d\n", out, err, ee.Stderr, ee.ExitCode())
	cmd := exec.Command("/bin/cat")
	cmd.Stdin = bytes.NewReader(bytes.Repeat([]byte("x"), 200000))
	out, err = cmd.Output()
	fmt.Println(len(out), err)
	_, err = exec.LookPath("no-such-program-here")
	fmt.Println(err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err = exec.CommandContext(ctx, "/bin/sleep", "100").Run()
	fmt.Println(err)
	c := make(chan os.Signal, 4)
	signal.Notify(c, syscall.SIGUSR1, os.Interrupt)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-c)
	syscall.Kill(os.Getpid(), syscall.SIGINT)
	fmt.Println(<-c)
	signal.Ignore(syscall.SIGUSR2)
	fmt.Println(signal.Ignored(syscall.SIGUSR2), signal.Ignored(syscall.SIGUSR1))
	syscall.Kill(os.Getpid(), syscall.SIGUSR2)
	sctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	<-sctx.Done()
	stop()
	signal.Reset()
	signal.Stop(c)
	p, _ := os.FindProcess(os.Getpid())
	p.Signal(os.Interrupt)
	time.Sleep(10 * time.Second)
}
