// Names of functions as programs see them: closures, initialisers, generic functions and methods.
package main

import (
	"fmt"
	"reflect"
	"runtime"
)

type Opt[T any] struct{ v T }

func (o Opt[T]) Name[U any]() string { return caller() }
func (o *Opt[T]) Ptr() string        { return func() string { return caller() }() }

func caller() string {
	pc, _, _, _ := runtime.Caller(1)
	return runtime.FuncForPC(pc).Name()
}
func generic[T any](T) string { return caller() }

var (
	g      = func() {}
	h, hh  = func() string { return caller() }, func() string { return func() string { return caller() }() }
	table  = map[string]func() string{"a": func() string { return caller() }}
	called = func() string { return caller() }()
)

func init() { f := func() { fmt.Println(caller()) }; f() }
func init() { func() { fmt.Println(caller()) }() }

func name(f any) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }

func main() {
	fmt.Println(name(g), h(), hh(), table["a"](), called)
	fmt.Println(Opt[int]{}.Name[string](), (&Opt[map[string][]int]{}).Ptr(), generic(1), generic([2]Opt[int]{}))
	fmt.Println(name((*Opt[int]).Ptr), name(fmt.Println), name(func() {}))
	done := make(chan string)
	go func() {
		go func() { done <- caller() }()
	}()
	fmt.Println(<-done)
}
