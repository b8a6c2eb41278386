// The panic value is an error whose text is made while the program dies; other goroutines are not shown.
// exit: 2
package main

type code int

type temp float64

func (c code) Error() string { return "code " + string(rune('0'+c)) }

func main() {
	go func() { select {} }()
	defer println("deferred")
	defer func() {
		r := recover()
		println(r.(temp) > 1)
		panic(code(7))
	}()
	panic(temp(1.5))
}
