#include "notify/http/transfer_failure.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace cpuagg::notify {
namespace {

using absl::StatusCode;

TEST(TransferFailureTest, BeforeTheRequestNothingWasSent) {
  const struct {
    CURLcode code;
    StatusCode expected;
  } cases[] = {
      {CURLE_COULDNT_RESOLVE_HOST, StatusCode::kUnavailable},
      {CURLE_COULDNT_CONNECT, StatusCode::kUnavailable},
      {CURLE_PROXY, StatusCode::kUnavailable},
      {CURLE_OPERATION_TIMEDOUT, StatusCode::kUnavailable},
      {CURLE_SSL_CONNECT_ERROR, StatusCode::kUnavailable},
      {CURLE_SEND_ERROR, StatusCode::kUnavailable},
      {CURLE_RECV_ERROR, StatusCode::kUnavailable},
      {CURLE_OUT_OF_MEMORY, StatusCode::kUnavailable},
      {CURLE_UNSUPPORTED_PROTOCOL, StatusCode::kFailedPrecondition},
      {CURLE_FAILED_INIT, StatusCode::kFailedPrecondition},
      {CURLE_URL_MALFORMAT, StatusCode::kFailedPrecondition},
      {CURLE_NOT_BUILT_IN, StatusCode::kFailedPrecondition},
      {CURLE_UNKNOWN_OPTION, StatusCode::kFailedPrecondition},
      {CURLE_SSL_CERTPROBLEM, StatusCode::kFailedPrecondition},
      {CURLE_SSL_CIPHER, StatusCode::kFailedPrecondition},
      {CURLE_PEER_FAILED_VERIFICATION, StatusCode::kFailedPrecondition},
      {CURLE_SSL_CACERT_BADFILE, StatusCode::kFailedPrecondition},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ToStatus({.code = c.code, .text = "why", .host = "h"}).code(), c.expected) << c.code;
  }
}

TEST(TransferFailureTest, OnceTheConnectionStoodNothingIsKnown) {
  for (int code = 1; code < CURL_LAST; ++code) {
    if (code == CURLE_WRITE_ERROR) continue;  // the reply was too long
    EXPECT_EQ(ToStatus({.code = static_cast<CURLcode>(code), .text = "why", .may_have_left = true})
                  .code(),
              StatusCode::kUnknown)
        << code;
  }
}

// Until somebody changes the rules or the password, trying again is useless.
TEST(TransferFailureTest, WhatASocksProxyForbidsIsNotTriedAgain) {
  const struct {
    CURLproxycode error;
    StatusCode expected;
  } cases[] = {
      {CURLPX_REPLY_NOT_ALLOWED, StatusCode::kFailedPrecondition},
      {CURLPX_USER_REJECTED, StatusCode::kFailedPrecondition},
      {CURLPX_NO_AUTH, StatusCode::kFailedPrecondition},
      {CURLPX_REPLY_CONNECTION_REFUSED, StatusCode::kUnavailable},
      {CURLPX_REPLY_TTL_EXPIRED, StatusCode::kUnavailable},
      {CURLPX_BAD_VERSION, StatusCode::kUnavailable},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ToStatus({.code = CURLE_PROXY, .text = "no", .proxy_error = c.error}).code(),
              c.expected)
        << c.error;
  }
}

