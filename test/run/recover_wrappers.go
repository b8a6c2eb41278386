// recover through the wrappers of deferred calls: interface methods, reflection, promoted methods, "defer recover()" itself.
package main

import "reflect"

type I interface{ M() }
type T struct{ name string }

func (t *T) M()    { println(t.name, recover() != nil, recover() != nil) }
func (t T) Value() { println(t.name, recover() != nil) }

type Outer struct{ *T }

func indirect() any { return recover() }

func run(name string, install func(), f func()) {
	defer func() { println(name, "left:", recover() != nil) }()
	f()
}

func main() {
	run("interface", nil, func() {
		var i I = &T{"i"}
		defer i.M()
		panic(1)
	})
	run("promoted", nil, func() {
		var i I = Outer{&T{"o"}}
		defer i.M()
		panic(1)
	})
	run("value wrapper", nil, func() {
		var i interface{ Value() } = &T{"v"}
		defer i.Value()
		panic(1)
	})
	run("reflect method value", nil, func() {
		defer reflect.ValueOf(&T{"r"}).Method(0).Interface().(func())()
		panic(1)
	})
	run("reflect method", nil, func() {
		f := reflect.TypeOf(&T{}).Method(0).Func.Interface().(func(*T))
		defer f(&T{"f"})
		panic(1)
	})
	run("the call itself", nil, func() {
		defer recover()
		panic(1)
	})
	run("inside a deferred function", nil, func() {
		defer func() { defer recover() }()
		panic(1)
	})
	run("too deep", nil, func() {
		defer func() { println(indirect() != nil) }()
		panic(1)
	})
}
