/*
 * test.h: tests that read like a specification.
 *
 *     TEST(the_last_object_freed_is_the_next_one_allocated)
 *     {
 *             ...
 *             EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
 *     }
 *
 * Each test runs in a forked child, so the library boots fresh in it, and a crash or
 * an endless loop is a failure of that test alone. A test ends at the first
 * expectation that does not hold. TEST_ON gives UKMEM_OPTIONS for one test; they
 * follow those of the environment (the back-end, see tests/run.sh).
 *
 * A program prints "ok name" or "FAILED name: file:line: what" for each test and ends
 * with "N passed, N failed". Arguments choose tests whose names contain one of them.
 */
#ifndef HARNESS_TEST_H
#define HARNESS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct test {
	const char *name, *options, *file;
	int line;
	void (*body)(void);
	struct test *next;
};

void test_register(struct test *test);

#define TEST(name) TEST_ON("", name)

#define TEST_ON(words, name_)                                                   \
	static void name_(void);                                                \
	static struct test test_of_##name_ = {                                  \
		.name = #name_, .options = (words), .file = __FILE__,           \
		.line = __LINE__, .body = name_,                                \
	};                                                                      \
	__attribute__((constructor)) static void register_##name_(void)         \
	{                                                                       \
		test_register(&test_of_##name_);                                \
	}                                                                       \
	static void name_(void)

/* The test has failed: says so and ends it, from any of its threads. */
__attribute__((noreturn, format(printf, 3, 4)))
void test_fail(const char *file, int line, const char *format, ...);

/* The test has nothing to say on this machine: counts as passed, with a word. */
__attribute__((noreturn)) void test_skip(const char *why);

#define EXPECT(condition)                                                       \
	do {                                                                    \
		if (!(condition))                                               \
			test_fail(__FILE__, __LINE__, "%s", #condition);        \
	} while (0)

/* Of integers and pointers alike. */
#define EXPECT_EQ(have, want)                                                   \
	do {                                                                    \
		uintptr_t have_ = (uintptr_t)(have), want_ = (uintptr_t)(want); \
		if (have_ != want_)                                             \
			test_fail(__FILE__, __LINE__, "%s is %#lx (%ld), not %s, %#lx (%ld)", \
				  #have, have_, (long)have_, #want, want_, (long)want_); \
	} while (0)

#define EXPECT_NE(have, other)                                                  \
	do {                                                                    \
		uintptr_t have_ = (uintptr_t)(have);                            \
		if (have_ == (uintptr_t)(other))                                \
			test_fail(__FILE__, __LINE__, "%s is %s, %#lx", #have, #other, have_); \
	} while (0)

#define EXPECT_NULL(have) EXPECT_EQ(have, NULL)

#define EXPECT_STR(have, want)                                                  \
	do {                                                                    \
		const char *have_ = (have), *want_ = (want);                    \
		if (have_ == NULL || strcmp(have_, want_) != 0)                 \
			test_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #have, \
				  have_ != NULL ? have_ : "(null)", want_);     \
	} while (0)

#define EXPECT_CONTAINS(have, part)                                             \
	do {                                                                    \
		const char *have_ = (have), *part_ = (part);                    \
		if (strstr(have_, part_) == NULL)                               \
			test_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", have_, part_); \
	} while (0)

/* NULL with this errno. */
#define EXPECT_REFUSED(call, error)                                             \
	do {                                                                    \
		errno = 0;                                                      \
		EXPECT_EQ((call), NULL);                                        \
		EXPECT_EQ(errno, (error));                                      \
	} while (0)

/* What went to stderr from log_begin() on. The text is good until the next call. */
void log_begin(void);
const char *log_end(void);

/* @body, in a child of its own, aborts; the report is what it wrote to stderr. */
const char *report_of(void (*body)(void), int *signal_number);

#define EXPECT_ABORT(body, part)                                                \
	do {                                                                    \
		int signal_number_;                                             \
		const char *report_ = report_of((body), &signal_number_);       \
		if (signal_number_ != 6)                                        \
			test_fail(__FILE__, __LINE__, "%s did not abort: signal %d, \"%s\"", \
				  #body, signal_number_, report_);              \
		EXPECT_CONTAINS(report_, part);                                 \
	} while (0)

/* Run @body in @count threads, with their numbers, and wait for all. */
void in_threads(unsigned count, void (*body)(unsigned number));

/* Random numbers of a test, from a seed (not zero). */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
