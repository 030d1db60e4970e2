#include "notify/testing/net/loopback.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace cpuagg::notify::testing {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);  // never reached
constexpr absl::Duration kShort = absl::Milliseconds(20);

class LoopbackTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<Listener> listener = Listener::Open();
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
    absl::StatusOr<Connection> client = Connection::Open(listener_->port(), &stop_, kLong);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    absl::StatusOr<Connection> server = listener_->Accept(stop_, kLong);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  static absl::StatusOr<std::string> ReadSome(Connection& connection, absl::Duration timeout) {
    std::array<char, 100> buffer;
    const absl::StatusOr<size_t> read = connection.Read(absl::MakeSpan(buffer), timeout);
    if (!read.ok()) return read.status();
    return std::string(buffer.data(), *read);
  }

  StopSignal stop_;
  std::optional<Listener> listener_;
  std::optional<Connection> client_;
  std::optional<Connection> server_;
};

TEST_F(LoopbackTest, BytesArriveAndTheEndIsSeen) {
  ASSERT_TRUE(client_->Write("hello", kLong).ok());
  client_->CloseForWriting();
  absl::StatusOr<std::string> read = ReadSome(*server_, kLong);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "hello");
  read = ReadSome(*server_, kLong);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "");
  // The other direction is still open.
  ASSERT_TRUE(server_->Write("bye", kLong).ok());
  EXPECT_EQ(ReadSome(*client_, kLong).value_or(""), "bye");
}

TEST_F(LoopbackTest, AResetIsUnavailable) {
  server_->Reset();
  EXPECT_TRUE(absl::IsUnavailable(ReadSome(*client_, kLong).status()));
}

TEST_F(LoopbackTest, WritingToAClosedConnectionRaisesNoSignal) {
  server_.reset();
  absl::Status status;
  const absl::Time end = absl::Now() + kLong;
  while (status.ok() && absl::Now() < end) status = client_->Write("x", kLong);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(LoopbackTest, EveryWaitTimesOut) {
  EXPECT_TRUE(absl::IsDeadlineExceeded(ReadSome(*server_, kShort).status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(listener_->Accept(stop_, kShort).status()));
  // More than the buffers of both ends together can hold.
  const std::string block(size_t{64} << 20, 'x');
  EXPECT_TRUE(absl::IsDeadlineExceeded(client_->Write(block, kShort)));
  server_->Drain(kShort);
}

TEST_F(LoopbackTest, TheStopSignalEndsEveryWait) {
  EXPECT_FALSE(stop_.given());
  std::thread stopper([this] { stop_.Give(); });
  EXPECT_TRUE(absl::IsCancelled(ReadSome(*server_, kLong).status()));
  stopper.join();
  EXPECT_TRUE(stop_.given());
  EXPECT_TRUE(absl::IsCancelled(ReadSome(*server_, kLong).status()));
  EXPECT_TRUE(absl::IsCancelled(listener_->Accept(stop_, kLong).status()));
  EXPECT_TRUE(absl::IsCancelled(client_->Write("x", kLong)));
  server_->Drain(kLong);
}

TEST_F(LoopbackTest, AClosedPortIsUnavailable) {
  const uint16_t port = listener_->port();
  listener_.reset();
  EXPECT_TRUE(absl::IsUnavailable(Connection::Open(port, nullptr, kLong).status()));
}

TEST(FileDescriptorTest, AMoveLeavesNothingBehind) {
  FileDescriptor first(dup(STDOUT_FILENO));
  const int fd = first.get();
  FileDescriptor second(std::move(first));
  EXPECT_EQ(second.get(), fd);
  FileDescriptor third;
  third = std::move(second);
  EXPECT_EQ(third.get(), fd);
  third.Close();
  EXPECT_EQ(third.get(), -1);
  EXPECT_EQ(fcntl(fd, F_GETFD), -1);
}

}  // namespace
}  // namespace cpuagg::notify::testing
