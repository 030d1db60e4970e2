// To be preloaded: a user directory in which user N is called userN and group N groupN.
//
//   DIRECTORY=nobody   every call finds nobody instead,
//   DIRECTORY=5        or fails with this errno,
//   DIRECTORY=hang     or never comes back.
//   DIRECTORY_MS=20    Each call takes so long.
//   DIRECTORY_CALLS=F  Each call adds a byte to the file F.
//   DIRECTORY_ALONE=1  No thread can be made.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// Whether there is somebody; otherwise `error` is what to return.
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
  const auto is = [mode](const char* name) { return mode != nullptr && !std::strcmp(mode, name); };
  while (is("hang")) pause();
  error = mode == nullptr ? 0 : std::atoi(mode);
  return mode == nullptr;
}

}  // namespace

extern "C" int getpwuid_r(uid_t uid, passwd* entry, char* buffer, size_t size, passwd** result) {
  *result = nullptr;
  int error = 0;
  if (!Answers(error)) return error;
  std::snprintf(buffer, size, "user%u", uid);
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
  *entry = {};
  entry->gr_name = buffer;
  entry->gr_gid = gid;
  *result = entry;
  return 0;
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument) {
  if (std::getenv("DIRECTORY_ALONE") != nullptr) return EAGAIN;
  using Create = decltype(pthread_create);
  static const auto create = reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "pthread_create"));
  return create(thread, attributes, start, argument);
}
