#include "notify/render/html.h"

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/render/example_report.h"
#include "notify/render/html_page.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using aggregate::SortOrder;

// The page without what is the same in all.
std::string BodyOf(const std::string& page) {
  const size_t begin = page.find("<body>\n") + 7;
  const std::string body = page.substr(begin, page.find("</body>") - begin);
  return absl::StrReplaceAll(body, {{kHtmlScript, "SCRIPT"}});
}

bool Has(const std::string& page, absl::string_view text) { return absl::StrContains(page, text); }

TEST(HtmlTest, TheWholePage) {
  const std::string page = RenderHtml(Example(), "<?xml version=\"1.0\"?>\n<svg width=\"1\"/>\n");
  EXPECT_EQ(absl::StrReplaceAll(page.substr(0, page.find("<body>")),
                                {{kHtmlStyle, "STYLE"}, {kHtmlScriptHash, "HASH"}}),
            "<!DOCTYPE html>\n"
            "<html lang=\"en\">\n"
            "<head>\n"
            "<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'; script-src 'HASH'; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<meta name=\"generator\" content=\"cpuagg\">\n"
            "<title>CPU by user on lab01</title>\n"
            "<style>STYLE</style>\n"
            "</head>\n");
  EXPECT_EQ(
      BodyOf(page),
      "<h1>CPU by user on lab01</h1>\n"
      "<p>2027-01-15 08:00 – 09:00 UTC</p>\n"
      "<p>from pacct</p>\n"
      "<ul>\n"
      "<li>Left out: 1 user with 0:00:05.07 of CPU time (ignored, or without an account).</li>\n"
      "<li class=\"warn\">Gap: 2027-01-15 08:00 – 09:00 UTC: the file is gone.</li>\n"
      "<li class=\"warn\">Damage: pacct: 133 bytes of 645 could not be read and are not "
      "counted.</li>\n"
      "</ul>\n"
      "<figure>\n"
      "<svg role=\"img\" aria-label=\"Chart of the CPU time; the table has its numbers\" "
      "width=\"1\"/>\n"
      "</figure>\n"
      "<section class=\"scroll\" aria-labelledby=\"caption\" tabindex=\"0\">\n"
      "<table>\n"
      "<caption id=\"caption\">CPU by user on lab01</caption>\n"
      "<thead>\n"
      "<tr><th scope=\"col\">USER</th>"
      "<th scope=\"col\" class=\"n\" aria-sort=\"descending\">CPU TIME</th>"
      "<th scope=\"col\" class=\"n\">SHARE</th>"
      "<th scope=\"col\" class=\"n\">USER TIME</th>"
      "<th scope=\"col\" class=\"n\">SYSTEM TIME</th>"
      "<th scope=\"col\" class=\"n\">PROCESSES</th>"
      "<th scope=\"col\" class=\"n\">MEAN TIME</th>"
      "<th scope=\"col\" class=\"n\">LARGEST</th></tr>\n"
      "</thead>\n"
      "<tbody>\n"
      "<tr><th scope=\"row\" class=\"w\"><bdi>alice</bdi></th>"
      "<td class=\"n\" data-key=\"3600.07\">1:00:00.07</td>"
      "<td class=\"n\" data-key=\"0.972916\">97%</td>"
      "<td class=\"n\" data-key=\"3600.00\">1:00:00.00</td>"
      "<td class=\"n\" data-key=\"0.07\">0:00:00.07</td>"
      "<td class=\"n\" data-key=\"1234\">1,234</td>"
      "<td class=\"n\" data-key=\"2.92\">0:00:02.92</td>"
      "<td class=\"n\" data-key=\"1800.00\">0:30:00.00</td></tr>\n"
      "<tr><th scope=\"row\" class=\"w\"><bdi>carolinelongname</bdi></th>"
      "<td class=\"n\" data-key=\"100.07\">0:01:40.07</td>"
      "<td class=\"n\" data-key=\"0.027044\">3%</td>"
      "<td class=\"n\" data-key=\"100.00\">0:01:40.00</td>"
      "<td class=\"n\" data-key=\"0.07\">0:00:00.07</td>"
      "<td class=\"n\" data-key=\"1234\">1,234</td>"
      "<td class=\"n\" data-key=\"0.08\">0:00:00.08</td>"
      "<td class=\"n\" data-key=\"50.00\">0:00:50.00</td></tr>\n"
      "<tr><th scope=\"row\" class=\"w\"><bdi>1005</bdi></th>"
      "<td class=\"n\" data-key=\"0.08\">0:00:00.08</td>"
      "<td class=\"n\" data-key=\"0.000022\">&lt;1%</td>"
      "<td class=\"n\" data-key=\"0.01\">0:00:00.01</td>"
      "<td class=\"n\" data-key=\"0.07\">0:00:00.07</td>"
      "<td class=\"n\" data-key=\"1234\">1,234</td>"
      "<td class=\"n\" data-key=\"0.00\">0:00:00.00</td>"
      "<td class=\"n\" data-key=\"0.00\">0:00:00.00</td></tr>\n"
      "</tbody>\n"
      "<tfoot>\n"
      "<tr><th scope=\"row\" class=\"w\"><bdi>+ 1 other</bdi></th>"
      "<td class=\"n\">0:00:00.07</td><td class=\"n\">&lt;1%</td><td class=\"n\">0:00:00.00</td>"
      "<td class=\"n\">0:00:00.07</td><td class=\"n\">1,234</td><td class=\"n\">0:00:00.00</td>"
      "<td class=\"n\">0:00:00.00</td></tr>\n"
      "<tr><th scope=\"row\" class=\"w\"><bdi>total</bdi></th>"
      "<td class=\"n\">1:01:40.29</td><td class=\"n\">100%</td><td class=\"n\">1:01:40.01</td>"
      "<td class=\"n\">0:00:00.28</td><td class=\"n\">4,936</td><td class=\"n\">0:00:00.75</td>"
      "<td class=\"n\">0:30:00.00</td></tr>\n"
      "</tfoot>\n"
      "</table>\n"
      "</section>\n"
      "<script>SCRIPT</script>\n");
}

