/*
 * recording.c: see recording.h.
 */
#include "recording.h"

#include "../say.h"

json_t *recording_new(void)
{
	return json_pack("{s:i, s:[], s:[]}", "ukmem_recording", 1, "samples", "runs");
}

void recording_add(json_t *recording, json_t *sample, json_t *runs)
{
	json_array_append_new(json_object_get(recording, "samples"), sample);
	json_object_set_new(recording, "runs", runs);
}

void recording_set_leaks(json_t *recording, json_t *leaks)
{
	if (leaks != NULL)
		json_object_set_new(recording, "leaks", leaks);
}

bool recording_is_empty(const json_t *recording)
{
	return json_array_size(json_object_get(recording, "samples")) == 0;
}

/* As much as the page relies on. */
static bool is_cache(const json_t *cache)
{
	static const char *const numbers[] = {
		"live_objs", "object_size_bytes", "memory_bytes", "num_slabs", "cpuavail",
		"sharedavail", "alienavail", "alloc_refills", "free_flushes",
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!json_is_integer(json_object_get(cache, numbers[i])))
			return false;
	return json_is_string(json_object_get(cache, "name"));
}

static bool is_sample(const json_t *sample)
{
	json_t *caches = json_object_get(sample, "caches"), *cache;
	size_t i;

	json_array_foreach(caches, i, cache)
		if (!is_cache(cache))
			return false;
	return json_is_array(caches) && json_is_string(json_object_get(sample, "target")) &&
	       json_is_string(json_object_get(sample, "ukmem")) &&
	       json_is_number(json_object_get(sample, "time_seconds")) &&
	       json_is_integer(json_object_get(sample, "pages_free_bytes"));
}

static bool is_recording(const json_t *json)
{
	json_t *samples = json_object_get(json, "samples"), *sample;
	size_t i;

	json_array_foreach(samples, i, sample)
		if (!is_sample(sample))
			return false;
	return json_integer_value(json_object_get(json, "ukmem_recording")) == 1 &&
	       json_array_size(samples) != 0 && json_is_array(json_object_get(json, "runs"));
}

json_t *recording_load(const char *path)
{
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);

	if (json == NULL) {
		if (error.line > 0)
			say("%s: line %d: %s", path, error.line, error.text);
		else
			say("%s", error.text);
		return NULL;
	}
	if (is_recording(json))
		return json;
	say("%s: not a recording of ukmem record", path);
	json_decref(json);
	return NULL;
}
