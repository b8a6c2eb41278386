// RUN: %ssa %s | FileCheck %s
// What may go wrong at run time is asked before: indices, divisors, shift counts, nil, conversions of slices.

package p

// CHECK-LABEL: func @"{{.*}}.index" (ptr:r0, i64:r1+8, i64:r2+16, i64:r3+24)
// CHECK: bounds.index v3, v1
// CHECK: load
func index(s []int, i int) int { return s[i] }

// CHECK-LABEL: func @"{{.*}}.slice" (
// CHECK-COUNT-2: bounds
func slice(s []int, i, j int) []int { return s[i:j] }

// CHECK-LABEL: func @"{{.*}}.array" (
// CHECK-NOT: bounds
// CHECK: ret
func array(a *[4]int) int { return a[3] }

// CHECK-LABEL: func @"{{.*}}.quotient"
// CHECK: icmp.{{eq|ne}} v1
// CHECK: call @"runtime.panicdivide"
func quotient(a, b int) int { return a / b }

// CHECK-LABEL: func @"{{.*}}.third"
// CHECK-NOT: panicdivide
// CHECK: ret
func third(a int) int { return a / 3 }

// CHECK-LABEL: func @"{{.*}}.shift"
// CHECK: call @"runtime.panicshift"
func shift(a, n int) int { return a << n }

// CHECK-LABEL: func @"{{.*}}.unsignedShift"
// CHECK-NOT: panicshift
// CHECK: ret
func unsignedShift(a int, n uint8) int { return a << n }

type far struct {
	pad [1 << 20]byte
	x   int
}

// CHECK-LABEL: func @"{{.*}}.distant"
// CHECK: nilcheck v0
// CHECK: load v0 #1048576
func distant(p *far) int { return p.x }

// CHECK-LABEL: func @"{{.*}}.asserted"
// CHECK: symaddr @"type:string"
// CHECK: call @"runtime.panicdottypeE"
func asserted(x any) string { return x.(string) }

// CHECK-LABEL: func @"{{.*}}.asArray"
// CHECK: bounds.convert v1, v{{[0-9]+}}
// CHECK: move v{{[0-9]+}}, v0 size=32
func asArray(s []int) [4]int { return [4]int(s) }

// Operands are read before they are assigned.
// CHECK-LABEL: func @"{{.*}}.swap"
// CHECK: v[[B:[0-9]+]]: i64 = load v1
// CHECK: v[[A:[0-9]+]]: i64 = load v0
// CHECK: store v0, v[[B]]
// CHECK: store v1, v[[A]]
func swap(a, b *int) { *a, *b = *b, *a }

// CHECK-LABEL: func @"{{.*}}.grow"
// CHECK: call @"runtime.growslice"
func grow(s []int, x int) []int { return append(s, x) }
