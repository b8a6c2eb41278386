// One bridge a runtime entry: "runtime.NAME.abi0" saves where the goroutine stands, moves to the thread's system stack and calls
// rt_NAME(arguments, g). A function that parks the goroutine does not return here; the goroutine comes back through rt_gogo.
#include "abi_asm.h"

    .macro BRIDGE name
    .section .text.bridge.\name,"ax",@progbits
    .globl "runtime.\name\().abi0"
    .type "runtime.\name\().abi0",@function
"runtime.\name\().abi0":
    movq %fs:TlsG, %r14
    leaq 8(%rsp), %rdi
    movq (%rsp), %rax
    movq %rdi, GSchedSP(%r14)
    movq %rax, GSchedPC(%r14)
    movq %rbp, GSchedBP(%r14)
    movq GM(%r14), %rax
    movq %r14, %rsi
    movq MG0SP(%rax), %rsp
    call rt_\name
    movq GSchedSP(%r14), %rax
    leaq -8(%rax), %rsp
    ret
    .endm
#define VOLE_RUNTIME_CALL(name) BRIDGE name
#include "abi/runtime_calls.def"

    .section .note.GNU-stack,"",@progbits
