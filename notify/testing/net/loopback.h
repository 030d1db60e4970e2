// Stream sockets on 127.0.0.1 (or ::1), with or without TLS.
//
//   absl::StatusOr<Listener> listener = Listener::Open();
//   std::optional<Connection> peer = listener->Accept();
//   size_t bytes = peer->Read(absl::MakeSpan(buffer));
//
// A wait ends after a minute, which no test waits for, or when another thread calls Stop().

#ifndef CPUAGG_NOTIFY_TESTING_NET_LOOPBACK_H_
#define CPUAGG_NOTIFY_TESTING_NET_LOOPBACK_H_

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cpuagg::notify::testing {

// Owns a socket. Movable.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket();

  int fd() const { return fd_; }

 private:
  int fd_;
};

// What a server shows, and the key to prove that it is its own; both in PEM.
struct TlsIdentity {
  std::string pem;
};

// One end of a connection. Movable. One thread may read while another writes, unless it is TLS.
class Connection {
 public:
  // Connects to `port` of 127.0.0.1; nothing if nobody listens there.
  static std::optional<Connection> Open(uint16_t port);

  explicit Connection(Socket socket);

  // Speaks TLS 1.2 or later from now on. False if the client does not, or does not accept the
  // certificate; the connection is useless then.
  bool AcceptTls(const TlsIdentity& identity);

  // Waits for bytes and returns how many were put into `buffer`; 0 at the end of the stream, and
  // where the connection has broken or the minute has passed.
  size_t Read(absl::Span<char> buffer);

  // Sends all of `data`; false if the peer does not take it.
  bool Write(absl::string_view data);

  // Tells the peer that nothing more comes, which it sees after the bytes already sent.
  void CloseForWriting();

  // Reads and discards until the peer closes or the connection is stopped, however long that is.
  void Drain();

  // When it is destroyed, the peer gets a reset. Bytes on their way, either way, may be lost.
  void ResetWhenClosed();

  // Ends all waits, now and later, as if the peer had closed. For any thread.
  void Stop() const;

 private:
  Socket socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, SSL_free};
};

// Accepts connections to an ephemeral port of 127.0.0.1, or to a given one of ::1.
class Listener {
 public:
  static absl::StatusOr<Listener> Open();

  // Unavailable, too, if this machine has no IPv6 or something else has the port.
  static absl::StatusOr<Listener> OpenOnIpv6(uint16_t port);

  uint16_t port() const { return port_; }

  // The next connection, however long that takes; nothing once stopped.
  std::optional<Connection> Accept() const;

  // For any thread.
  void Stop() const;

 private:
  Listener(Socket socket, uint16_t port) : socket_(std::move(socket)), port_(port) {}

  static absl::StatusOr<Listener> OpenAt(const sockaddr* address, socklen_t size);

  Socket socket_;
  uint16_t port_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_LOOPBACK_H_
