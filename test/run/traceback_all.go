// exit: 2
// env: GOTRACEBACK=all
package main

import "time"

func main() {
	c := make(chan int)
	go func() { time.Sleep(time.Hour) }()
	go func() {
		select {
		case <-c:
		case c <- 1:
		}
	}()
	time.Sleep(10 * time.Millisecond)
	panic("all")
}
