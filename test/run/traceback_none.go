// exit: 2
// env: GOTRACEBACK=none
package main

func main() { panic("none") }
