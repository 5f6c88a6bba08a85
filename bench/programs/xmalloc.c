/*
 * xmalloc.c: after Lever and Boreham's malloc-test: some threads only allocate, others
 * only free what those made, in batches handed over through a queue.
 */
#include "common.h"

enum { PAIRS = 2, BATCHES = 60000, BATCH = 120, QUEUE = 16 };

struct batch {
	void *blocks[BATCH];
};

static struct queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct batch *batches[QUEUE];
	int count;
} queues[PAIRS];

static void put(struct queue *queue, struct batch *batch)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->count == QUEUE)
		pthread_cond_wait(&queue->changed, &queue->lock);
	queue->batches[queue->count++] = batch;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

static struct batch *get(struct queue *queue)
{
	struct batch *batch;

	pthread_mutex_lock(&queue->lock);
	while (queue->count == 0)
		pthread_cond_wait(&queue->changed, &queue->lock);
	batch = queue->batches[--queue->count];
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
	return batch;
}

static void make(struct queue *queue, uint64_t seed)
{
	for (int i = 0; i < BATCHES; i++) {
		struct batch *batch = malloc(sizeof(*batch));

		for (int k = 0; k < BATCH; k++) {
			size_t size = 16 + random_next(&seed) % 240;

			batch->blocks[k] = malloc(size);
			touch(batch->blocks[k], size);
		}
		put(queue, batch);
	}
}

static void use_up(struct queue *queue)
{
	for (int i = 0; i < BATCHES; i++) {
		struct batch *batch = get(queue);

		for (int k = 0; k < BATCH; k++)
			free(batch->blocks[k]);
		free(batch);
	}
}

static void *work(void *number)
{
	intptr_t n = (intptr_t)number;

	if (n % 2 == 0)
		make(&queues[n / 2], (uint64_t)n + 1);
	else
		use_up(&queues[n / 2]);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < PAIRS; i++) {
		pthread_mutex_init(&queues[i].lock, NULL);
		pthread_cond_init(&queues[i].changed, NULL);
	}
	in_threads(2 * PAIRS, work);
	return 0;
}
