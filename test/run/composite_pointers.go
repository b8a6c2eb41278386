// Literals whose elided type is a pointer to a slice, map, array or struct, one within the other.
package main

type (
	T struct{ x int }
	S []T
	P []*S
	M map[string]*S
	A [2]*M
)

var global = map[string]*S{"a": {{1}, {2}}}
var deep = []*P{{{{3}}, nil, {{4}, {5}}}}

func dynamic(n int) (*A, []*[]*int) {
	m := n * 2
	return &A{{"k": {{n}, {m}}}, nil}, []*[]*int{{&n, &m}, nil, {}}
}

func main() {
	println(len(global), (*global["a"])[1].x)
	println(len(*deep[0]), (*(*deep[0])[2])[1].x, (*deep[0])[1] == nil)
	a, p := dynamic(7)
	println((*(*a[0])["k"])[1].x, a[1] == nil, len(p), *(*p[0])[1], p[1] == nil, len(*p[2]))
	e := [...]*[]struct{}{{{}, {}}, {}}
	println(len(e), len(*e[0]), len(*e[1]))
}
