#include "notify/testing/net/tls_server.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "notify/testing/net/certificates.h"
#include "notify/testing/net/loopback.h"
#include "notify/testing/net/openssl_check.h"

namespace cpuagg::notify::testing {
namespace {

// TLS between two memories, so that the connection does the waiting.
class TlsStream final : public Stream {
 public:
  TlsStream(SSL_CTX* context, Connection connection)
      : connection_(std::move(connection)), ssl_(SSL_new(context), SSL_free) {
    CheckOpenssl(ssl_ != nullptr);
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_.get());
  }

  absl::Status Handshake(absl::Duration timeout) {
    const absl::StatusOr<size_t> done =
        Until([this] { return SSL_do_handshake(ssl_.get()); }, timeout);
    if (done.ok() && *done == 0) return absl::UnavailableError("TLS: the client has gone");
    return done.status();
  }

  absl::StatusOr<size_t> Read(absl::Span<char> buffer, absl::Duration timeout) override {
    return Until(
        [&] { return SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size())); },
        timeout);
  }

  absl::Status Write(absl::string_view data, absl::Duration timeout) override {
    if (data.empty()) return absl::OkStatus();
    return Until([&] { return SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())); },
                 timeout)
        .status();
  }

  void CloseForWriting() override {
    SSL_shutdown(ssl_.get());
    Flush(absl::Seconds(1)).IgnoreError();
    connection_.CloseForWriting();
  }

  void Reset() override { connection_.Reset(); }

 private:
  // Repeats `step` until it has what it needs from the client; then what it returned, or 0 at the
  // end of the stream.
  template <typename Step>
  absl::StatusOr<size_t> Until(const Step& step, absl::Duration timeout) {
    while (true) {
      ERR_clear_error();
      const int result = step();
      const int reason = SSL_get_error(ssl_.get(), result);
      // An alert for the client, too, when it failed.
      const absl::Status sent = Flush(timeout);
      if (result > 0) return sent.ok() ? absl::StatusOr<size_t>(result) : sent;
      if (reason == SSL_ERROR_ZERO_RETURN) return 0;
      if (reason != SSL_ERROR_WANT_READ) {
        return absl::UnavailableError(
            absl::StrCat("TLS: ", ERR_reason_error_string(ERR_peek_error())));
      }
      if (!sent.ok()) return sent;
      std::array<char, 16384> buffer;
      const absl::StatusOr<size_t> read = connection_.Read(absl::MakeSpan(buffer), timeout);
      if (read.value_or(0) == 0) return read;
      CheckOpenssl(BIO_write(SSL_get_rbio(ssl_.get()), buffer.data(), static_cast<int>(*read)) ==
                   static_cast<int>(*read));
    }
  }

  // Sends what OpenSSL has for the client.
  absl::Status Flush(absl::Duration timeout) {
    BIO* const memory = SSL_get_wbio(ssl_.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    const std::string bytes(data, static_cast<size_t>(size));
    CheckOpenssl(BIO_reset(memory) == 1);
    return connection_.Write(bytes, timeout);
  }

  Connection connection_;
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace

TlsServer::TlsServer(const TlsIdentity& identity)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  CheckOpenssl(context_ != nullptr);
  CheckOpenssl(SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) == 1);
  CheckOpenssl(SSL_CTX_use_certificate(context_.get(), identity.certificate.get()) == 1);
  CheckOpenssl(SSL_CTX_use_PrivateKey(context_.get(), identity.key.get()) == 1);
}

absl::StatusOr<std::unique_ptr<Stream>> TlsServer::Accept(Connection connection,
                                                          absl::Duration timeout) const {
  auto stream = std::make_unique<TlsStream>(context_.get(), std::move(connection));
  if (absl::Status status = stream->Handshake(timeout); !status.ok()) return status;
  return stream;
}

}  // namespace cpuagg::notify::testing
