/*
 * op.h: one operation of a replay, as a row of a table or a line of a script says it.
 */
#ifndef ORACLE_OP_H
#define ORACLE_OP_H

#include <stdbool.h>

#include "text.h"

enum op_kind {
	OP_CREATE, OP_ALLOC, OP_ALLOCNODE, OP_FREE, OP_ALLOCBULK, OP_FREEBULK, OP_SHRINK,
	OP_TUNE, OP_REAP, OP_CPU, OP_STATE, OP_DUMP, OP_DESTROY, OP_RCUBARRIER, OP_KINDS
};

/*
 *            number[0]      [1]        [2]       [3]
 * create     size           align      flags     ctor (0, 1)    and the name
 * alloc      -     in a script: how many rows
 * allocnode  node  in a script: how many rows, node
 * free       id    in a script: first, last, step
 * allocbulk  count
 * freebulk   first id       count
 * tune       limit          batchcount shared
 * reap       1 if due
 * cpu        CPU
 * state      1 if a CPU is switched: CPU, on line
 */
struct op {
	enum op_kind kind;
	long number[4];
	unsigned count;         /* how many numbers there were */
	char name[64];
};

/* Understand @word with @arguments. False when that is no operation. */
bool op_parse(struct op *op, const char *word, const char *arguments);

/* The arguments as a row has them; objects' places are not known here. */
void op_print_arguments(struct text *out, const struct op *op);

bool op_equal(const struct op *a, const struct op *b);
void op_print(struct text *out, const struct op *op);

#endif
