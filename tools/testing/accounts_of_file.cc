// A preloaded library that resolves user names from the file named in ACCOUNTS_FILE, which has the
// format of /etc/passwd. For names that no host has, and programs that cannot use another file.

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

extern "C" passwd* getpwuid(uid_t uid) {
  const char* const path = getenv("ACCOUNTS_FILE");
  FILE* const file = path == nullptr ? nullptr : fopen(path, "re");
  if (file == nullptr) abort();
  passwd* entry = nullptr;
  do {
    entry = fgetpwent(file);
  } while (entry != nullptr && entry->pw_uid != uid);
  fclose(file);
  return entry;
}
