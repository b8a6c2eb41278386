// Wrappers are functions of their own, which no source has.
package main

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
)

type leaf struct{ n int }

func (l leaf) Value() int    { return l.n }
func (l *leaf) Pointer() int { return l.n }

type middle struct{ leaf }
type root struct{ middle }
type ptr struct{ *leaf }
type iface struct{ fmt.Stringer }

func show(v any) {
	t := reflect.TypeOf(v)
	for i := range t.NumMethod() {
		m := t.Method(i)
		pc := m.Func.Pointer()
		f := runtime.FuncForPC(pc)
		file, line := f.FileLine(pc)
		fmt.Println(t, m.Name, f.Name(), filepath.Base(file), line > 1)
	}
}

func main() {
	show(leaf{})
	show(&leaf{})
	show(middle{})
	show(&middle{})
	show(&root{})
	show(ptr{})
	show(iface{})
}
