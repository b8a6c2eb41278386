// exit: -6
// env: GOTRACEBACK=crash
// stderr: panic: crash
// stderr: goroutine 1
package main

func main() { panic("crash") }
