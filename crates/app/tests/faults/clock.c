/* The system's clock, moved by as many seconds as the file that FAULT_CLOCK names begins with. Preloaded by clock.rs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *moved_s;

__attribute__((constructor)) static void map_file(void) {
    const char *name = getenv("FAULT_CLOCK");
    int file = name ? open(name, O_RDONLY) : -1;
    if (file < 0) return;
    void *mapped = mmap(0, sizeof *moved_s, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) moved_s = mapped;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME && moved_s) time->tv_sec += *moved_s;
    return result;
}
