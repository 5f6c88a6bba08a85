/*
 * quota.h: how many CPUs the process's control group pays for.
 */
#ifndef OS_QUOTA_H
#define OS_QUOTA_H

#include "base/compiler.h"

/*
 * The smallest quota of our group and the groups around it, in whole CPUs, rounded up;
 * @none when there is none. @root is where control groups are mounted ("/sys/fs/cgroup"),
 * @membership the text of /proc/self/cgroup. Version 2, else version 1.
 */
unsigned quota_cpus(const char *root, const char *membership, unsigned none);

#endif
