#include "notify/testing/net/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace cpuagg::notify::testing {
namespace {

absl::Status SystemError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

int ToPollTimeout(absl::Duration duration) {
  const int64_t milliseconds =
      absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1)));
  return static_cast<int>(std::clamp<int64_t>(milliseconds, 0, INT_MAX));
}

// Waits until `fd` is ready for `events`, or broken, which the call that follows will report.
absl::Status WaitFor(int fd, short events, const StopSignal* stop, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  std::array<pollfd, 2> polled = {
      {{fd, events, 0}, {stop == nullptr ? -1 : stop->fd(), POLLIN, 0}}};
  while (true) {
    const int ready = poll(polled.data(), polled.size(), ToPollTimeout(deadline - absl::Now()));
    if (ready < 0 && errno != EINTR) return SystemError("poll");
    if (ready > 0 && polled[1].revents != 0) return absl::CancelledError("stopped");
    if (ready > 0) return absl::OkStatus();
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("timed out");
  }
}

absl::StatusOr<FileDescriptor> OpenSocket(int family) {
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return SystemError("socket");
  return socket;
}

sockaddr_in LoopbackAddress(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.Release();
  }
  return *this;
}

int FileDescriptor::Release() { return std::exchange(fd_, -1); }

void FileDescriptor::Close() {
  if (fd_ >= 0) close(Release());
}

StopSignal::StopSignal() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void StopSignal::Give() {
  // Fails only when the counter is full, and then the signal was given long ago.
  static_cast<void>(eventfd_write(event_.get(), 1));
}

bool StopSignal::given() const {
  pollfd polled = {event_.get(), POLLIN, 0};
  return poll(&polled, 1, 0) > 0;
}

absl::StatusOr<Connection> Connection::Open(uint16_t port, const StopSignal* stop,
                                            absl::Duration timeout) {
  absl::StatusOr<FileDescriptor> socket = OpenSocket(AF_INET);
  if (!socket.ok()) return socket.status();
  const sockaddr_in address = LoopbackAddress(port);
  const int fd = socket->get();
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno != EINPROGRESS) return SystemError("connect");
    if (absl::Status status = WaitFor(fd, POLLOUT, stop, timeout); !status.ok()) return status;
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0) errno = error;
    if (errno != 0) return SystemError("connect");
  }
  return Connection(*std::move(socket), stop);
}

Connection::Connection(FileDescriptor socket, const StopSignal* stop)
    : socket_(std::move(socket)), stop_(stop) {
  // A head and a body sent apart would otherwise wait for each other's acknowledgement.
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

absl::Status Connection::Wait(short events, absl::Duration timeout) {
  return WaitFor(socket_.get(), events, stop_, timeout);
}

absl::StatusOr<size_t> Connection::Read(absl::Span<char> buffer, absl::Duration timeout) {
  while (true) {
    if (absl::Status status = Wait(POLLIN, timeout); !status.ok()) return status;
    const ssize_t bytes = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (bytes >= 0) return static_cast<size_t>(bytes);
    if (errno != EAGAIN && errno != EINTR) return SystemError("recv");
  }
}

absl::Status Connection::Write(absl::string_view data, absl::Duration timeout) {
  while (!data.empty()) {
    if (absl::Status status = Wait(POLLOUT, timeout); !status.ok()) return status;
    const ssize_t bytes = send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (bytes >= 0) {
      data.remove_prefix(static_cast<size_t>(bytes));
    } else if (errno != EAGAIN && errno != EINTR) {
      return SystemError("send");
    }
  }
  return absl::OkStatus();
}

void Stream::Drain(absl::Duration timeout) {
  std::array<char, 4096> buffer;
  while (Read(absl::MakeSpan(buffer), timeout).value_or(0) > 0) {
  }
}

void Connection::CloseForWriting() { shutdown(socket_.get(), SHUT_WR); }

void Connection::Reset() {
  const linger abort = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  socket_.Close();
}

Listener::Listener(FileDescriptor socket, uint16_t port)
    : socket_(std::move(socket)), port_(port) {}

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
  absl::StatusOr<FileDescriptor> socket = OpenSocket(address->sa_family);
  if (!socket.ok()) return socket.status();
  if (bind(socket->get(), address, size) != 0) return SystemError("bind");
  if (listen(socket->get(), SOMAXCONN) != 0) return SystemError("listen");
  // Both families have the port at the same place.
  sockaddr_in6 bound = {};
  socklen_t bound_size = sizeof(bound);
  if (getsockname(socket->get(), reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0) {
    return SystemError("getsockname");
  }
  return Listener(*std::move(socket), ntohs(bound.sin6_port));
}

absl::StatusOr<Connection> Listener::Accept(const StopSignal& stop, absl::Duration timeout) {
  if (absl::Status status = WaitFor(socket_.get(), POLLIN, &stop, timeout); !status.ok()) {
    return status;
  }
  FileDescriptor socket(accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.get() < 0) return SystemError("accept");
  return Connection(std::move(socket), &stop);
}

}  // namespace cpuagg::notify::testing
