/*
 * core_fuzz.c: 10,000 broken cores, and no tool crashes or hangs.
 *
 * core_fuzz CORE [IMAGES [SEED [ADDRESS]]]. First the tools look at the sound core, and what they
 * read is noted; then each image has a few of exactly those places changed: bits, bytes,
 * words that are large, or that stand elsewhere in the core. Run under the address
 * sanitizer; a timer of processor time ends what hangs. "image N of seed S" says how to see it again.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "../../tools/inspect/inspect.h"
#include "../../tools/inspect/target.h"

enum { PLACES_MAX = 1 << 20, CHANGES_MAX = 12, SECONDS_MAX = 10 };

static uint8_t *image;
static size_t image_bytes;
static char path[64];

/* ---- What the tools read ---------------------------------------------------------- */

static size_t places[PLACES_MAX], places_count;
static bool noting;

bool __real_core_read(const struct target *target, uint64_t address, void *buffer, size_t bytes);
bool __wrap_core_read(const struct target *target, uint64_t address, void *buffer, size_t bytes);

static void note(const struct target *target, uint64_t address, size_t bytes)
{
	for (size_t i = 0; i < target->segments_count; i++) {
		const struct segment *segment = &target->segments[i];

		if (address < segment->start || address - segment->start >= segment->bytes)
			continue;
		for (size_t at = 0; at < bytes && places_count < PLACES_MAX; at += 8)
			places[places_count++] = (size_t)(segment->data - target->image) +
						 (size_t)(address - segment->start) + at;
	}
}

bool __wrap_core_read(const struct target *target, uint64_t address, void *buffer, size_t bytes)
{
	if (noting)
		note(target, address, bytes);
	return __real_core_read(target, address, buffer, bytes);
}

/* ---- Changes ------------------------------------------------------------------------ */

static uint64_t state;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t some_place(void)
{
	enum { HEADERS_BYTES = 4096 };
	size_t place = next_random() % 4 == 0 ? next_random() % HEADERS_BYTES :
		       places[next_random() % places_count] + next_random() % 8;

	return place + 16 <= image_bytes ? place : 0;
}

static size_t changed[CHANGES_MAX];

static void change(size_t *at)
{
	static const uint64_t large[] = { UINT64_MAX, 1u << 31, UINT64_C(1) << 63, 0, 1, 4096,
					  UINT32_MAX, INT64_MAX, 0xffff };
	size_t place = some_place();
	uint64_t word;

	*at = place / 8 * 8;
	switch (next_random() % 4) {
	case 0:
		image[place] ^= (uint8_t)(1u << next_random() % 8);
		break;
	case 1:
		image[place] = (uint8_t)next_random();
		break;
	case 2:
		memcpy(image + place, &large[next_random() % 9], 8);
		break;
	default:
		memcpy(&word, image + some_place() / 8 * 8, 8);
		memcpy(image + *at, &word, 8);
	}
}

/* ---- The tools ------------------------------------------------------------------------ */

static void run(int (*command)(int, char **), char *name, char *option, char *value, char *last)
{
	char *words[6] = { name };
	int count = 1, status;

	if (option != NULL) {
		words[count++] = option;
		words[count++] = value;
	}
	words[count++] = path;
	if (last != NULL)
		words[count++] = last;
	optind = 0;
	status = command(count, words);
	if (status < 0 || status > 2)
		abort();
}

/* All tools; what differs in form only takes turns. */
static void run_all(unsigned long turn, char *object)
{
	static char *const forms[] = { "slabinfo", "json", "openmetrics" };
	static char small[] = "subject-small", large[] = "subject-large", meta[] = "kmem_cache";
	static char *const caches[] = { NULL, small, large, meta };     /* argv may be written to */

	run(stat_main, "stat", "-o", forms[turn % 3], NULL);
	run(map_main, "map", "-o", turn % 5 == 0 ? "json" : "text", caches[turn % 4]);
	run(walk_main, "walk", NULL, NULL, caches[turn % 3 + 1]);
	run(object_main, "object", NULL, NULL, object);
	if (turn % 8 == 0)
		run(leaks_main, "leaks", "-o", turn % 16 == 0 ? "json" : "text", NULL);
	if (turn % 8 == 4)
		run(profile_main, "profile", "-v", "inuse_bytes", NULL);
	if (turn % 32 == 12)
		run(report_main, "report", "-o", "-", NULL);
}

/* A few changes, then the tools, then all as it was. */
static void try_one(const uint8_t *sound, unsigned long turn, char *object)
{
	const struct itimerval patience = { .it_value.tv_sec = SECONDS_MAX };
	size_t count = 1 + next_random() % CHANGES_MAX;

	for (size_t i = 0; i < count; i++)
		change(&changed[i]);
	setitimer(ITIMER_PROF, &patience, NULL);
	run_all(turn, object);
	for (size_t i = 0; i < count; i++)
		memcpy(image + changed[i], sound + changed[i], 16);
}

static void load(const char *core)
{
	int in = open(core, O_RDONLY), fd = memfd_create("core", 0);
	off_t bytes = in >= 0 ? lseek(in, 0, SEEK_END) : -1;

	if (bytes <= 0 || ftruncate(fd, bytes) != 0) {
		fprintf(stderr, "core_fuzz: %s: not to be read\n", core);
		exit(2);
	}
	image_bytes = (size_t)bytes;
	image = mmap(NULL, image_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (image == MAP_FAILED || pread(in, image, image_bytes, 0) != bytes)
		exit(2);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
}

int main(int argc, char **argv)
{
	unsigned long images = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
	uint64_t seed = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
	char *object = argc > 4 ? argv[4] : "1000";
	int report = dup(STDOUT_FILENO);
	uint8_t *sound;

	load(argc > 1 ? argv[1] : "core");
	sound = malloc(image_bytes);
	memcpy(sound, image, image_bytes);
	if (freopen("/dev/null", "w", stdout) == NULL)
		return 2;
	noting = true;
	for (unsigned long turn = 0; turn < 60; turn++)
		run_all(turn, object);
	noting = false;
	if (places_count < 1000)
		abort();
	for (unsigned long i = 0; i < images; i++) {
		char line[80];

		snprintf(line, sizeof(line), "image %lu of seed %lu\n", i, (unsigned long)seed);
		lseek(report, 0, SEEK_SET);
		if (write(report, line, strlen(line)) < 0)
			return 2;
		state = (seed << 32) + i + 1;
		for (int j = 0; j < 16; j++)
			next_random();
		try_one(sound, i, object);
	}
	free(sound);
	dprintf(report, "%lu images, no crash, no hang\n", images);
	return 0;
}
