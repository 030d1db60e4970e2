// Certificates for the servers of tests, made by openssl when they are needed, so that no key is
// kept anywhere.
//
//   const CertificateAuthority authority("the test's authority");
//   const TlsIdentity identity = authority.Issue({.host = "bot-api.test"});
//   dir.Write("ca.pem", authority.certificate_pem());

#ifndef CPUAGG_NOTIFY_TESTING_NET_CERTIFICATES_H_
#define CPUAGG_NOTIFY_TESTING_NET_CERTIFICATES_H_

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

// For `host`, by nobody but itself; from now on.
TlsIdentity MakeSelfSigned(const std::string& host);

struct ServerCertificate {
  std::string host;  // a name, or an address as "127.0.0.1"
  absl::Time valid_from = absl::Now() - absl::Hours(1);
  absl::Time valid_until = absl::Now() + absl::Hours(1);
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);

  TlsIdentity Issue(const ServerCertificate& wanted) const;

  // What a client must know to accept what this authority issues.
  std::string certificate_pem() const;

 private:
  acct::testing::TempDir dir_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_CERTIFICATES_H_
