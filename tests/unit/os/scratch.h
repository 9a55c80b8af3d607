/* A folder of one test group, removed with everything in it. */
#ifndef TEST_OS_SCRATCH_H
#define TEST_OS_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];

static int scratch_make(void **state)
{
    (void)state;
    strcpy(scratch, "/tmp/korttisilta-test-XXXXXX");
    return mkdtemp(scratch) == NULL;
}

static int scratch_drop_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static int scratch_drop(void **state)
{
    (void)state;
    return nftw(scratch, scratch_drop_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
