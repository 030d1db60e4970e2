// Reads an HTTP/1.1 request from bytes as they arrive.
//
//   HttpRequestParser parser(/*max_body_bytes=*/1 << 20);
//   while (!parser.done()) {
//     absl::StatusOr<size_t> taken = parser.Consume(<bytes from the socket>);
//     ...
//   }
//   Handle(parser.request());
//
// Understands what clients of the Bot API send (RFC 9112): Content-Length and chunked bodies,
// with bounds on everything that is stored.

#ifndef CPUAGG_NOTIFY_TESTING_NET_HTTP_REQUEST_H_
#define CPUAGG_NOTIFY_TESTING_NET_HTTP_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

struct HttpRequest {
  std::string method;  // "POST"
  std::string target;  // as sent: "/bot1:A/getMe?x=1"
  int minor_version = 1;
  // Names in lower case; the values of a repeated header are joined with ", ".
  std::map<std::string, std::string> headers;
  std::string body;  // without any chunked framing

  // The value of header `name`, in lower case, or "".
  absl::string_view Header(absl::string_view name) const;

  // Whether the client lets the connection stay open after the reply (RFC 9112, 9.3).
  bool KeepAlive() const;
};

class HttpRequestParser {
 public:
  // The request line, the headers and the trailers together must stay below this.
  static constexpr size_t kMaxHeadBytes = size_t{64} << 10;

  explicit HttpRequestParser(size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  // Takes bytes from the front of `input` and returns how many: all of them, unless the request
  // ended earlier. Bytes after that belong to the next request.
  //
  // InvalidArgument: not HTTP/1.x. ResourceExhausted: a bound was passed. After an error, or once
  // done(), do not call it again.
  absl::StatusOr<size_t> Consume(absl::string_view input);

  // Whether the whole request has been read.
  bool done() const { return state_ == State::kDone; }

  // Whether the client waits for "100 Continue" before it sends the body. True only between the
  // headers and the first byte of the body.
  bool awaits_continue() const;

  // Complete only when done().
  const HttpRequest& request() const& { return request_; }
  HttpRequest request() && { return std::move(request_); }

 private:
  enum class State {
    kRequestLine,
    kHeaders,
    kBody,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kDone,
  };

  // Handles one line, which comes without its line end.
  absl::Status ConsumeLine(absl::string_view line);
  absl::Status ConsumeRequestLine(absl::string_view line);
  absl::Status ConsumeHeader(absl::string_view line);
  absl::Status ConsumeChunkSize(absl::string_view line);
  absl::Status FinishHeaders();
  absl::Status ExpectBody(uint64_t bytes);

  const size_t max_body_bytes_;
  State state_ = State::kRequestLine;
  std::string line_;          // the unfinished line
  size_t head_bytes_ = 0;     // bytes of lines so far, which kMaxHeadBytes bounds
  size_t body_expected_ = 0;  // bytes still to come, of the body or of the chunk
  HttpRequest request_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_HTTP_REQUEST_H_