// Else no browser would run it.
TEST(HtmlTest, ThePolicyAllowsTheScriptOfThePage) {
  const std::string page = RenderHtml(Example());
  const size_t begin = page.find("<script>") + 8;
  const std::string script = page.substr(begin, page.find("</script>") - begin);
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(script.data()), script.size(), digest.data());
  const std::string hash =
      absl::StrCat("sha256-", absl::Base64Escape(absl::string_view(
                                  reinterpret_cast<const char*>(digest.data()), digest.size())));
  EXPECT_TRUE(Has(page, absl::StrCat("script-src '", hash, "';"))) << hash;
}

TEST(HtmlTest, ThePageIsCompleteWithoutAChart) {
  EXPECT_FALSE(Has(RenderHtml(Example()), "<figure>"));
  EXPECT_FALSE(Has(RenderHtml(Example(), "no picture"), "<figure>"));
}

TEST(HtmlTest, WithoutRowsThereIsNeitherTableNorChart) {
  Report report;
  report.host = "lab01";
  report.source = "pacct";
  EXPECT_EQ(BodyOf(RenderHtml(report, "<svg />")),
            "<h1>CPU by user on lab01</h1>\n<p>all time</p>\n<p>from pacct</p>\n"
            "<p>No CPU usage.</p>\n<ul>\n<li>There are no records in pacct.</li>\n</ul>\n");
}

TEST(HtmlTest, NamesCannotBreakOutWhereverTheyAre) {
  const std::string hostile = "</bdi><script>x</script>&\"'\x1b\n\xe2\x80\xae\xff";
  const std::string shown =
      "&lt;/bdi&gt;&lt;script&gt;x&lt;/script&gt;&amp;\"'\\x1b\\n\\u202e\\xff";
  Report report;
  report.host = hostile;
  report.source = hostile;
  report.unread = {hostile};
  FillRows({Row(1, hostile, 2), Row(2, "דניאל", 1)}, {}, report);
  report.only_commands = {"<c>"};
  const std::string page = RenderHtml(report);
  EXPECT_TRUE(Has(page, absl::StrCat(" on ", shown, "</title>"))) << page;
  EXPECT_TRUE(Has(page, absl::StrCat("(only command &lt;c&gt;) on ", shown, "</h1>"))) << page;
  EXPECT_TRUE(Has(page, absl::StrCat("<p>from ", shown, "</p>"))) << page;
  EXPECT_TRUE(Has(page, absl::StrCat("<li>Not read: ", shown, ".</li>"))) << page;
  EXPECT_TRUE(Has(page, absl::StrCat("<bdi>", shown, "</bdi>"))) << page;
  EXPECT_TRUE(Has(page, "<bdi>דניאל</bdi>")) << page;
  EXPECT_EQ(page.find("<script>"), page.rfind("<script>"));
}

