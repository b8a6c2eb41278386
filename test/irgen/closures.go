// RUN: %ssa %s | FileCheck %s
// Closures: a variable that is never assigned again is captured by value, another one lives in an object of its own.

package p

// CHECK-LABEL: func @"{{.*}}.byValue.func1"
// CHECK: v[[C:[0-9]+]]: ptr = closureptr
// CHECK-NEXT: v[[A:[0-9]+]]: i64 = load v[[C]] #8
// CHECK-NEXT: ret v[[A]]
// CHECK-LABEL: func @"{{.*}}.byValue"
// CHECK: v[[C:[0-9]+]]: ptr = new layout(16, 8, @"type:struct { ·F uintptr; ·0 int }")
// CHECK: symaddr @"{{.*}}.byValue.func1"
// CHECK: store v[[C]], v0 #8 !nobarrier
func byValue(a int) func() int { return func() int { return a } }

// CHECK-LABEL: func @"{{.*}}.byReference.func1"
// CHECK: v[[C:[0-9]+]]: ptr = closureptr
// CHECK: v[[N:[0-9]+]]: ptr = load v[[C]] #8
// CHECK: store v[[N]], v{{[0-9]+}}
// CHECK-LABEL: func @"{{.*}}.byReference"
// CHECK: v[[N:[0-9]+]]: ptr = new layout(8, 8, @"type:int")
// CHECK: v[[C:[0-9]+]]: ptr = new layout(16, 8, 01, @"type:struct { ·F uintptr; ·0 unsafe.Pointer }")
// CHECK: store v[[C]], v[[N]] #8 !nobarrier
func byReference() func() int {
	n := 0
	return func() int { n++; return n }
}

// A literal that captures nothing is a constant.
// CHECK-LABEL: func @"{{.*}}.none" ()
// CHECK-NOT: new
// CHECK: symaddr @"{{.*}}.none.func1·f"
// CHECK-NEXT: ret
func none() func() int { return func() int { return 1 } }

// CHECK-LABEL: func @"{{.*}}.perIteration"
// CHECK: jump {{.*}} -> b[[LOOP:[0-9]+]](
// CHECK-NEXT: b[[LOOP]](v[[I:[0-9]+]]: i64, v{{[0-9]+}}: i8):
// CHECK: v[[NEXT:[0-9]+]]: ptr = new layout(8, 8, @"type:int")
// CHECK: store v[[NEXT]], v[[I]] !nobarrier
// CHECK: v[[OLD:[0-9]+]]: i64 = load v[[NEXT]]
// CHECK: jump {{.*}} -> b[[LOOP]](v[[OLD]],
func perIteration(f func(func())) {
	for i := 0; i < 3; i++ {
		f(func() { i++ })
	}
}
