/*
 * op.c: see op.h.
 */
#include "op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	unsigned least, most;   /* numbers */
} words[OP_KINDS] = {
	[OP_CREATE] = { "create", 4, 4 },
	[OP_ALLOC] = { "alloc", 0, 1 },
	[OP_ALLOCNODE] = { "allocnode", 1, 2 },
	[OP_FREE] = { "free", 1, 3 },
	[OP_ALLOCBULK] = { "allocbulk", 1, 1 },
	[OP_FREEBULK] = { "freebulk", 2, 2 },
	[OP_SHRINK] = { "shrink", 0, 0 },
	[OP_TUNE] = { "tune", 3, 3 },
	[OP_REAP] = { "reap", 1, 1 },
	[OP_CPU] = { "cpu", 1, 1 },
	[OP_STATE] = { "state", 0, 3 },
	[OP_DUMP] = { "dump", 0, 0 },
	[OP_DESTROY] = { "destroy", 0, 0 },
	[OP_RCUBARRIER] = { "rcubarrier", 0, 0 },
};

static bool find_word(struct op *op, const char *word)
{
	for (unsigned kind = 0; kind < OP_KINDS; kind++) {
		if (strcmp(words[kind].word, word) != 0)
			continue;
		op->kind = (enum op_kind)kind;
		return true;
	}
	return false;
}

/* Numbers, separated by blanks; what stands behind a '=' is an answer, not a question. */
static bool parse_numbers(struct op *op, const char *at)
{
	char *end;

	for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " ")) {
		if (op->count == 4)
			return false;
		op->number[op->count++] = strtol(at, &end, 0);
		if (end == at || (*end != ' ' && *end != '\0' && *end != '='))
			return false;
		at = end + strcspn(end, " ");
	}
	return true;
}

static bool parse_create(struct op *op, const char *arguments)
{
	size_t length = strcspn(arguments, " ");

	if (length == 0 || length >= sizeof(op->name))
		return false;
	memcpy(op->name, arguments, length);
	return parse_numbers(op, arguments + length);
}

static bool parse_reap(struct op *op, const char *arguments)
{
	op->number[0] = strcmp(arguments, "due") == 0;
	op->count = 1;
	return op->number[0] != 0 || strcmp(arguments, "notdue") == 0;
}

/* Nothing, or "cpu3=0". */
static bool parse_state(struct op *op, const char *arguments)
{
	op->count = 0;
	if (*arguments == '\0')
		return true;
	op->number[0] = 1;
	op->count = 3;
	return sscanf(arguments, "cpu%ld=%ld", &op->number[1], &op->number[2]) == 2;
}

bool op_parse(struct op *op, const char *word, const char *arguments)
{
	bool good;

	*op = (struct op){ 0 };
	if (!find_word(op, word))
		return false;
	if (op->kind == OP_CREATE)
		good = parse_create(op, arguments);
	else if (op->kind == OP_REAP)
		good = parse_reap(op, arguments);
	else if (op->kind == OP_STATE)
		good = parse_state(op, arguments);
	else
		good = parse_numbers(op, arguments);
	return good && op->count >= words[op->kind].least && op->count <= words[op->kind].most;
}

static void print_numbers(struct text *out, const struct op *op, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		text_add(out, "%s%ld", i != 0 ? " " : "", op->number[i]);
}

void op_print_arguments(struct text *out, const struct op *op)
{
	const long *number = op->number;

	text_clear(out);
	switch (op->kind) {
	case OP_CREATE:
		text_add(out, "%s %ld %ld 0x%lx %ld", op->name, number[0], number[1],
			 (unsigned long)number[2], number[3]);
		break;
	case OP_REAP:
		text_word(out, number[0] != 0 ? "due" : "notdue");
		break;
	case OP_STATE:
		if (op->count != 0)
			text_add(out, "cpu%ld=%ld", number[1], number[2]);
		break;
	default:
		print_numbers(out, op, words[op->kind].least);
		break;
	}
}

bool op_equal(const struct op *a, const struct op *b)
{
	return a->kind == b->kind && memcmp(a->number, b->number, sizeof(a->number)) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

void op_print(struct text *out, const struct op *op)
{
	text_clear(out);
	text_word(out, words[op->kind].word);
	if (op->name[0] != '\0')
		text_add(out, " %s", op->name);
	for (unsigned i = 0; i < op->count; i++)
		text_add(out, " %ld", op->number[i]);
}
