#include "notify/testing/net/http_request.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {
namespace {

// The size line of a chunk is short even with extensions. Each has its own bound: counted towards
// kMaxHeadBytes, those of a large body in small chunks would pass it.
constexpr size_t kMaxChunkLineBytes = 256;

}  // namespace

absl::string_view HttpRequest::Header(absl::string_view name) const {
  const auto found = headers.find(std::string(name));
  return found == headers.end() ? absl::string_view() : absl::string_view(found->second);
}

bool HttpRequest::KeepAlive() const {
  const absl::string_view connection = Header("connection");
  if (minor_version == 0) return absl::EqualsIgnoreCase(connection, "keep-alive");
  return !absl::EqualsIgnoreCase(connection, "close");
}

bool HttpRequestParser::awaits_continue() const {
  const bool before_body = (state_ == State::kBody && request_.body.empty()) ||
                           (state_ == State::kChunkSize && request_.body.empty() && line_.empty());
  return before_body && absl::EqualsIgnoreCase(request_.Header("expect"), "100-continue");
}

absl::StatusOr<size_t> HttpRequestParser::Consume(absl::string_view input) {
  size_t taken = 0;
  while (taken < input.size() && state_ != State::kDone) {
    const absl::string_view rest = input.substr(taken);
    if (state_ == State::kBody || state_ == State::kChunkData) {
      const size_t bytes = std::min(body_expected_, rest.size());
      request_.body.append(rest.data(), bytes);
      body_expected_ -= bytes;
      taken += bytes;
      if (body_expected_ == 0) {
        state_ = state_ == State::kBody ? State::kDone : State::kChunkEnd;
      }
      continue;
    }
    const size_t newline = rest.find('\n');
    const size_t bytes = newline == absl::string_view::npos ? rest.size() : newline + 1;
    const bool chunk_line = state_ == State::kChunkSize || state_ == State::kChunkEnd;
    if (!chunk_line) head_bytes_ += bytes;
    line_.append(rest.data(), bytes);
    taken += bytes;
    if (head_bytes_ > kMaxHeadBytes || (chunk_line && line_.size() > kMaxChunkLineBytes)) {
      return absl::ResourceExhaustedError("request header fields too large");
    }
    if (newline == absl::string_view::npos) continue;
    std::string line;
    line.swap(line_);
    line.pop_back();
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (absl::Status status = ConsumeLine(line); !status.ok()) return status;
  }
  return taken;
}

absl::Status HttpRequestParser::ConsumeLine(absl::string_view line) {
  switch (state_) {
    case State::kRequestLine:
      return ConsumeRequestLine(line);
    case State::kHeaders:
      return line.empty() ? FinishHeaders() : ConsumeHeader(line);
    case State::kChunkSize:
      return ConsumeChunkSize(line);
    case State::kChunkEnd:
      if (!line.empty()) return absl::InvalidArgumentError("chunk longer than its size");
      state_ = State::kChunkSize;
      return absl::OkStatus();
    case State::kTrailers:
      if (line.empty()) state_ = State::kDone;
      return absl::OkStatus();
    case State::kBody:
    case State::kChunkData:
    case State::kDone:
      break;
  }
  return absl::InternalError("no line is expected here");
}

absl::Status HttpRequestParser::ConsumeRequestLine(absl::string_view line) {
  // A client may end its previous body with an extra line end (RFC 9112, 2.2).
  if (line.empty()) return absl::OkStatus();
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  if (words.size() != 3 || words[0].empty() || words[1].empty()) {
    return absl::InvalidArgumentError("malformed request line");
  }
  if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0") {
    return absl::InvalidArgumentError("unsupported HTTP version");
  }
  request_.method = words[0];
  request_.target = words[1];
  request_.minor_version = words[2].back() - '0';
  state_ = State::kHeaders;
  return absl::OkStatus();
}

absl::Status HttpRequestParser::ConsumeHeader(absl::string_view line) {
  const size_t colon = line.find(':');
  const absl::string_view name = line.substr(0, colon);
  if (colon == absl::string_view::npos || name.empty() ||
      name.find_first_of(" \t") != absl::string_view::npos) {
    return absl::InvalidArgumentError("malformed header");
  }
  const std::string value(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  const auto [header, added] = request_.headers.emplace(absl::AsciiStrToLower(name), value);
  if (!added) absl::StrAppend(&header->second, ", ", value);
  return absl::OkStatus();
}

absl::Status HttpRequestParser::FinishHeaders() {
  const absl::string_view coding = request_.Header("transfer-encoding");
  const bool has_length = request_.headers.count("content-length") > 0;
  if (!coding.empty()) {
    // Both at once is how requests are smuggled (RFC 9112, 6.1).
    if (has_length || !absl::EqualsIgnoreCase(coding, "chunked")) {
      return absl::InvalidArgumentError("unsupported Transfer-Encoding");
    }
    state_ = State::kChunkSize;
    return absl::OkStatus();
  }
  uint64_t length = 0;
  if (has_length && !absl::SimpleAtoi(request_.Header("content-length"), &length)) {
    return absl::InvalidArgumentError("malformed Content-Length");
  }
  if (absl::Status status = ExpectBody(length); !status.ok()) return status;
  state_ = length == 0 ? State::kDone : State::kBody;
  return absl::OkStatus();
}

absl::Status HttpRequestParser::ConsumeChunkSize(absl::string_view line) {
  const absl::string_view digits =
      absl::StripAsciiWhitespace(line.substr(0, std::min(line.find(';'), line.size())));
  uint64_t length = 0;
  if (!absl::SimpleHexAtoi(digits, &length)) {
    return absl::InvalidArgumentError("malformed chunk size");
  }
  if (absl::Status status = ExpectBody(length); !status.ok()) return status;
  state_ = length == 0 ? State::kTrailers : State::kChunkData;
  return absl::OkStatus();
}

absl::Status HttpRequestParser::ExpectBody(uint64_t bytes) {
  if (bytes > max_body_bytes_ - request_.body.size()) {
    return absl::ResourceExhaustedError("request body too large");
  }
  body_expected_ = static_cast<size_t>(bytes);
  return absl::OkStatus();
}

}  // namespace cpuagg::notify::testing
