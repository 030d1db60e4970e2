#include "notify/http/curl_http_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "notify/http/curl_library.h"
#include "notify/http/transfer_failure.h"

namespace cpuagg::notify {
namespace {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MimeDeleter {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Mime = std::unique_ptr<curl_mime, MimeDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;
using Url = std::unique_ptr<CURLU, UrlDeleter>;

// The body of a reply.
struct ReplyBody {
  std::string& bytes;
  size_t most_bytes;
};

// A reply beyond the limit ends the transfer.
size_t AppendToBody(char* data, size_t size, size_t count, void* user) {
  const auto& body = *static_cast<ReplyBody*>(user);
  const size_t room = body.most_bytes - body.bytes.size();
  body.bytes.append(data, std::min(size * count, room));
  return size * count <= room ? size * count : 0;
}

// Otherwise libcurl waits a second for "100 Continue", which some servers do not send.
List HeaderLines(const std::vector<std::string>& headers) {
  List lines(curl_slist_append(nullptr, "Expect:"));
  for (const std::string& header : headers) {
    // The list is not empty, so its first element stays the same.
    if (lines == nullptr || curl_slist_append(lines.get(), header.c_str()) == nullptr)
      return nullptr;
  }
  return lines;
}

Mime MakeForm(CURL* easy, const std::vector<FormPart>& parts) {
  Mime mime(curl_mime_init(easy));
  for (const FormPart& part : parts) {
    curl_mimepart* const added = curl_mime_addpart(mime.get());
    curl_mime_name(added, part.name.c_str());
    curl_mime_data(added, part.content.data(), part.content.size());
    if (part.file_name.empty()) continue;
    curl_mime_filename(added, part.file_name.c_str());
    curl_mime_type(added, part.content_type.c_str());
  }
  return mime;
}

// Allows https, and http only if `allow_http`.
CURLcode LimitProtocols(CURL* easy, bool allow_http) {
  const CURLcode code =
      curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, allow_http ? "http,https" : "https");
  if (code != CURLE_UNKNOWN_OPTION) return code;
    // Before 7.85 (Ubuntu 22.04, RHEL 9) there are only the bit masks, which newer headers declare
    // deprecated.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const long https = CURLPROTO_HTTPS;
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, allow_http ? https | CURLPROTO_HTTP : https);
#pragma GCC diagnostic pop
}

// To libcurl, 0 means no limit.
long ToMilliseconds(absl::Duration timeout) {
  return static_cast<long>(
      absl::ToInt64Milliseconds(std::clamp(timeout, absl::Milliseconds(1), absl::Hours(24))));
}

// `part` of `url`; empty if the URL is malformed.
std::string UrlPart(const std::string& url, CURLUPart part) {
  const Url parsed(curl_url());
  char* text = nullptr;
  if (parsed == nullptr || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parsed.get(), part, &text, 0) != CURLUE_OK) {
    return "";
  }
  std::string copy = text;
  curl_free(text);
  return copy;
}

absl::Status CheckReadable(const std::string& ca_file) {
  errno = 0;
  if (std::ifstream(ca_file).get() != std::ifstream::traits_type::eof()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "CA_FILE ", ca_file, " cannot be read: ", errno != 0 ? std::strerror(errno) : "it is empty"));
}

// The outcome of one attempt.
struct Attempt {
  CURLcode code = CURLE_OK;
  HttpResponse response;
  absl::Status failure;  // not OK unless `code` is
  // It ended before anything was sent, while using IPv6.
  bool stuck_on_ipv6 = false;
};

TransferFailure Describe(CURL* easy, CURLcode code, const char* text) {
  TransferFailure failure = {.code = code, .text = text};
  if (failure.text.empty()) failure.text = curl_easy_strerror(code);
  // Set once everything before the request itself is done. Zero means that none of the request was
  // sent.
  curl_off_t pretransfer_microseconds = 0;
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer_microseconds);
  failure.may_have_left = pretransfer_microseconds > 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &failure.proxy_http_status);
  long proxy_error = 0;
  curl_easy_getinfo(easy, CURLINFO_PROXY_ERROR, &proxy_error);
  failure.proxy_error = static_cast<CURLproxycode>(proxy_error);
  return failure;
}

// Whether a proxy is configured, or the environment has one that libcurl may take.
bool MayHaveProxy(const CurlHttpClient::Options& options) {
  if (options.proxy.has_value()) return !options.proxy->empty();
  constexpr const char* kVariables[] = {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy",
                                        "ALL_PROXY"};
  return std::any_of(std::begin(kVariables), std::end(kVariables), [](const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0';
  });
}

bool IsOverIpv6(CURL* easy) {
  const char* address = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
  return address != nullptr && absl::StrContains(address, ":");
}

