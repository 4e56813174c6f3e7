/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the framework share; experiments need only lab/experiment.h.
 */
#ifndef MMSCOPE_LAB_STEP_H
#define MMSCOPE_LAB_STEP_H

#include <stdint.h>
#include "lab/answer.h"
#include "lab/experiment.h"

#define MAX_LINES	48
#define MAX_NOTES	6
#define MAX_DRAWN	40
#define MAX_PICTURES	16
#define MAX_RECORDS	65536
#define MAX_REGIONS	256
#define MAX_SEEN	24
#define MAX_UNDO	16
#define TEXT		224

/**
 * struct line - one prediction and what came of it
 * @predicted: as declared; empty for what nobody predicted
 * @observed: what the kernel said, in the same words
 * @value: what to show of it where the prediction leaves room: "258"
 * @held: they agree
 * @rule: what the prediction rests on, as a sentence; empty for the same on all kernels
 * @where: where to read it
 */
struct line {
	char predicted[TEXT];
	char observed[TEXT];
	char value[48];
	bool held;
	char rule[2 * TEXT];
	char where[TEXT];
};

/**
 * struct drawn - a region as it was after the step
 * @name: its name, or empty
 * @start: its first address
 * @size: its length in pages
 * @pages: a character for each page, or for several
 * @vmas: its VMAs in words
 */
struct drawn {
	char name[24];
	uintptr_t start;
	size_t size;
	char pages[TEXT];
	char vmas[2 * TEXT];
};

/**
 * struct step - the step that is under way, or was last
 * @number: from 1
 * @what: its title
 * @acted: an act has begun: no more expectations
 * @hooks: the step predicts a sequence of hooks, not records
 * @held: every prediction held, and nothing more happened
 * @lines: predictions, in order
 * @nr_lines: how many
 * @notes: remarks
 * @nr_notes: how many
 * @drawing: lines of draw()
 * @nr_drawing: how many
 * @pictures: regions
 * @nr_pictures: how many
 * @nr_records: what the log gave, in struct stage
 */
struct step {
	unsigned int number;
	char what[TEXT];
	bool acted;
	bool hooks;
	bool held;
	struct line lines[MAX_LINES];
	size_t nr_lines;
	char notes[MAX_NOTES][TEXT];
	size_t nr_notes;
	char drawing[MAX_DRAWN][80];
	size_t nr_drawing;
	struct drawn pictures[MAX_PICTURES];
	size_t nr_pictures;
	size_t nr_records;
};

/**
 * struct seen - one see() of a step
 * @name: of the figure
 * @text: its value in words, where it is no number
 * @value: its value
 */
struct seen {
	char name[32];
	char text[64];
	long value;
};

/**
 * struct outcome - what acts brought about; shared with forked children
 * @result: of the last call
 * @error: errno of the last call that failed, 0 when none did
 * @sig: signal of a touch, 0 when none came
 * @code: its si_code
 * @trap: the CPU's exception behind it: 14 is a page fault
 * @error_code: what the CPU said of that
 * @minor: minor faults during the acts
 * @major: major faults
 * @entries: calls of a kernel function, see count_entries()
 * @byte: the last one read
 * @text: the start of the page read last, as far as it is text
 * @seen: by see()
 * @nr_seen: how many
 */
struct outcome {
	long result;
	int error;
	int sig;
	int code;
	long trap;
	long error_code;
	long minor;
	long major;
	long entries;
	unsigned int byte;
	char text[40];
	struct seen seen[MAX_SEEN];
	size_t nr_seen;
};

/**
 * struct totals - an experiment in figures
 * @predictions: lines predicted
 * @held: of them
 * @left_out: leave_out() was called so often
 * @hooks: calls of the driver's hooks
 * @faults: of them, ->fault
 * @splits: VMAs cut
 * @touched: pages given
 * @given_back: pages taken back by unmapping
 * @guesses: answers of the reader, with --predict
 * @half_points: for them: two for each that is right, one where it says too little
 */
struct totals {
	unsigned int predictions;
	unsigned int held;
	unsigned int left_out;
	unsigned long hooks;
	unsigned long faults;
	unsigned long splits;
	unsigned long touched;
	unsigned long given_back;
	unsigned int guesses;
	unsigned int half_points;
};

/**
 * struct undo - a file to restore
 * @path: the file, or a swap device
 * @value: what was in it; empty for the device, to be switched off
 */
struct undo {
	char path[128];
	char value[128];
};

/**
 * struct stage - memory that the process of an experiment shares with the one that shows it
 * @step: the step
 * @outcome: of its acts
 * @totals: of the experiment so far
 * @lost: records lost
 * @reason: why it was skipped, or what was left out
 * @params: what was given, in the order of the experiment's own
 * @predict: ask the reader before each step
 * @system: others may feel it
 * @pictures: regions are to be drawn
 * @undo: what to restore
 * @nr_undo: how many
 * @records: of the step's log, raw
 */
struct stage {
	struct step step;
	struct outcome outcome;
	struct totals totals;
	unsigned long lost;
	char reason[TEXT];
	unsigned long params[MAX_PARAMS];
	bool predict;
	bool system;
	bool pictures;
	struct undo undo[MAX_UNDO];
	size_t nr_undo;
	struct mmscope_event records[MAX_RECORDS];
};

extern struct stage *stage;
extern struct step *step;
extern struct outcome *outcome;
extern struct totals *totals;

