// fmt over the basic kinds, slices and maps.
package main

import "fmt"

func main() {
	fmt.Println("hi", 42, 3.5, []int{1, 2}, map[string]int{"a": 1})
	fmt.Printf("%v %+v %#v %T\n", struct{ A, B int }{1, 2}, &struct{ S string }{"x"}, []string{"q"}, map[int]error{})
	fmt.Printf("%08.3f|%-6d|%6s|%x|%q|%c|%U\n", 3.14159, 42, "go", "hex", "quo\"te", 'é', '⌘')
}
