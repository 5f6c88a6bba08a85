/*
 * run.h: "ukmem run".
 */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

int run_main(int argc, char **argv);

#endif