/* lab/channel.c: what the two processes say to each other */
#define SAY_BEGIN	'b'	/* a part begins */
#define SAY_ASK		'a'	/* the step's expectations are complete */
#define SAY_STEP	's'	/* the step is over */
#define SAY_LEFT_OUT	'l'	/* @reason is why something is left out */
#define SAY_END		'e'	/* the part has come to its end */

/**
 * struct stage_ends - what the showing process has of a stage
 * @memory: descriptor of the memory
 * @mine: its end of the line
 * @theirs: the other end, until the process of the experiment has it
 */
struct stage_ends {
	int memory;
	int mine;
	int theirs;
};

void channel_create(struct stage_ends *ends);
void channel_line(struct stage_ends *ends);
void channel_destroy(const struct stage_ends *ends);
bool channel_join(int memory, int line);
void channel_say(char what);
char channel_hear(const struct stage_ends *ends);
void channel_answer(const struct stage_ends *ends);
void channel_keep(const struct mmscope_event *e);

/* lab/child.c: the process of an experiment */
#define SUBJECT_WORD	"--subject"
int subject_main(const struct experiment *exp, char **args);

/* lab/early_end.c */
extern sigjmp_buf skip_landing;
void experiment_bug(const char *what) __noreturn;

/* lab/runner.c: the process that shows it */
extern bool runner_predict;
extern bool runner_step;
extern bool runner_stopped;	/* the reader has seen enough */
extern bool runner_system;
int narrate(const struct experiment *exp, const char *of, bool alone);

/* lab/environment.c */
bool environment_foreign(const char *variable);
void environment_forget(void);

/* lab/restore.c */
void restore_all(void);

/* lab/param.c */
const char *param_text(const struct param *param, unsigned long value);
bool param_set(const char *name, const char *value);
const char *param_unknown(const struct experiment *exp);
void param_stage(const struct experiment *exp);

/* lab/quiz.c */
void quiz_reader(void);
void quiz_compare(void);

/* lab/syscall.c */
void syscall_prepare(void);
void syscall_use(void (*before_first)(void));
void syscall_freeze(void);
void syscall_touch(void *first, void *last, bool write);

/* lab/region.c */
extern struct region regions[MAX_REGIONS];
__u64 region_window(void);
__u64 region_window_end(void);
struct region *region_of(__u64 addr);
void region_given(__u64 addr, size_t pages, bool given);
bool region_grows(void);

/* lab/step.c */
void step_use(const struct experiment *exp, bool device);

/* lab/step_log.c */
int step_log_begin(void);
void step_log_skip(void);
void step_log_tell(void);
size_t step_log_lines(void);
const char *step_log_line(size_t i);
const char *step_log_hooks(void);
unsigned int step_log_own(void);

/* lab/compare.c */
void compare_before(void);
void observe(struct line *line);
bool compare_asks(const char *predicted);
bool compare_is_figure(const char *predicted);
bool compare_next(const char **left, char *item, char *name, size_t size);
const char *compare_unit(const char *text);
enum answer compare_agrees(const char *item, const char *observed);
void compare_lineage(__u64 from, __u64 to, char *buf, size_t size);

/* lab/metrics.c */

/**
 * enum figure_kind - what a figure is
 * @FIGURE_COUNT: a number
 * @FIGURE_SIZE: bytes, pages where no unit is said
 * @FIGURE_TEXT: words
 * @FIGURE_LINE: words, to the end of the line
 */
enum figure_kind { FIGURE_COUNT, FIGURE_SIZE, FIGURE_TEXT, FIGURE_LINE };

/**
 * struct figure - a thing that can be predicted by a name
 * @name: as predicted
 * @kind: what it is
 * @number: how to get it
 * @text: how to get it, where it is words
 */
struct figure {
	const char *name;
	enum figure_kind kind;
	long (*number)(void);
	const char *(*text)(void);
};

const struct figure *figures_find(const char *predicted);

/* lab/vocabulary.c */
/* The linker's names for where these sections begin and end. */
extern const char *const __start_words_expected[], *const __stop_words_expected[];
extern const char *const __start_words_seen[], *const __stop_words_seen[];
const char *vocabulary_unknown(void);

/* lab/mutate.c */
void mutate_use(const char *name);
void mutate_line(size_t line);
bool sabotaged(void);

/* lab/check_maps.c */
bool maps_agree(char *log, char *maps, size_t size);

/* lab/outcome.c */
const char *outcome_errno(void);
const char *outcome_signal(void);
const char *outcome_result(void);

/* lab/picture.c */
void picture_prepare(void);
void picture_all(void);

/* lab/judge.c */
void judge(bool device);

/* lab/view_text.c */
enum view_mode { VIEW_FULL, VIEW_QUIET, VIEW_VERBOSE };
extern enum view_mode view_mode;
void view_begin(const struct experiment *exp, const char *group);
void view_part(const char *title);
void view_step(void);
void view_left_out(void);
void view_end(const struct experiment *exp, int verdict);

/* lab/view_json.c */
struct json_object;
extern void (*view_json_kept)(struct json_object *run, const struct experiment *exp);
void view_json_begin(const struct experiment *exp, const char *group, const char *release);
void view_json_part(const char *title);
void view_json_step(void);
void view_json_left_out(void);
void view_json_end(const struct experiment *exp, int verdict);

#endif
