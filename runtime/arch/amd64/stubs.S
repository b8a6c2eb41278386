// Entry, stack switches and the bridges between Go code and C++. Every stub that C++ runs under leaves the goroutine's frame exactly
// at a call site of compiled code: sched.sp, sched.pc and sched.bp are those of the Go caller.
//
// Register facts used throughout: r14 = g (callee-saved for C++), xmm15 = 0 in Go code, rbp = frame pointer chain.


#include "abi_asm.h"

    .text

// ---- process entry -----------------------------------------------------------------------------------------------------------------------
    .section .text._rt0_amd64_linux,"ax",@progbits
    .globl _rt0_amd64_linux
    .type _rt0_amd64_linux,@function
_rt0_amd64_linux:
    xorl %ebp, %ebp
    movq %rsp, %rdi
    andq $-16, %rsp
    call rt_start
    ud2

// ---- C++ to a goroutine ------------------------------------------------------------------------------------------------------------------
// rt_gogo(G*): continue where the goroutine's sched says.
    .section .text.rt_gogo,"ax",@progbits
    .globl rt_gogo
    .type rt_gogo,@function
rt_gogo:
    movq %rdi, %r14
    movq %r14, %fs:TlsG
    movq GSchedSP(%r14), %rsp
    movq GSchedBP(%r14), %rbp
    movq GSchedCtxt(%r14), %rdx
    movq GSchedPC(%r14), %rcx
    movq $0, GSchedCtxt(%r14)
    xorps %xmm15, %xmm15
    cld
    jmp *%rcx

// rt_clone(flags, stack top, function, argument): the thread id or -errno in the parent; the child calls function(argument), which never
// returns.
    .section .text.rt_clone,"ax",@progbits
    .globl rt_clone
    .type rt_clone,@function
rt_clone:
    subq $16, %rsi
    movq %rdx, (%rsi)
    movq %rcx, 8(%rsi)
    xorl %edx, %edx
    xorl %r10d, %r10d
    xorl %r8d, %r8d
    movl $56, %eax
    syscall
    testq %rax, %rax
    jz 1f
    ret
1:  xorl %ebp, %ebp
    popq %rax
    popq %rdi
    call *%rax
    ud2

// ---- stack growth ------------------------------------------------------------------------------------------------------------------------
    .section .text.rt_morestack,"ax",@progbits
    .globl "runtime.morestack_noctxt"
    .type "runtime.morestack_noctxt",@function
"runtime.morestack_noctxt":
    xorl %edx, %edx
    .globl "runtime.morestack"
    .type "runtime.morestack",@function
"runtime.morestack":
    movq %fs:TlsG, %r14
    popq %rax
    movq %rax, GSchedPC(%r14)
    movq %rsp, GSchedSP(%r14)
    movq %rbp, GSchedBP(%r14)
    movq %rdx, GSchedCtxt(%r14)
    movq %r14, %rdi
    movq GM(%r14), %rax
    movq MG0SP(%rax), %rsp
    call rt_newstack
    ud2

    .globl "runtime.morestack_noctxt.abi0"
    .set "runtime.morestack_noctxt.abi0", "runtime.morestack_noctxt"
    .globl "runtime.morestack.abi0"
    .set "runtime.morestack.abi0", "runtime.morestack"

// ---- the bottom of every goroutine -------------------------------------------------------------------------------------------------------
    .section .text.rt_goexit,"ax",@progbits
    .globl rt_goexit_begin
rt_goexit_begin:
    .globl "runtime.goexit"
    .type "runtime.goexit",@function
"runtime.goexit":
    nop
    movq %fs:TlsG, %r14
    movq %r14, %rdi
    movq GM(%r14), %rax
    movq MG0SP(%rax), %rsp
    call rt_goexit_g0
    ud2
    .globl rt_goexit_end
rt_goexit_end:
    .globl "runtime.goexit.abi0"
    .set "runtime.goexit.abi0", "runtime.goexit"

// ---- signals -----------------------------------------------------------------------------------------------------------------------------
    .section .text.rt_sigtramp,"ax",@progbits
    .globl rt_sigtramp
    .type rt_sigtramp,@function
