// RUN: %ssa %s | FileCheck %s
// Generics: each list of type arguments has its own function, with what the types need.

package p

type Ordered interface{ ~int | ~string | ~float64 }

func least[X Ordered](a, b X) X {
	if a < b {
		return a
	}
	return b
}

type Box[T any] struct{ x T }

func (b *Box[T]) Get() T { return b.x }

func (b *Box[T]) Map[U any](f func(T) U) Box[U] { return Box[U]{f(b.x)} }

type Name string

// CHECK-LABEL: func @"{{.*}}.use"
// CHECK: call @"{{.*}}.least[int]"
// CHECK: call @"{{.*}}.least[{{.*}}.Name]"
// CHECK: call @"{{.*}}.(*Box[string]).Get"
// CHECK: call @"{{.*}}.(*Box[int]).Map[string]"
func use(b *Box[string], c *Box[int]) (int, Name, string, Box[string]) {
	return least(1, 2), least[Name]("a", "b"), b.Get(), c.Map(func(int) string { return "" })
}

func zero[T any]() (t T) { return }

func box[T any](x T) any { return x }

// CHECK-LABEL: func @"{{.*}}.more"
// CHECK: call @"{{.*}}.box{{\[\[\]int\]}}"
// CHECK: call @"{{.*}}.zero[struct { {{.*}}.a int; {{.*}}.b int }]" sig
func more(s []int) (any, struct{ a, b int }) { return box(s), zero[struct{ a, b int }]() }

// CHECK-LABEL: func @"{{.*}}.least[int]" (i64:r0, i64:r1+8) -> (i64:r0) {{.*}}!dupok
// CHECK: icmp.lts v0, v1
// CHECK-NOT: call
// CHECK-LABEL: func @"{{.*}}.least[{{.*}}.Name]" (ptr:r0, i64:r1+8, ptr:r2+16, i64:r3+24) -> (ptr:r0, i64:r1) {{.*}}!dupok
// CHECK: call @"runtime.cmpstring"
// CHECK-LABEL: func @"{{.*}}.(*Box[string]).Get" (ptr:r0) -> (ptr:r0, i64:r1)
// CHECK-LABEL: func @"{{.*}}.(*Box[int]).Map[string]"
// CHECK: callclosure
// CHECK-LABEL: func @"{{.*}}.box{{\[\[\]int\]}}"
// CHECK: symaddr @"type:[]int"
