// Certificates for the servers of tests, made when they are needed, so that no key is kept
// anywhere.
//
//   const CertificateAuthority authority("the test's authority");
//   const TlsIdentity identity = authority.Issue({.host = "bot-api.test"});
//   dir.Write("ca.pem", authority.certificate_pem());

#ifndef CPUAGG_NOTIFY_TESTING_NET_CERTIFICATES_H_
#define CPUAGG_NOTIFY_TESTING_NET_CERTIFICATES_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace cpuagg::notify::testing {

// What a server shows, and the key to prove that it is its own.
struct TlsIdentity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;
};

struct ServerCertificate {
  std::string host;  // a name, or an address as "127.0.0.1"
  absl::Time valid_from = absl::Now() - absl::Hours(1);
  absl::Time valid_until = absl::Now() + absl::Hours(1);
};

// By nobody but itself.
TlsIdentity MakeSelfSigned(const ServerCertificate& wanted);

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);

  TlsIdentity Issue(const ServerCertificate& wanted) const;

  // What a client must know to accept what this authority issues.
  std::string certificate_pem() const;

 private:
  TlsIdentity self_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_CERTIFICATES_H_
