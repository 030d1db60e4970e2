// Stream sockets on 127.0.0.1 (or ::1) whose every wait ends: after a time-out, or at once when
// told to.
//
//   StopSignal stop;
//   absl::StatusOr<Listener> listener = Listener::Open();
//   absl::StatusOr<Connection> connection = listener->Accept(stop, absl::Seconds(1));
//   absl::StatusOr<size_t> bytes = connection->Read(absl::MakeSpan(buffer), absl::Seconds(1));
//
// Errors: DeadlineExceeded (the time-out passed), Cancelled (the signal was given), Unavailable
// (anything else the network did, a reset included). No operation raises SIGPIPE.

#ifndef CPUAGG_NOTIFY_TESTING_NET_LOOPBACK_H_
#define CPUAGG_NOTIFY_TESTING_NET_LOOPBACK_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace cpuagg::notify::testing {

// Owns a file descriptor. Movable.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  int Release();
  void Close();

 private:
  int fd_;
};

// Ends the waits of all threads that were given it. Must outlive them. Thread-safe.
class StopSignal {
 public:
  StopSignal();

  void Give();
  bool given() const;

  // Readable once the signal was given; never to be read from.
  int fd() const { return event_.get(); }

 private:
  FileDescriptor event_;
};

// Bytes both ways: a connection, or what is spoken over one. One thread may read while another
// writes.
class Stream {
 public:
  virtual ~Stream() = default;

  // Waits for bytes and returns how many were put into `buffer`; 0 at the end of the stream.
  virtual absl::StatusOr<size_t> Read(absl::Span<char> buffer, absl::Duration timeout) = 0;

  // Sends all of `data`. `timeout` is for each wait for the peer to read on.
  virtual absl::Status Write(absl::string_view data, absl::Duration timeout) = 0;

  // Tells the peer that nothing more comes, which it sees after the bytes already sent.
  virtual void CloseForWriting() = 0;

  // Closes so that the peer gets a reset. Bytes on their way, either way, may be lost.
  virtual void Reset() = 0;

  // Reads and discards until the peer closes, resets, or stays silent for `timeout`.
  void Drain(absl::Duration timeout);
};

// One end of a connection. Movable.
class Connection final : public Stream {
 public:
  // Connects to `port` of 127.0.0.1. `stop`, which may be null, ends every wait.
  static absl::StatusOr<Connection> Open(uint16_t port, const StopSignal* stop,
                                         absl::Duration timeout);

  // Takes over a connected, non-blocking socket.
  Connection(FileDescriptor socket, const StopSignal* stop);

  absl::StatusOr<size_t> Read(absl::Span<char> buffer, absl::Duration timeout) override;
  absl::Status Write(absl::string_view data, absl::Duration timeout) override;
  void CloseForWriting() override;
  void Reset() override;

 private:
  absl::Status Wait(short events, absl::Duration timeout);

  FileDescriptor socket_;
  const StopSignal* stop_;
};

// Accepts connections to an ephemeral port of 127.0.0.1, or to a given one of ::1.
class Listener {
 public:
  static absl::StatusOr<Listener> Open();

  // Unavailable, too, if this machine has no IPv6 or something else has the port.
  static absl::StatusOr<Listener> OpenOnIpv6(uint16_t port);

  uint16_t port() const { return port_; }

  // The next connection, which `stop` governs as well.
  absl::StatusOr<Connection> Accept(const StopSignal& stop, absl::Duration timeout);

 private:
  Listener(FileDescriptor socket, uint16_t port);

  static absl::StatusOr<Listener> OpenAt(const sockaddr* address, socklen_t size);

  FileDescriptor socket_;
  uint16_t port_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_LOOPBACK_H_
