// Methods of types that only reflection reaches: through signatures of methods, fields, elements, function types, other types' parts.
package main

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"text/template"
)

type T struct{ N int }

func (T) Deep() string    { return "deep" }
func (t *T) Pointer() int { return t.N }
func (T) Step() U         { return U{} }

type U struct{}

func (U) Last() string { return "last" }

type S struct{}

func (S) Take(T)                                  {}
func (S) Sub() T                                  { return T{} }
func (S) Many() ([]V, map[W]X, chan Y, func(Z) A) { return []V{1}, nil, nil, nil }

type (
	V int
	W string
	X struct{}
	Y struct{}
	Z struct{}
	A struct{}
)

func (V) Name() string { return "V" }
func (W) Name() string { return "W" }
func (X) Name() string { return "X" }
func (Y) Name() string { return "Y" }
func (Z) Name() string { return "Z" }
func (A) Name() string { return "A" }

type field struct {
	Inner  *inner
	hidden inner2
}
type inner struct{ B }
type inner2 struct{ C }
type B struct{}

func (B) Hello() string { return "B" }

type C struct{}

func (C) Hello() string { return "C" }

type G[P any] struct{ v P }

func (g G[P]) Get() P { return g.v }

func call(v reflect.Value, name string) any { return v.MethodByName(name).Call(nil)[0].Interface() }

func main() {
	m, _ := reflect.TypeOf(S{}).MethodByName(strings.Repeat("Take", 1))
	fmt.Println(call(reflect.Zero(m.Type.In(1)), "Deep"))
	sub := reflect.ValueOf(S{}).MethodByName("Sub").Call(nil)[0]
	fmt.Println(call(sub, "Deep"), call(sub.MethodByName("Step").Call(nil)[0], "Last"))
	p := reflect.New(sub.Type())
	fmt.Println(call(p, "Pointer"))
	many, _ := reflect.TypeOf(S{}).MethodByName("Many")
	for i := range many.Type.NumOut() {
		t := many.Type.Out(i)
		var parts []reflect.Type
		switch t.Kind() {
		case reflect.Map:
			parts = []reflect.Type{t.Key(), t.Elem()}
		case reflect.Func:
			parts = []reflect.Type{t.In(0), t.Out(0)}
		default:
			parts = []reflect.Type{t.Elem()}
		}
		for _, p := range parts {
			fmt.Print(call(reflect.Zero(p), "Name"), " ")
		}
	}
	fmt.Println()
	f := reflect.ValueOf(field{Inner: &inner{}})
	fmt.Println(call(f.Field(0).Elem(), "Hello"), f.Field(1).Type().NumMethod())
	fmt.Println(call(reflect.ValueOf(G[W]{"w"}), "Get"))
	template.Must(template.New("").Parse("{{.Sub.Deep}} {{.Sub.Step.Last}}\n")).Execute(os.Stdout, S{})
}
