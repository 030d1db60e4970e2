#include "notify/testing/net/form_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "notify/testing/net/http_request.h"

namespace cpuagg::notify::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

HttpRequest Request(const std::string& content_type, const std::string& body,
                    const std::string& target = "/") {
  HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.headers["content-type"] = content_type;
  request.body = body;
  return request;
}

Field Text(const std::string& value) { return {value, {}, ""}; }

TEST(FormFieldsTest, FieldsComeFromTheQueryAndAnUrlEncodedBody) {
  const absl::StatusOr<Fields> fields = ParseFields(
      Request("application/x-www-form-urlencoded; charset=utf-8",
              "text=a+b%21%3D%2&empty=&flag&chat_id=-100&=nameless", "/m?chat_id=1&q=%C3%a9+"));
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_THAT(*fields, ElementsAre(Pair("", Text("nameless")), Pair("chat_id", Text("-100")),
                                   Pair("empty", Text("")), Pair("flag", Text("")),
                                   Pair("q", Text("\u00E9 ")), Pair("text", Text("a b!=%2"))));
}

TEST(FormFieldsTest, JsonValuesBecomeTheTextTheyArePrintedAs) {
  const absl::StatusOr<Fields> fields = ParseFields(Request(
      "application/json",
      R"({"chat_id":-1001234567890,"text":"\u00e9","silent":true,"none":null,"o":{"a":[1]}})"));
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_THAT(*fields, ElementsAre(Pair("chat_id", Text("-1001234567890")),
                                   Pair("none", Text("null")), Pair("o", Text(R"({"a":[1]})")),
                                   Pair("silent", Text("true")), Pair("text", Text("\u00E9"))));
}

TEST(FormFieldsTest, MultipartPartsKeepEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  bytes += "\r\n--X\r\n--XX1\r\n--X";  // almost boundaries
  const absl::StatusOr<Fields> fields =
      ParseFields(Request("Multipart/Form-Data; charset=x; Boundary=\"--XX\"",
                          absl::StrCat("preamble\r\n----XX\r\nContent-Disposition: form-data; "
                                       "name=\"chat_id\"\r\n\r\n7\r\n----XX  \r\n"
                                       "content-type: image/png\r\nCONTENT-DISPOSITION: form-data; "
                                       "filename=\"a \\\"b\\\".png\"; name=photo\r\n\r\n",
                                       bytes, "\r\n----XX--\r\nepilogue")));
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_THAT(*fields, ElementsAre(Pair("chat_id", Text("7")),
                                   Pair("photo", Field{bytes, "a \"b\".png", "image/png"})));
}

TEST(FormFieldsTest, AFileIsAPartWithAFilenameEvenAnEmptyOne) {
  const absl::StatusOr<Fields> fields = ParseFields(Request(
      "multipart/form-data;boundary=B",
      "--B\r\ncontent-disposition:form-data;name=\"a\";filename=chart.png\r\n\r\n\r\n"
      "--B\r\ncontent-disposition:form-data;name=\"b\";filename=\"\"\r\n\r\nx\r\n--B--\r\n"));
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_THAT(*fields,
              ElementsAre(Pair("a", Field{"", "chart.png", ""}), Pair("b", Field{"x", "", ""})));
  EXPECT_TRUE(fields->at("b").is_file());
  EXPECT_EQ(FindField(*fields, "a"), &fields->at("a"));
  EXPECT_EQ(FindField(*fields, "c"), nullptr);
}

TEST(FormFieldsTest, MultipartCutAtAnyByteIsRefused) {
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--B--";
  ASSERT_TRUE(ParseFields(Request("multipart/form-data; boundary=B", body)).ok());
  for (size_t size = 0; size < body.size(); ++size) {
    const absl::Status status =
        ParseFields(Request("multipart/form-data; boundary=B", body.substr(0, size))).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << size;
  }
}

TEST(FormFieldsTest, ABodyThatIsNotWhatItsTypeSaysIsRefused) {
  const struct {
    std::string type;
    std::string body;
    std::string error;
  } cases[] = {
      {"application/json", "{", "can't parse request: JSON object expected"},
      {"application/json", "[1]", "can't parse request: JSON object expected"},
      {"application/json", "{\"a\":\"\xFF\"}", "strings must be encoded in UTF-8"},
      {"multipart/form-data", "--B--", "boundary not found"},
      {"multipart/form-data; boundary=B", "nothing", "multipart: no boundary in the body"},
      {"multipart/form-data; boundary=B", "--B\r\nx\r\n--B--",
       "multipart: part without end of headers"},
      {"multipart/form-data; boundary=B",
       "--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--B--",
       "multipart: part is not form-data"},
      {"multipart/form-data; boundary=B",
       "--B\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nx\r\n--B--",
       "multipart: part without a name"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ParseFields(Request(c.type, c.body)).status(), absl::InvalidArgumentError(c.error))
        << c.body;
  }
}

TEST(FormFieldsTest, OtherBodiesCarryNoFields) {
  for (const std::string type : {"", "text/plain", "application/json"}) {
    const std::string body = type == "application/json" ? "" : "text=1";
    const absl::StatusOr<Fields> fields = ParseFields(Request(type, body));
    ASSERT_TRUE(fields.ok()) << fields.status();
    EXPECT_THAT(*fields, IsEmpty());
  }
}

TEST(FormFieldsTest, PercentDecodingLeavesWhatIsNoEscape) {
  EXPECT_EQ(PercentDecode("%41%6f%zz%4%", true), "Ao%zz%4%");
  EXPECT_EQ(PercentDecode("a+b", true), "a b");
  EXPECT_EQ(PercentDecode("a+b", false), "a+b");
  EXPECT_EQ(PercentDecode("%00", false), std::string(1, '\0'));
}

}  // namespace
}  // namespace cpuagg::notify::testing