TEST(TransferFailureTest, MessagesSayWhatToDo) {
  const struct {
    TransferFailure failure;
    std::string expected;
  } cases[] = {
      {{.code = CURLE_OPERATION_TIMEDOUT, .text = "SSL connection timeout"},
       "api: SSL connection timeout"},
      {{.code = CURLE_COULDNT_RESOLVE_HOST, .text = "Could not resolve host: api"},
       "Could not resolve host: api"},
      {{.code = CURLE_OPERATION_TIMEDOUT, .text = "Resolving timed out after 500 milliseconds"},
       "api was not resolved in time; check this machine's name servers"},
      {{.code = CURLE_OPERATION_TIMEDOUT,
        .text = "Resolving timed out after 500 milliseconds",
        .may_have_proxy = true},
       "the proxy's name, or api, was not resolved in time; check this machine's name servers; "
       "check PROXY, or https_proxy in the environment"},
      {{.code = CURLE_PEER_FAILED_VERIFICATION,
        .text = "SSL certificate problem: certificate has expired"},
       "the certificate of api is not accepted (SSL certificate problem: certificate has "
       "expired); check this machine's clock, and the certificate"},
      {{.code = CURLE_PEER_FAILED_VERIFICATION,
        .text = "SSL certificate problem: certificate is not yet valid"},
       "the certificate of api is not accepted (SSL certificate problem: certificate is not yet "
       "valid); check this machine's clock, and the certificate"},
      {{.code = CURLE_PEER_FAILED_VERIFICATION,
        .text = "SSL: no alternative certificate subject name matches target host name 'api'"},
       "the certificate of api is not accepted (SSL: no alternative certificate subject name "
       "matches target host name 'api'); check the host in TELEGRAM_API_URL"},
      {{.code = CURLE_PEER_FAILED_VERIFICATION,
        .text = "SSL certificate problem: self-signed certificate"},
       "the certificate of api is not accepted (SSL certificate problem: self-signed "
       "certificate); if you trust its authority, name the authority's certificate in CA_FILE"},
      {{.code = CURLE_SSL_CACERT_BADFILE, .text = "error adding trust anchors", .ca_file = "/a"},
       "CA_FILE /a has no certificates that can be read"},
      {{.code = CURLE_SSL_CACERT_BADFILE, .text = "error setting certificate verify locations"},
       "the system's certificates cannot be read (error setting certificate verify locations); "
       "install the package ca-certificates"},
      {{.code = CURLE_RECV_ERROR, .text = "Received HTTP code 407", .proxy_http_status = 407},
       "the proxy did not connect to api: HTTP status 407, it rejects the user or the password; "
       "check "
       "PROXY, or https_proxy in the environment"},
      {{.code = CURLE_RECV_ERROR, .text = "Received HTTP code 403", .proxy_http_status = 403},
       "the proxy did not connect to api: HTTP status 403, its rules forbid it; check PROXY, or "
       "https_proxy in the environment"},
      {{.code = CURLE_RECV_ERROR, .text = "Received HTTP code 503", .proxy_http_status = 503},
       "the proxy did not connect to api: HTTP status 503"},
      {{.code = CURLE_PROXY, .text = "no", .proxy_error = CURLPX_REPLY_HOST_UNREACHABLE},
       "the proxy did not connect to api: host unreachable"},
      {{.code = CURLE_PROXY, .text = "no", .proxy_error = CURLPX_REPLY_NETWORK_UNREACHABLE},
       "the proxy did not connect to api: network unreachable"},
      {{.code = CURLE_PROXY, .text = "no", .proxy_error = CURLPX_REPLY_CONNECTION_REFUSED},
       "the proxy did not connect to api: connection refused"},
      {{.code = CURLE_PROXY, .text = "no", .proxy_error = CURLPX_REPLY_TTL_EXPIRED},
       "the proxy did not connect to api: TTL expired"},
      {{.code = CURLE_PROXY, .text = "no", .proxy_error = CURLPX_REPLY_NOT_ALLOWED},
       "the proxy did not connect to api: its rules forbid it; check PROXY, or https_proxy in the "
       "environment"},
      {{.code = CURLE_PROXY, .text = "no", .proxy_error = CURLPX_USER_REJECTED},
       "the proxy did not connect to api: it rejects the user or the password; check PROXY, or "
       "https_proxy in the environment"},
      {{.code = CURLE_PROXY, .text = "no", .proxy_error = CURLPX_NO_AUTH},
       "the proxy did not connect to api: it rejects the user or the password; check PROXY, or "
       "https_proxy in the environment"},
      {{.code = CURLE_PROXY, .text = "SOCKS5 no", .proxy_error = CURLPX_BAD_VERSION},
       "the proxy did not connect to api: SOCKS5 no"},
      {{.code = CURLE_COULDNT_RESOLVE_PROXY, .text = "Could not resolve proxy: p"},
       "the proxy's name cannot be resolved; check PROXY, or https_proxy in the environment"},
      {{.code = CURLE_COULDNT_RESOLVE_HOST, .text = "Could not resolve host: p"},
       "the proxy's name cannot be resolved; check PROXY, or https_proxy in the environment"},
      {{.code = CURLE_COULDNT_CONNECT,
        .text = "Unsupported proxy scheme for 'ftp://user:secret@p'"},
       "the proxy's address is not one like http://HOST:PORT or socks5h://HOST:PORT; check PROXY, "
       "or https_proxy in the environment"},
      {{.code = CURLE_COULDNT_RESOLVE_PROXY,
        .text = "Unsupported proxy syntax in 'http://user:pa/ss@p': Port number was not a decimal"},
       "the proxy's address is not one like http://HOST:PORT or socks5h://HOST:PORT; check PROXY, "
       "or https_proxy in the environment"},
  };
  for (const auto& c : cases) {
    TransferFailure failure = c.failure;
    failure.host = "api";
    EXPECT_EQ(ToStatus(failure).message(), c.expected);
  }
}

}  // namespace
}  // namespace cpuagg::notify
