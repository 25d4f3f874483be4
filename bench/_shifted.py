"""A process whose own clock is wrong: whatever it asks the machine for, the time of day comes so many seconds off.

A small library stands before the C library's and answers for it (``LD_PRELOAD``), so nothing of the product knows; the steady
clock is left as it is. Made by the machine's C compiler when it is needed.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_SOURCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t ahead(void) {
    const char *told = getenv("CLOCK_AHEAD_SECONDS");
    return told ? atol(told) : 0;
}

int clock_gettime(clockid_t which, struct timespec *moment) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(which, moment);
    if (!answer && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) moment->tv_sec += ahead();
    return answer;
}

int gettimeofday(struct timeval *moment, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    moment->tv_sec = now.tv_sec;
    moment->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept) *kept = now.tv_sec;
    return now.tv_sec;
}
"""


def library(folder: Path) -> Path:
    """The library, made in ``folder``. RuntimeError where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("a wrong clock needs a C compiler: apt-get install gcc")
    source, made = folder / "clock.c", folder / "clock.so"
    source.write_text(_SOURCE, encoding="utf-8")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"], check=True)
    return made


def env_of(library: Path, seconds: int, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a process whose clock stands ``seconds`` ahead (negative: behind)."""
    own = dict(os.environ if env is None else env)
    return {**own, "LD_PRELOAD": str(library), "CLOCK_AHEAD_SECONDS": str(seconds)}
