/* Threads that share a call of the kernel.
 *
 * A team lives within one call: the caller, and helpers that it gets when the call has enough to do
 * and gives back when it ends. Every member runs the same routine, which divides its work by
 * team_next and by its rank, and waits for the others at team_meet.
 *
 * Between calls helpers sleep, and one that nobody has wanted for a second ends. So nothing spins
 * while the objective runs; calls at the same time, or within each other's objectives, have other
 * helpers; and a child of fork, which has none, begins new ones. (OpenMP's threads spin for a while
 * after each loop, and a child of fork waits for those that it has not got.) */

#ifdef __linux__
#define _GNU_SOURCE /* sched_getcpu, CPU_SET */
#endif
#include <stdlib.h>

#ifdef HAS_THREADS
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum {
    LARGEST = 32,     /* members */
    PATIENCE = 10000, /* looks before a waiting member goes to sleep: some 200 microseconds */
    IMPATIENCE = 100, /* where another member was seen not to run */
    STACK = 256 * 1024
};

typedef struct Team Team;
typedef void Serve(Team *team, void *job, int rank);

struct Team {
    int size;
    Serve *serve;
    void *job;
    atomic_int turn;           /* how often all have met */
    atomic_int arrived;        /* for the next time */
    atomic_int gone;           /* helpers that have done with the team */
    atomic_int taken[LARGEST]; /* of the parts of the work that are each member's */
    atomic_int handed_on[LARGEST]; /* in which turn each member last did */
    atomic_int asleep;
    atomic_int processor[LARGEST]; /* where each member was seen last, from 1 */
    atomic_int patience;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
};

typedef struct Helper Helper;
struct Helper {
    Helper *next; /* that is idle too */
    Team *team;   /* NULL where it is idle */
    int rank;
    pthread_cond_t called;
};

/* All helpers that are idle; the mutex is for them and for every helper's team. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Helper *idle;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void before_fork(void) { pthread_mutex_lock(&mutex); }
static void after_fork(void) { pthread_mutex_unlock(&mutex); }
static void in_child(void)
{
    idle = NULL;
    pthread_mutex_unlock(&mutex);
}
static void watch_forks(void) { pthread_atfork(before_fork, after_fork, in_child); }

/* Members ------------------------------------------------------------------------------------- */

static void pause_a_little(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* How many processors this thread may run on. */
int team_processors(void)
{
#ifdef __linux__
    cpu_set_t allowed;
    if (!sched_getaffinity(0, sizeof allowed, &allowed))
        return CPU_COUNT(&allowed);
#endif
    const long found = sysconf(_SC_NPROCESSORS_ONLN);
    return found < 1 ? 1 : found > LARGEST ? LARGEST : (int)found;
}

/* Note where a member runs. */
static void note_processor(Team *team, int rank)
{
#ifdef __linux__
    atomic_store_explicit(&team->processor[rank], sched_getcpu() + 1, memory_order_relaxed);
#else
    (void)team, (void)rank;
#endif
}

/* Leave a processor that another member is on. Schedulers often wake a helper where its caller runs,
 * and take long to see that these two wait for each other. */
static void find_own_processor(Team *team, int rank)
{
#ifdef __linux__
    cpu_set_t allowed, free;
    const int here = sched_getcpu();
    int taken = 0;
    if (!sched_getaffinity(0, sizeof allowed, &allowed)) {
        free = allowed;
        for (int k = 0; k < team->size; k++) {
            const int there = atomic_load_explicit(&team->processor[k], memory_order_relaxed) - 1;
            if (k == rank || there < 0)
                continue;
            taken |= there == here;
            CPU_CLR(there, &free);
        }
        if (taken && CPU_COUNT(&free) > 0) {
            sched_setaffinity(0, sizeof free, &free); /* goes there */
            sched_setaffinity(0, sizeof allowed, &allowed);
        }
    }
#endif
    note_processor(team, rank);
}

/* Wait until all members have come here. Within a pass they come at about the same time, so one that
 * doesn't come isn't running: then it is better to sleep, and to do so at once from there on. */
static void meet(Team *team, int rank, int within_pass)
{
    const int patience = atomic_load_explicit(&team->patience, memory_order_relaxed);
    const int turn = atomic_load(&team->turn);
    note_processor(team, rank);
    if (atomic_fetch_add(&team->arrived, 1) + 1 == team->size) {
        atomic_store(&team->arrived, 0);
        for (int rank = 0; rank < team->size; rank++)
            atomic_store(&team->taken[rank], 0);
        atomic_fetch_add(&team->turn, 1);
        if (atomic_load(&team->asleep)) {
            pthread_mutex_lock(&team->mutex);
            pthread_cond_broadcast(&team->woken);
            pthread_mutex_unlock(&team->mutex);
        }
        return;
    }
    for (int look = 0; look < patience; look++) {
        if (atomic_load_explicit(&team->turn, memory_order_acquire) != turn)
            return;
        pause_a_little();
    }
    if (within_pass)
        atomic_store(&team->patience, IMPATIENCE);
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->asleep, 1);
    while (atomic_load(&team->turn) == turn)
        pthread_cond_wait(&team->woken, &team->mutex);
    atomic_fetch_sub(&team->asleep, 1);
    pthread_mutex_unlock(&team->mutex);
    if (rank > 0)
        find_own_processor(team, rank);
}

