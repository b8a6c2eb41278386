// reflect: calls, made functions, method values, maps, channels, select, types made at run time.
package main

import (
	"fmt"
	"reflect"
	"sort"
)

type T struct {
	A int `tag:"a"`
	B string
	c float64
}

func (t T) Sum(x int, y ...int) int {
	for _, v := range y {
		x += v
	}
	return t.A + x
}
func (t *T) Set(a int)                        { t.A = a }
func (t T) Many(a int8, s string, f float64, p *int, i any) (string, error) {
	*p++
	return fmt.Sprint(t.A, a, s, f, i), fmt.Errorf("e%d", *p)
}

type named struct{}

func (*named) String() string { return "named" }

// An array longer than one keeps the whole struct out of registers, though it has no size.
type withHoles struct {
	a int
	x struct{ y [3]struct{} }
	b float64
}

func big(a, b, c, d, e, f, g, h, i, j, k int, s []string) ([]string, int) {
	return append(s, "x"), a + b + c + d + e + f + g + h + i + j + k
}

func main() {
	t := &T{1, "b", 2.5}
	v := reflect.ValueOf(t)
	fmt.Println(v.Elem().Type(), v.Type().NumMethod(), v.Elem().Type().NumMethod(), v.Elem().Type().Field(0).Tag.Get("tag"))
	v.MethodByName("Set").Call([]reflect.Value{reflect.ValueOf(10)})
	fmt.Println(v.MethodByName("Sum").Call([]reflect.Value{reflect.ValueOf(1), reflect.ValueOf(2), reflect.ValueOf(3)})[0])
	n := 4
	out := v.MethodByName("Many").Call([]reflect.Value{reflect.ValueOf(int8(-3)), reflect.ValueOf("s"), reflect.ValueOf(1.5), reflect.ValueOf(&n),
		reflect.ValueOf(T{})})
	fmt.Println(out[0], out[1], n)
	var args []reflect.Value
	for i := 0; i < 11; i++ {
		args = append(args, reflect.ValueOf(i))
	}
	args = append(args, reflect.ValueOf([]string{"y"}))
	out = reflect.ValueOf(big).Call(args)
	fmt.Println(out[0], out[1])

	swap := reflect.MakeFunc(reflect.TypeOf(func(int, string) (string, int) { return "", 0 }), func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{in[1], in[0]}
	}).Interface().(func(int, string) (string, int))
	fmt.Println(swap(1, "two"))
	m := v.MethodByName("Sum").Interface().(func(int, ...int) int)
	fmt.Println(m(100, 1, 2))
	wide := reflect.MakeFunc(reflect.TypeOf(big), func(in []reflect.Value) []reflect.Value {
		return reflect.ValueOf(big).Call(in)
	}).Interface().(func(a, b, c, d, e, f, g, h, i, j, k int, s []string) ([]string, int))
	fmt.Println(wide(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, []string{"w"}))

	mv := reflect.MakeMap(reflect.TypeOf(map[string]int{}))
	mv.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf(1))
	mv.SetMapIndex(reflect.ValueOf("l"), reflect.ValueOf(2))
	keys := mv.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	fmt.Println(keys, mv.Interface(), mv.Len())
	cv := reflect.MakeChan(reflect.TypeOf(make(chan int)), 1)
	cv.Send(reflect.ValueOf(5))
	chosen, got, ok := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: cv}, {Dir: reflect.SelectDefault}})
	fmt.Println(chosen, got, ok, cv.Len(), cv.Cap())

	st := reflect.StructOf([]reflect.StructField{{Name: "X", Type: reflect.TypeOf(0)}, {Name: "P", Type: reflect.TypeOf(&n)}})
	sv := reflect.New(st).Elem()
	sv.Field(0).SetInt(9)
	fmt.Printf("%v %T\n", sv.Field(0), reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(T{})), 1, 2).Interface())
	fmt.Println(reflect.MapOf(reflect.TypeOf(""), st), reflect.ArrayOf(3, st), reflect.FuncOf(nil, []reflect.Type{st}, false))
	fmt.Println(reflect.TypeOf(map[string][]T{}) == reflect.MapOf(reflect.TypeOf(""), reflect.SliceOf(reflect.TypeOf(T{}))))
	mm := reflect.MakeMap(reflect.MapOf(reflect.ArrayOf(2, reflect.TypeOf("")), reflect.TypeOf(0)))
	mm.SetMapIndex(reflect.ValueOf([2]string{"a", "b"}), reflect.ValueOf(3))
	fmt.Println(mm.MapIndex(reflect.ValueOf([2]string{"a", "b"})), reflect.DeepEqual(mm.Interface(), map[[2]string]int{{"a", "b"}: 3}))
	fmt.Println(reflect.DeepEqual([]any{1, "a", map[int]int{1: 2}}, []any{1, "a", map[int]int{1: 2}}), reflect.TypeFor[error](), reflect.TypeOf(main))
	sv.Field(0).SetInt(10)
	cs := reflect.MakeChan(reflect.TypeOf(make(chan int)), 1)
	fmt.Println(reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectSend, Chan: cs, Send: reflect.ValueOf(1)}}))
	_, stringer := reflect.New(reflect.TypeOf(struct{ named }{})).Interface().(fmt.Stringer)
	fmt.Println(stringer)
	holes := func(h withHoles, x int) (withHoles, int) { h.a += x; return h, x }
	fmt.Println(reflect.ValueOf(holes).Call([]reflect.Value{reflect.ValueOf(withHoles{a: 1, b: 2.5}), reflect.ValueOf(3)})[0])
	defer func() { fmt.Println(recover()) }()
	reflect.ValueOf(T{}).Field(0).SetInt(1)
}
