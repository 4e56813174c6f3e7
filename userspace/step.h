/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the framework share; experiments need only exp.h.
 */
#ifndef MMSCOPE_STEP_H
#define MMSCOPE_STEP_H

#include <stdint.h>
#include "exp.h"

#define MAX_LINES	48
#define MAX_NOTES	6
#define MAX_REGIONS	256
#define TEXT		224

/**
 * struct line - one prediction and what came of it
 * @predicted: as declared; empty for what nobody predicted
 * @observed: what the kernel said, in the same words
 * @held: they are the same
 * @rule: what the prediction rests on, RULE_NONE for the same on all kernels
 */
struct line {
	char predicted[TEXT];
	char observed[TEXT];
	bool held;
	enum rule_id rule;
};

/**
 * struct step - the step that is under way, or was last
 * @number: from 1
 * @what: its title
 * @acted: an act has begun: no more expectations
 * @hooks: the step predicts a sequence of hooks, not records
 * @lines: predictions, in order
 * @nr_lines: how many
 * @notes: remarks
 * @nr_notes: how many
 * @records: what the log gave, raw
 * @nr_records: how many
 */
struct step {
	unsigned int number;
	char what[TEXT];
	bool acted;
	bool hooks;
	struct line lines[MAX_LINES];
	size_t nr_lines;
	char notes[MAX_NOTES][TEXT];
	size_t nr_notes;
	struct mmscope_event *records;
	size_t nr_records;
};

/**
 * struct outcome - what acts brought about; shared with forked children
 * @result: of the last call
 * @error: errno of the last call that failed, 0 when none did
 * @sig: signal of a touch, 0 when none came
 * @code: its si_code
 * @minor: minor faults during the acts
 * @major: major faults
 * @entries: calls of a kernel function, see count_entries()
 * @byte: the last one read
 * @text: the start of the page read last, as far as it is text
 */
struct outcome {
	long result;
	int error;
	int sig;
	int code;
	long minor;
	long major;
	long entries;
	unsigned int byte;
	char text[40];
};

/**
 * struct tally - an experiment in figures
 * @predictions: lines predicted
 * @held: of them
 * @hooks: calls of the driver's hooks
 * @faults: of them, ->fault
 * @splits: VMAs cut
 * @touched: pages given
 * @given_back: pages taken back by unmapping
 */
struct tally {
	unsigned int predictions;
	unsigned int held;
	unsigned long hooks;
	unsigned long faults;
	unsigned long splits;
	unsigned long touched;
	unsigned long given_back;
};

extern struct step step;
extern struct outcome *outcome;
extern struct tally tally;
extern unsigned long story_lost;

/* act.c */
void act_prepare(void);
void act_freeze(void);
bool act_own(void);

/* region.c */
extern struct region regions[MAX_REGIONS];
__u64 region_window(void);
__u64 region_window_end(void);
struct region *region_of(__u64 addr);
void region_given(__u64 addr, size_t pages, bool given);
size_t region_live(void);
bool region_grows(void);

/* step.c */
void step_use(const struct experiment *exp);
void step_keep(const struct mmscope_event *e);

/* story.c */
int story_begin(void);
void story_skip(void);
void story_tell(void);
size_t story_lines(void);
const char *story_line(size_t i);
const char *story_hooks(void);
unsigned int story_own(void);

/* observe.c */
bool observe(const char *predicted, char *buf, size_t size);
bool observe_is_figure(const char *predicted);
void observe_lineage(__u64 from, __u64 to, char *buf, size_t size);

/* agree.c */
bool maps_agree(char *log, char *maps, size_t size);

/* outcome.c */
const char *outcome_errno(void);
const char *outcome_signal(void);
const char *outcome_result(void);

/* picture.c */
void picture_prepare(void);
void picture(const struct region *r, char *pages, char *vmas, size_t size);

/* judge.c */
void judge(const struct experiment *exp);

/* view.c */
void view_begin(const struct experiment *exp);
void view_step(const struct experiment *exp, bool held);
void view_end(const struct experiment *exp, int verdict, const char *reason);

/* view_json.c */
void view_json_begin(const struct experiment *exp, const char *release);
void view_json_step(bool held);
void view_json_end(int verdict, const char *reason);

/* exp.c */
enum view_mode { VIEW_FULL, VIEW_QUIET, VIEW_VERBOSE };
extern enum view_mode view_mode;
int experiment_run(const struct experiment *exp);
void experiment_bug(const char *what) __noreturn;

#endif
