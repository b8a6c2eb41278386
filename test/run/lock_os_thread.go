// A locked goroutine stays on its thread, and no other goroutine gets there, whatever blocks.
package main

import (
	"runtime"
	"sync"
	"syscall"
	"time"
)

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	owners := map[int]int{}
	c := make(chan int)
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			runtime.LockOSThread()
			tid := syscall.Gettid()
			mu.Lock()
			owners[tid] = i
			mu.Unlock()
			for range 20 {
				c <- i
				time.Sleep(100 * time.Microsecond)
				ts := syscall.Timespec{Nsec: 300000}
				syscall.Nanosleep(&ts, nil)
				if syscall.Gettid() != tid {
					println("moved")
				}
			}
			mu.Lock()
			delete(owners, tid)
			mu.Unlock()
			runtime.UnlockOSThread()
		}()
	}
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				mu.Lock()
				if _, taken := owners[syscall.Gettid()]; taken {
					println("on a locked thread")
				}
				mu.Unlock()
				ts := syscall.Timespec{Nsec: 100000}
				syscall.Nanosleep(&ts, nil)
			}
		}()
	}
	go func() {
		wg.Wait()
		close(c)
	}()
	n := 0
	for range c {
		n++
	}
	println(n)
}
