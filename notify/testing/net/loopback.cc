#include "notify/testing/net/loopback.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cpuagg::notify::testing {
namespace {

constexpr timeval kLongestWait = {.tv_sec = 60, .tv_usec = 0};

absl::Status SystemError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

sockaddr_in LoopbackAddress(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int Limited(size_t bytes) { return static_cast<int>(std::min<size_t>(bytes, INT_MAX)); }

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

std::optional<Connection> Connection::Open(uint16_t port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = LoopbackAddress(port);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return std::nullopt;
  }
  return Connection(std::move(socket));
}

Connection::Connection(Socket socket) : socket_(std::move(socket)) {
  const int fd = socket_.fd();
  // A head and a body sent apart would otherwise wait for each other's acknowledgement.
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kLongestWait, sizeof(kLongestWait));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kLongestWait, sizeof(kLongestWait));
}

bool Connection::AcceptTls(const TlsIdentity& identity) {
  const auto memory = [&] {
    return std::unique_ptr<BIO, decltype(&BIO_free)>(
        BIO_new_mem_buf(identity.pem.data(), Limited(identity.pem.size())), BIO_free);
  };
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                  SSL_CTX_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(memory().get(), nullptr, nullptr, nullptr), X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(memory().get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_use_certificate(context.get(), certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  tls_.reset(SSL_new(context.get()));
  SSL_set_fd(tls_.get(), socket_.fd());
  return SSL_accept(tls_.get()) == 1;
}

size_t Connection::Read(absl::Span<char> buffer) {
  const ssize_t bytes = tls_ == nullptr
                            ? recv(socket_.fd(), buffer.data(), buffer.size(), 0)
                            : SSL_read(tls_.get(), buffer.data(), Limited(buffer.size()));
  return bytes > 0 ? static_cast<size_t>(bytes) : 0;
}

bool Connection::Write(absl::string_view data) {
  while (!data.empty()) {
    const ssize_t bytes = tls_ == nullptr
                              ? send(socket_.fd(), data.data(), data.size(), MSG_NOSIGNAL)
                              : SSL_write(tls_.get(), data.data(), Limited(data.size()));
    if (bytes <= 0) return false;
    data.remove_prefix(static_cast<size_t>(bytes));
  }
  return true;
}

void Connection::CloseForWriting() {
  if (tls_ != nullptr) SSL_shutdown(tls_.get());
  shutdown(socket_.fd(), SHUT_WR);
}

void Connection::Drain() {
  std::array<char, 4096> buffer;
  errno = 0;
  while (Read(absl::MakeSpan(buffer)) > 0 || errno == EAGAIN) errno = 0;
}

void Connection::ResetWhenClosed() {
  const linger abort = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
}

void Connection::Stop() const { shutdown(socket_.fd(), SHUT_RDWR); }

absl::StatusOr<Listener> Listener::Open() {
  const sockaddr_in address = LoopbackAddress(0);
  return OpenAt(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

absl::StatusOr<Listener> Listener::OpenOnIpv6(uint16_t port) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  return OpenAt(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

absl::StatusOr<Listener> Listener::OpenAt(const sockaddr* address, socklen_t size) {
  Socket socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return SystemError("socket");
  if (bind(socket.fd(), address, size) != 0) return SystemError("bind");
  if (listen(socket.fd(), SOMAXCONN) != 0) return SystemError("listen");
  // Both families have the port at the same place.
  sockaddr_in6 bound = {};
  socklen_t bound_size = sizeof(bound);
  if (getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0) {
    return SystemError("getsockname");
  }
  return Listener(std::move(socket), ntohs(bound.sin6_port));
}

std::optional<Connection> Listener::Accept() const {
  Socket socket(accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.fd() < 0) return std::nullopt;
  return Connection(std::move(socket));
}

void Listener::Stop() const { shutdown(socket_.fd(), SHUT_RDWR); }

}  // namespace cpuagg::notify::testing
