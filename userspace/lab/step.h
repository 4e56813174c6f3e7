/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the framework share. Experiments need only lab/experiment.h.
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
 * struct line - a prediction of a step, and what was observed
 * @predicted: the prediction; empty for an observation that nobody predicted
 * @observed: what the kernel said, in the same words
 * @value: value that is shown where the prediction leaves room: "258"
 * @held: prediction and observation agree
 * @rule: rule that the prediction rests on, as a sentence; empty if it is the same on all kernels
 * @where: function and file in which the rule can be read
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
 * struct drawn - picture of a region after a step
 * @name: name of the region, or empty
 * @start: first address
 * @size: length in pages
 * @pages: a character for each page, or for several
 * @vmas: VMAs of the region in words
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
 * @number: number of the step, from 1
 * @what: title
 * @acted: an act has begun: no more expectations are taken
 * @hooks: the step predicts a sequence of hooks, not records
 * @held: all predictions held, and nothing more happened
 * @lines: predictions, in order
 * @nr_lines: number of predictions
 * @notes: remarks
 * @nr_notes: number of remarks
 * @drawing: lines of draw()
 * @nr_drawing: number of these lines
 * @pictures: pictures of regions
 * @nr_pictures: number of pictures
 * @nr_records: number of &channel.records that the log gave
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
 * struct seen - a figure that see() has told in a step
 * @name: name of the figure
 * @text: its value, where that is words
 * @value: its value, where that is a number
 */
struct seen {
	char name[32];
	char text[64];
	long value;
};

/**
 * struct outcome - what the acts of a step brought about; shared with forked children
 * @result: result of the last call
 * @error: errno of the last call that failed, 0 when none did
 * @sig: signal of a touch, 0 when none came
 * @code: si_code of that signal
 * @trap: exception of the CPU behind that signal: 14 is a page fault
 * @error_code: error code of that exception
 * @minor: number of minor faults during the acts
 * @major: number of major faults during the acts
 * @entries: number of calls of a kernel function, see count_entries()
 * @byte: byte that was read last
 * @text: start of the page that was read last, as far as it is text
 * @seen: figures of see()
 * @nr_seen: number of these figures
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
 * struct totals - figures of a whole experiment
 * @predictions: number of lines that were predicted
 * @held: number of these that held
 * @left_out: number of calls of leave_out()
 * @hooks: number of calls of the driver's hooks
 * @faults: number of these that were ->fault
 * @splits: number of VMAs that were cut
 * @touched: number of pages that the driver gave
 * @given_back: number of pages that unmapping gave back
 * @guesses: number of answers of the reader, with --predict
 * @half_points: two for each answer that was right, one for each that said too little
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
 * struct undo - a file or a device that is to be restored
 * @path: path of the file, or of a swap device
 * @value: old contents of the file; empty for a swap device, which is switched off
 */
struct undo {
	char path[128];
	char value[128];
};

/**
 * struct channel - memory that the process of an experiment shares with the process that shows it
 * @step: the step
 * @outcome: what its acts brought about
 * @totals: figures of the experiment so far
 * @lost: number of records that were lost
 * @reason: why the experiment was skipped, or what was left out
 * @params: values of the experiment's parameters, in their order
 * @predict: ask the reader before each step
 * @system: other programs may be disturbed
 * @pictures: regions are drawn
 * @undo: what is to be restored
 * @nr_undo: number of elements of @undo
 * @records: raw records of the step's log
 */
struct channel {
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

extern struct channel *channel;
extern struct step *step;
extern struct outcome *outcome;
extern struct totals *totals;

/* lab/channel.c: what the process of the experiment says on the line */
#define SAY_BEGIN	'b'	/* a part begins */
#define SAY_ASK		'a'	/* the step's expectations are complete */
#define SAY_STEP	's'	/* the step is over */
#define SAY_LEFT_OUT	'l'	/* @reason is why something is left out */
#define SAY_END		'e'	/* the part has come to its end */

/**
 * struct channel_ends - what the process that shows an experiment has of the channel
 * @memory: descriptor of the memory
 * @mine: descriptor of its own end of the line
 * @theirs: descriptor of the other end, until the process of the experiment has it
 */
struct channel_ends {
	int memory;
	int mine;
	int theirs;
};

void channel_create(struct channel_ends *ends);
void channel_line(struct channel_ends *ends);
void channel_destroy(const struct channel_ends *ends);
bool channel_join(int memory, int line);
void channel_say(char what);
char channel_hear(const struct channel_ends *ends);
void channel_answer(const struct channel_ends *ends);
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
void param_channel(const struct experiment *exp);

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
 * enum figure_kind - what the value of a figure is
 * @FIGURE_COUNT: a number
 * @FIGURE_SIZE: a number of bytes, which is predicted in pages where no unit is said
 * @FIGURE_TEXT: words
 * @FIGURE_LINE: words up to the end of the line
 */
enum figure_kind { FIGURE_COUNT, FIGURE_SIZE, FIGURE_TEXT, FIGURE_LINE };

/**
 * struct figure - a figure that can be predicted by its name
 * @name: name of the figure
 * @kind: what its value is
 * @number: function that returns the value, NULL where it is words
 * @text: function that returns the value, NULL where it is a number
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
