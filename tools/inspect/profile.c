/*
 * profile.c: "ukmem profile": which call stacks hold the memory.
 *
 * An allocation of size s was picked with the probability 1 - exp(-s / interval), so
 * each sample stands for the reciprocal of that many.
 */
#include "profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../say.h"
#include "cli.h"
#include "inspect.h"
#include "output.h"

static const char help[] =
	"Usage: ukmem profile [OPTION]... PID|CORE\n"
	"Tell which call stacks allocated, and which hold, the memory of a program that was\n"
	"started with UKMEM_OPTIONS=heap_sample:BYTES (524288 is a good start).\n"
	"\n"
	"  -o, --output FILE    write pprof's profile.proto, gzipped (go tool pprof FILE)\n"
	"  -v, --value NAME     without -o: what to print for each stack, folded, a line each:\n"
	"                       inuse_bytes (default), inuse_objects, alloc_bytes or\n"
	"                       alloc_objects\n"
	"  -h, --help           print this\n"
	"\n"
	"Exit status: 0 all went well; 1 the file could not be written; 2 a bad option, or\n"
	"no samples to be read.\n";

static const char *const value_names[PROFILE_VALUES] = {
	[ALLOC_OBJECTS] = "alloc_objects", [ALLOC_BYTES] = "alloc_bytes",
	[INUSE_OBJECTS] = "inuse_objects", [INUSE_BYTES] = "inuse_bytes",
};

/* ---- Sites ------------------------------------------------------------------------- */

static void scale(struct site_view *site, double size, double allocated, double live,
		  double interval)
{
	double each = size > 0 ? 1 / -expm1(-size / interval) : 1;

	site->value[ALLOC_OBJECTS] = allocated * each;
	site->value[ALLOC_BYTES] = allocated * each * size;
	site->value[INUSE_OBJECTS] = live * each;
	site->value[INUSE_BYTES] = live * each * size;
}

/* A sample may be freed while we read: never fewer than none are live. */
static bool view_site(const struct target *target, const uint8_t *bytes, size_t size,
		      struct site_view *site, double interval)
{
	const struct field_info *frames = &target->field[F_SITE_FRAME];
	uint64_t allocated = bytes_number(target, bytes, size, F_SITE_ALLOCATED);
	uint64_t freed = bytes_number(target, bytes, size, F_SITE_FREED);
	uint64_t count = bytes_number(target, bytes, size, F_SITE_COUNT);

	if (bytes_number(target, bytes, size, F_SITE_STATE) != 2 || allocated == 0 ||
	    count > PROFILE_FRAMES_MAX || count * 8 > frames->size ||
	    frames->value > size || frames->size > size - frames->value)
		return false;
	site->frames_count = (uint32_t)count;
	memcpy(site->frame, bytes + frames->value, count * 8);
	scale(site, (double)bytes_number(target, bytes, size, F_SITE_SIZE), (double)allocated,
	      allocated > freed ? (double)(allocated - freed) : 0, interval);
	return true;
}

static bool view_sites(struct profile *profile, struct target *target, uint64_t sampler)
{
	uint64_t count = value_of(target, F_SAMPLE_SITES);
	size_t size = target->field[F_SITE].size;
	uint8_t *bytes;

	if (count > PROFILE_SITES_MAX || size == 0 || size > STRUCT_BYTES_MAX)
		return false;
	bytes = malloc(count * size);
	profile->sites = calloc(count + 1, sizeof(*profile->sites));
	if (bytes != NULL && profile->sites != NULL &&
	    target_read(target, sampler + value_of(target, F_SAMPLER_SITE), bytes, count * size))
		for (uint64_t i = 0; i < count; i++)
			profile->count += view_site(target, bytes + i * size, size,
						    &profile->sites[profile->count],
						    (double)profile->interval_bytes);
	free(bytes);
	return profile->sites != NULL;
}

