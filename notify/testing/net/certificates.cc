#include "notify/testing/net/certificates.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "notify/testing/net/openssl_check.h"

namespace cpuagg::notify::testing {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

// P-256, which takes a fraction of a millisecond.
Key MakeKey() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
  CheckOpenssl(key != nullptr);
  return key;
}

void AddExtension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context = {};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), X509_EXTENSION_free);
  CheckOpenssl(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// Of `subject`, who has `key`; not signed yet. OpenSSL tells two of one issuer apart by their
// serial numbers.
Certificate MakeCertificate(const std::string& subject, EVP_PKEY* key, absl::Time valid_from,
                            absl::Time valid_until) {
  Certificate certificate(X509_new(), X509_free);
  CheckOpenssl(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  uint64_t serial = 0;
  CheckOpenssl(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  CheckOpenssl(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial) == 1);
  CheckOpenssl(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(valid_from)) !=
               nullptr);
  CheckOpenssl(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(valid_until)) !=
               nullptr);
  CheckOpenssl(X509_NAME_add_entry_by_txt(
                   X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                   reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0) == 1);
  CheckOpenssl(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

Certificate MakeServerCertificate(const ServerCertificate& wanted, EVP_PKEY* key) {
  Certificate certificate =
      MakeCertificate(wanted.host, key, wanted.valid_from, wanted.valid_until);
  in_addr address = {};
  const bool is_address = inet_pton(AF_INET, wanted.host.c_str(), &address) == 1;
  AddExtension(certificate.get(), NID_subject_alt_name,
               absl::StrCat(is_address ? "IP:" : "DNS:", wanted.host));
  return certificate;
}

void Sign(X509* certificate, const TlsIdentity& issuer) {
  CheckOpenssl(X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get())) ==
               1);
  CheckOpenssl(X509_sign(certificate, issuer.key.get(), EVP_sha256()) > 0);
}

}  // namespace

TlsIdentity MakeSelfSigned(const ServerCertificate& wanted) {
  const Key key = MakeKey();
  const Certificate certificate = MakeServerCertificate(wanted, key.get());
  Sign(certificate.get(), {certificate, key});
  return {certificate, key};
}

CertificateAuthority::CertificateAuthority(const std::string& name) {
  self_.key = MakeKey();
  self_.certificate = MakeCertificate(name, self_.key.get(), absl::Now() - absl::Hours(24),
                                      absl::Now() + absl::Hours(24));
  AddExtension(self_.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  Sign(self_.certificate.get(), self_);
}

TlsIdentity CertificateAuthority::Issue(const ServerCertificate& wanted) const {
  const Key key = MakeKey();
  const Certificate certificate = MakeServerCertificate(wanted, key.get());
  Sign(certificate.get(), self_);
  return {certificate, key};
}

std::string CertificateAuthority::certificate_pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  CheckOpenssl(memory != nullptr && PEM_write_bio_X509(memory.get(), self_.certificate.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace cpuagg::notify::testing
