// libcurl, loaded on first use; see shared_library.h.

#ifndef CPUAGG_NOTIFY_HTTP_CURL_LIBRARY_H_
#define CPUAGG_NOTIFY_HTTP_CURL_LIBRARY_H_

#include <curl/curl.h>

#include "absl/status/status.h"
#include "notify/shared_library.h"

#define CPUAGG_CURL_FUNCTIONS(X) \
  X(curl_easy_cleanup)           \
  X(curl_easy_getinfo)           \
  X(curl_easy_init)              \
  X(curl_easy_perform)           \
  X(curl_easy_setopt)            \
  X(curl_easy_strerror)          \
  X(curl_free)                   \
  X(curl_global_init)            \
  X(curl_mime_addpart)           \
  X(curl_mime_data)              \
  X(curl_mime_filename)          \
  X(curl_mime_free)              \
  X(curl_mime_init)              \
  X(curl_mime_name)              \
  X(curl_mime_type)              \
  X(curl_slist_append)           \
  X(curl_slist_free_all)         \
  X(curl_url)                    \
  X(curl_url_cleanup)            \
  X(curl_url_get)                \
  X(curl_url_set)

namespace cpuagg::notify {

#define CPUAGG_DECLARE(name) inline decltype(&::name) name = nullptr;
CPUAGG_CURL_FUNCTIONS(CPUAGG_DECLARE)
#undef CPUAGG_DECLARE

// Call this, and check its status, before calling any of these functions.
inline absl::Status LoadCurl() {
#define CPUAGG_FUNCTION(name) LibraryFunction{#name, &name},
  static const absl::Status status = LoadLibrary("libcurl.so.4", "libcurl4 (Fedora, RHEL: libcurl)",
                                                 {CPUAGG_CURL_FUNCTIONS(CPUAGG_FUNCTION)});
#undef CPUAGG_FUNCTION
  return status;
}

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_CURL_LIBRARY_H_
