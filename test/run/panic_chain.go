// Uncaught panics: re-panics, values of all kinds, frames of methods and closures.
// exit: 2
package main

import "errors"

type T struct{ n int }

//go:noinline
func (t *T) method(a int, s string) { t.value(3.5, []int{1}) }

//go:noinline
func (t T) value(f float64, v []int) { func() { panic(errors.New("inner\nline")) }() }

//go:noinline
func outer(t *T) {
	defer func() {
		defer func() {
			panic(struct{ a, b int }{1, 2})
		}()
		r := recover()
		panic(r)
	}()
	t.method(1, "s")
}

func main() {
	outer(&T{5})
}
