// How soon does a thread run that has nothing to do but to sleep, and is woken as main wakes the pool? Without any engine around it.
//
//   wake RATE COUNT    prints one line of JSON: µs from just before each notification until the thread ran, and what each one took
//
// An open loop: gaps are drawn beforehand, and main looks at the clock in between, so that it notifies on time.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic int bell, sleeping, asked, over;
static double *begun, *woken, *called;

static double micros(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e6 + at.tv_nsec * 1e-3;
}

static void futex(int what, int value) {
  syscall(SYS_futex, &bell, what, value, NULL, NULL, 0);
}

static void ring(void) {
  bell++;
  if (sleeping) futex(FUTEX_WAKE_PRIVATE, 1);
}

static void *sleeper(void *nothing) {
  for (int seen = 0; !over;) {
    for (; seen < asked; seen++) woken[seen] = micros();
    sleeping = 1;
    int heard = bell;
    if (seen == asked && !over) futex(FUTEX_WAIT_PRIVATE, heard);
    sleeping = 0;
  }
  return nothing;
}

static void print(const char *name, const double *from, const double *to, int count, const char *end) {
  printf("\"%s\":[", name);
  for (int i = 0; i < count; i++) printf("%s%.2f", i == 0 ? "" : ",", to[i] - from[i]);
  printf("]%s", end);
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  double gap = 1e6 / atof(argv[1]);
  int count = atoi(argv[2]);
  begun = calloc(count, sizeof(double));
  woken = calloc(count, sizeof(double));
  called = calloc(count, sizeof(double));
  pthread_t thread;
  pthread_create(&thread, NULL, sleeper, NULL);
  srand48(7);
  double due = micros() + 10000;
  for (int i = 0; i < count; i++) {
    due -= log(1 - drand48()) * gap;
    while (micros() < due) {
    }
    begun[i] = micros();
    asked = i + 1;
    ring();
    called[i] = micros();
  }
  usleep(100000);
  over = 1;
  ring();
  pthread_join(thread, NULL);
  printf("{");
  print("woken", begun, woken, count, ",");
  print("called", begun, called, count, "}\n");
  return 0;
}
