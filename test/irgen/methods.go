// RUN: %ssa %s | FileCheck %s
// Methods: calls through interfaces, method values and expressions, wrappers for promoted ones.

package p

type T struct{ n int }

// CHECK-LABEL: func @"{{.*}}.(*T).P" (ptr:r0, i64:r1+8) -> (i64:r0)
// CHECK: nilcheck v0
// CHECK: load v0
func (t *T) P(x int) int { return t.n + x }

// CHECK-LABEL: func @"{{.*}}.T.V" (i64:r0) -> (i64:r0)
// CHECK-NOT: load
func (t T) V() int { return t.n }

type I interface {
	P(int) int
	V() int
}

// Methods are in order of their names: the first is at 24 in the itab.
// CHECK-LABEL: func @"{{.*}}.calls" (ptr:r0, ptr:r1+8)
// CHECK: nilcheck v0
// CHECK-NEXT: v[[P:[0-9]+]]: ptr = load v0 #24
// CHECK: callcode v[[P]], v1, v{{[0-9]+}} sig
// CHECK: v[[V:[0-9]+]]: ptr = load v0 #32
// CHECK: callcode v[[V]], v1 sig
func calls(i I) int { return i.P(1) + i.V() }

// CHECK-LABEL: func @"{{.*}}.value"
// CHECK: v[[C:[0-9]+]]: ptr = new layout(16, 8, 01, @"type:struct { ·F uintptr; ·0 *{{.*}}.T }")
// CHECK: symaddr @"{{.*}}.(*T).P-fm"
// CHECK: store v[[C]], v0 #8
func value(t *T) func(int) int { return t.P }

// CHECK-LABEL: func @"{{.*}}.expression"
// CHECK: symaddr @"{{.*}}.T.V·f"
func expression() func(T) int { return T.V }

type S struct {
	x int
	*T
}

// CHECK-LABEL: func @"{{.*}}.boxed"
// CHECK: symaddr @"go:itab.{{.*}}.S,{{.*}}.I"
func boxed(s S) I { return s }

// CHECK-DAG: func @"{{.*}}.(*T).P-fm" {{.*}}!wrapper !ctxt !dupok
// CHECK-DAG: func @"{{.*}}.S.P" {{.*}}!wrapper
// CHECK-DAG: func @"{{.*}}.(*S).V" {{.*}}!wrapper
// CHECK-DAG: func @"{{.*}}.(*T).V" {{.*}}!wrapper
