/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_SESSION_H
#define MMSCOPE_SESSION_SESSION_H

#include <stdbool.h>
#include <sys/types.h>
#include "device/device.h"
#include "session/whom.h"

struct verb;
struct session;
struct session_context;

typedef void (*watch_fn)(const struct mmscope_event *e, void *arg);

/* Which sources a session opens: both if they are there, one alone, or the tracer if it is there */
enum session_sources {
	SESSION_ANY,
	SESSION_DEVICE,
	SESSION_TRACER,
	SESSION_TRACER_IF,
};

/**
 * struct session - processes, a command or a recording whose records are read
 * @sources: which sources are opened; the caller sets it
 * @device: reader of the module's log; its fd is -1 where there is none
 * @tracer: the BPF programs tell records
 * @of_device: the module's next record, if it was read already
 * @from_tracer: the tracer's next record, if it was read already
 * @more: the last round has ended with a record, so that there may be more
 * @each: called for each record
 * @arg: handed to @each
 * @begun: called when the sources are open, before any record is read; or NULL
 * @before: called when the command has a pid, and waits to be executed; or NULL
 * @whom: processes that are watched, if it is no command; the caller sets it
 * @pid: the command, or the first process that is watched
 * @pidfd: an epoll(7) of pidfds, which becomes readable when a watched process ends; -1 for a
 *	command
 * @living: number of watched processes that have not ended
 * @signals: signalfd
 * @status: how the command ended, as from waitpid(2)
 * @interrupted: number of Ctrl-C and signals like it
 * @ended: no more records will come
 * @unshown: number of records that were not handed out, because of a second Ctrl-C
 * @tick: called every now and then, when records were handed out; or NULL
 * @wakes: address of a descriptor that is readable when @tick is to be called at once; -1 or NULL
 *	for none
 * @asked: called at SIGUSR1; NULL if that is not caught
 * @input: name of a recording that is read; NULL if somebody is watched
 * @from: ns since the first record of the recording; earlier records are not of interest
 * @to: the same; later records are not of interest, unless it is 0
 * @first: time of the first record, 0 while it is not known
 * @reached: a record was not earlier than @from
 * @past: a record was not earlier than @to
 * @info: counters of the module in the recording; its size is 0 where the module told nothing
 * @context: what this session knows; NULL for the objects that exist from the start
 */
struct session {
	enum session_sources sources;
	struct device device;
	bool tracer;
	const struct mmscope_event *of_device;
	const struct mmscope_event *from_tracer;
	bool more;
	watch_fn each;
	void *arg;
	int (*begun)(struct session *session);
	int (*before)(struct session *session);
	struct whom whom;
	pid_t pid;
	int pidfd;
	size_t living;
	int signals;
	int status;
	unsigned int interrupted;
	bool ended;
	__u64 unshown;
	void (*tick)(struct session *session);
	const int *wakes;
	void (*asked)(struct session *session);
	const char *input;
	__u64 from;
	__u64 to;
	__u64 first;
	bool reached;
	bool past;
	struct mmscope_info info;
	struct session_context *context;
};

int session_command(struct session *session, char **argv);
int session_begin(struct session *session, const struct verb *verb, const char *pid, char **argv);
void session_run(struct session *session);
const struct mmscope_event *session_next(struct session *session);
const char *session_slice(struct session *session, bool to, const char *text);
bool session_slices(const struct session *session);
bool session_skips(struct session *session, const struct mmscope_event *e);
bool session_device(const struct session *session);
int session_info(const struct session *session, struct mmscope_info *info);
int session_stat(const struct session *session, unsigned int mm, struct mmscope_stat *stat);
void session_select(struct session *session);
void session_verdict(const struct session *session, const char *name);

#endif