/* In mid-pass. */
void team_meet(Team *team, int rank)
{
    if (team)
        meet(team, rank, 1);
}

/* Before a pass and after it. */
void team_assemble(Team *team, int rank)
{
    if (team)
        meet(team, rank, 0);
}

/* The next part of the work that nobody has taken since all met, from 0; alone, the one after
 * `last`. Of the parts `each` in turn are a member's own, and it takes one of another's when none
 * of these is left: what a core has in its cache stays there. */
int team_next(Team *team, int rank, int each, int last)
{
    if (!team)
        return last + 1;
    for (int k = 0; k < team->size; k++) {
        const int owner = (rank + k) % team->size;
        const int part = atomic_fetch_add(&team->taken[owner], 1);
        if (part < each)
            return owner * each + part;
    }
    return team->size * each;
}

/* Tell the next member that what it is to go on with is done. */
void team_hand_on(Team *team, int rank)
{
    if (team)
        atomic_store(&team->handed_on[rank], atomic_load(&team->turn) + 1);
}

/* Wait for the member before to have handed on since all met. */
void team_take_over(Team *team, int rank)
{
    if (!team || rank == 0)
        return;
    const int turn = atomic_load(&team->turn) + 1;
    for (int look = 0; atomic_load(&team->handed_on[rank - 1]) != turn; look++)
        if (look < IMPATIENCE)
            pause_a_little();
        else
            sched_yield();
}

int team_size(const Team *team) { return team ? team->size : 1; }

/* Helpers ------------------------------------------------------------------------------------- */

/* Wait, with the mutex, for a call; 0 if none comes within a second. */
static int is_called(Helper *self)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 1;
    while (!self->team)
        if (pthread_cond_timedwait(&self->called, &mutex, &limit) && !self->team)
            return 0;
    return 1;
}

static void *help(void *argument)
{
    Helper *self = argument;
    pthread_mutex_lock(&mutex);
    while (is_called(self)) {
        Team *team = self->team;
        pthread_mutex_unlock(&mutex);
        find_own_processor(team, self->rank);
        team->serve(team, team->job, self->rank);
        pthread_mutex_lock(&mutex);
        self->team = NULL;
        self->next = idle;
        idle = self;
        atomic_fetch_add(&team->gone, 1);
    }
    Helper **place = &idle;
    while (*place != self)
        place = &(*place)->next;
    *place = self->next;
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&self->called);
    free(self);
    return NULL;
}

/* Begin a helper of a team; 0 if the system gives none. */
static int begin(Team *team)
{
    Helper *helper = calloc(1, sizeof *helper);
    if (!helper)
        return 0;
    pthread_cond_init(&helper->called, NULL);
    helper->team = team;
    helper->rank = team->size;

    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    /* Signals are for the threads that were there before. */
    sigset_t all, usual;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &usual);
    const int failed = pthread_create(&thread, &attributes, help, helper);
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
    pthread_attr_destroy(&attributes);
    if (failed) {
        pthread_cond_destroy(&helper->called);
        free(helper);
    }
    return !failed;
}

/* A team of the caller, with rank 0, and threads - 1 helpers, each of which runs serve(team, job, rank);
 * fewer where the system gives no more, and NULL, a team of one, where it gives none. */
Team *team_begin(int threads, Serve *serve, void *job)
{
    if (threads < 2)
        return NULL;
    Team *team = calloc(1, sizeof *team);
    if (!team)
        return NULL;
    pthread_once(&once, watch_forks);
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->woken, NULL);
    team->serve = serve;
    team->job = job;

    note_processor(team, 0);
    /* Who waits for a member that isn't running is in its way. */
    team->patience = threads > team_processors() ? IMPATIENCE : PATIENCE;

    pthread_mutex_lock(&mutex); /* no helper begins to serve before the team is complete */
    for (team->size = 1; team->size < threads && team->size < LARGEST; team->size++) {
        Helper *helper = idle;
        if (helper) {
            idle = helper->next;
            helper->team = team;
            helper->rank = team->size;
            pthread_cond_signal(&helper->called);
        } else if (!begin(team)) {
            break;
        }
    }
    pthread_mutex_unlock(&mutex);
    return team;
}

/* After every helper's serve has been told to return. */
void team_end(Team *team)
{
    if (!team)
        return;
    while (atomic_load(&team->gone) < team->size - 1)
        pause_a_little();
    pthread_cond_destroy(&team->woken);
    pthread_mutex_destroy(&team->mutex);
    free(team);
}

#else /* every team is one of one */

int team_processors(void) { return 1; }
void team_meet(void *team, int rank) { (void)team, (void)rank; }
void team_assemble(void *team, int rank) { (void)team, (void)rank; }
int team_next(void *team, int rank, int each, int last)
{
    (void)team, (void)rank, (void)each;
    return last + 1;
}
void team_hand_on(void *team, int rank) { (void)team, (void)rank; }
void team_take_over(void *team, int rank) { (void)team, (void)rank; }
int team_size(const void *team)
{
    (void)team;
    return 1;
}
void *team_begin(int threads, void (*serve)(void *, void *, int), void *job)
{
    (void)threads, (void)serve, (void)job;
    return NULL;
}
void team_end(void *team) { (void)team; }

#endif
