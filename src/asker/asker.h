/*
 * asker.h - the process that asks devices (role `probe`): by the grants on
 * the board, as the governor allows, by sockets that main opens for it.  What
 * it learns it sends to the keeper, as any client of the desk.
 */
#ifndef ASKER_ASKER_H
#define ASKER_ASKER_H

int asker_main(void);

#endif
