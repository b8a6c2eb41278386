// Leaf functions in ABIInternal that compiled code calls directly: no frame, no stack check, only argument registers and scratch.
// A fault inside is the caller's: the unwinder treats [rt_leaf_begin, rt_leaf_end) as frameless.

    .section .text.rt_leaf,"ax",@progbits
    .globl rt_leaf_begin
rt_leaf_begin:

    .globl "runtime.getg"
    .type "runtime.getg",@function
"runtime.getg":
    movq %r14, %rax
    ret

// memmove(to rax, from rbx, n rcx). Overlap is allowed. Pointer words are copied whole (a concurrent reader never sees half a pointer).
    .globl "runtime.memmove"
    .type "runtime.memmove",@function
    .align 16
"runtime.memmove":
    movq %rax, %rdi
    movq %rbx, %rsi
tail:
    cmpq $16, %rcx
    ja 3f
    cmpq $8, %rcx
    jae 2f
    cmpq $4, %rcx
    jae 1f
    testq %rcx, %rcx
    je 0f
    movzbl (%rsi), %eax
    movzbl -1(%rsi,%rcx), %ebx
    cmpq $2, %rcx
    jbe 9f
    movzbl 1(%rsi), %edx
    movb %dl, 1(%rdi)
9:  movb %al, (%rdi)
    movb %bl, -1(%rdi,%rcx)
0:  ret
1:  movl (%rsi), %eax
    movl -4(%rsi,%rcx), %ebx
    movl %eax, (%rdi)
    movl %ebx, -4(%rdi,%rcx)
    ret
2:  movq (%rsi), %rax
    movq -8(%rsi,%rcx), %rbx
    movq %rax, (%rdi)
    movq %rbx, -8(%rdi,%rcx)
    ret
3:  cmpq $32, %rcx
    ja 4f
    movups (%rsi), %xmm0
    movups -16(%rsi,%rcx), %xmm1
    movups %xmm0, (%rdi)
    movups %xmm1, -16(%rdi,%rcx)
    ret
4:  cmpq $64, %rcx
    ja 5f
    movups (%rsi), %xmm0
    movups 16(%rsi), %xmm1
    movups -32(%rsi,%rcx), %xmm2
    movups -16(%rsi,%rcx), %xmm3
    movups %xmm0, (%rdi)
    movups %xmm1, 16(%rdi)
    movups %xmm2, -32(%rdi,%rcx)
    movups %xmm3, -16(%rdi,%rcx)
    ret
5:  movq %rdi, %rax
    subq %rsi, %rax
    je 0b
    cmpq %rcx, %rax
    jb 7f                         // destination inside the source: backward
    cmpq $2048, %rcx
    jae 8f
    // forward, 64 bytes a step; the last 64 are saved first, so overlap with a lower destination is fine
    movups -64(%rsi,%rcx), %xmm4
    movups -48(%rsi,%rcx), %xmm5
    movups -32(%rsi,%rcx), %xmm6
    movups -16(%rsi,%rcx), %xmm7
    leaq (%rdi,%rcx), %rdx
6:  movups (%rsi), %xmm0
    movups 16(%rsi), %xmm1
    movups 32(%rsi), %xmm2
    movups 48(%rsi), %xmm3
    movups %xmm0, (%rdi)
    movups %xmm1, 16(%rdi)
    movups %xmm2, 32(%rdi)
    movups %xmm3, 48(%rdi)
    addq $64, %rsi
    addq $64, %rdi
    subq $64, %rcx
    cmpq $64, %rcx
    ja 6b
    movups %xmm4, -64(%rdx)
    movups %xmm5, -48(%rdx)
    movups %xmm6, -32(%rdx)
    movups %xmm7, -16(%rdx)
    ret
7:  // backward
    movups (%rsi), %xmm4
    movups 16(%rsi), %xmm5
    movups 32(%rsi), %xmm6
    movups 48(%rsi), %xmm7
    movq %rdi, %rdx
1:  movups -16(%rsi,%rcx), %xmm0
    movups -32(%rsi,%rcx), %xmm1
    movups -48(%rsi,%rcx), %xmm2
    movups -64(%rsi,%rcx), %xmm3
    movups %xmm0, -16(%rdi,%rcx)
    movups %xmm1, -32(%rdi,%rcx)
    movups %xmm2, -48(%rdi,%rcx)
    movups %xmm3, -64(%rdi,%rcx)
    subq $64, %rcx
    cmpq $64, %rcx
    ja 1b
    movups %xmm4, (%rdx)
    movups %xmm5, 16(%rdx)
    movups %xmm6, 32(%rdx)
    movups %xmm7, 48(%rdx)
    ret
8:  rep movsb
    ret

// memclrNoHeapPointers(p rax, n rbx); xmm15 is zero by convention.
    .globl "runtime.memclrNoHeapPointers"
    .type "runtime.memclrNoHeapPointers",@function
    .align 16
"runtime.memclrNoHeapPointers":
    cmpq $16, %rbx
    jae 2f
    cmpq $8, %rbx
    jae 1f
    leaq (%rax,%rbx), %rcx
0:  cmpq %rcx, %rax
    je 9f
    movb $0, (%rax)
    incq %rax
    jmp 0b
1:  movq $0, (%rax)
    movq $0, -8(%rax,%rbx)
9:  ret
2:  cmpq $2048, %rbx
    jae 5f
    leaq -16(%rax,%rbx), %rcx
3:  cmpq %rcx, %rax
    jae 4f
    movups %xmm15, (%rax)
    addq $16, %rax
    jmp 3b
4:  movups %xmm15, (%rcx)
    ret
5:  movq %rax, %rdi
    movq %rbx, %rcx
    xorl %eax, %eax
    rep stosb
    ret

    .globl "runtime.procyield"
"runtime.procyield":
    movl $30, %ecx
0:  pause
    decl %ecx
    jnz 0b
    ret
    .globl "runtime.cputicks"
"runtime.cputicks":
    rdtsc
    shlq $32, %rdx
    orq %rdx, %rax
    ret
    .globl "runtime.Breakpoint"
"runtime.Breakpoint":
    int3
    ret

    .globl rt_leaf_end
rt_leaf_end:

// The ABI0 faces, for assembly that calls these: arguments on the stack above the return address.
    .section .text.rt_leaf_abi0,"ax",@progbits
    .globl "runtime.memmove.abi0"
"runtime.memmove.abi0":
    movq 8(%rsp), %rax
    movq 16(%rsp), %rbx
    movq 24(%rsp), %rcx
    jmp "runtime.memmove"
    .globl "runtime.memclrNoHeapPointers.abi0"
"runtime.memclrNoHeapPointers.abi0":
    movq 8(%rsp), %rax
    movq 16(%rsp), %rbx
    xorps %xmm15, %xmm15
    jmp "runtime.memclrNoHeapPointers"

// The words 0 to 255 (golib/runtime/iface.go).
    .section .rodata.rt_staticuint64s,"a",@progbits
    .globl "runtime.staticuint64s"
    .type "runtime.staticuint64s",@object
    .size "runtime.staticuint64s", 2048
    .align 64
"runtime.staticuint64s":
    .set word, 0
    .rept 256
    .quad word
    .set word, word + 1
    .endr

    .section .note.GNU-stack,"",@progbits
