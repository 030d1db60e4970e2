#include "notify/testing/net/certificates.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

using acct::testing::ReadFile;
using acct::testing::TempDir;

// The system's own configuration is left out of it. Names are what the command line says.
constexpr char kConfiguration[] = R"([req]
distinguished_name = none
[none]
[ca]
default_ca = authority
[authority]
certificate = ca.pem
private_key = ca.key
database = issued
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
copy_extensions = copy
[policy]
commonName = supplied
)";

// `openssl WORDS` in `dir`; fails the test if openssl does.
void Openssl(const TempDir& dir, absl::string_view words) {
  const std::string command =
      absl::StrCat("cd ", dir.path(), " && openssl ", words, " -config cnf >log 2>&1");
  EXPECT_EQ(std::system(command.c_str()), 0) << command << "\n" << ReadFile(dir.Path("log"));
}

// `openssl req` for a new key on P-256, which takes a fraction of a millisecond.
void Request(const TempDir& dir, absl::string_view name, absl::string_view subject,
             absl::string_view extension, absl::string_view kind) {
  dir.Write("cnf", kConfiguration);
  Openssl(dir,
          absl::StrCat("req ", kind, " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ",
                       name, ".key -out ", name, ".pem -subj \"/CN=", subject, "\" -addext ",
                       extension));
}

std::string AlternativeName(const std::string& host) {
  const bool is_address = host.find_first_not_of("0123456789.") == std::string::npos;
  return absl::StrCat("subjectAltName=", is_address ? "IP:" : "DNS:", host);
}

TlsIdentity Identity(const TempDir& dir) {
  return {ReadFile(dir.Path("server.pem")) + ReadFile(dir.Path("server.key"))};
}

}  // namespace

TlsIdentity MakeSelfSigned(const std::string& host) {
  const TempDir dir;
  Request(dir, "server", host, AlternativeName(host), "-x509");
  return Identity(dir);
}

CertificateAuthority::CertificateAuthority(const std::string& name) {
  Request(dir_, "ca", name, "basicConstraints=critical,CA:TRUE", "-x509");
  dir_.Write("issued", "");
}

TlsIdentity CertificateAuthority::Issue(const ServerCertificate& wanted) const {
  Request(dir_, "request", wanted.host, AlternativeName(wanted.host), "-new");
  const auto time = [](absl::Time moment) {
    return absl::FormatTime("%Y%m%d%H%M%SZ", moment, absl::UTCTimeZone());
  };
  Openssl(dir_, absl::StrCat("ca -batch -notext -in request.pem -out server.pem -startdate ",
                             time(wanted.valid_from), " -enddate ", time(wanted.valid_until)));
  return {ReadFile(dir_.Path("server.pem")) + ReadFile(dir_.Path("request.key"))};
}

std::string CertificateAuthority::certificate_pem() const { return ReadFile(dir_.Path("ca.pem")); }

}  // namespace cpuagg::notify::testing
