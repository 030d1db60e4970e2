// CheckOpenssl(): for calls of OpenSSL that fail only where the test itself is wrong.

#ifndef CPUAGG_NOTIFY_TESTING_NET_OPENSSL_CHECK_H_
#define CPUAGG_NOTIFY_TESTING_NET_OPENSSL_CHECK_H_

#include <openssl/err.h>

#include <cstdio>
#include <cstdlib>

namespace cpuagg::notify::testing {

// Ends the program with OpenSSL's reasons unless `succeeded`.
inline void CheckOpenssl(bool succeeded) {
  if (succeeded) return;
  ERR_print_errors_fp(stderr);
  std::abort();
}

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_OPENSSL_CHECK_H_
