// The lines of our raw readers: NDJSON, gathered and written at once.
#pragma once

// {"type":TYPE,"path":"DIRECTORY/NAME"}
void tell(const char* type, const char* directory, const char* name);

void tell_overflow(void);

// Writes what was told. Ends the program when nobody reads any more.
void flush_told(void);
