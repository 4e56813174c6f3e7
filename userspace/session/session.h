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

/* Whose records are read: of all that can tell; of one alone; of the tracer, or of none. */
enum session_sources {
	SESSION_ANY,
	SESSION_DEVICE,
	SESSION_TRACER,
	SESSION_TRACER_IF,
};

/**
 * struct session - somebody's doings, read until he is gone
 * @sources: whom to ask; set by the caller
 * @device: reader of the module's log; fd is -1 where there is none
 * @tracer: the BPF programs tell too
 * @of_device: the module's next record, if it waits for its turn
 * @from_tracer: the BPF programs'
 * @more: there was something to hand out
 * @each: called for each record
 * @arg: handed to @each
 * @begun: called when it is known who will tell, before anybody does; or NULL
 * @before: called when the command is known, and waits to be run; or NULL
 * @whom: processes to be watched instead of a command; set by the caller
 * @pid: the command, or the first process watched
 * @pidfd: becomes readable when a process ends that is not our child (an epoll(7) of pidfds); -1
 *	of a command
 * @living: how many such processes there are
 * @signals: signalfd
 * @status: how the command ended, as from waitpid(2)
 * @interrupted: Ctrl-C or the like, how often
 * @ended: nothing more will come
 * @unshown: records that came and were not handed out, since somebody was in a hurry
 * @tick: called every now and then, behind records that were handed out; or NULL
 * @wakes: becomes readable when @tick is to be called at once, -1 for nothing; or NULL
 * @asked: called when SIGUSR1 came; NULL: that is not caught
 * @input: a recording to be read instead of watching anybody, or NULL
 * @from: of the recording, what is earlier is not of interest: ns since its first record
 * @to: nor what is later, if @to is not 0
 * @first: time of that first record, 0 while it is not known
 * @reached: there was a record that is not earlier than @from
 * @past: there was one that is not earlier than @to
 * @info: of the recording: what the module had counted; its size is 0 where it told nothing
 * @context: what this session knows, apart from others; NULL where it is the only one
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
