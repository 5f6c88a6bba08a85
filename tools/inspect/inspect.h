/*
 * inspect.h: the subcommands that look into a process or a core.
 */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

int stat_main(int argc, char **argv);
int tune_main(int argc, char **argv);
int shrink_main(int argc, char **argv);
int map_main(int argc, char **argv);
int object_main(int argc, char **argv);
int walk_main(int argc, char **argv);
int top_main(int argc, char **argv);
int record_main(int argc, char **argv);
int report_main(int argc, char **argv);
int leaks_main(int argc, char **argv);
int profile_main(int argc, char **argv);
int export_main(int argc, char **argv);

#endif
