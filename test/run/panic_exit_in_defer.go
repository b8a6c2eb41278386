// os.Exit in a deferred call wins over the panic.
// exit: 9
package main

import "os"

func main() {
	defer os.Exit(9)
	panic("lost")
}
