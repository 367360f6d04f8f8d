/*
 * engine.h - the process that looks at frames: rings in, rows for the keeper
 * and answers to people out.  See docs/decisions/running.md.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

/* Of a process that main started; its exit status. */
int engine_main(void);

#endif
