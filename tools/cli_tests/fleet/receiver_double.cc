#include "tools/cli_tests/fleet/receiver_double.h"

#include <snappy.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "notify/testing/net/http_session.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::tools::testing {
namespace {

std::string NameOf(const notify::remote::TimeSeries& series) {
  std::map<std::string, std::string> labels;
  std::string last;
  for (const notify::remote::Label& label : series.labels()) {
    EXPECT_LT(last, label.name()) << "labels are not in order";
    EXPECT_FALSE(label.value().empty()) << label.name();
    last = label.name();
    labels[label.name()] = label.value();
  }
  std::string text = labels["__name__"];
  for (const char* name : {"instance", "user", "mode"}) {
    if (labels.contains(name)) absl::StrAppend(&text, " ", labels[name]);
  }
  return text;
}

}  // namespace

ReceiverDouble::ReceiverDouble(Script script) : script_(std::move(script)) {
  absl::StatusOr<notify::testing::Listener> listener = notify::testing::Listener::Open();
  EXPECT_TRUE(listener.ok()) << listener.status();
  server_ = std::make_unique<notify::testing::ConnectionServer>(
      *std::move(listener), [this](notify::testing::Connection& peer) {
        notify::testing::HttpSession session(peer, bytes_);
        while (session.Await() && session.Answer([this](notify::testing::HttpRequest request) {
          return Answer(std::move(request));
        })) {
        }
      });
}

ReceiverDouble::~ReceiverDouble() = default;

std::string ReceiverDouble::base() const {
  return absl::StrCat("http://127.0.0.1:", server_->port());
}
std::string ReceiverDouble::url() const { return base() + "/api/v1/write"; }

std::vector<ReceiverDouble::Heard> ReceiverDouble::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

std::map<std::string, std::map<int64_t, double>> ReceiverDouble::Stored() const {
  const std::lock_guard lock(mutex_);
  return stored_;
}

std::optional<notify::testing::HttpReply> ReceiverDouble::Answer(
    notify::testing::HttpRequest request) {
  const std::lock_guard lock(mutex_);
  Heard heard{.request = std::move(request)};
  std::string bytes;
  if (snappy::Uncompress(heard.request.body.data(), heard.request.body.size(), &bytes)) {
    heard.write.ParseFromString(bytes);
  }
  heard_.push_back(heard);
  std::optional<notify::testing::HttpReply> reply =
      script_ != nullptr ? script_(heard) : notify::testing::HttpReply{.status_code = 204};
  if (!reply.has_value() || reply->status_code != 204) return reply;
  for (const notify::remote::TimeSeries& series : heard.write.timeseries()) {
    std::map<int64_t, double>& samples = stored_[NameOf(series)];
    for (const notify::remote::Sample& sample : series.samples()) {
      samples[sample.timestamp()] = sample.value();
    }
  }
  return reply;
}

}  // namespace cpuagg::tools::testing
