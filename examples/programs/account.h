/* What became of the rows of each layer: read, placed how, left out and why. */
#ifndef RISKMAP_PROGRAMS_ACCOUNT_H
#define RISKMAP_PROGRAMS_ACCOUNT_H

#include <riskmap/riskmap.h>

void print_account(const rm_result *result);

#endif
