// exit: 2
package main

func main() {
	c := make(chan int)
	go func() { select {} }()
	go func(d chan string) { d <- "x" }(nil)
	<-c
}
