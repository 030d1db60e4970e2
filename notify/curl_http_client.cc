#include "notify/curl_http_client.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "notify/curl_library.h"

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
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Mime = std::unique_ptr<curl_mime, MimeDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

constexpr size_t kMaxBodyBytes = size_t{1} << 20;

// A reply that goes on behind the limit ends the transfer.
size_t AppendToBody(char* data, size_t size, size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  const size_t room = kMaxBodyBytes - body.size();
  body.append(data, std::min(size * count, room));
  return size * count <= room ? size * count : 0;
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

// What a failed transfer means for the request. `may_have_left` is whether the connection, with TLS
// and proxy, stood when it failed.
absl::StatusCode CodeFor(CURLcode code, bool may_have_left) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return may_have_left ? absl::StatusCode::kUnknown : absl::StatusCode::kFailedPrecondition;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return absl::StatusCode::kUnavailable;
    default:
      return may_have_left ? absl::StatusCode::kUnknown : absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::StatusOr<HttpResponse> CurlHttpClient::Post(const HttpRequest& request) {
  if (absl::Status status = LoadCurl(); !status.ok()) return status;
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Easy easy(initialized == CURLE_OK ? curl_easy_init() : nullptr);
  if (easy == nullptr) return absl::FailedPreconditionError("libcurl cannot be initialized");
  CURL* const handle = easy.get();
  const Mime form = MakeForm(handle, request.parts);
  // Waiting to be told to continue costs a second with servers that do not answer that.
  const List headers(curl_slist_append(nullptr, "Expect:"));
  HttpResponse response;
  std::array<char, CURL_ERROR_SIZE> error_text = {};

  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_MIMEPOST, form.get());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, AppendToBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &response.body);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_text.data());
  curl_easy_setopt(handle, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, options_.allow_http ? "http,https" : "https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(handle, CURLOPT_NETRC, CURL_NETRC_IGNORED);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(request.timeout)));
  // On a reused connection that the server closes after reading, libcurl posts again by itself.
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
  if (options_.proxy.has_value()) {
    curl_easy_setopt(handle, CURLOPT_PROXY, options_.proxy->c_str());
  }

  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) {
    // Set once everything before the request itself is done; zero means that nothing of it left.
    curl_off_t pretransfer_microseconds = 0;
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &pretransfer_microseconds);
    const char* const text = error_text[0] != '\0' ? error_text.data() : curl_easy_strerror(code);
    return absl::Status(CodeFor(code, pretransfer_microseconds > 0), text);
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  return response;
}

}  // namespace cpuagg::notify
