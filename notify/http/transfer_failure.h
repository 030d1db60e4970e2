// Converts a failed transfer of libcurl to the errors of HttpClient::Post().

#ifndef CPUAGG_NOTIFY_HTTP_TRANSFER_FAILURE_H_
#define CPUAGG_NOTIFY_HTTP_TRANSFER_FAILURE_H_

#include <curl/curl.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {

// What libcurl reports about a failed transfer.
struct TransferFailure {
  CURLcode code = CURLE_OK;
  std::string text;  // libcurl's own message
  // Whether the connection, including TLS and proxy, was established, so that part of the request
  // may have been sent (CURLINFO_PRETRANSFER_TIME_T is not zero).
  bool may_have_left = false;
  long proxy_http_status = 0;             // of the reply to CONNECT; 0 if none
  CURLproxycode proxy_error = CURLPX_OK;  // with CURLE_PROXY
  // Whether a proxy is configured or in the environment, so that it may have been its name that
  // libcurl did not resolve in time.
  bool may_have_proxy = false;
  std::string host;                          // of the URL; empty if the URL is malformed
  std::string ca_file;                       // empty for the system's certificates
  std::string url_key = "TELEGRAM_API_URL";  // the setting that the URL is from
  size_t most_reply_bytes = kMostReplyBytes;
};

// The error that HttpClient::Post() documents, with advice if somebody has to change something.
// Includes libcurl's message, unless it may hold a URL with a password.
absl::Status ToStatus(const TransferFailure& failure);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_TRANSFER_FAILURE_H_
