#include "os/options.h"

#include <stdlib.h>

#include "harness/test.h"

/* A copy of the defaults, over which @text is parsed; all words must be understood. */
static struct options parsed(const char *text)
{
	struct options result = options;

	EXPECT_EQ(options_parse(&result, text), 0);
	return result;
}

TEST(without_words_the_defaults_hold)
{
	struct options result = parsed(" ; \t\n;; ");

	EXPECT_EQ(memcmp(&result, &options, sizeof(options)), 0);
	EXPECT_EQ(result.backend, BACKEND_AUTO);
	EXPECT(result.merge && result.alien && result.reaper && !result.freelist_random);
	EXPECT_EQ(result.reap_ms, 2000);
}

TEST(every_word_sets_its_field)
{
	EXPECT_EQ(parsed("backend:rseq").backend, BACKEND_RSEQ);
	EXPECT_EQ(parsed("backend:locked").backend, BACKEND_LOCKED);
	EXPECT_EQ(parsed("backend:locked backend:auto").backend, BACKEND_AUTO);
	EXPECT_EQ(parsed("index:cid").index, INDEX_CID);
	EXPECT_EQ(parsed("index:cpu").index, INDEX_CPU);
	EXPECT(!parsed("slab_nomerge").merge);
	EXPECT(!parsed("noaliencache").alien);
	EXPECT(!parsed("reaper:off").reaper);
	EXPECT_EQ(parsed("").pressure, PRESSURE_AUTO);
	EXPECT_EQ(parsed("pressure:on").pressure, PRESSURE_ON);
	EXPECT_EQ(parsed("pressure:off").pressure, PRESSURE_OFF);
	EXPECT(parsed("reaper:off reaper:on").reaper);
	EXPECT(parsed("freelist_random:on").freelist_random);
	EXPECT(parsed("thp:on").thp && !parsed("").thp);
	EXPECT_EQ(parsed("reap_ms:5").reap_ms, 5);
	EXPECT_EQ(parsed("decay_ms:1000000").decay_ms, 1000000);
	EXPECT_EQ(parsed("slab_max_order:0").max_order, 0);
	EXPECT_EQ(parsed("reserve_mib:64").reserve_mib, 64);
	EXPECT_EQ(parsed("topology:64x8").fake_cpus, 64);
	EXPECT_EQ(parsed("topology:4x2").fake_nodes, 2);
	EXPECT_EQ(parsed("profile:slab").profile, PROFILE_SLAB);
	EXPECT_EQ(parsed("profile:fast").profile, PROFILE_FAST);
}

TEST(words_are_separated_by_blanks_and_semicolons)
{
	struct options result = parsed("slab_nomerge;reap_ms:7 \treaper:off\nnoaliencache;");

	EXPECT(!result.merge && !result.reaper && !result.alien);
	EXPECT_EQ(result.reap_ms, 7);
}

TEST(the_last_of_two_words_wins)
{
	EXPECT_EQ(parsed("reap_ms:1 reap_ms:2").reap_ms, 2);
}

static const char *const bad_words[] = {
	"backend", "backend:", "backend:rsec", "backend:rseq|locked", "backend:RSEQ", ":",
	"index:cpus", "slab_nomerge:on", "noaliencache:1", "slab_merge", "reaper",
	"reaper:yes", "reaper:onn", "freelist_random:1", "reap_ms:", "reap_ms:0", "reap_ms:-1",
	"reap_ms:1e3", "reap_ms:1000001", "reap_ms:99999999999999999999", "reap_ms: 5x",
	"slab_max_order:11", "slab_max_order:x", "reserve_mib:4194305", "topology:4",
	"topology:4x", "topology:x2", "topology:0x0", "topology:1x2", "topology:65x1",
	"topology:16x9", "topology:4x2x1", "profile:slub", "nonsense", "reap_ms:5:6", "\xff\x01",
};

TEST(a_bad_word_changes_nothing_and_costs_one_line_that_names_it)
{
	for (size_t i = 0; i < ARRAY_LENGTH(bad_words); i++) {
		struct options result = options;
		const char *log;

		log_begin();
		EXPECT(options_parse(&result, bad_words[i]) >= 1);
		log = log_end();
		EXPECT_CONTAINS(log, "UKMEM_OPTIONS: not understood: \"");
		if (strchr(bad_words[i], ' ') == NULL)
			EXPECT_CONTAINS(log, bad_words[i]);
		if (memcmp(&result, &options, sizeof(options)) != 0)
			test_fail(__FILE__, __LINE__, "\"%s\" changed something", bad_words[i]);
	}
}

TEST(good_words_beside_bad_ones_count)
{
	struct options result = options;

	log_begin();
	EXPECT_EQ(options_parse(&result, "what reap_ms:3 reap_ms:x ever slab_nomerge"), 3);
	log_end();
	EXPECT_EQ(result.reap_ms, 3);
	EXPECT(!result.merge);
}

TEST(the_environment_is_read)
{
	setenv("UKMEM_OPTIONS", "reap_ms:123", 1);
	options_init();
	EXPECT_EQ(options.reap_ms, 123);
	unsetenv("UKMEM_OPTIONS");
	options_init();
	EXPECT_EQ(options.reap_ms, 123);
}