bool profile_load(struct profile *profile, struct target *target)
{
	uint64_t sampler = target->field[F_SAMPLER].known ? target_variable(target, F_SAMPLER) : 0;

	*profile = (struct profile){ 0 };
	if (sampler == 0) {
		if (!target_lost(target))
			say("%s takes no samples; start it with UKMEM_OPTIONS=heap_sample:524288",
			    target->name);
		return false;
	}
	profile->interval_bytes = target_number(target, sampler, F_SAMPLER_INTERVAL);
	profile->dropped = target_number(target, sampler, F_SAMPLER_DROPPED);
	if (profile->interval_bytes != 0 && view_sites(profile, target, sampler) && !target->gone)
		return true;
	profile_free(profile);
	if (!target_lost(target))
		say("%s: its samples are not readable", target->name);
	return false;
}

void profile_free(struct profile *profile)
{
	free(profile->sites);
	*profile = (struct profile){ 0 };
}

/* ---- Folded stacks ------------------------------------------------------------------- */

/* A blank ends a stack, a semicolon a frame: neither may be in a name. */
static void print_name(const char *name)
{
	for (; *name != '\0'; name++)
		putchar(*name == ';' || *name <= ' ' ? '_' : *name);
}

/* Outermost first: "main;work;kmalloc 4096". */
static void print_folded(const struct profile *profile, struct symbols *symbols,
			 enum profile_value value)
{
	for (size_t i = 0; i < profile->count; i++) {
		const struct site_view *site = &profile->sites[i];

		if (site->value[value] < 0.5)
			continue;
		for (uint32_t frame = site->frames_count; frame-- > 0;) {
			print_name(symbols_name(symbols, site->frame[frame]));
			putchar(frame != 0 ? ';' : ' ');
		}
		printf("%.0f\n", site->value[value]);
	}
}

/* ---- The command ------------------------------------------------------------------------ */

struct profile_options {
	const char *output;
	enum profile_value value;
};

static int write_out(const struct profile *profile, struct symbols *symbols,
		     const struct profile_options *options)
{
	struct output output;

	if (options->output == NULL) {
		print_folded(profile, symbols, options->value);
		return cli_finish(0);
	}
	if (!output_open(&output, options->output))
		return EXIT_FAILURE;
	return output_close(&output, pprof_write_fd(profile, symbols, dup(fileno(output.file))));
}

static int profile_target(const char *spec, const struct profile_options *options)
{
	struct target target;
	struct profile profile;
	int status = EXIT_USAGE;

	if (!target_open(&target, spec))
		return EXIT_USAGE;
	if (profile_load(&profile, &target)) {
		struct symbols *symbols = symbols_open(&target);

		if (profile.dropped != 0)
			say("%s: %llu samples found no room", target.name,
			    (unsigned long long)profile.dropped);
		status = write_out(&profile, symbols, options);
		symbols_close(symbols);
		profile_free(&profile);
	}
	target_close(&target);
	return status;
}

static bool set_value(struct profile_options *options, const char *name)
{
	for (int i = 0; i < PROFILE_VALUES; i++)
		if (strcmp(name, value_names[i]) == 0) {
			options->value = (enum profile_value)i;
			return true;
		}
	say("profile: --value: \"%s\" is none of inuse_bytes, inuse_objects, alloc_bytes, "
	    "alloc_objects", name);
	return false;
}

int profile_main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "value", required_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct profile_options options = { .value = INUSE_BYTES };
	int option;

	while ((option = getopt_long(argc, argv, ":o:v:h", long_options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == 'o')
			options.output = optarg;
		else if (option != 'v')
			return cli_refuse("profile", option, argv);
		else if (!set_value(&options, optarg))
			return EXIT_USAGE;
	}
	if (!cli_words("profile", argc, 1, 1, "one PID or core file"))
		return EXIT_USAGE;
	return profile_target(argv[optind], &options);
}
