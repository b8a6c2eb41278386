// A panic on another goroutine names who created it.
// exit: 2
package main

//go:noinline
func start(c chan int) {
	go func() {
		var m map[string]int
		m["a"] = <-c
	}()
}

func main() {
	c := make(chan int)
	start(c)
	c <- 1
	select {}
}
