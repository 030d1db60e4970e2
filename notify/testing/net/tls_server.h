// The server's side of TLS.
//
//   const TlsServer tls(authority.Issue({.host = "localhost"}));
//   auto client = tls.Accept(std::move(connection), absl::Seconds(10));
//   if (client.ok()) (*client)->Write("in secret", absl::Seconds(10));

#ifndef CPUAGG_NOTIFY_TESTING_NET_TLS_SERVER_H_
#define CPUAGG_NOTIFY_TESTING_NET_TLS_SERVER_H_

#include <openssl/ssl.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/testing/net/certificates.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

// Thread-safe.
class TlsServer {
 public:
  // TLS 1.2 and later. Ends the program if `identity` is none.
  explicit TlsServer(const TlsIdentity& identity);

  // Waits until client and server are agreed. `timeout` is for each wait for the client.
  // Unavailable, too, if the client does not speak TLS or does not accept the certificate. What is
  // returned is for one thread at a time.
  absl::StatusOr<std::unique_ptr<Stream>> Accept(Connection connection,
                                                 absl::Duration timeout) const;

 private:
  std::shared_ptr<SSL_CTX> context_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_TLS_SERVER_H_
