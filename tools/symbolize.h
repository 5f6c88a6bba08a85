/*
 * symbolize.h: "module+0xoffset" in a report of the library -> function, file and line.
 */
#ifndef TOOLS_SYMBOLIZE_H
#define TOOLS_SYMBOLIZE_H

int symbolize_main(int argc, char **argv);

#endif
