/*
 * os/debug_options.c: words, and nothing changed by what is not understood.
 */
#include "os/debug_options.h"

#include <ukmem/slab.h>

#include "harness/test.h"

static struct debug_options parsed;

static bool parse(const char *name, const char *value)
{
	return parse_debug_option(&parsed, name, strlen(name), value, strlen(value));
}

TEST(letters_and_patterns_make_a_rule)
{
	EXPECT(parse("debug", "FZ,net-*,disk"));
	EXPECT_EQ(parsed.rules, 1);
	EXPECT_EQ(parsed.rule[0].flags, SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE);
	EXPECT_STR(parsed.rule[0].patterns, "net-*,disk");
}

TEST(no_letters_mean_fzpu_and_no_pattern_all_caches)
{
	EXPECT(parse("debug", ""));
	EXPECT_EQ(parsed.rule[0].flags, SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON |
					SLAB_STORE_USER);
	EXPECT_STR(parsed.rule[0].patterns, "*");
	EXPECT(parse("debug", "TA"));
	EXPECT_EQ(parsed.rule[1].flags, SLAB_TRACE | SLAB_FAILSLAB);
}

TEST(what_is_not_understood_changes_nothing)
{
	static const char *const bad[][2] = {
		{ "debug", "X" }, { "debug", "FX" }, { "debug", "F," }, { "debug", "f" },
		{ "debug_abort", "maybe" }, { "debug_abort", "" }, { "debug_quarantine", "" },
		{ "debug_quarantine", "-1" }, { "debug_quarantine", "1k" },
		{ "debug_quarantine", "1234567890" }, { "failslab", "" }, { "failslab", "1,2,3" },
		{ "failslab", "1,101,0,0" }, { "failslab", "1,2,3,4,5" }, { "failslab", "1,2,3," },
		{ "failslab", "-1,2,3,4" }, { "failslab", "1, 2,3,4" }, { "fail", "1,2,3,4" },
	};
	static const struct debug_options none;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT(!parse(bad[i][0], bad[i][1]));
		EXPECT(memcmp(&parsed, &none, sizeof(none)) == 0);
	}
}

TEST(a_pattern_that_does_not_fit_and_a_ninth_rule_are_refused)
{
	char long_one[DEBUG_PATTERN_BYTES + 2] = "F,";

	memset(long_one + 2, 'a', DEBUG_PATTERN_BYTES - 1);
	EXPECT(parse("debug", long_one));
	long_one[DEBUG_PATTERN_BYTES + 1] = 'a';
	EXPECT(!parse_debug_option(&parsed, "debug", 5, long_one, sizeof(long_one)));
	for (int i = 1; i < DEBUG_RULES; i++)
		EXPECT(parse("debug", "F"));
	EXPECT(!parse("debug", "F"));
	EXPECT_EQ(parsed.rules, DEBUG_RULES);
}

TEST(the_kernels_four_numbers_say_when_to_fail)
{
	EXPECT(parse("failslab", "3,50,1000,-1"));
	EXPECT(parsed.failslab.given);
	EXPECT_EQ(parsed.failslab.interval, 3);
	EXPECT_EQ(parsed.failslab.probability, 50);
	EXPECT_EQ(parsed.failslab.space, 1000);
	EXPECT_EQ(parsed.failslab.times, -1);
	EXPECT(parse("fail_os", "1,100,0,5") && parsed.fail_os.times == 5);
	EXPECT(parse("fail_page_alloc", "1,1,1,1") && !parse("fail_page", "1,1,1,1"));
}
