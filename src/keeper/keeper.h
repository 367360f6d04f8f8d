/*
 * keeper.h - the process that writes: what the engine says into the state
 * directory; and hands on what people ask.  See docs/decisions/running.md.
 */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

/* Of a process that main started; its exit status. */
int keeper_main(void);

#endif
