// A preloaded library with a user directory in which user N is called userN and group N groupN.
//
//   DIRECTORY=nobody   Calls find no account,
//   DIRECTORY=5        or fail with this errno,
//   DIRECTORY=hang     or never return, and neither do look-ups by name.
//   DIRECTORY_MS=20    Each call takes this long.
//   DIRECTORY_PREFIX=P User N is called PN.
//   DIRECTORY_CALLS=F  Each call appends a byte to the file F.
//   DIRECTORY_FILE=F   stat() of /etc/passwd is that of the file F.
//   DIRECTORY_ALONE=1  No thread can be started.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool Is(const char* name) {
  const char* const mode = std::getenv("DIRECTORY");
  return mode != nullptr && std::strcmp(mode, name) == 0;
}

// The function that this library replaces.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Whether there is an account; otherwise `error` is the result to return.
bool Answers(int& error) {
  if (const char* calls = std::getenv("DIRECTORY_CALLS"); calls != nullptr) {
    const int fd = open(calls, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, ".", 1) != 1) std::abort();
    close(fd);
  }
  if (const char* delay = std::getenv("DIRECTORY_MS"); delay != nullptr) {
    usleep(static_cast<useconds_t>(std::atoi(delay)) * 1000);
  }
  const char* const mode = std::getenv("DIRECTORY");
  while (Is("hang")) pause();
  error = mode == nullptr ? 0 : std::atoi(mode);
  return mode == nullptr;
}

}  // namespace

extern "C" int getpwuid_r(uid_t uid, passwd* entry, char* buffer, size_t size, passwd** result) {
  *result = nullptr;
  int error = 0;
  if (!Answers(error)) return error;
  const char* const prefix = std::getenv("DIRECTORY_PREFIX");
  std::snprintf(buffer, size, "%s%u", prefix == nullptr ? "user" : prefix, uid);
  *entry = {};
  entry->pw_name = buffer;
  entry->pw_uid = uid;
  *result = entry;
  return 0;
}

extern "C" int getgrgid_r(gid_t gid, group* entry, char* buffer, size_t size, group** result) {
  *result = nullptr;
  int error = 0;
  if (!Answers(error)) return error;
  std::snprintf(buffer, size, "group%u", gid);
  static char* no_members[] = {nullptr};
  *entry = {};
  entry->gr_name = buffer;
  entry->gr_gid = gid;
  entry->gr_mem = no_members;
  *result = entry;
  return 0;
}

extern "C" int stat(const char* path, struct stat* info) {
  const char* const file = std::getenv("DIRECTORY_FILE");
  const bool is_replaced = file != nullptr && std::strcmp(path, "/etc/passwd") == 0;
  return fstatat(AT_FDCWD, is_replaced ? file : path, info, 0);
}

extern "C" int getpwnam_r(const char* name, passwd* entry, char* buffer, size_t size,
                          passwd** result) {
  while (Is("hang")) pause();
  return Next<decltype(getpwnam_r)>("getpwnam_r")(name, entry, buffer, size, result);
}

extern "C" int getgrnam_r(const char* name, group* entry, char* buffer, size_t size,
                          group** result) {
  while (Is("hang")) pause();
  return Next<decltype(getgrnam_r)>("getgrnam_r")(name, entry, buffer, size, result);
}

extern "C" int getgrouplist(const char* name, gid_t group, gid_t* groups, int* count) {
  while (Is("hang")) pause();
  return Next<decltype(getgrouplist)>("getgrouplist")(name, group, groups, count);
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument) {
  if (std::getenv("DIRECTORY_ALONE") != nullptr) return EAGAIN;
  static const auto create = Next<decltype(pthread_create)>("pthread_create");
  return create(thread, attributes, start, argument);
}
