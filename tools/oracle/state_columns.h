/*
 * state_columns.h: the columns of a replay: the operation, and the state after it.
 * Their subject is a struct world.
 */
#ifndef ORACLE_STATE_COLUMNS_H
#define ORACLE_STATE_COLUMNS_H

#include "columns.h"

extern const struct column state_columns[];
extern const unsigned state_columns_count;

#endif