TEST(HtmlTest, TheHeadingOfTheOrderSaysSo) {
  struct Case {
    SortOrder order;
    const char* heading;
  };
  const Case cases[] = {
      {SortOrder::kCpu, "class=\"n\" aria-sort=\"descending\">CPU TIME<"},
      {SortOrder::kUserTime, "class=\"n\" aria-sort=\"descending\">USER TIME<"},
      {SortOrder::kSystemTime, "class=\"n\" aria-sort=\"descending\">SYSTEM TIME<"},
      {SortOrder::kProcesses, "class=\"n\" aria-sort=\"descending\">PROCESSES<"},
      {SortOrder::kLargest, "class=\"n\" aria-sort=\"descending\">LARGEST<"},
      {SortOrder::kElapsed, "class=\"n\" aria-sort=\"descending\">ELAPSED<"},
      {SortOrder::kMemory, "class=\"n\" aria-sort=\"descending\">MEAN SIZE<"},
      {SortOrder::kName, "<th scope=\"col\" aria-sort=\"ascending\">USER<"},
      {SortOrder::kId, "<th scope=\"col\" aria-sort=\"ascending\">UID<"},
      {SortOrder::kTime, "<th scope=\"col\" aria-sort=\"ascending\">HOUR<"},
  };
  for (const Case& c : cases) {
    Report report;
    aggregate::Grouping by = {Dimension::kUser};
    if (c.order == SortOrder::kTime) by.push_back(Dimension::kHour);
    FillRows({Row(1, "alice", 2), Row(2, "bob", 1)}, {.by = by, .sort = c.order}, report);
    const std::string body = BodyOf(RenderHtml(report));
    EXPECT_TRUE(Has(body, c.heading)) << c.heading << body;
    EXPECT_EQ(body.find("aria-sort="), body.rfind("aria-sort=")) << "one column alone";
  }
}

// What a browser sorts by.
TEST(HtmlTest, TimesAndChangesHaveKeysThatAreNumbers) {
  Report report;
  report.time_zone = absl::FixedTimeZone(3600);
  report.period = {.begin = absl::FromUnixSeconds(1'800'000'000),
                   .end = absl::FromUnixSeconds(1'800'007'200)};
  aggregate::ReportRow hour = Row(1, "alice", 100);
  hour.begin = 1'800'003'600;
  FillRows({hour}, {.by = {Dimension::kHour}}, report);
  EXPECT_TRUE(Has(RenderHtml(report),
                  "<th scope=\"row\" data-key=\"1800003600\"><bdi>2027-01-15 10:00</bdi></th>"))
      << RenderHtml(report);

  Report changed;
  FillRows({Row(1, "more", 12'500 - 7), Row(2, "fewer", 5'000 - 7), Row(3, "new", 1)},
           {.compare_with = aggregate::Period()}, changed,
           {{Row(1, "more", 10'000 - 7), Row(2, "fewer", 10'000 - 7), Row(4, "gone", 1)}});
  changed.rows.push_back(Row(5, "never", 0));
  changed.rows.back().usage = {};
  changed.rows.back().previous_cpu = acct::ExactTime();
  const std::string page = RenderHtml(changed);
  for (const char* const cell :
       {"data-key=\"0.25\">+25%<", "data-key=\"-0.5\">-50%<", "data-key=\"Infinity\">new<",
        "data-key=\"-1\">-100%<", "data-key=\"\">-<"}) {
    EXPECT_TRUE(Has(page, cell)) << cell << "\n" << BodyOf(page);
  }
}

}  // namespace
}  // namespace cpuagg::notify
