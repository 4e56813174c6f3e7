/* SPDX-License-Identifier: GPL-2.0 */
/* B  how a process comes by its memory */
EXPERIMENT(lazy)
EXPERIMENT(stack_grow)
EXPERIMENT(fork)
EXPERIMENT(brk_demo)
EXPERIMENT(brk4)
EXPERIMENT(brk_merge)
EXPERIMENT(exec_heap)
EXPERIMENT(exec_stack)
EXPERIMENT(exec_trace)
EXPERIMENT(anon_alloc)
EXPERIMENT(ptables)
EXPERIMENT(fault_walk)
