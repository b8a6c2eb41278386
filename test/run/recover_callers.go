package main

import (
	"fmt"
	"reflect"
)

// What counts as a call of recover by a deferred function: wrappers made by the compiler and by reflection do not stand in the way.

type T struct{}

func (T) M() { fmt.Println("M", recover() != nil) }

func direct() {
	defer func() { fmt.Println("outer", recover() != nil) }()
	defer recover() // too early: it is the deferred call itself
	panic(1)
}

func nested() {
	defer func() { fmt.Println("nothing left", recover() == nil) }()
	defer func() {
		defer recover() // called by the deferred function
	}()
	panic(2)
}

func method() {
	var i interface{ M() } = &T{}
	defer i.M()
	panic(3)
}

func reflected() {
	f := reflect.ValueOf(&T{}).Method(0).Interface().(func())
	defer f()
	panic(4)
}

func main() {
	direct()
	nested()
	method()
	reflected()
	reflect.TypeOf(T{}).Method(0).Func.Interface().(func(T))(T{})
}
