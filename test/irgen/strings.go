// RUN: %ssa %s | FileCheck %s
// Strings: two words each; up to five operands are concatenated by one call; equality compares lengths first.

package p

// CHECK-LABEL: func @"{{.*}}.three"
// CHECK: call @"runtime.concatstring3", v{{[0-9]+}}, v0, v1, v2, v3, v4, v5 sig
// CHECK-NOT: call
func three(a, b, c string) string { return a + b + c }

// CHECK-LABEL: func @"{{.*}}.six"
// CHECK: alloca layout(96, 8, 10101010101)
// CHECK: call @"runtime.concatstrings", v{{[0-9]+}}, v{{[0-9]+}}, v{{[0-9]+}}, v{{[0-9]+}} sig
func six(a, b, c, d, e, f string) string { return a + b + c + d + e + f }

// CHECK-LABEL: func @"{{.*}}.equal"
// CHECK: icmp.eq v1, v3
// CHECK: call @"runtime.memequal", v0, v2, v{{1|3}} sig
func equal(a, b string) bool { return a == b }

// CHECK-LABEL: func @"{{.*}}.empty"
// CHECK: icmp.eq v1, v{{[0-9]+}}
// CHECK-NOT: call
func empty(a string) bool { return a == "" }

// CHECK-LABEL: func @"{{.*}}.less"
// CHECK: call @"runtime.cmpstring", v0, v1, v2, v3 sig
// CHECK: icmp.lts
func less(a, b string) bool { return a < b }

// CHECK-LABEL: func @"{{.*}}.at"
// CHECK: bounds
// CHECK: load {{.*}}
func at(s string, i int) byte { return s[i] }

// CHECK-LABEL: func @"{{.*}}.runes"
// CHECK: icmp.{{.*}}
// CHECK: call @"runtime.decoderune", v0, v1, v{{[0-9]+}} sig
func runes(s string) (n rune) {
	for _, r := range s {
		n += r
	}
	return
}
