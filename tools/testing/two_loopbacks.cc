// A preloaded library that gives each name ending in ".test" both of this machine's own addresses,
// IPv6's first, like a name server for a host that has both.

#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include <initializer_list>

namespace {

using Resolver = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

bool IsForTests(const char* name) {
  constexpr char kSuffix[] = ".test";
  constexpr size_t kLength = sizeof(kSuffix) - 1;
  const size_t length = name == nullptr ? 0 : strlen(name);
  return length > kLength && strcmp(name + length - kLength, kSuffix) == 0;
}

}  // namespace

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static const auto resolve = reinterpret_cast<Resolver>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (!IsForTests(name)) return resolve(name, service, hints, found);
  const addrinfo wanted = hints == nullptr ? addrinfo{} : *hints;
  addrinfo* addresses = nullptr;
  addrinfo** end = &addresses;
  for (const int family : {AF_INET6, AF_INET}) {
    if (wanted.ai_family != AF_UNSPEC && wanted.ai_family != family) continue;
    addrinfo numeric = wanted;
    numeric.ai_family = family;
    numeric.ai_flags = AI_NUMERICHOST;
    const char* const address = family == AF_INET6 ? "::1" : "127.0.0.1";
    if (const int error = resolve(address, service, &numeric, end); error != 0) return error;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  *found = addresses;
  return 0;
}