rt_sigtramp:
    pushq %rbp
    movq %rsp, %rbp
    andq $-16, %rsp
    call rt_signal_handler
    movq %rbp, %rsp
    popq %rbp
    ret
    .section .text.rt_sigreturn,"ax",@progbits
    .globl rt_sigreturn
    .type rt_sigreturn,@function
rt_sigreturn:
    movl $15, %eax
    syscall
    ud2

// Where a faulting goroutine continues: the faulting address has been pushed as if the instruction had called this.
    .section .text.rt_sigpanic_entry,"ax",@progbits
    .globl rt_sigpanic_entry
rt_sigpanic_entry:
    movq %fs:TlsG, %r14
    xorps %xmm15, %xmm15
    cld
    jmp "runtime.sigpanic"
    .globl rt_sigpanic0_entry
rt_sigpanic0_entry:
    movq %fs:TlsG, %r14
    xorps %xmm15, %xmm15
    cld
    jmp "runtime.sigpanic0"

// ---- a loop that never calls --------------------------------------------------------------------------------------------------------------
// Entered by a signal between two instructions of Go code, whose address has been pushed: all registers are kept in a frame of
// kAsyncFrame bytes (stack/unwind.h) on the goroutine's own stack, which does not move until it runs again. xmm15 is one of them: compiled
// code moves values between stack slots through it.
    .section .text.rt_async_preempt,"ax",@progbits
    .globl rt_async_begin
rt_async_begin:
    .globl rt_async_preempt
    .type rt_async_preempt,@function
rt_async_preempt:
    pushfq
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $256, %rsp
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movups %xmm\n, 16*\n(%rsp)
    .endr
    movq %fs:TlsG, %r14
    movq %rsp, GSchedSP(%r14)
    leaq 1f(%rip), %rax
    movq %rax, GSchedPC(%r14)
    movq %rbp, GSchedBP(%r14)
    movq $0, GSchedCtxt(%r14)
    cld
    movq %r14, %rdi
    movq GM(%r14), %rax
    movq MG0SP(%rax), %rsp
    call rt_async_yield
    ud2
1:
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movups 16*\n(%rsp), %xmm\n
    .endr
    addq $256, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rbx
    popq %rax
    popfq
    ret
    .globl rt_async_end
rt_async_end:

// ---- reflect: calling a function whose signature is known at run time only ------------------------------------------------------------------
// reflectcall(stackArgsType *abi.Type, fn, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32, regArgs *abi.RegArgs)
// The frame is as large as the call needs; the unwinder finds its end through rbp. Pointers live in the caller's argument block only.
    .section .text.rt_reflectcall,"ax",@progbits
    .globl rt_reflectcall_begin
rt_reflectcall_begin:
    .globl "runtime.reflectcall.abi0"
    .type "runtime.reflectcall.abi0",@function
"runtime.reflectcall.abi0":
1:  movl 40(%rsp), %ecx           // frameSize
    movq %fs:TlsG, %r14
    leaq -256(%rsp), %rax
    subq %rcx, %rax
    jb 2f
    cmpq GStackGuard0(%r14), %rax
    ja 3f
2:  call "runtime.morestack_noctxt"
    .globl rt_reflectcall_grown
rt_reflectcall_grown:
    jmp 1b
3:  pushq %rbp
    movq %rsp, %rbp
    addq $15, %rcx
    andq $-16, %rcx
    subq %rcx, %rsp
    // copy the stack arguments
    movl 40(%rbp), %ecx           // stackArgsSize
    movq 32(%rbp), %rsi
    movq %rsp, %rdi
    cld
    rep movsb
    movq 56(%rbp), %r12
    call "runtime.unspillArgs.abi0"
    movq 24(%rbp), %rdx
    call *(%rdx)
    .globl rt_reflectcall_return
rt_reflectcall_return:
    movq 56(%rbp), %r12
    call "runtime.spillArgs.abi0"
    // pointer results also go to RegArgs.Ptrs, where the stack maps see them
    movzwl 264(%r12), %eax
    xorl %ecx, %ecx
4:  btl %ecx, %eax
    jnc 5f
    movq (%r12,%rcx,8), %rdx
    movq %rdx, 192(%r12,%rcx,8)
