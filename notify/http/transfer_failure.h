// What a transfer that libcurl gave up means for its request: the errors of HttpClient::Post().

#ifndef CPUAGG_NOTIFY_HTTP_TRANSFER_FAILURE_H_
#define CPUAGG_NOTIFY_HTTP_TRANSFER_FAILURE_H_

#include <curl/curl.h>

#include <string>

#include "absl/status/status.h"

namespace cpuagg::notify {

// What libcurl says of a failed transfer.
struct TransferFailure {
  CURLcode code = CURLE_OK;
  std::string text;  // in its own words
  // Whether the connection, with TLS and proxy, stood when it failed, so that some of the request
  // may have left (CURLINFO_PRETRANSFER_TIME_T is not zero).
  bool may_have_left = false;
  long proxy_http_status = 0;             // of the reply to CONNECT; 0 for none
  CURLproxycode proxy_error = CURLPX_OK;  // with CURLE_PROXY
  std::string host;                       // of the URL; empty if the URL is malformed
  std::string ca_file;                    // empty for the system's certificates
};

// As HttpClient::Post() documents its errors, with advice where somebody has to change something.
// libcurl's text is repeated except where it may hold an address with a password.
absl::Status ToStatus(const TransferFailure& failure);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_TRANSFER_FAILURE_H_