// One attempt, within `timeout`, with the versions of IP in `ip_versions` (CURL_IPRESOLVE_).
// `request.timeout` is for all attempts together.
Attempt Perform(const CurlHttpClient::Options& options, const HttpRequest& request,
                absl::Duration timeout, long ip_versions) {
  Attempt attempt;
  const Easy easy(curl_easy_init());
  CURL* const handle = easy.get();
  if (handle == nullptr) {
    attempt.code = CURLE_FAILED_INIT;
    attempt.failure = absl::FailedPreconditionError("libcurl cannot be initialized");
    return attempt;
  }
  const Mime form = MakeForm(handle, request.parts);
  const List headers = HeaderLines(request.headers);
  ReplyBody body = {attempt.response.body, request.most_reply_bytes};
  if (headers == nullptr) attempt.code = CURLE_OUT_OF_MEMORY;
  std::array<char, CURL_ERROR_SIZE> error_text = {};
  const auto set = [&](CURLoption option, auto value) {
    if (attempt.code == CURLE_OK) attempt.code = curl_easy_setopt(handle, option, value);
  };

  set(CURLOPT_ERRORBUFFER, error_text.data());
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(CURLOPT_POSTFIELDS, request.body.data());
  // A multipart body needs at least one part.
  if (!request.parts.empty()) set(CURLOPT_MIMEPOST, form.get());
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_WRITEFUNCTION, AppendToBody);
  set(CURLOPT_WRITEDATA, &body);
  if (request.accepts_compressed) set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_USERAGENT, options.user_agent.c_str());
  if (attempt.code == CURLE_OK) attempt.code = LimitProtocols(handle, options.allow_http);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_IPRESOLVE, ip_versions);
  // The other version of IP needs half of the time, if this one hangs.
  set(CURLOPT_CONNECTTIMEOUT_MS,
      ToMilliseconds(std::min(options.connect_timeout, request.timeout / 2)));
  set(CURLOPT_TIMEOUT_MS, ToMilliseconds(timeout));
  // libcurl sends the request again by itself if the server closes a reused connection after
  // reading it.
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  if (options.proxy.has_value()) {
    set(CURLOPT_PROXY, options.proxy->c_str());
    // Otherwise no_proxy of the environment would make exceptions.
    set(CURLOPT_NOPROXY, "");
  }
  if (!options.ca_file.empty()) {
    set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  if (!options.cert_file.empty()) {
    set(CURLOPT_SSLCERT, options.cert_file.c_str());
    if (!options.key_file.empty()) set(CURLOPT_SSLKEY, options.key_file.c_str());
  }

  if (attempt.code == CURLE_OK) attempt.code = curl_easy_perform(handle);
  if (attempt.code != CURLE_OK) {
    TransferFailure failure = Describe(handle, attempt.code, error_text.data());
    attempt.stuck_on_ipv6 = !failure.may_have_left && IsOverIpv6(handle);
    failure.may_have_proxy = MayHaveProxy(options);
    failure.host = UrlPart(request.url, CURLUPART_HOST);
    failure.ca_file = options.ca_file;
    failure.url_key = options.url_key;
    failure.most_reply_bytes = request.most_reply_bytes;
    attempt.failure = ToStatus(failure);
    return attempt;
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  attempt.response.status = static_cast<int>(status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
  attempt.response.retry_after = absl::Seconds(retry_after);
  return attempt;
}

}  // namespace

absl::Status CurlHttpClient::Load() { return LoadCurl(); }

absl::StatusOr<HttpResponse> CurlHttpClient::Post(const HttpRequest& request) {
  if (absl::Status status = LoadCurl(); !status.ok()) return status;
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialized != CURLE_OK) {
    return absl::FailedPreconditionError("libcurl cannot be initialized");
  }
  if (!options_.ca_file.empty()) {
    if (absl::Status status = CheckReadable(options_.ca_file); !status.ok()) return status;
  }
  // Not the wall clock, which may be set meanwhile.
  const auto begin = std::chrono::steady_clock::now();
  Attempt attempt = Perform(options_, request, request.timeout, CURL_IPRESOLVE_WHATEVER);
  // libcurl itself tries IPv4 if TCP hangs over IPv6, but not if only TLS hangs, as in a network
  // that loses large packets.
  const absl::Duration left =
      request.timeout - absl::FromChrono(std::chrono::steady_clock::now() - begin);
  if (attempt.stuck_on_ipv6 && absl::IsUnavailable(attempt.failure) &&
      left > absl::ZeroDuration()) {
    Attempt over_ipv4 = Perform(options_, request, left, CURL_IPRESOLVE_V4);
    // If there is no IPv4 address, the first failure is the relevant one.
    if (over_ipv4.code != CURLE_COULDNT_RESOLVE_HOST) attempt = std::move(over_ipv4);
  }
  if (attempt.code == CURLE_OK) return std::move(attempt.response);
  // libcurl's messages have never been seen to contain the path, but that is not guaranteed.
  const std::string path = UrlPart(request.url, CURLUPART_PATH);
  const std::string text = path.size() <= 1
                               ? std::string(attempt.failure.message())
                               : absl::StrReplaceAll(attempt.failure.message(), {{path, "(path)"}});
  return absl::Status(attempt.failure.code(), text);
}

}  // namespace cpuagg::notify
