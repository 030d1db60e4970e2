// HTTP on a connection to a server: cpp-httplib reads the requests and writes the replies, so that
// what surrounds it can count bytes, cut requests short, and report what is not HTTP.
//
//   HttpSession session(peer, bytes_read);
//   while (session.Await() && session.Answer([](const HttpRequest& request) {
//     return HttpReply{.body = "{}"};
//   })) {
//   }
//
// HTTP/1.1 with keep-alive, chunked bodies and "Expect: 100-continue". httplib refuses heads whose
// lines are longer than 8 KiB, and forms in application/x-www-form-urlencoded that are.

#ifndef CPUAGG_NOTIFY_TESTING_NET_HTTP_SESSION_H_
#define CPUAGG_NOTIFY_TESTING_NET_HTTP_SESSION_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "notify/testing/net/http_message.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

class HttpSession {
 public:
  // Nothing: nothing is sent, and the connection is not used any more.
  using Handler = std::function<std::optional<HttpReply>(HttpRequest)>;

  // Adds the bytes of all requests to `bytes_read`. Both live longer than the session.
  HttpSession(Connection& peer, std::atomic<size_t>& bytes_read);
  ~HttpSession();

  // Waits until a request begins; false at the end of the connection.
  bool Await();

  // Reads a GET or POST and sends the answer of `handler`. Refuses anything else without calling
  // it. False if the connection must not be used again.
  bool Answer(const Handler& handler);

  // Reads a request, but not more than `max_bytes` of it, and sends nothing.
  void ReadOnly(size_t max_bytes);

 private:
  class Endpoint;

  std::unique_ptr<Endpoint> endpoint_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_HTTP_SESSION_H_
