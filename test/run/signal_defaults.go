// What signals do that nobody asked for: most are caught and forgotten, some end the program with a traceback and status 2.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
)

func raise(s syscall.Signal) { syscall.Kill(os.Getpid(), s) }

func child(number string) {
	var s int
	fmt.Sscan(number, &s)
	raise(syscall.Signal(s))
	for i := 0; i < 100; i++ { // the signal may reach another thread
		syscall.Nanosleep(&syscall.Timespec{Nsec: 1e6}, nil)
	}
	fmt.Println("alive")
}

func main() {
	if len(os.Args) > 1 {
		child(os.Args[1])
		return
	}
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	raise(syscall.SIGUSR1)
	fmt.Println(<-c)
	signal.Stop(c)
	raise(syscall.SIGUSR1)
	for _, s := range []syscall.Signal{syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGXCPU, syscall.SIGWINCH, 50, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGABRT, syscall.SIGTRAP} {
		var out, err strings.Builder
		cmd := exec.Command(os.Args[0], fmt.Sprint(int(s)))
		cmd.Stdout, cmd.Stderr = &out, &err
		e := cmd.Run()
		first, _, _ := strings.Cut(err.String(), "\n")
		fmt.Printf("%v: %q %q %v %v\n", s, out.String(), first, strings.Contains(err.String(), "goroutine 1"), e)
	}
}
