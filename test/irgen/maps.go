// RUN: %ssa %s | FileCheck %s
// Maps: entry points by the kind of the key; a missing element is read from zero memory.

package p

// CHECK-LABEL: func @"{{.*}}.names"
// CHECK: v[[T:[0-9]+]]: ptr = symaddr @"type:map[string]int"
// CHECK-NEXT: v[[A:[0-9]+]] = call @"runtime.mapassign_faststr", v[[T]], v0, v1, v2 sig
// CHECK-NEXT: v[[P:[0-9]+]]: ptr = extract v[[A]] !nonnil
// CHECK-NEXT: store v[[P]]
// CHECK: call @"runtime.mapdelete_faststr"
// CHECK: call @"runtime.mapaccess2_faststr"
// CHECK: call @"runtime.mapaccess1_faststr"
func names(m map[string]int, k string) int {
	m[k] = 1
	delete(m, k)
	if v, ok := m[k]; ok {
		return v
	}
	return m["x"]
}

// CHECK-LABEL: func @"{{.*}}.keys"
// CHECK: call @"runtime.mapaccess1_fast32"
// CHECK: call @"runtime.mapaccess1_fast64"
// CHECK: call @"runtime.mapaccess1",
// CHECK: call @"runtime.mapassign_fast64ptr"
func keys(a map[int32]int, b map[uint64]int, c map[*int]int, d map[[3]int]int, p *int) {
	_ = a[1] + b[2]
	c[p] = d[[3]int{}]
}

type large [2000]byte

// CHECK-LABEL: func @"{{.*}}.fat"
// CHECK: symaddr @"go:zero.2048"
// CHECK-NEXT: call @"runtime.mapaccess1_fat"
func fat(m map[string]large) byte { return m["x"][1] }

// m[k] op= v looks the element up once.
// CHECK-LABEL: func @"{{.*}}.update"
// CHECK: call @"runtime.mapassign_fast64"
// CHECK-NOT: call
// CHECK: ret
func update(m map[int]int, k int) { m[k] += 2 }

// CHECK-LABEL: func @"{{.*}}.each"
// CHECK: call @"{{.*}}apIterStart"
// CHECK: call @"{{.*}}apIterNext"
func each(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return
}

// CHECK-LABEL: func @"{{.*}}.size"
// CHECK: load v0
// CHECK-NOT: call
func size(m map[string]int) int { return len(m) }

// CHECK-LABEL: func @"{{.*}}.wipe"
// CHECK: call @"runtime.mapclear"
func wipe(m map[string]int) { clear(m) }
