/*
 * Loaded into user-mode Linux 6.1, whose buffer for a processor's extended state is as large as AVX2 needs: on
 * processors with more (AVX-512, AMX) the kernel of the host refuses to set a state that is cut short, and the guest
 * panics. So each PTRACE_SETREGSET of NT_X86_XSTATE is filled up with what the processor has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define GETREGSET 0x4204
#define SETREGSET 0x4205
#define X86_XSTATE 0x202

static long call(long request, long pid, void *address, void *data)
{
    long word, result;

    if (request < PTRACE_PEEKTEXT || request > PTRACE_PEEKUSER)
        return syscall(SYS_ptrace, request, pid, address, data);
    /* The system call has a word to store at, and the library hands it out. */
    result = syscall(SYS_ptrace, request, pid, address, &word);
    if (result < 0)
        return result;
    errno = 0;
    return word;
}

long ptrace(enum __ptrace_request request, ...)
{
    static char state[65536] __attribute__((aligned(64)));
    struct iovec whole = {state, sizeof(state)}, *given;
    va_list arguments;
    void *address, *data;
    long pid;

    va_start(arguments, request);
    pid = va_arg(arguments, int);
    address = va_arg(arguments, void *);
    data = va_arg(arguments, void *);
    va_end(arguments);
    if ((long)request != SETREGSET || (long)address != X86_XSTATE)
        return call(request, pid, address, data);
    if (call(GETREGSET, pid, address, &whole) < 0)
        return -1;
    given = data;
    if (given->iov_len >= whole.iov_len)
        return call(request, pid, address, data);
    memcpy(state, given->iov_base, given->iov_len);
    return call(SETREGSET, pid, address, &whole);
}
