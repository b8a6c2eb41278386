// stderr: hello 42 true
package main

func main() { println("hello", 42, true) }
