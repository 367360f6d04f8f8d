# schema.sql as lines of C, so that the program carries it.
s/\\/\\\\/g
s/"/\\"/g
s/^/"/
s/$/\\n",/
