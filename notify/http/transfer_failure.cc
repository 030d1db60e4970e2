#include "notify/http/transfer_failure.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {
namespace {

// The proxy is from the configuration or from the environment; which of them is unknown here.
constexpr absl::string_view kCheckProxy = "; check PROXY, or https_proxy in the environment";

// RFC 1928, section 6.
absl::string_view SocksReason(CURLproxycode code) {
  switch (code) {
    case CURLPX_REPLY_NOT_ALLOWED:
      return "its rules forbid it";
    case CURLPX_REPLY_NETWORK_UNREACHABLE:
      return "network unreachable";
    case CURLPX_REPLY_HOST_UNREACHABLE:
      return "host unreachable";
    case CURLPX_REPLY_CONNECTION_REFUSED:
      return "connection refused";
    case CURLPX_REPLY_TTL_EXPIRED:
      return "TTL expired";
    case CURLPX_NO_AUTH:
    case CURLPX_USER_REJECTED:
      return "it rejects the user or the password";
    default:
      return "";
  }
}

absl::Status SocksFailure(const TransferFailure& failure) {
  const absl::string_view reason = SocksReason(failure.proxy_error);
  const std::string text = absl::StrCat("the proxy did not connect to ", failure.host, ": ",
                                        reason.empty() ? failure.text : reason);
  switch (failure.proxy_error) {
    case CURLPX_NO_AUTH:
    case CURLPX_USER_REJECTED:
    case CURLPX_REPLY_NOT_ALLOWED:
      return absl::FailedPreconditionError(absl::StrCat(text, kCheckProxy));
    default:
      return absl::UnavailableError(text);
  }
}

absl::Status ConnectFailure(const TransferFailure& failure) {
  const std::string text = absl::StrCat("the proxy did not connect to ", failure.host,
                                        ": HTTP status ", failure.proxy_http_status);
  switch (failure.proxy_http_status) {
    case 403:
      return absl::FailedPreconditionError(
          absl::StrCat(text, ", its rules forbid it", kCheckProxy));
    case 407:
      return absl::FailedPreconditionError(
          absl::StrCat(text, ", it rejects the user or the password", kCheckProxy));
    default:
      return absl::UnavailableError(text);
  }
}

// Whether libcurl could not use the proxy's URL: an unsupported scheme, or a name that cannot be
// resolved (for SOCKS with several codes). libcurl's message then contains the whole URL or the
// supposed host, which is part of the password if that contains '/' or '@'.
bool IsAboutProxyAddress(const TransferFailure& failure) {
  return failure.code == CURLE_COULDNT_RESOLVE_PROXY ||
         absl::StartsWith(failure.text, "Unsupported proxy") ||
         (failure.code == CURLE_COULDNT_RESOLVE_HOST &&
          absl::StartsWith(failure.text, "Could not resolve host: ") &&
          failure.text != absl::StrCat("Could not resolve host: ", failure.host));
}

absl::Status ProxyAddressFailure(const TransferFailure& failure) {
  if (absl::StartsWith(failure.text, "Could not resolve ")) {
    return absl::UnavailableError(absl::StrCat("the proxy's name cannot be resolved", kCheckProxy));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the proxy's address is not one like http://HOST:PORT or socks5h://HOST:PORT", kCheckProxy));
}

// libcurl does not say which name it waited for.
bool IsSlowLookup(const TransferFailure& failure) {
  return failure.code == CURLE_OPERATION_TIMEDOUT && absl::StartsWith(failure.text, "Resolving");
}

absl::Status SlowLookup(const TransferFailure& failure) {
  constexpr absl::string_view kLate =
      " was not resolved in time; check this machine's name servers";
  return absl::UnavailableError(
      failure.may_have_proxy
          ? absl::StrCat("the proxy's name, or ", failure.host, ",", kLate, kCheckProxy)
          : absl::StrCat(failure.host, kLate));
}

// Advice about a rejected certificate.
std::string CertificateAdvice(absl::string_view text, absl::string_view url_key) {
  if (absl::StrContains(text, "expired") || absl::StrContains(text, "not yet valid")) {
    return "check this machine's clock, and the certificate";
  }
  if (absl::StrContains(text, "does not match") || absl::StrContains(text, "alternative")) {
    return absl::StrCat("check the host in ", url_key);
  }
  return "if you trust its authority, name the authority's certificate in CA_FILE";
}

absl::Status CertificatesUnreadable(const TransferFailure& failure) {
  return absl::FailedPreconditionError(
      failure.ca_file.empty()
          ? absl::StrCat("the system's certificates cannot be read (", failure.text,
                         "); install the package ca-certificates")
          : absl::StrCat("CA_FILE ", failure.ca_file, " has no certificates that can be read"));
}

absl::StatusCode CodeFor(const TransferFailure& failure) {
  if (failure.may_have_left) {
    return failure.code == CURLE_WRITE_ERROR ? absl::StatusCode::kOutOfRange
                                             : absl::StatusCode::kUnknown;
  }
  switch (failure.code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status ToStatus(const TransferFailure& failure) {
  std::string text = failure.text;
  if (failure.may_have_left) {
    if (failure.code == CURLE_WRITE_ERROR) {
      text = absl::StrCat("the reply is longer than ", failure.most_reply_bytes >> 20, " MiB");
    }
  } else if (IsAboutProxyAddress(failure)) {
    return ProxyAddressFailure(failure);
  } else if (IsSlowLookup(failure)) {
    return SlowLookup(failure);
  } else if (failure.code == CURLE_PROXY) {
    return SocksFailure(failure);
  } else if (failure.proxy_http_status >= 300) {
    return ConnectFailure(failure);
  } else if (failure.code == CURLE_PEER_FAILED_VERIFICATION) {
    text = absl::StrCat("the certificate of ", failure.host, " is not accepted (", failure.text,
                        "); ", CertificateAdvice(failure.text, failure.url_key));
  } else if (failure.code == CURLE_SSL_CACERT_BADFILE) {
    return CertificatesUnreadable(failure);
  }
  if (!absl::StrContains(text, failure.host)) text = absl::StrCat(failure.host, ": ", text);
  return absl::Status(CodeFor(failure), text);
}

}  // namespace cpuagg::notify