5:  incl %ecx
    cmpl $9, %ecx
    jb 4b
    // copy the stack results back: [stackRetOffset, stackArgsSize)
    movl 40(%rbp), %ecx
    movl 44(%rbp), %eax
    subq %rax, %rcx
    movq 32(%rbp), %rdi
    addq %rax, %rdi
    leaq (%rsp,%rax), %rsi
    rep movsb
    movq %rbp, %rsp
    popq %rbp
    ret
    .globl rt_reflectcall_end
rt_reflectcall_end:

    .section .text.rt_spill,"ax",@progbits
    .globl "runtime.spillArgs.abi0"
"runtime.spillArgs.abi0":
    movq %rax, 0(%r12)
    movq %rbx, 8(%r12)
    movq %rcx, 16(%r12)
    movq %rdi, 24(%r12)
    movq %rsi, 32(%r12)
    movq %r8, 40(%r12)
    movq %r9, 48(%r12)
    movq %r10, 56(%r12)
    movq %r11, 64(%r12)
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
    movq %xmm\n, 72+8*\n(%r12)
    .endr
    ret
    .globl "runtime.unspillArgs.abi0"
"runtime.unspillArgs.abi0":
    movq 0(%r12), %rax
    movq 8(%r12), %rbx
    movq 16(%r12), %rcx
    movq 24(%r12), %rdi
    movq 32(%r12), %rsi
    movq 40(%r12), %r8
    movq 48(%r12), %r9
    movq 56(%r12), %r10
    movq 64(%r12), %r11
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
    movq 72+8*\n(%r12), %xmm\n
    .endr
    ret

// ---- write barrier -----------------------------------------------------------------------------------------------------------------------
// The caller asks for room for N pointers (r11 returns its address). With no collector marking, the room is a scratch line nobody reads.
    .section .text.rt_wb,"ax",@progbits
    .irp n,1,2,3,4,5,6,7,8
    .globl "runtime.gcWriteBarrier\n"
    .type "runtime.gcWriteBarrier\n",@function
"runtime.gcWriteBarrier\n":
    .endr
    leaq rt_wb_scratch(%rip), %r11
    ret
    .section .bss.rt_wb_scratch,"aw",@nobits
    .globl rt_wb_scratch
    .align 64
rt_wb_scratch:
    .skip 64

    .section .note.GNU-stack,"",@progbits

// ---- system calls made by Go code ------------------------------------------------------------------------------------------------------
// entersyscall and exitsyscall in ABIInternal without arguments. The thread keeps its P, marked with its own number; only when the
// monitor took it away in between does coming back need the scheduler.
    .section .text.rt_syscall_bracket,"ax",@progbits
    .globl "runtime.entersyscall"
    .type "runtime.entersyscall",@function
"runtime.entersyscall":
    movq (%rsp), %rax
    movq %rax, GSyscallPC(%r14)
    movq %rbp, GSyscallBP(%r14)
    leaq 8(%rsp), %rax
    movq %rax, GSyscallSP(%r14)
    movl $StatusSyscall, GStatus(%r14)
    movq GM(%r14), %rax
    movl MSyscallMark(%rax), %ecx
    movq MP(%rax), %rax
    incl PSyscallTick(%rax)
    movl %ecx, PStatus(%rax)
    ret
    .globl "runtime.exitsyscall"
    .type "runtime.exitsyscall",@function
"runtime.exitsyscall":
    movq GM(%r14), %rdx
    movl MSyscallMark(%rdx), %eax
    movq MP(%rdx), %rbx
    movl $1, %ecx
    lock cmpxchgl %ecx, PStatus(%rbx)
    jne 1f
    movl $StatusRunning, GStatus(%r14)
    movq $0, GSyscallSP(%r14)
    ret
1:  leaq 8(%rsp), %rax
    movq %rax, GSchedSP(%r14)
    movq (%rsp), %rax
    movq %rax, GSchedPC(%r14)
    movq %rbp, GSchedBP(%r14)
    movq %r14, %rdi
    movq MG0SP(%rdx), %rsp
    call rt_exitsyscall_slow
    ud2
