/* csv.h - cells and lines of CSV as spreadsheets want them; see csv.c. */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include "../base/out.h"

void csv_span(struct out *, struct span);
void csv_end(struct out *); /* of a line */

#endif
